import { randomUUID } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { Storage } from '../storage/storage.ts'
import { metadataFolder } from './folders.ts'
import { type PreparedManifest, readManifest, writeManifest } from './manifest.ts'
import { assignSequence, READ_LANES, readManifestList, writeManifestList } from './manifest-list.ts'
import { manifestKind, mergePolicy, planMerges, regroupedCount } from './merge.ts'
import { headSnapshot, snapshotById, specById } from './metadata.ts'
import { comparePartitions, partitionKey, partitionTypes } from './partition.ts'
import { assertNotLive, rememberPaths } from './paths.ts'
import { hasLive, mayHoldPartition } from './snapshot.ts'
import { snapshotTotals } from './totals.ts'
import type { DataFile, ManifestEntry, ManifestFile, Snapshot, TableMetadata, Value } from './types.ts'

/** The files that a snapshot adds and removes. */
export interface FileChange {
  readonly add: readonly DataFile[]
  readonly addedAs?: number
  readonly replacePartitions?: readonly (readonly Value[])[]
  readonly removePaths?: ReadonlySet<string>
  readonly regroupManifests?: ReadonlySet<string>
}

/**
 * A snapshot in the making. What does not depend on the attempt (manifests of added files, rewritten and joined
 * manifests) is written once and used again by every further attempt; an attempt itself writes a manifest list.
 */
export interface Draft {
  readonly storage: Storage
  readonly change: FileChange
  /** Stays the same over all attempts: it is what a user looks for when the outcome is unknown. */
  readonly snapshotId: bigint
  /** Random part of the names of all files written. */
  readonly name: string
  readonly added: PreparedManifest[]
  readonly rewrites: Map<string, Rewrite>
  readonly merges: Merge[]
  /** Entries of manifests written here, by path. */
  readonly entries: Map<string, readonly ManifestEntry[]>
  /** Everything written so far, manifests and manifest lists. */
  readonly written: string[]
}

/** A manifest without the files to remove; null where it held none of them and is kept. */
type Rewrite = { readonly manifest: PreparedManifest; readonly removed: readonly ManifestEntry[] } | null

interface Merge {
  readonly inputs: readonly string[]
  readonly manifests: readonly PreparedManifest[]
}

/** One attempt's snapshot, whose manifest list is stored. */
export interface Staged {
  readonly snapshot: Snapshot
  readonly parent: bigint | null
  /** Manifests and manifest list that this attempt refers to. */
  readonly files: ReadonlySet<string>
}

type Line = ManifestFile | PreparedManifest

/** Writes the manifests of the added files. Throws UNSUPPORTED for a format version Tarn does not write. */
export async function prepareDraft(
  storage: Storage,
  metadata: TableMetadata,
  change: FileChange,
  signal?: AbortSignal,
): Promise<Draft> {
  if (metadata['format-version'] !== 2) {
    throw new LakeError('UNSUPPORTED', `writing to a table of format version ${metadata['format-version']}`, {
      remedy:
        metadata['format-version'] === 1 ? 'Upgrade the table to format version 2.' : 'Use another engine.',
    })
  }
  const draft: Draft = {
    storage,
    change,
    snapshotId: newSnapshotId(metadata),
    name: randomUUID(),
    added: [],
    rewrites: new Map(),
    merges: [],
    entries: new Map(),
    written: [],
  }
  const kinds = Map.groupBy(
    change.add,
    (file) => `${file.content === 'data' ? 'data' : 'deletes'} ${file.specId}`,
  )
  for (const files of kinds.values()) {
    const entries = files.map((file) => addedEntry(file, draft.snapshotId, change.addedAs))
    draft.added.push(await writeDraftManifest(draft, metadata, entries, signal))
  }
  return draft
}

/**
 * Builds the snapshot on top of the table's current head and stores its manifest list. Throws CONFLICT (reject) where a
 * file to remove is no longer live, INVALID where an added file is live already.
 */
