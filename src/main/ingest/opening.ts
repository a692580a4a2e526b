/** Before the first message: both tables, what their positions say of the source, and where reading begins. */
import { join } from 'node:path'
import { isLakeError, LakeError } from '../../shared/errors.ts'
import type { RefusalView } from '../../shared/monitor.ts'
import type { StartSetting } from '../../shared/settings.ts'
import { unlessCancelled } from '../base/cancel.ts'
import { currentSchema, currentSpec } from '../iceberg/metadata.ts'
import type { Source, Watermark } from '../source/source.ts'
import type { TableShape } from './accumulator.ts'
import { type Committer, type CommitterOptions, openCommitter } from './commit.ts'
import { rolledBack } from './offsets.ts'
import type { LoadOptions } from './pipeline.ts'
import { refusalOf } from './refusal.ts'
import { type ChosenStart, decideResume, type Resume } from './resume.ts'

const UPLOAD_BYTES = 32 * 1024 * 1024
const UPLOADS = 16

/** Loads both tables, with what an earlier run left unfinished settled. CANCELLED as soon as `opening` fires. */
export function openTables(
  { io, tables, pipeline, source, stateFolder, uploads }: LoadOptions,
  tools: Pick<CommitterOptions, 'patienceMs' | 'crash' | 'troubles' | 'signal'>,
  opening: AbortSignal,
): Promise<Committer> {
  return openCommitter(
    {
      ...tools,
      io,
      tables,
      pipeline,
      identity: source.identity,
      pendingPath: join(stateFolder, `pending-${encodeURIComponent(pipeline)}.json`),
      uploads: uploads ?? UPLOADS,
      uploadBytes: UPLOAD_BYTES,
    },
    opening,
  )
}

export interface Opened {
  readonly watermarks: ReadonlyMap<number, Watermark>
  readonly resume: Resume
}

/**
 * Where the load begins. Throws as `decideResume` does; what a user can decide of that is told partition by partition to
 * `onRefusal` first. CANCELLED as soon as `opening` fires.
 */
export async function openResume(
  options: LoadOptions,
  { positions, loaded }: Committer,
  onRefusal: (refusal: RefusalView | null) => void,
  opening: AbortSignal,
): Promise<Opened> {
  const { io, pipeline, source, reset, accept } = options
  const { raw, errors } = positions
  const tables = { raw: loaded.raw.metadata['table-uuid'], errors: loaded.errors.metadata['table-uuid'] }
  const { identity } = source
  const watermarks = await unlessCancelled(source.watermarks(opening), opening)
  const startAt =
    raw === null && errors === null
      ? await unlessCancelled(chosenStart(source, options.startAt ?? null), opening)
      : null
  const back = rolledBack(loaded.raw.metadata, pipeline)
  const now = io.clock()
  const input = {
    pipeline,
    identity,
    watermarks,
    raw,
    errors,
    tables,
    reset,
    startAt,
    rolledBack: back,
    accept,
    now,
  }
  try {
    return { watermarks, resume: decideResume(input) }
  } catch (error) {
    const next = (raw ?? errors)?.next ?? null
    if (isLakeError(error))
      onRefusal(refusalOf(error, watermarks, { next, back }, loaded.raw.metadata, now, source.endless))
    throw error
  }
}

async function chosenStart(source: Source, start: StartSetting | null): Promise<ChosenStart | null> {
  if (start === null) return null
  const { text, at, offsets } = start
  if (at === null)
    return {
      text,
      offsets: new Map(
        Object.entries(offsets).map(([partition, offset]) => [Number(partition), BigInt(offset)]),
      ),
    }
  if (source.offsetsAt === undefined) {
    throw new LakeError('SETTING', `${source.identity.topic} cannot be asked for a time`, {
      context: { setting: 'TARN_START', topic: source.identity.topic },
      remedy: 'Give offsets, or leave TARN_START out.',
    })
  }
  return { text, offsets: await source.offsetsAt(at) }
}

/** What the encoding thread has to know of the tables. */
export function shapesOf({ loaded }: Committer, topic: string) {
  const shape = (role: 'raw' | 'errors'): TableShape => {
    const { metadata } = loaded[role]
    const rowGroup = Number(metadata.properties['write.parquet.row-group-size-bytes'])
    return {
      schema: currentSchema(metadata),
      spec: currentSpec(metadata),
      ...(rowGroup > 0 ? { rowGroupBytes: rowGroup } : {}),
    }
  }
  return { raw: shape('raw'), errors: shape('errors'), topic }
}
