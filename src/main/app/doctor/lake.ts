import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { TABLE_ROLES, TABLES, type TableRole, tableOf } from '../../../shared/tables.ts'
import { plural } from '../../base/plural.ts'
import { localPath } from '../../catalog/trust.ts'
import { readManifestList } from '../../iceberg/manifest-list.ts'
import { headSnapshot } from '../../iceberg/metadata.ts'
import { liveFiles } from '../../iceberg/snapshot.ts'
import { readPositions, rolledBack } from '../../ingest/offsets.ts'
import { decideResume } from '../../ingest/resume.ts'
import { layoutAdvice, tableDifferences } from '../setup/tables.ts'
import { type CheckDefinition, type Finding, failed, passed, unset } from './finding.ts'
import type { Patient } from './patient.ts'
import { size, span } from './words.ts'

const STOPS = ['loading', 'queries'] as const
/** Files looked at: enough to meet a lost prefix or a bad clean-up, few enough for a page. */
const SAMPLE = 40
/** Tables with more live files are not searched for orphans: that is the work of maintenance. */
const MOST_FILES = 20_000
const MOST_LISTED = 2_000
/** Files of a commit under way are no orphans. */
const YOUNG_MS = 24 * 3_600_000
const SMALL = 2 ** 20

export const LAKE_CHECKS: readonly CheckDefinition[] = [
  ...TABLE_ROLES.map(
    (role): CheckDefinition => ({
      id: `lake.${role}`,
      group: 'lake',
      title: TABLES[role].defaultName,
      needs: ['catalog.database'],
      stops: role === 'raw' || role === 'errors' ? STOPS : ['queries'],
      async run(patient) {
        try {
          return await table(patient, role)
        } catch (error) {
          // a missing table is its own case; what the catalog does to one table it does to all
          const shared = isLakeError(error) && error.code !== 'NO_TABLE'
          return failed(error, shared ? { cause: `tables ${error.code}` } : {})
        }
      },
    }),
  ),
  {
    id: 'lake.place',
    group: 'lake',
    title: 'Catalog and Tarn mean the same storage',
    needs: ['lake.raw', 'storage.rights'],
    // a local warehouse has no storage to ask
    eitherNeed: true,
    stops: STOPS,
    run: place,
  },
  {
    id: 'lake.files',
    group: 'lake',
    title: 'Files are there',
    needs: ['lake.place'],
    stops: ['queries'],
    run: files,
  },
  {
    id: 'lake.orphans',
    group: 'lake',
    title: 'No files without a table',
    needs: ['lake.place'],
    stops: [],
    run: orphans,
  },
  {
    id: 'lake.sizes',
    group: 'lake',
    title: 'Sizes of files',
    needs: ['lake.raw'],
    stops: [],
    async run(patient) {
      const { metadata, identifier } = await patient.table('raw')
      const summary = headSnapshot(metadata)?.summary
      const count = Number(summary?.['total-data-files'] ?? Number.NaN)
      const bytes = Number(summary?.['total-files-size'] ?? Number.NaN)
      if (!(count > 0 && bytes > 0)) return unset('The table holds no files yet')
      const mean = bytes / count
      const found = `${plural(count, 'file')}, ${size(mean)} on average`
      if (count < 1_000 || mean >= SMALL) return passed(found)
      const fault = new LakeError('INVALID', `The files of ${identifier.name} are small`, {
        context: { table: identifier.name, files: count, bytes: size(bytes), mean: size(mean) },
        likely: 'Each commit writes one file into every partition it touches: user, day and type.',
        remedy: 'Compact the table, or let commits be further apart (TARN_COMMIT_SECONDS).',
      })
      const command = 'npx tarn maintain raw --compact --dry-run'
      return failed(fault, { state: 'attention', text: found, command })
    },
  },
  {
    id: 'lake.positions',
    group: 'lake',
    title: 'Positions are still in the topic',
    needs: ['lake.raw', 'lake.errors', 'kafka.topic'],
    stops: ['loading'],
    run: positions,
  },
]

