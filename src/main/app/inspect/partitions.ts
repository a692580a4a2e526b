import type { PartitionPage, PartitionSort, PartitionView, SpotView } from '../../../shared/inspect.ts'
import { readManifestList } from '../../iceberg/manifest-list.ts'
import { specById } from '../../iceberg/metadata.ts'
import { partitionTypes } from '../../iceberg/partition.ts'
import { hasLive, mayHoldPartition } from '../../iceberg/snapshot.ts'
import type { DataFile, TableMetadata } from '../../iceberg/types.ts'
import { type ListedFile, snapshotFiles } from './files.ts'
import { axesOf, placeOf } from './heat.ts'
import { partitionPaths } from './paths.ts'
import { matches, type OpenTable, type PageRequest, slice, snapshotOf } from './table.ts'

export interface PartitionRequest extends PageRequest {
  /** Default: the head of main. */
  readonly snapshot?: string | undefined
  readonly find?: string | undefined
  /** Default: most bytes first. */
  readonly sort?: PartitionSort | undefined
}

type Mutable = { -readonly [K in keyof PartitionView]: PartitionView[K] }

/** Partitions with live files, gathered. */
function gatherPartitions(metadata: TableMetadata, files: readonly ListedFile[]): PartitionView[] {
  const pathOf = partitionPaths(metadata)
  const written = new Map(metadata.snapshots.map((one) => [one['snapshot-id'], one['timestamp-ms']]))
  const partitions = new Map<string, Mutable>()
  for (const { file, snapshotId } of files) {
    const path = pathOf(file)
    const entry = partitions.get(path) ?? {
      path,
      files: 0,
      rows: 0,
      bytes: 0,
      deleteFiles: 0,
      lastWrite: null,
    }
    partitions.set(path, entry)
    entry.bytes += file.fileSize
    if (file.content === 'data') {
      entry.files += 1
      entry.rows += file.recordCount
    } else entry.deleteFiles += 1
    const at = written.get(snapshotId) ?? null
    if (at !== null && (entry.lastWrite === null || at > entry.lastWrite)) entry.lastWrite = at
  }
  return [...partitions.values()]
}

/** Partitions of a snapshot whose path holds every word of `find`. */
export async function partitionPage(
  table: OpenTable,
  request: PartitionRequest,
  signal?: AbortSignal,
): Promise<PartitionPage> {
  const snapshot = snapshotOf(table, request.snapshot)
  const { files } = snapshot
    ? await snapshotFiles(table.lake, table.metadata, snapshot['snapshot-id'], signal)
    : { files: [] }
  const all = gatherPartitions(table.metadata, files)
  const { find } = request
  const found = (find ? all.filter((one) => matches(one.path, find)) : all).sort(
    orderOf(request.sort ?? 'bytes'),
  )
  return {
    partitions: slice(found, request),
    total: found.length,
    inAll: all.length,
    page: request.page,
    pageSize: request.pageSize,
  }
}

function orderOf(sort: PartitionSort): (a: PartitionView, b: PartitionView) => number {
  const byPath = (a: PartitionView, b: PartitionView) => (a.path < b.path ? -1 : 1)
  const mean = (one: PartitionView) => one.bytes / Math.max(1, one.files)
  const figure: Readonly<Record<Exclude<PartitionSort, 'path'>, (one: PartitionView) => number>> = {
    bytes: (one) => one.bytes,
    files: (one) => one.files,
    rows: (one) => one.rows,
    // Smallest first: that is where trouble is.
    mean: (one) => -mean(one),
    write: (one) => one.lastWrite ?? 0,
    deletes: (one) => one.deleteFiles,
  }
  if (sort === 'path') return byPath
  return (a, b) => figure[sort](b) - figure[sort](a) || byPath(a, b)
}

/** One place of the heat map, opened: its partitions, its files by size, and how it is reached. */
export async function spotView(
  table: OpenTable,
  place: { readonly column: string; readonly row: string; readonly snapshot?: string | undefined },
  signal?: AbortSignal,
): Promise<SpotView> {
  const { metadata, lake, loaded } = table
  const snapshot = snapshotOf(table, place.snapshot)
  const { across, down } = axesOf(metadata)
  const pathOf = partitionPaths(metadata)
  const { files } = snapshot
    ? await snapshotFiles(lake, metadata, snapshot['snapshot-id'], signal)
    : { files: [] }
  const here = files.filter(({ file }) => {
    const [column, row] = placeOf(metadata, file, across, down)
    return column === place.column && row === place.row
  })
  const manifests = snapshot ? await readManifestList(lake.io.storage, snapshot, signal) : []
  const live = manifests.filter(hasLive)
  const partitions = [...new Map(here.map(({ file }) => [pathOf(file), file])).values()]
  return {
    partitions: partitions.map(pathOf),
    sizes: sizesOf(here.filter(({ file }) => file.content === 'data').map(({ file }) => file.fileSize)),
    metadataFile: loaded.metadataLocation,
    snapshotId: snapshot ? String(snapshot['snapshot-id']) : null,
    manifestList: snapshot?.['manifest-list'] ?? null,
    manifests: {
      match: live.filter((manifest) => partitions.some((file) => holds(metadata, manifest, file))).length,
      inAll: live.length,
    },
    files: here.length,
  }
}

function holds(
  metadata: TableMetadata,
  manifest: Parameters<typeof mayHoldPartition>[0] & { readonly specId: number },
  file: DataFile,
): boolean {
  if (manifest.specId !== file.specId) return false
  return mayHoldPartition(manifest, partitionTypes(metadata, specById(metadata, file.specId)), file.partition)
}

const BINS = 9

/** Counts by size in doublings, at most nine of them; the first takes all that is smaller. */
export function sizesOf(sizes: readonly number[]): SpotView['sizes'] {
  if (sizes.length === 0) return []
  const power = (size: number) => Math.floor(Math.log2(Math.max(1, size)))
  const most = sizes.reduce((sum, size) => Math.max(sum, power(size)), 0)
  const least = Math.max(
    most - BINS + 1,
    sizes.reduce((sum, size) => Math.min(sum, power(size)), most),
  )
  return Array.from({ length: most - least + 1 }, (_, i) => ({
    from: i === 0 ? 0 : 2 ** (least + i),
    to: 2 ** (least + i + 1),
    files: sizes.filter((size) => Math.max(least, power(size)) === least + i).length,
  }))
}
