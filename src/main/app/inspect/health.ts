import type { HealthReason } from '../../../shared/model.ts'
import type { LiveFile } from '../../iceberg/types.ts'

/** Files below this many bytes cost more to open than to read. */
const SMALL_BYTES = 1 << 20
/** Small files in one partition from which joining them pays. */
const SMALL_IN_PARTITION = 4
/** Snapshots from which the metadata file is slow to read and write. */
const MANY_SNAPSHOTS = 2_000

const figures = new Intl.NumberFormat('en-US')
const told = (count: number): string => figures.format(count)

/** Why a table is slower to read than it need be; empty where nothing is wrong. `partitionOf` names a file's partition. */
export function healthOf(
  files: readonly LiveFile[],
  snapshots: number,
  partitionOf: (file: LiveFile) => string,
): HealthReason[] {
  const small = new Map<string, number>()
  let deletes = 0
  for (const live of files) {
    if (live.file.content !== 'data') deletes += 1
    else if (live.file.fileSize < SMALL_BYTES) {
      const partition = partitionOf(live)
      small.set(partition, (small.get(partition) ?? 0) + 1)
    }
  }
  const crowded = [...small.values()].filter((count) => count >= SMALL_IN_PARTITION)
  const joinable = crowded.reduce((sum, count) => sum + count, 0)
  const reasons: HealthReason[] = []
  if (joinable > 0) {
    reasons.push({
      code: 'SMALL_FILES',
      title: `Small files: ${told(joinable)}`,
      detail: `${told(joinable)} data files are under 1 MiB, in ${told(crowded.length)} partitions that have ${SMALL_IN_PARTITION} or more of them.`,
      remedy: `Compaction with an engine would leave ${told(crowded.length)} of them; a longer commit interval writes fewer.`,
    })
  }
  if (deletes > 0) {
    reasons.push({
      code: 'DELETE_FILES',
      title: `Delete files: ${told(deletes)}`,
      detail: `${told(deletes)} delete files are read along with the data they apply to.`,
      remedy: 'Compaction with an engine writes the data without the deleted rows.',
    })
  }
  if (snapshots > MANY_SNAPSHOTS) {
    reasons.push({
      code: 'MANY_SNAPSHOTS',
      title: `Snapshots: ${told(snapshots)}`,
      detail: `The metadata file lists ${told(snapshots)} snapshots and is read and written whole at every commit.`,
      remedy: 'Expire old snapshots with an engine; what they alone hold can then no longer be queried.',
    })
  }
  return reasons
}
