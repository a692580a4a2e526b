import { LakeError } from '../../../shared/errors.ts'
import type { ColumnBounds, FileDetail, FilePage, FileSort, FileView } from '../../../shared/inspect.ts'
import { readManifest } from '../../iceberg/manifest.ts'
import { decodeManifestList } from '../../iceberg/manifest-list.ts'
import { currentSchema, snapshotById } from '../../iceberg/metadata.ts'
import { DeleteIndex } from '../../iceberg/scan.ts'
import { leafFields, pathById } from '../../iceberg/schema.ts'
import type {
  DataFile,
  LiveFile,
  ManifestEntry,
  ManifestFile,
  PrimitiveType,
  TableMetadata,
} from '../../iceberg/types.ts'
import { type ListedFile, snapshotFiles } from './files.ts'
import { boundText, partitionPaths } from './paths.ts'
import { matches, type OpenTable, type PageRequest, slice, snapshotOf } from './table.ts'

export interface FileRequest extends PageRequest {
  readonly snapshot?: string | undefined
  readonly find?: string | undefined
  readonly content?: 'data' | 'deletes' | undefined
  /** Path of one partition. */
  readonly partition?: string | undefined
  readonly sort?: FileSort | undefined
}

/** Makes views of a snapshot's files. Which deletes apply is worked out for those that are shown. */
export function fileViewer(
  metadata: TableMetadata,
  files: readonly ListedFile[],
): {
  readonly view: (file: ListedFile) => FileView
  readonly deletesOf: (file: ListedFile) => readonly LiveFile[]
} {
  const pathOf = partitionPaths(metadata)
  const index = new DeleteIndex(metadata)
  for (const file of files) if (file.file.content !== 'data') index.add(file)
  const written = new Map(metadata.snapshots.map((one) => [one['snapshot-id'], one['timestamp-ms']]))
  const deletesOf = (live: ListedFile) => (live.file.content === 'data' ? index.of(live) : [])
  return {
    deletesOf,
    view: (live) => {
      const { file } = live
      const deletes = deletesOf(live)
      return {
        path: file.path,
        content: file.content,
        format: file.format,
        partition: pathOf(file),
        rows: file.recordCount,
        bytes: file.fileSize,
        positionDeletes: deletes.filter((one) => one.file.content === 'position-deletes').length,
        equalityDeletes: deletes.filter((one) => one.file.content === 'equality-deletes').length,
        encrypted: file.keyMetadata !== undefined,
        snapshotId: String(live.snapshotId),
        at: written.get(live.snapshotId) ?? null,
        sequenceNumber: live.sequenceNumber,
      }
    },
  }
}

/** Live files of a snapshot that match, newest first unless told. */
export async function filePage(
  table: OpenTable,
  request: FileRequest,
  signal?: AbortSignal,
): Promise<FilePage> {
  const { found, all } = await findFiles(table, request, signal)
  const { view } = fileViewer(table.metadata, all)
  return {
    files: slice(found, request).map(view),
    total: found.length,
    inAll: all.length,
    rows: found.reduce((sum, { file }) => sum + (file.content === 'data' ? file.recordCount : 0), 0),
    bytes: found.reduce((sum, { file }) => sum + file.fileSize, 0),
    page: request.page,
    pageSize: request.pageSize,
  }
}

