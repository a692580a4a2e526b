/**
 * A message of our own, written into raw as a load would write it, read back and taken out again. It carries no ledger
 * and moves no position; its rows are told by their user and by the commit id that begins their files' names.
 */
import { randomUUID } from 'node:crypto'
import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { HEALTH_TYPES } from '../../../shared/health.ts'
import { TABLES } from '../../../shared/tables.ts'
import { createRules } from '../../decode/validate.ts'
import type { LoadedTable } from '../../iceberg/catalog.ts'
import { dataFolder } from '../../iceberg/folders.ts'
import { ancestors, currentSchema, currentSpec, headSnapshot } from '../../iceberg/metadata.ts'
import { readFile } from '../../iceberg/read.ts'
import { planScan } from '../../iceberg/scan.ts'
import { schemaOf, specOf } from '../../iceberg/schema.ts'
import { liveFiles } from '../../iceberg/snapshot.ts'
import { COMMIT_KEY, commitSnapshot, type LakeIo } from '../../iceberg/transaction.ts'
import type { DataFile, TableMetadata } from '../../iceberg/types.ts'
import { createAccumulator } from '../../ingest/accumulator.ts'
import { uploadFiles } from '../../ingest/upload.ts'
import { packMessages } from '../../source/pack.ts'
import type { Lake } from '../lake.ts'
import type { MainSettings } from '../settings/settings.ts'

/** User of the rows that a probe writes. */
export const PROBE_USER = 'tarn-probe'
/** Summary key: `written` or `removed`. */
const PROBE_KEY = 'tarn.probe'

export interface ProbeRow {
  readonly sampleId: string
  readonly type: string
  readonly value: number
}

export interface WrittenProbe {
  readonly table: LoadedTable
  readonly files: readonly DataFile[]
  readonly rows: readonly ProbeRow[]
  readonly snapshotId: bigint
}

const TYPES = HEALTH_TYPES.slice(0, 3)

/** Three samples that hold under any ranges the settings give. */
export function probePayload(
  settings: Pick<MainSettings, 'validation'>,
  id: string,
  now: number,
): { readonly json: string; readonly rows: readonly ProbeRow[] } {
  const { types } = createRules(settings.validation)
  const at = new Date(now).toISOString()
  const rows = TYPES.map(({ type }, index): ProbeRow => {
    const range = types.get(type) ?? { min: 0, max: 1 }
    return { sampleId: `${id}-${index}`, type, value: (Math.max(0, range.min) + range.max) / 2 }
  })
  const samples = rows.map(({ sampleId, type, value }, index) => ({
    id: sampleId,
    type,
    value,
    unit: TYPES[index]?.unit ?? '',
    startDate: at,
    endDate: at,
    sourceBundle: null,
    metadata: {},
    isSynced: true,
    createdAt: at,
  }))
  const envelope = { deviceId: PROBE_USER, userId: PROBE_USER, timestamp: at, appVersion: 'probe', samples }
  return { json: JSON.stringify(envelope), rows }
}

/** Decodes, encodes, uploads and commits the probe. Files of a commit that surely failed are deleted again. */
export async function writeProbe(lake: Lake, signal?: AbortSignal): Promise<WrittenProbe> {
  const { io, settings, tables } = lake
  const commitId = randomUUID()
  const table = await io.catalog.loadTable(tables.raw, signal)
  const { json, rows } = probePayload(settings, commitId, io.clock())
  const uploaded = await upload(lake, table, commitId, json)
  try {
    const result = await commitSnapshot(
      io,
      table,
      { commitId, operation: 'append', add: uploaded, summary: { [PROBE_KEY]: 'written' } },
      signal,
    )
    return { table: result.table, files: uploaded, rows, snapshotId: result.snapshot['snapshot-id'] }
  } catch (error) {
    if (!isLakeError(error) || error.outcome !== 'unknown') {
      for (const { path } of uploaded) await io.storage.delete(path).catch(() => {})
    }
    throw error
  }
}

