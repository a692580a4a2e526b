import type { ChangeSum, PartitionChange, SnapshotComparison, ValueChange } from '../../../shared/inspect.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { readManifest } from '../../iceberg/manifest.ts'
import { READ_LANES, readManifestList } from '../../iceberg/manifest-list.ts'
import { ancestors, parseMetadata } from '../../iceberg/metadata.ts'
import { hasLive } from '../../iceberg/snapshot.ts'
import type { DataFile, ManifestFile, Snapshot, TableMetadata } from '../../iceberg/types.ts'
import { axesOf, placeOf } from './heat.ts'
import { partitionPaths } from './paths.ts'
import { viewer } from './snapshots.ts'
import { type OpenTable, snapshotOf } from './table.ts'

const PARTITIONS_SHOWN = 200
const KINDS_SHOWN = 24

export interface FileChanges {
  readonly added: readonly DataFile[]
  readonly removed: readonly DataFile[]
  readonly manifests: { readonly read: number; readonly shared: number }
}

/**
 * Files that `b` holds and `a` does not, and the other way round. Manifests that both list are not read: the cost is two
 * manifest lists and the manifests that differ.
 */
async function fileChanges(
  { metadata, lake }: OpenTable,
  a: Snapshot,
  b: Snapshot,
  signal?: AbortSignal,
): Promise<FileChanges> {
  const { storage } = lake.io
  const [ofA, ofB] = await Promise.all([
    readManifestList(storage, a, signal),
    readManifestList(storage, b, signal),
  ])
  const paths = (all: readonly ManifestFile[]) => new Set(all.map((one) => one.path))
  const [inA, inB] = [paths(ofA), paths(ofB)]
  const onlyA = ofA.filter((one) => !inB.has(one.path) && hasLive(one))
  const onlyB = ofB.filter((one) => !inA.has(one.path) && hasLive(one))
  const read = async (manifests: readonly ManifestFile[]) => {
    const lists = await mapConcurrent(
      manifests,
      READ_LANES,
      (manifest, _, stop) => readManifest(storage, manifest, metadata, stop),
      signal,
    )
    const live = lists.flat().filter((entry) => entry.status !== 'deleted')
    return new Map(live.map(({ file }) => [file.path, file]))
  }
  const [liveA, liveB] = await Promise.all([read(onlyA), read(onlyB)])
  return {
    added: [...liveB.values()].filter((file) => !liveA.has(file.path)),
    removed: [...liveA.values()].filter((file) => !liveB.has(file.path)),
    manifests: {
      read: onlyA.length + onlyB.length,
      shared: ofB.filter((one) => inA.has(one.path)).length,
    },
  }
}

/** What changed from snapshot `a` to snapshot `b`. NOT_FOUND where one of them is gone. */
export async function compareSnapshots(
  table: OpenTable,
  ids: { readonly a: string; readonly b: string },
  signal?: AbortSignal,
): Promise<SnapshotComparison> {
  const { metadata } = table
  const [a, b] = [snapshotOf(table, ids.a)!, snapshotOf(table, ids.b)!]
  const [changes, properties] = await Promise.all([
    fileChanges(table, a, b, signal),
    propertyChanges(table, a, b, signal),
  ])
  const view = viewer(table.lake, table)
  const pathOf = partitionPaths(metadata)
  const { across, down } = axesOf(metadata)
  const partitions = changesBy(changes, pathOf)
  const kinds =
    down === undefined ? [] : changesBy(changes, (file) => placeOf(metadata, file, across, down)[1])
  const weight = (one: { added: ChangeSum; removed: ChangeSum }) => one.added.bytes + one.removed.bytes
  const rows = (one: { added: ChangeSum; removed: ChangeSum }) => one.added.rows + one.removed.rows
  return {
    a: view(a),
    b: view(b),
    commits: commitsBetween(metadata, a, b),
    added: sumOf(changes.added),
    removed: sumOf(changes.removed),
    partitions: partitions
      .map(([partition, sums]): PartitionChange => ({ partition, ...sums }))
      .sort((x, y) => weight(y) - weight(x) || (x.partition < y.partition ? -1 : 1))
      .slice(0, PARTITIONS_SHOWN),
    partitionsInAll: partitions.length,
    kinds: kinds
      .map(([name, sums]) => ({ name, ...sums }))
      .sort((x, y) => rows(y) - rows(x) || (x.name < y.name ? -1 : 1))
      .slice(0, KINDS_SHOWN),
    kind: down?.name ?? null,
    manifests: changes.manifests,
    specs: [specOf(changes.removed), specOf(changes.added)],
    summary: valueChanges(a.summary, b.summary),
    properties,
  }
}