async function table(patient: Patient, role: TableRole): Promise<Finding> {
  const { settings } = patient
  const name = `${settings.catalog.database}.${settings.tables[role]}`
  const { metadata } = await patient.table(role).catch((error: unknown) => {
    if (!isLakeError(error, 'NO_TABLE')) throw error
    throw new LakeError('NO_TABLE', `${name} is not in the catalog`, {
      context: error.context,
      remedy: `Run the set-up, which creates it, or correct ICEBERG_TABLE_${role.toUpperCase()}.`,
    })
  })
  const differences = tableDifferences(tableOf(role, settings.tables.layout), metadata)
  if (differences.length === 0) {
    const rows = headSnapshot(metadata)?.summary['total-records']
    return passed(rows === undefined ? `${name}, no rows yet` : `${name}, ${plural(BigInt(rows), 'row')}`)
  }
  // comments and properties neither change what is read nor what is written
  const mild = differences.every(({ what }) => /^(comment|property) /.test(what))
  const fault = new LakeError(
    'TABLE_DIFFERS',
    `${name} differs from the specification in ${plural(differences.length, 'point')}`,
    layoutAdvice(role, settings.tables.layout, metadata) ?? {
      likely: 'Another tool, or another version of the specification, made or changed this table.',
      remedy:
        'The table is left as it is. Change it with the tool that made it, or set another name or ICEBERG_DATABASE for Tarn.',
    },
  )
  return failed(fault, {
    state: mild ? 'attention' : 'failed',
    text: plural(differences.length, 'difference'),
    evidence: differences.map((d) => `${d.what}: expected ${d.expected}, found ${d.found}`),
  })
}

const originOf = (location: string): string => /^s3[an]?:\/\/[^/]+/i.exec(location)?.[0] ?? location

async function place(patient: Patient): Promise<Finding> {
  const { metadata, metadataLocation, identifier } = await patient.table('raw')
  const { warehouse } = patient.settings.catalog
  const where = metadataLocation ?? metadata.location
  const local = localPath(where) !== null
  if (!local && patient.bucket === null) throw elsewhere(patient, where)
  const storage = await patient.storage()
  if (
    metadataLocation !== null &&
    (await storage.stat(metadataLocation, { signal: patient.signal })) === null
  )
    throw elsewhere(patient, metadataLocation)
  const bucket = (location: string) => originOf(location).replace(/^s3[an]:/i, 's3:')
  if (!local && warehouse.startsWith('s3') && bucket(where) !== bucket(warehouse)) {
    const fault = new LakeError(
      'SETTING',
      `The catalog keeps ${identifier.name} in another bucket than ICEBERG_WAREHOUSE`,
      {
        context: { table: metadata.location, warehouse },
        likely:
          'The catalog has a warehouse of its own and keeps to it; the files are in reach all the same.',
        remedy: `Set ICEBERG_WAREHOUSE to ${originOf(metadata.location)}, or keep it as it is.`,
      },
    )
    return failed(fault, { state: 'attention', text: metadata.location })
  }
  return passed(metadata.location)
}

function elsewhere({ settings, bucket }: Patient, location: string): LakeError {
  const ours = bucket === null ? settings.catalog.warehouse : settings.s3.endpoint
  return new LakeError('NOT_FOUND', 'The catalog names a metadata file that is not in our storage', {
    context: { file: location, storage: ours },
    likely: `The catalog keeps its files elsewhere than ${ours}, or the file was deleted there.`,
    remedy:
      bucket === null
        ? 'Set ICEBERG_WAREHOUSE to the folder that the catalog server uses.'
        : 'Set S3_ENDPOINT and its keys to the storage that the catalog server uses.',
  })
}

/** The newest metadata and a sample of the data files, spread over the table. */
async function files(patient: Patient): Promise<Finding> {
  const { signal } = patient
  const storage = await patient.storage()
  const missing: string[] = []
  let asked = 0
  let total = 0
  for (const role of TABLE_ROLES) {
    const loaded = await patient.table(role).catch(() => null)
    const head = loaded === null ? null : headSnapshot(loaded.metadata)
    if (loaded === null || head === null) continue
    const list = head['manifest-list']
    if (list !== undefined) {
      asked++
      if ((await storage.stat(list, { signal })) === null) {
        missing.push(`${list}: missing`)
        continue
      }
    }
    const manifests = (await readManifestList(storage, head, signal)).filter((one) => one.content === 'data')
    const chosen = new Set(spread(manifests, 4).map(({ path }) => path))
    for (const path of chosen) {
      asked++
      if ((await storage.stat(path, { signal })) === null) missing.push(`${path}: missing`)
    }
    if (missing.length > 0) continue
    total += Number(head.summary['total-data-files'] ?? 0)
    const live = await liveFiles(storage, loaded.metadata, head['snapshot-id'], {
      content: 'data',
      keepManifest: ({ path }) => chosen.has(path),
      signal,
    })
    for (const { file } of spread(live, Math.ceil(SAMPLE / TABLE_ROLES.length))) {
      asked++
      const info = await storage.stat(file.path, { signal })
      if (info === null) missing.push(`${file.path}: missing`)
      else if (info.size !== file.fileSize)
        missing.push(`${file.path}: ${info.size} bytes, recorded are ${file.fileSize}`)
    }
  }
  if (asked === 0) return unset('The tables hold no files yet')
  if (missing.length === 0) return passed(`${asked} sampled of ${plural(total, 'data file')}`)
  return failed(
    new LakeError(
      'CORRUPT',
      `${missing.length} of ${plural(asked, 'sampled file')} missing or of another length`,
      {
        likely: 'They were deleted or overwritten in the storage, past the catalog.',
        remedy:
          'Run tarn verify, which names every one. Restore them from a copy; a query that needs one of them fails until then.',
      },
    ),
    { evidence: missing.slice(0, 10), command: 'npx tarn verify' },
  )
}