/** The files that match, in order, and all of the snapshot. */
export async function findFiles(
  table: OpenTable,
  request: Omit<FileRequest, keyof PageRequest>,
  signal?: AbortSignal,
): Promise<{ readonly found: readonly ListedFile[]; readonly all: readonly ListedFile[] }> {
  const { metadata } = table
  const snapshot = snapshotOf(table, request.snapshot)
  if (snapshot === null) return { found: [], all: [] }
  const { files } = await snapshotFiles(table.lake, metadata, snapshot['snapshot-id'], signal)
  const { find, content, partition, sort } = request
  const pathOf = partitionPaths(metadata)
  const found = files.filter(({ file, snapshotId }) => {
    if (content !== undefined && (file.content === 'data') !== (content === 'data')) return false
    if (partition === undefined && !find) return true
    const path = pathOf(file)
    if (partition !== undefined && path !== partition) return false
    return !find || matches(`${file.path} ${path} ${file.content} ${file.format} ${snapshotId}`, find)
  })
  if (sort === undefined || sort === 'newest') return { found, all: files }
  const deletes = sort === 'deletes' ? fileViewer(metadata, files).deletesOf : () => []
  const figure = (live: ListedFile): number => {
    switch (sort) {
      case 'largest':
        return live.file.fileSize
      case 'smallest':
        return -live.file.fileSize
      case 'rows':
        return live.file.recordCount
      case 'deletes':
        return deletes(live).length
      default:
        return 0
    }
  }
  const order = new Map(found.map((live) => [live, figure(live)]))
  const byPath = (a: ListedFile, b: ListedFile) => (a.file.path < b.file.path ? -1 : 1)
  return { found: found.toSorted((a, b) => order.get(b)! - order.get(a)! || byPath(a, b)), all: files }
}

/** Where one file is found: by its path among a snapshot's live files, or by its place in a manifest of the snapshot. */
export interface FilePlace {
  readonly snapshot?: string | undefined
  readonly path?: string | undefined
  /** Places in the manifest list and in the manifest. */
  readonly manifest?: number | undefined
  readonly entry?: number | undefined
}

/** The entry of one file, whole. Costs one manifest, or two requests where it is named by place. NOT_FOUND without it. */
export async function entryAt(
  table: OpenTable,
  place: FilePlace,
  signal?: AbortSignal,
): Promise<{ readonly entry: ManifestEntry; readonly manifest: string; readonly live: ListedFile | null }> {
  const { metadata, lake } = table
  const { storage } = lake.io
  const snapshot = snapshotOf(table, place.snapshot)
  const lines = await manifestLines(table, snapshot?.['snapshot-id'], signal)
  if (place.manifest !== undefined && place.entry !== undefined) {
    const manifest = lines[place.manifest]
    if (manifest === undefined) throw gone(`manifest ${place.manifest}`)
    const entry = (await readManifest(storage, manifest, metadata, signal))[place.entry]
    if (entry === undefined) throw gone(`entry ${place.entry}`)
    return { entry, manifest: manifest.path, live: null }
  }
  const { files } = snapshot
    ? await snapshotFiles(lake, metadata, snapshot['snapshot-id'], signal)
    : { files: [] }
  const live = files.find((one) => one.file.path === place.path)
  const manifest = live && lines.find((one) => one.path === live.manifest)
  if (!live || !manifest) throw gone(place.path ?? 'that file')
  const entries = await readManifest(storage, manifest, metadata, signal)
  const entry = entries.find((one) => one.file.path === place.path && one.status !== 'deleted')
  if (entry === undefined) throw gone(place.path ?? 'that file')
  return { entry, manifest: manifest.path, live }
}

function gone(what: string): LakeError {
  return new LakeError('NOT_FOUND', `the snapshot has no ${what}`, {
    likely: 'The table changed since this was shown.',
    remedy: 'Open the newest snapshot.',
  })
}

/** The lines of a snapshot's manifest list as they stand in it; one request. */
export async function manifestLines(
  { metadata, lake }: OpenTable,
  id: bigint | undefined,
  signal?: AbortSignal,
): Promise<(ManifestFile & { readonly counted: boolean })[]> {
  const snapshot = id === undefined ? null : snapshotById(metadata, id)
  if (snapshot === null) return []
  const location = snapshot['manifest-list']
  if (location === undefined) {
    // v1 snapshots may name their manifests in the metadata; nothing else is known of them there.
    return (snapshot.manifests ?? []).map((path) => ({
      path,
      length: 0,
      specId: metadata['default-spec-id'],
      content: 'data' as const,
      sequenceNumber: 0,
      minSequenceNumber: 0,
      addedSnapshotId: snapshot['snapshot-id'],
      addedFiles: 0,
      existingFiles: 0,
      deletedFiles: 0,
      addedRows: 0,
      existingRows: 0,
      deletedRows: 0,
      partitions: [],
      counted: false,
    }))
  }
  const bytes = await lake.io.storage.read(location, signal ? { signal } : {})
  return decodeManifestList(bytes, location).map(({ file, counted }) => ({ ...file, counted }))
}

