import { LakeError } from '../../shared/errors.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { Storage } from '../storage/storage.ts'
import type { BriefEntry } from './entry.ts'
import { bothFacts, columnTypes, metricFacts, partitionFacts, summaryFacts } from './facts.ts'
import { readManifest } from './manifest.ts'
import type { ManifestCache } from './manifest-cache.ts'
import { readManifestList } from './manifest-list.ts'
import { currentSchema, headSnapshot, schemaById, snapshotById, specById } from './metadata.ts'
import { partitionKey } from './partition.ts'
import { type BoundPredicate, bindPredicate, type Facts, mayMatch, type Predicate } from './predicate.ts'
import type {
  DataFile,
  LiveFile,
  ManifestFile,
  PartitionSpec,
  PrimitiveType,
  Schema,
  Snapshot,
  TableMetadata,
  Value,
} from './types.ts'
import { compareText } from './values.ts'

/** A data file to read, and every delete file that may hold rows of it. */
export interface ScanFile {
  readonly file: DataFile
  readonly sequenceNumber: number
  /** The snapshot that added the file to the table. */
  readonly snapshotId: bigint
  /** The manifest that lists it; absent where the file was not found by a plan. */
  readonly manifest?: ManifestFile
  readonly deletes: readonly LiveFile[]
}

export interface ScanTotals {
  readonly files: number
  /** Bytes of whole data files; reading fewer columns reads less. */
  readonly bytes: number
  /** Rows before deletes. */
  readonly rows: number
}

/** What a read of one snapshot touches, known before anything of its data is read. */
export interface ScanPlan {
  /** Null for a table without snapshots. */
  readonly snapshotId: bigint | null
  /** The schema the filter was bound to, and which rows are to be projected to. */
  readonly schema: Schema
  readonly files: readonly ScanFile[]
  /** Of `files`. */
  readonly totals: ScanTotals
  /** Of the snapshot's live data files; bytes are null where a whole manifest was left out and no summary tells them. */
  readonly considered: { readonly files: number; readonly bytes: number | null; readonly rows: number }
  /** Data files left out, by what told that no row of them can match. */
  readonly pruned: { readonly byManifest: number; readonly byPartition: number; readonly byBounds: number }
  readonly manifests: { readonly read: number; readonly skipped: number }
  /** Manifest entries that were decoded in full: those that no partition value ruled out. */
  readonly decoded: number
}

export interface ScanOptions {
  /** Default: the head of main. */
  readonly snapshotId?: bigint
  readonly filter?: Predicate
  /** Manifests read lately, shared by plans. */
  readonly cache?: ManifestCache
  /** Leaves what only planning needs out of the files: counts of values and nulls, bounds, split offsets. */
  readonly lean?: boolean
  readonly signal?: AbortSignal
}

const MANIFESTS_AT_ONCE = 8

/**
 * Plans a read: manifests are chosen by their partition summaries, files by their partition values and then by column
 * counts and bounds. A filter that is not understood prunes nothing. Deletes are attached by the spec's rules of
 * sequence number and partition (spec: Scan Planning). Throws INVALID for a snapshot the table does not have.
 */