function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all]
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)] as T)
}

async function orphans(patient: Patient): Promise<Finding> {
  const { signal } = patient
  const { metadata, identifier } = await patient.table('raw')
  const head = headSnapshot(metadata)
  if (head === null) return unset('The table holds no files yet')
  const count = Number(head.summary['total-data-files'] ?? 0)
  if (count > MOST_FILES || metadata.snapshots.length > 500)
    return unset(`Not searched: ${plural(count, 'file')} in ${plural(metadata.snapshots.length, 'snapshot')}`)
  const storage = await patient.storage()
  const known = new Set<string>()
  // an older snapshot may still need what the newest one dropped
  for (const snapshot of metadata.snapshots)
    for (const { file } of await liveFiles(storage, metadata, snapshot['snapshot-id'], { signal }))
      known.add(file.path)
  const lost: string[] = []
  let bytes = 0
  let listed = 0
  for await (const one of storage.list(`${metadata.location}/data/`, { signal })) {
    if (++listed > MOST_LISTED) break
    if (known.has(one.location) || patient.clock() - one.modified < YOUNG_MS) continue
    lost.push(`${one.location}: ${size(one.size)}, ${span(patient.clock() - one.modified)} old`)
    bytes += one.size
  }
  if (lost.length === 0)
    return passed(`${plural(Math.min(listed, MOST_LISTED), 'file')} listed, each in a snapshot`)
  const fault = new LakeError(
    'INVALID',
    `${plural(lost.length, 'file')} of ${identifier.name} in no snapshot`,
    {
      likely: 'Commits that were cut off before they landed, or other tools, left them: no query reads them.',
      remedy: `They take ${size(bytes)} and do no harm. Look for orphans in the health of the table, or run tarn maintain.`,
    },
  )
  return failed(fault, {
    state: 'attention',
    text: `${plural(lost.length, 'file')}, ${size(bytes)}`,
    evidence: lost.slice(0, 10),
    command: 'npx tarn maintain raw --orphans --dry-run',
  })
}

/** Whether a load could go on where the table says it stopped. */
async function positions(patient: Patient): Promise<Finding> {
  const { settings } = patient
  const [raw, errors] = [await patient.table('raw'), await patient.table('errors')]
  const { look, cluster } = await patient.kafka()
  const [facts] = await look.topics([settings.kafka.topic])
  const rawPositions = readPositions(raw.metadata, settings.pipeline)
  if (rawPositions === null) return unset('Nothing was loaded yet')
  const watermarks = facts?.watermarks ?? new Map()
  const { start } = decideResume({
    pipeline: settings.pipeline,
    identity: { cluster: cluster.clusterId, topic: settings.kafka.topic, topicId: null },
    watermarks,
    raw: rawPositions,
    errors: readPositions(errors.metadata, settings.pipeline),
    tables: { raw: raw.metadata['table-uuid'], errors: errors.metadata['table-uuid'] },
    reset: settings.kafka.autoOffsetReset,
    rolledBack: rolledBack(raw.metadata, settings.pipeline),
    accept: {},
    now: patient.clock(),
  })
  let waiting = 0n
  for (const [partition, next] of start) waiting += (watermarks.get(partition)?.high ?? next) - next
  return passed(`${plural(start.size, 'partition')}, ${plural(waiting, 'message')} to be loaded`)
}