export async function stageDraft(
  draft: Draft,
  metadata: TableMetadata,
  attempt: {
    readonly number: number
    readonly operation: string
    readonly summary: Readonly<Record<string, string>>
    readonly now: number
  },
  signal?: AbortSignal,
): Promise<Staged> {
  const parent = headSnapshot(metadata)
  const listed = parent === null ? [] : await readManifestList(draft.storage, parent, signal)
  const base = listed.filter(hasLive)
  await assertNotLive(draft.storage, metadata, base, draft.change.add, signal)
  const { lines: kept, removed } = await removeFiles(draft, metadata, base, signal)
  const unmerged: Line[] = [...draft.added, ...kept]
  const lines = await mergeLines(draft, metadata, unmerged, attempt.number === 1, signal)

  const sequenceNumber = metadata['last-sequence-number'] + 1
  const manifests = byContent(lines).map((line) =>
    'sequenceNumber' in line ? line : assignSequence(line, sequenceNumber),
  )
  const location = `${metadataFolder(metadata)}/snap-${draft.snapshotId}-${attempt.number}-${draft.name}.avro`
  const parentId = parent?.['snapshot-id'] ?? null
  draft.written.push(location)
  await writeManifestList(
    draft.storage,
    location,
    { id: draft.snapshotId, parent: parentId, sequenceNumber },
    manifests,
    signal,
  )
  const created = manifests.filter((manifest) => manifest.addedSnapshotId === draft.snapshotId)
  const keptCount = manifests.length - created.length
  const snapshot: Snapshot = {
    'snapshot-id': draft.snapshotId,
    ...(parentId === null ? {} : { 'parent-snapshot-id': parentId }),
    'sequence-number': sequenceNumber,
    // A clock that is behind the table's last change would be refused, or would break its history's order.
    'timestamp-ms': Math.max(attempt.now, metadata['last-updated-ms'] + 1),
    'manifest-list': location,
    summary: {
      operation: attempt.operation,
      ...attempt.summary,
      ...snapshotTotals(
        draft.change.add,
        removed.map((entry) => entry.file),
        parent,
      ),
      'manifests-created': String(created.length),
      'manifests-kept': String(keptCount),
      'manifests-replaced': String(base.length - keptCount),
      'engine-name': 'tarn',
    },
    'schema-id': metadata['current-schema-id'],
  }
  return { snapshot, parent: parentId, files: new Set([location, ...created.map((m) => m.path)]) }
}

/** A positive random 63-bit id that no snapshot of the table has. */
function newSnapshotId(metadata: TableMetadata): bigint {
  for (;;) {
    const bits = BigInt(`0x${randomUUID().replaceAll('-', '')}`)
    const id = ((bits >> 64n) ^ bits) & 0x7fff_ffff_ffff_ffffn
    if (id > 0n && snapshotById(metadata, id) === null) return id
  }
}

async function removeFiles(
  draft: Draft,
  metadata: TableMetadata,
  base: readonly ManifestFile[],
  signal?: AbortSignal,
): Promise<{ lines: Line[]; removed: ManifestEntry[] }> {
  const { replacePartitions = [], removePaths = new Set<string>() } = draft.change
  if (replacePartitions.length === 0 && removePaths.size === 0) return { lines: [...base], removed: [] }
  const specId = metadata['default-spec-id']
  const types = partitionTypes(metadata, specById(metadata, specId))
  const keys = new Set(replacePartitions.map(partitionKey))
  const foreign = base.find((manifest) => manifest.specId !== specId && manifest.content === 'data')
  if (keys.size > 0 && foreign) {
    throw new LakeError(
      'UNSUPPORTED',
      `partitions of spec ${specId} cannot be replaced beside files of another spec`,
      {
        context: { manifest: foreign.path, spec: foreign.specId },
        remedy: 'Rewrite the older files into the current partition spec first.',
      },
    )
  }
  const matches = ({ file }: ManifestEntry) =>
    removePaths.has(file.path) || (file.specId === specId && keys.has(partitionKey(file.partition)))
  const mayMatch = (manifest: ManifestFile) =>
    removePaths.size > 0 ||
    (manifest.specId === specId &&
      replacePartitions.some((values) => mayHoldPartition(manifest, types, values)))

  const rewrites = await mapConcurrent(
    base,
    READ_LANES,
    (manifest, _index, stop) =>
      mayMatch(manifest) ? rewrite(draft, metadata, manifest, matches, stop) : Promise.resolve(null),
    signal,
  )
  const removed = rewrites.flatMap((one) => one?.removed ?? [])
  const found = new Set(removed.map((entry) => entry.file.path))
  const missing = [...removePaths].filter((path) => !found.has(path))
  if (missing.length > 0) {
    throw new LakeError('CONFLICT', `${missing.length} of the files to remove are no longer in the table`, {
      context: { file: missing[0] ?? null },
      likely: 'another writer has removed or rewritten them',
      remedy: 'Plan the change again on the current snapshot.',
    })
  }
  return { lines: base.map((manifest, i) => rewrites[i]?.manifest ?? manifest), removed }
}

async function rewrite(
  draft: Draft,
  metadata: TableMetadata,
  manifest: ManifestFile,
  matches: (entry: ManifestEntry) => boolean,
  signal?: AbortSignal,
): Promise<Rewrite> {
  const done = draft.rewrites.get(manifest.path)
  if (done !== undefined) return done
  const live = (await readManifest(draft.storage, manifest, metadata, signal)).filter(
    (entry) => entry.status !== 'deleted',
  )
  const removed: ManifestEntry[] = []
  const entries = live.map((entry): ManifestEntry => {
    if (!matches(entry)) return { ...entry, status: 'existing' }
    const gone: ManifestEntry = { ...entry, status: 'deleted', snapshotId: draft.snapshotId }
    removed.push(gone)
    return gone
  })
  const result: Rewrite =
    removed.length === 0
      ? null
      : { manifest: await writeDraftManifest(draft, metadata, entries, signal), removed }
  draft.rewrites.set(manifest.path, result)
  return result
}

