import type { HealthReason, LimitView } from '../../../shared/inspect.ts'
import type { LiveFile, TableMetadata } from '../../iceberg/types.ts'
import {
  FEW_IN_MANIFEST,
  MANY_MANIFESTS,
  MANY_SNAPSHOTS,
  SMALL_BYTES,
  SMALL_IN_PARTITION,
} from '../../maintenance/limits.ts'

/** Partitions from which their own number is what costs, where they hold little each. */
const MANY_PARTITIONS = 1_000
/** Metadata files listed from which they should be thrown away by themselves. */
const OLD_METADATA = 100

const figures = new Intl.NumberFormat('en-US')
const told = (count: number): string => figures.format(count)
const sized = (bytes: number): string =>
  bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`

export interface Examined {
  readonly files: readonly LiveFile[]
  readonly manifests: number
  readonly metadata: Pick<TableMetadata, 'snapshots' | 'metadata-log' | 'properties'>
  /** Names a file's partition. */
  readonly partitionOf: (file: LiveFile) => string
}

/** Why a table is slower to read than it need be, what that costs and what helps; empty where nothing is wrong. */
export function healthOf({ files, manifests, metadata, partitionOf }: Examined): HealthReason[] {
  const small = new Map<string, { files: number; bytes: number }>()
  let deletes = 0
  let deleted = 0
  let data = 0
  let size = 0
  const partitions = new Set<string>()
  for (const live of files) {
    if (live.file.content !== 'data') {
      deletes += 1
      deleted += live.file.content === 'position-deletes' ? live.file.recordCount : 0
      continue
    }
    data += 1
    size += live.file.fileSize
    const partition = partitionOf(live)
    partitions.add(partition)
    if (live.file.fileSize >= SMALL_BYTES) continue
    const before = small.get(partition) ?? { files: 0, bytes: 0 }
    small.set(partition, { files: before.files + 1, bytes: before.bytes + live.file.fileSize })
  }
  const crowded = [...small.values()].filter((one) => one.files >= SMALL_IN_PARTITION)
  const joinable = crowded.reduce((sum, one) => sum + one.files, 0)
  const bytes = crowded.reduce((sum, one) => sum + one.bytes, 0)
  const snapshots = metadata.snapshots.length
  const reasons: HealthReason[] = []
  if (joinable > 0) {
    const after = data - joinable + crowded.length
    reasons.push({
      code: 'SMALL_FILES',
      title: `Small files: ${told(joinable)}`,
      detail: `${told(joinable)} data files are under 1 MiB, in ${told(crowded.length)} partitions that have ${SMALL_IN_PARTITION} or more of them. A read of the whole table opens ${told(data)} files for it; joined it would open ${told(after)}.`,
      remedy: `Compaction would rewrite ${sized(bytes)} and leave ${told(crowded.length)} of them. A longer commit interval writes fewer from now on.`,
      mend: 'compact',
    })
  }
  if (partitions.size >= MANY_PARTITIONS && size / partitions.size < SMALL_BYTES) {
    reasons.push({
      code: 'SMALL_PARTITIONS',
      title: `Small partitions: ${told(partitions.size)}`,
      detail: `${told(partitions.size)} partitions hold ${sized(size / partitions.size)} each. However often it is compacted, a read of the whole table opens a file for each of them.`,
      remedy:
        'A coarser layout (months instead of days, buckets instead of values) makes fewer files of new data; what is there has to be written anew by another engine. Queries that name a partition gain nothing by it.',
      mend: null,
    })
  }
  if (deletes > 0) {
    reasons.push({
      code: 'DELETE_FILES',
      title: `Delete files: ${told(deletes)}`,
      detail: `${told(deletes)} delete files${deleted > 0 ? ` that name ${told(deleted)} rows by position` : ''} are read along with the data they apply to, at every query.`,
      remedy: 'Compaction writes the data without the deleted rows.',
      mend: 'compact',
    })
  }
  if (manifests > MANY_MANIFESTS && files.length / manifests < FEW_IN_MANIFEST) {
    reasons.push({
      code: 'MANY_MANIFESTS',
      title: `Manifests: ${told(manifests)}`,
      detail: `${told(manifests)} manifests hold ${Math.round(files.length / manifests)} files each. Planning a query reads one request a manifest.`,
      remedy: 'Rewriting manifests joins them without touching data.',
      mend: 'manifests',
    })
  }
  if (snapshots > MANY_SNAPSHOTS) {
    reasons.push({
      code: 'MANY_SNAPSHOTS',
      title: `Snapshots: ${told(snapshots)}`,
      detail: `The metadata file lists ${told(snapshots)} snapshots and is read and written whole at every commit.`,
      remedy: 'Expire old snapshots; what they alone hold can then no longer be queried.',
      mend: 'expire',
    })
  }
  const kept = metadata['metadata-log'].length
  if (kept >= OLD_METADATA && metadata.properties['write.metadata.delete-after-commit.enabled'] !== 'true') {
    reasons.push({
      code: 'OLD_METADATA',
      title: 'Old metadata files stay',
      detail: `${told(kept)} earlier metadata files are listed; those that fall off the list are never deleted.`,
      remedy: 'Set the table property write.metadata.delete-after-commit.enabled to true.',
      mend: null,
    })
  }
  return reasons
}

/** What in these files Tarn does not read, by name, and what it still shows. */
export function fileLimits(files: readonly LiveFile[]): LimitView[] {
  const count = (wanted: (file: LiveFile['file']) => boolean) =>
    files.filter(({ file }) => wanted(file)).length
  const limits: LimitView[] = []
  const add = (found: number, title: string, detail: string): void => {
    if (found > 0) limits.push({ title: `${title}: ${told(found)}`, detail })
  }
  add(
    count((file) => file.format === 'puffin'),
    'Deletion vectors (format v3)',
    'Rows that they delete cannot be left out, so this table cannot be queried. Schema, snapshots, manifests and the footers of its data files are shown.',
  )
  add(
    count((file) => file.keyMetadata !== undefined),
    'Encrypted files',
    'Their rows and footers need a key that Tarn does not hold. What manifests tell of them is shown.',
  )
  add(
    count((file) => file.format === 'orc'),
    'Files in ORC',
    'Tarn reads rows of Parquet files only. What manifests tell of these files is shown, bounds included.',
  )
  add(
    count((file) => file.format === 'avro' && file.content === 'data'),
    'Data files in Avro',
    'Tarn reads rows of Parquet files only. What manifests tell of these files is shown.',
  )
  add(
    count((file) => file.format === 'avro' && file.content !== 'data'),
    'Delete files in Avro',
    'Rows that they delete cannot be left out, so files that they apply to cannot be queried.',
  )
  return limits
}