export async function planScan(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  options: ScanOptions = {},
): Promise<ScanPlan> {
  const snapshot = snapshotOf(metadata, options.snapshotId)
  const schema = schemaOfScan(metadata, snapshot, options.snapshotId)
  if (snapshot === null) return { ...EMPTY, schema }

  const filter = bindPredicate(options.filter ?? { op: 'true' }, schema)
  const types = columnTypes(schema)
  const manifests = await readManifestList(io.storage, snapshot, options.signal)
  const kept = manifests.filter((manifest) => {
    if (manifest.addedFiles + manifest.existingFiles === 0) return false
    const spec = specById(metadata, manifest.specId)
    return mayMatch(filter, lookUp(summaryFacts(spec, manifest.partitions, types)))
  })
  const judge = new FileJudge(metadata, filter, types)
  const pruned = { byManifest: 0, byPartition: 0, byBounds: 0 }
  const considered = { files: 0, bytes: 0, rows: 0 }
  let decoded = 0
  const wantedOf =
    ({ specId }: ManifestFile) =>
    (entry: BriefEntry): boolean => {
      if (entry.status === 'deleted') return false
      if (entry.content !== 'data') return true
      considered.files += 1
      considered.bytes += entry.fileSize
      considered.rows += entry.recordCount
      const keep = judge.partition(specId, entry.partition)
      if (!keep) pruned.byPartition += 1
      return keep
    }
  const listed = await mapConcurrent(
    kept,
    MANIFESTS_AT_ONCE,
    async (manifest, _, signal) => {
      const reading = { cache: options.cache, wanted: wantedOf(manifest) }
      const entries = await readManifest(io.storage, manifest, metadata, signal, reading)
      decoded += entries.length
      const files = liveEntries(entries, manifest).filter(
        ({ file }) => file.content !== 'data' || judge.bounds(file),
      )
      pruned.byBounds += entries.length - files.length
      return options.lean ? files.map(leanFile) : files
    },
    options.signal,
  )
  const deletes = new DeleteIndex(metadata)
  const dataFiles: ListedFile[] = []
  for (const live of listed.flat()) {
    if (live.file.content === 'data') dataFiles.push(live)
    else deletes.add(live)
  }
  const skipped = manifests.filter((manifest) => manifest.content === 'data' && !kept.includes(manifest))
  for (const manifest of skipped) {
    const files = manifest.addedFiles + manifest.existingFiles
    pruned.byManifest += files
    considered.files += files
    considered.rows += manifest.addedRows + manifest.existingRows
  }

  const files = dataFiles.map((live) => ({
    file: live.file,
    sequenceNumber: live.sequenceNumber,
    snapshotId: live.snapshotId,
    manifest: live.manifest,
    deletes: deletes.of(live),
  }))
  return {
    snapshotId: snapshot['snapshot-id'],
    schema,
    files,
    totals: totalsOf(files),
    considered: { ...considered, bytes: skipped.length === 0 ? considered.bytes : summaryBytes(snapshot) },
    pruned,
    manifests: { read: kept.length, skipped: manifests.length - kept.length },
    decoded,
  }
}

const EMPTY: Omit<ScanPlan, 'schema'> = {
  snapshotId: null,
  files: [],
  totals: { files: 0, bytes: 0, rows: 0 },
  considered: { files: 0, bytes: 0, rows: 0 },
  pruned: { byManifest: 0, byPartition: 0, byBounds: 0 },
  manifests: { read: 0, skipped: 0 },
  decoded: 0,
}

/** The asked snapshot, the head of main by default; null for a table without one. INVALID where it is not there. */
export function snapshotOf(metadata: TableMetadata, id: bigint | undefined): Snapshot | null {
  if (id === undefined) return headSnapshot(metadata)
  const snapshot = snapshotById(metadata, id)
  if (snapshot !== null) return snapshot
  throw new LakeError('INVALID', `The table has no snapshot ${id}`, {
    likely: 'The snapshot has expired, or its id is of another table.',
    remedy: 'Choose one of the snapshots that the table lists.',
  })
}

/** The schema that a read of a snapshot (the head where absent) projects to; INVALID for one the table lacks. */
export function scanSchema(metadata: TableMetadata, snapshotId?: bigint): Schema {
  return schemaOfScan(metadata, snapshotOf(metadata, snapshotId), snapshotId)
}

/** The head is read with the current schema, an older snapshot with the schema it was written with. */
export function schemaOfScan(
  metadata: TableMetadata,
  snapshot: Snapshot | null,
  asked: bigint | undefined,
): Schema {
  const id = snapshot?.['schema-id']
  const past = asked !== undefined && asked !== headSnapshot(metadata)?.['snapshot-id']
  return past && id !== undefined ? schemaById(metadata, id) : currentSchema(metadata)
}

interface ListedFile extends LiveFile {
  readonly manifest: ManifestFile
}

function liveEntries(
  entries: Awaited<ReturnType<typeof readManifest>>,
  manifest: ManifestFile,
): ListedFile[] {
  return entries.map((entry) => ({
    file: entry.file,
    sequenceNumber: entry.sequenceNumber ?? manifest.sequenceNumber,
    snapshotId: entry.snapshotId ?? manifest.addedSnapshotId,
    manifest,
  }))
}

/** Delete files keep their bounds: they tell which files they are about. */
function leanFile(live: ListedFile): ListedFile {
  if (live.file.content !== 'data') return live
  const {
    valueCounts: _values,
    nullCounts: _nulls,
    lowerBounds: _lower,
    upperBounds: _upper,
    splitOffsets: _offsets,
    ...file
  } = live.file
  return { ...live, file }
}

const lookUp =
  (facts: ReadonlyMap<number, Facts>) =>
  (id: number): Facts | undefined =>
    facts.get(id)

/** Partitions of which the facts are held. */
const MOST_PARTITIONS = 20_000