const specOf = (files: readonly DataFile[]): number | null => files[0]?.specId ?? null

const NOTHING: ChangeSum = { files: 0, rows: 0, bytes: 0, deleteFiles: 0 }

function sumOf(files: readonly DataFile[]): ChangeSum {
  return files.reduce(plus, NOTHING)
}

function plus(sum: ChangeSum, file: DataFile): ChangeSum {
  const data = file.content === 'data'
  return {
    files: sum.files + (data ? 1 : 0),
    rows: sum.rows + (data ? file.recordCount : 0),
    bytes: sum.bytes + file.fileSize,
    deleteFiles: sum.deleteFiles + (data ? 0 : 1),
  }
}

function changesBy(
  { added, removed }: FileChanges,
  keyOf: (file: DataFile) => string,
): [string, { added: ChangeSum; removed: ChangeSum }][] {
  const sums = new Map<string, { added: ChangeSum; removed: ChangeSum }>()
  const take = (side: 'added' | 'removed', file: DataFile): void => {
    const key = keyOf(file)
    const before = sums.get(key) ?? { added: NOTHING, removed: NOTHING }
    sums.set(key, { ...before, [side]: plus(before[side], file) })
  }
  for (const file of added) take('added', file)
  for (const file of removed) take('removed', file)
  return [...sums]
}

/** Snapshots from one to the other along the history; null where neither descends from the other. */
function commitsBetween(metadata: TableMetadata, a: Snapshot, b: Snapshot): number | null {
  for (const [from, to] of [
    [b, a],
    [a, b],
  ] as const) {
    let steps = 0
    for (const at of ancestors(metadata, from['snapshot-id'])) {
      if (at === to) return steps
      steps += 1
    }
  }
  return null
}

/** Names whose values differ, in order. */
export function valueChanges(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): ValueChange[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => a[name] !== b[name])
    .sort()
    .map((name) => ({ name, a: a[name] ?? null, b: b[name] ?? null }))
}

/** Table properties as they were right after both commits, from the metadata files of that time. */
async function propertyChanges(
  table: OpenTable,
  a: Snapshot,
  b: Snapshot,
  signal?: AbortSignal,
): Promise<SnapshotComparison['properties']> {
  const [atA, atB] = await Promise.all([propertiesAt(table, a, signal), propertiesAt(table, b, signal)])
  if (atA === null || atB === null) return null
  return { changes: valueChanges(atA, atB), inAll: [Object.keys(atA).length, Object.keys(atB).length] }
}

async function propertiesAt(
  { metadata, loaded, lake }: OpenTable,
  snapshot: Snapshot,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>> | null> {
  const at = snapshot['timestamp-ms']
  const earlier = metadata['metadata-log'].find((one) => one['timestamp-ms'] >= at)
  if (earlier === undefined || earlier['metadata-file'] === loaded.metadataLocation) {
    return metadata['last-updated-ms'] >= at ? metadata.properties : null
  }
  // The oldest file kept is of a later commit: that of this one was thrown away.
  const [oldest] = metadata['metadata-log']
  if (earlier === oldest && earlier['timestamp-ms'] > at) return null
  try {
    const bytes = await lake.io.storage.read(earlier['metadata-file'], signal ? { signal } : {})
    const then = parseMetadata(bytes)
    const holds = then.snapshots.some((one) => one['snapshot-id'] === snapshot['snapshot-id'])
    return holds ? then.properties : null
  } catch {
    if (signal?.aborted) throw signal.reason
    return null
  }
}