/**
 * Joins small manifests by the table's policy, on the first attempt only: what was joined then is used again as long as
 * all its inputs are still listed, and what others added meanwhile is left to the next commit.
 */
async function mergeLines(
  draft: Draft,
  metadata: TableMetadata,
  lines: readonly Line[],
  first: boolean,
  signal?: AbortSignal,
): Promise<Line[]> {
  const regroup = draft.change.regroupManifests
  if (regroup !== undefined) {
    const wanted = lines.filter((line) => regroup.has(line.path))
    if (wanted.length < regroup.size) throw notListed()
    if (first) await regroupLines(draft, metadata, wanted, signal)
  } else if (first) {
    for (const bin of planMerges(lines, mergePolicy(metadata.properties))) {
      const entries = await mapConcurrent(
        bin,
        READ_LANES,
        async (line, _index, stop) =>
          'sequenceNumber' in line
            ? (await readManifest(draft.storage, line, metadata, stop)).flatMap(carryOver)
            : draft.entries.get(line.path)!,
        signal,
      )
      const manifests = [await writeDraftManifest(draft, metadata, entries.flat(), signal)]
      draft.merges.push({ inputs: bin.map((line) => line.path), manifests })
    }
  }
  let result = [...lines]
  for (const merge of draft.merges) {
    const inputs = new Set(merge.inputs)
    if (result.filter((line) => inputs.has(line.path)).length !== inputs.size) continue
    const at = result.findIndex((line) => inputs.has(line.path))
    result.splice(at, 0, ...merge.manifests)
    result = result.filter((line) => !inputs.has(line.path))
  }
  return result
}

/**
 * Writes the entries of manifests anew, sorted by partition and cut at the table's target size, so that a reader of one
 * partition opens few of them.
 */
async function regroupLines(
  draft: Draft,
  metadata: TableMetadata,
  lines: readonly Line[],
  signal?: AbortSignal,
): Promise<void> {
  const { targetBytes } = mergePolicy(metadata.properties)
  const listed = lines.filter((line) => 'sequenceNumber' in line)
  for (const kind of Map.groupBy(listed, manifestKind).values()) {
    const read = await mapConcurrent(
      kind,
      READ_LANES,
      async (line, _index, stop) =>
        (await readManifest(draft.storage, line, metadata, stop)).flatMap(carryOver),
      signal,
    )
    const types = partitionTypes(metadata, specById(metadata, kind[0]!.specId))
    const entries = read
      .flat()
      .toSorted((a, b) => comparePartitions(types, a.file.partition, b.file.partition))
    const count = regroupedCount(kind, targetBytes)
    const size = Math.ceil(entries.length / count)
    const manifests: PreparedManifest[] = []
    for (let at = 0; at < entries.length; at += size) {
      manifests.push(await writeDraftManifest(draft, metadata, entries.slice(at, at + size), signal))
    }
    draft.merges.push({ inputs: kind.map((line) => line.path), manifests })
  }
}

function notListed(): LakeError {
  return new LakeError('CONFLICT', 'manifests to rewrite are no longer in the table', {
    likely: 'another commit joined them meanwhile',
    remedy: 'Plan the change again on the current snapshot.',
  })
}

/** A live entry of an older manifest as it stands in a newer one. Deletions of older snapshots are dropped. */
function carryOver(entry: ManifestEntry): ManifestEntry[] {
  return entry.status === 'deleted' ? [] : [{ ...entry, status: 'existing' }]
}

async function writeDraftManifest(
  draft: Draft,
  metadata: TableMetadata,
  entries: readonly ManifestEntry[],
  signal?: AbortSignal,
): Promise<PreparedManifest> {
  const file = entries[0]!.file
  const location = `${metadataFolder(metadata)}/${draft.name}-m${draft.entries.size}.avro`
  draft.entries.set(location, entries)
  draft.written.push(location)
  const manifest = await writeManifest(
    draft.storage,
    {
      location,
      metadata,
      specId: file.specId,
      content: file.content === 'data' ? 'data' : 'deletes',
      snapshotId: draft.snapshotId,
      entries,
    },
    signal,
  )
  rememberPaths(draft.storage, location, entries)
  return manifest
}

function addedEntry(file: DataFile, snapshotId: bigint, sequenceNumber: number | null = null): ManifestEntry {
  return { status: 'added', snapshotId, sequenceNumber, fileSequenceNumber: null, file }
}

/** Data manifests before delete manifests, otherwise in order. */
function byContent(lines: readonly Line[]): Line[] {
  return [
    ...lines.filter((line) => line.content === 'data'),
    ...lines.filter((line) => line.content === 'deletes'),
  ]
}