/** Decides file by file; the facts of a partition are mostly worked out once. */
class FileJudge {
  readonly #metadata: TableMetadata
  readonly #filter: BoundPredicate
  readonly #types: ReadonlyMap<number, PrimitiveType>
  readonly #partitions = new Map<string, ReadonlyMap<number, Facts>>()
  readonly #everything: boolean

  constructor(metadata: TableMetadata, filter: BoundPredicate, types: ReadonlyMap<number, PrimitiveType>) {
    this.#metadata = metadata
    this.#filter = filter
    this.#types = types
    this.#everything = filter.op === 'and' && filter.args.length === 0
  }

  /** Whether a file of that partition may have a row that matches. */
  partition(specId: number, values: readonly Value[]): boolean {
    return this.#everything || mayMatch(this.#filter, lookUp(this.#partitionFacts(specId, values)))
  }

  /** Whether the file may, by its partition, counts and bounds. */
  bounds(file: DataFile): boolean {
    if (this.#everything) return true
    const facts = this.#partitionFacts(file.specId, file.partition)
    return mayMatch(this.#filter, (id: number): Facts | undefined => {
      const type = this.#types.get(id)
      return type === undefined ? undefined : bothFacts(facts.get(id), metricFacts(file, id, type), type)
    })
  }

  #partitionFacts(specId: number, values: readonly Value[]): ReadonlyMap<number, Facts> {
    const key = `${specId}:${partitionKey(values)}`
    let facts = this.#partitions.get(key)
    if (facts === undefined) {
      facts = partitionFacts(specById(this.#metadata, specId), values, this.#types)
      // Tables with a partition a file would fill it for nothing.
      if (this.#partitions.size >= MOST_PARTITIONS) this.#partitions.clear()
      this.#partitions.set(key, facts)
    }
    return facts
  }
}

/** Field id of `file_path` in position delete files (spec, Reserved Field IDs). */
export const FILE_PATH_ID = 2147483546

/** Delete files by where they can apply (spec: Scan Planning, notes on delete files). */
export class DeleteIndex {
  readonly #metadata: TableMetadata
  readonly #byPath = new Map<string, LiveFile[]>()
  readonly #byPartition = new Map<string, LiveFile[]>()
  readonly #everywhere: LiveFile[] = []

  constructor(metadata: TableMetadata) {
    this.#metadata = metadata
  }

  add(live: LiveFile): void {
    const { file } = live
    if (file.content === 'position-deletes' && file.referencedDataFile !== undefined) {
      push(this.#byPath, file.referencedDataFile, live)
    } else if (
      file.content === 'equality-deletes' &&
      isUnpartitioned(specById(this.#metadata, file.specId))
    ) {
      this.#everywhere.push(live)
    } else push(this.#byPartition, placeOf(file), live)
  }

  of(data: LiveFile): LiveFile[] {
    const candidates = [
      ...(this.#byPath.get(data.file.path) ?? []),
      ...(this.#byPartition.get(placeOf(data.file)) ?? []),
      ...this.#everywhere,
    ]
    return candidates.filter((live) => applies(live, data))
  }
}

function applies(live: LiveFile, data: LiveFile): boolean {
  if (live.file.content === 'equality-deletes') return data.sequenceNumber < live.sequenceNumber
  return data.sequenceNumber <= live.sequenceNumber && mayName(live.file, data.file.path)
}

/** False where the delete file's bounds of `file_path` leave out `path`. */
function mayName(file: DataFile, path: string): boolean {
  const lower = file.lowerBounds?.get(FILE_PATH_ID)
  const upper = file.upperBounds?.get(FILE_PATH_ID)
  if (lower !== undefined && compareText(path, utf8.decode(lower)) < 0) return false
  return upper === undefined || compareText(path, utf8.decode(upper)) <= 0
}

const utf8 = new TextDecoder()

function placeOf(file: DataFile): string {
  return `${file.specId}:${partitionKey(file.partition)}`
}

function isUnpartitioned(spec: PartitionSpec): boolean {
  return spec.fields.every((field) => field.transform === 'void')
}

function push(map: Map<string, LiveFile[]>, key: string, live: LiveFile): void {
  const list = map.get(key)
  if (list) list.push(live)
  else map.set(key, [live])
}

function totalsOf(files: readonly ScanFile[]): ScanTotals {
  let bytes = 0
  let rows = 0
  for (const { file } of files) {
    bytes += file.fileSize
    rows += file.recordCount
  }
  return { files: files.length, bytes, rows }
}

function summaryBytes(snapshot: Snapshot): number | null {
  const text = snapshot.summary['total-files-size']
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}