async function upload(lake: Lake, table: LoadedTable, commitId: string, json: string): Promise<DataFile[]> {
  const { io, settings } = lake
  const { metadata } = table
  const errorSchema = schemaOf(TABLES.errors)
  const raw = { schema: currentSchema(metadata), spec: currentSpec(metadata) }
  const errors = { schema: errorSchema, spec: specOf(TABLES.errors, errorSchema) }
  const accumulator = createAccumulator({
    raw,
    errors,
    topic: settings.kafka.topic,
    validation: settings.validation,
    maxMessageBytes: settings.maxMessageBytes,
    avro: null,
  })
  const batch = packMessages(0, [{ offset: 0n, timestamp: io.clock(), value: Buffer.from(json) }])
  const { rejected } = accumulator.add(batch, { raw: 0n, errors: 0n }, io.clock())
  if (rejected > 0)
    throw new LakeError('SETTING', 'the probe does not pass the rules of validation.ranges', {
      remedy: 'Look through TARN_VALIDATION_RANGES: a range may be empty.',
    })
  const target = { dataFolder: dataFolder(metadata), commitId }
  const files = async function* () {
    yield* accumulator.flush()
  }
  const uploaded = await uploadFiles(files(), {
    storage: io.storage,
    targets: { raw: { ...raw, ...target }, errors: { ...errors, ...target } },
    concurrency: 4,
    maxBytes: 8 * 1024 * 1024,
    patienceMs: 0,
  })
  return uploaded.raw
}

/** Plans a scan as any query does and reads the probe's rows; CORRUPT where they are not as written. */
export async function readProbe(
  io: Pick<LakeIo, 'storage'>,
  { table: { metadata }, files, rows, snapshotId }: WrittenProbe,
  signal?: AbortSignal,
): Promise<number> {
  const plan = await planScan(io, metadata, {
    snapshotId,
    filter: { op: '==', column: 'user_id', value: PROBE_USER },
    ...(signal === undefined ? {} : { signal }),
  })
  const paths = new Set(files.map((file) => file.path))
  const columns = ['sample_id', 'data_type', 'value']
  const ids = columns.map((name) => plan.schema.fields.find((field) => field.name === name)?.id ?? -1)
  const found = new Map<string, ProbeRow>()
  for (const file of plan.files) {
    if (!paths.has(file.file.path)) continue
    const batch = await readFile(io, metadata, file, columns)
    const [sampleIds, types, values] = ids.map((id) => batch.columns.get(id) ?? [])
    for (let i = 0; i < batch.rows; i++) {
      const sampleId = String(sampleIds?.[i])
      found.set(sampleId, { sampleId, type: String(types?.[i]), value: Number(values?.[i]) })
    }
  }
  const wrong = rows.filter(({ sampleId, type, value }) => {
    const row = found.get(sampleId)
    return row === undefined || row.type !== type || row.value !== value
  })
  if (wrong.length === 0 && found.size === rows.length) return rows.length
  throw new LakeError('CORRUPT', `${rows.length} rows were written and ${found.size} read back`, {
    context: { written: rows.length, read: found.size, differ: wrong.length, files: files.length },
    likely: 'The storage gives back other bytes than were stored, or another writer removed them.',
    remedy: 'Check again; if it stays, look into the log of the object storage.',
  })
}

/** Takes exactly these files out of the table in a snapshot of its own. Not to be interrupted, so it takes no signal. */
export async function removeProbe(lake: Lake, paths: ReadonlySet<string>): Promise<LoadedTable> {
  const { io, tables } = lake
  const table = await io.catalog.loadTable(tables.raw)
  const result = await commitSnapshot(io, table, {
    commitId: randomUUID(),
    operation: 'delete',
    add: [],
    removePaths: paths,
    summary: { [PROBE_KEY]: 'removed' },
  })
  return result.table
}

/** Files of probes that were cut before their removal: still live, and named by a probe's commit. */
export async function leftovers(io: Pick<LakeIo, 'storage'>, metadata: TableMetadata): Promise<Set<string>> {
  const head = headSnapshot(metadata)
  if (head === null) return new Set()
  const commits: string[] = []
  for (const { summary } of ancestors(metadata, head['snapshot-id'])) {
    const id = summary[COMMIT_KEY]
    if (summary[PROBE_KEY] === 'written' && id !== undefined) commits.push(id)
  }
  if (commits.length === 0) return new Set()
  const live = await liveFiles(io.storage, metadata, head['snapshot-id'], { content: 'data' })
  return new Set(
    live
      .map(({ file }) => file.path)
      .filter((path) => commits.some((id) => path.slice(path.lastIndexOf('/') + 1).startsWith(id))),
  )
}
