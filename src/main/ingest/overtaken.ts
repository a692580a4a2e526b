import { LakeError } from '../../shared/errors.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import { ancestors, headSnapshot } from '../iceberg/metadata.ts'
import type { Snapshot, TableMetadata } from '../iceberg/types.ts'
import { type Offsets, readPositions } from './offsets.ts'

/**
 * The error of a load whose positions another loader of the same pipeline moved: OVERTAKEN, naming the commit that did it
 * and how far it came. `known` is the table as this load saw it last, `current` as it is.
 */
export function overtaken(pipeline: string, known: LoadedTable, current: LoadedTable): LakeError {
  const { name } = current.identifier
  const before = readPositions(known.metadata, pipeline)?.next ?? new Map()
  const moved = movedText(before, readPositions(current.metadata, pipeline)?.next ?? new Map())
  const by = newestOf(known.metadata, current.metadata, pipeline)
  const at = by === null ? null : new Date(by['timestamp-ms']).toISOString()
  const who = by === null ? 'something' : 'another loader'
  return new LakeError(
    'OVERTAKEN',
    `${who} moved the positions of pipeline ${pipeline} in ${name}: ${moved}`,
    {
      context: {
        table: name,
        pipeline,
        moved,
        ...(by === null ? {} : { snapshot: String(by['snapshot-id']), at }),
      },
      likely:
        by === null
          ? `no new snapshot of ${pipeline} is in the history of ${name}: its property was changed by another tool, or the table was set back`
          : `snapshot ${by['snapshot-id']} of ${at} was committed under the same pipeline name: two loads run under it, or this one was asleep while another took over`,
      remedy: `Nothing of the refused commit is in ${name}. Let one of them run alone, or give each its own TARN_PIPELINE; starting again goes on where the other stopped.`,
    },
  )
}

/** The newest commit of the pipeline in main's history that `known` does not have. */
function newestOf(known: TableMetadata, current: TableMetadata, pipeline: string): Snapshot | null {
  const head = headSnapshot(current)
  const seen = new Set(known.snapshots.map((one) => one['snapshot-id']))
  for (const snapshot of head === null ? [] : ancestors(current, head['snapshot-id'])) {
    if (seen.has(snapshot['snapshot-id'])) return null
    if (snapshot.summary['tarn.pipeline'] === pipeline) return snapshot
  }
  return null
}

function movedText(before: Offsets, now: Offsets): string {
  const partitions = [...new Set([...before.keys(), ...now.keys()])].sort((a, b) => a - b)
  const moved = partitions.filter((partition) => before.get(partition) !== now.get(partition))
  if (moved.length === 0) return 'the same offsets, written again'
  const texts = moved
    .slice(0, 20)
    .map((one) => `partition ${one} from ${before.get(one) ?? 'none'} to ${now.get(one) ?? 'none'}`)
  return `${texts.join(', ')}${moved.length > 20 ? ` and ${moved.length - 20} more` : ''}`
}