/** One file with what its manifest tells of each column, and the deletes that apply to it. */
export async function fileDetail(
  table: OpenTable,
  place: FilePlace,
  signal?: AbortSignal,
): Promise<FileDetail> {
  const { metadata } = table
  const { entry, manifest, live } = await entryAt(table, place, signal)
  const { file } = entry
  const snapshot = snapshotOf(table, place.snapshot)
  const all =
    live === null || snapshot === null
      ? []
      : (await snapshotFiles(table.lake, metadata, snapshot['snapshot-id'], signal)).files
  const { view, deletesOf } = fileViewer(metadata, all)
  const listed: ListedFile = live ?? {
    file,
    manifest,
    sequenceNumber: entry.sequenceNumber ?? 0,
    snapshotId: entry.snapshotId ?? 0n,
  }
  return {
    ...view(listed),
    specId: file.specId,
    sortOrderId: file.sortOrderId ?? null,
    splitOffsets: file.splitOffsets ?? [],
    manifest,
    status: entry.status,
    columns: columnBounds(metadata, file),
    equalityColumns: (file.equalityIds ?? []).map((id) => pathOfId(metadata, id)),
    referencedFile: file.referencedDataFile ?? null,
    deletes: deletesOf(listed)
      .slice(0, 100)
      .map((one) => ({ path: one.file.path, content: one.file.content, rows: one.file.recordCount })),
  }
}

const pathOfId = (metadata: TableMetadata, id: number): string =>
  pathById(currentSchema(metadata), id) ??
  metadata.schemas.map((schema) => pathById(schema, id)).findLast((path) => path !== null) ??
  String(id)

/** Reserved columns of position delete files (spec, Reserved Field IDs). */
const RESERVED: readonly (readonly [number, string, PrimitiveType])[] = [
  [2147483546, 'file_path', 'string'],
  [2147483545, 'pos', 'long'],
]

/** Counts and bounds by column: those of the present schema first, then dropped ones that the file still has. */
function columnBounds(metadata: TableMetadata, file: DataFile): ColumnBounds[] {
  const told = new Set<number>()
  for (const map of [
    file.columnSizes,
    file.valueCounts,
    file.nullCounts,
    file.lowerBounds,
    file.upperBounds,
  ]) {
    for (const id of map?.keys() ?? []) told.add(id)
  }
  const rows: ColumnBounds[] = []
  const add = (id: number, path: string, type: PrimitiveType): void => {
    if (!told.delete(id)) return
    rows.push({
      id,
      path,
      type,
      lower: boundText(type, file.lowerBounds?.get(id)),
      upper: boundText(type, file.upperBounds?.get(id)),
      values: file.valueCounts?.get(id) ?? null,
      nulls: file.nullCounts?.get(id) ?? null,
      nans: file.nanCounts?.get(id) ?? null,
      bytes: file.columnSizes?.get(id) ?? null,
    })
  }
  for (const schema of [currentSchema(metadata), ...metadata.schemas.toReversed()]) {
    for (const { field, path } of leafFields(schema)) add(field.id, path, field.type as PrimitiveType)
  }
  for (const [id, path, type] of RESERVED) add(id, path, type)
  for (const id of told) {
    const path = pathOfId(metadata, id)
    rows.push({
      id,
      path,
      type: 'unknown',
      lower: null,
      upper: null,
      values: null,
      nulls: null,
      nans: null,
      bytes: file.columnSizes?.get(id) ?? null,
    })
  }
  return rows
}
