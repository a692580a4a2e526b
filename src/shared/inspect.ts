/**
 * What the tables pages show. As in model.ts: 64-bit ids are decimal strings, instants are ms since the epoch, sizes are
 * bytes, ranges are half-open.
 */
import type { Fault } from './errors.ts'
import type { MaintenanceKind, WayBackView } from './maintenance.ts'
import type { TableRole } from './tables.ts'

// --- the catalog ---

/** Levels of a namespace as one text: joined by dots, a dot within a level as `%2E`. */
export function namespaceText(levels: readonly string[]): string {
  return levels.map((level) => level.replaceAll('%', '%25').replaceAll('.', '%2E')).join('.')
}

/** The levels of a text of `namespaceText`. */
export function namespaceLevels(text: string): string[] {
  return text.split('.').map((level) => level.replaceAll('%2E', '.').replaceAll('%25', '%'))
}

/** One namespace of the catalog, and what lies directly in it. */
export interface NamespaceView {
  readonly namespaces: readonly (readonly string[])[]
  readonly tables: readonly string[]
  /** Named only: Tarn reads tables. */
  readonly views: readonly string[]
}

/** One of the five tables, in short. */
export interface TableSummary {
  readonly role: TableRole
  readonly namespace: readonly string[]
  readonly name: string
  readonly exists: boolean
  readonly location: string | null
  readonly snapshotId: string | null
  readonly snapshots: number
  readonly files: number
  readonly rows: number
  readonly bytes: number
  /** Instant of the current snapshot, or of the last change of metadata. */
  readonly updatedAt: number | null
  readonly fault: Fault | null
}

// --- one table ---

export interface ColumnView {
  readonly id: number
  /** Names from the root joined by dots; `element`, `key` and `value` inside lists and maps. */
  readonly path: string
  readonly name: string
  /** 0 for a column, 1 for its members, and so on. */
  readonly depth: number
  readonly type: string
  readonly required: boolean
  readonly identifier: boolean
  readonly doc: string | null
  /** Default of rows written before the column was added (v3), as JSON. */
  readonly initialDefault: string | null
}

export interface SchemaView {
  readonly id: number
  readonly current: boolean
  readonly columns: readonly ColumnView[]
  /** The oldest snapshot still there that was written with it; null where none is. */
  readonly since: { readonly snapshotId: string; readonly at: number } | null
  readonly snapshots: number
}

export interface PartitionFieldView {
  readonly id: number
  readonly name: string
  /** Path of the source column, or its id where no schema has it. */
  readonly source: string
  readonly transform: string
}

export interface SpecView {
  readonly id: number
  readonly current: boolean
  readonly fields: readonly PartitionFieldView[]
}

export interface SortView {
  readonly id: number
  readonly current: boolean
  readonly fields: readonly { source: string; transform: string; direction: string; nulls: string }[]
}

export interface RefView {
  readonly name: string
  readonly type: 'branch' | 'tag'
  readonly snapshotId: string
  /** Instant of its snapshot; null where the table no longer has it. */
  readonly at: number | null
  readonly minSnapshots: number | null
  readonly maxSnapshotAgeMs: number | null
  readonly maxRefAgeMs: number | null
}

/** Something of a table that Tarn does not read, and what it still shows. */
export interface LimitView {
  readonly title: string
  readonly detail: string
}

export interface TableDetail {
  /** Null for a table that is none of the five. */
  readonly role: TableRole | null
  readonly namespace: readonly string[]
  readonly name: string
  readonly uuid: string
  readonly formatVersion: number
  readonly location: string
  readonly metadataLocation: string | null
  readonly lastSequenceNumber: number
  readonly lastColumnId: number
  /** Totals of the newest snapshot as its writer summed them up; null where it did not. */
  readonly rows: number | null
  readonly bytes: number | null
  readonly files: number | null
  readonly deleteFiles: number | null
  readonly snapshotId: string | null
  readonly snapshots: number
  readonly updatedAt: number | null
  /** Rows that the newest snapshot added. */
  readonly addedRows: number | null
  /** Middle of the times between the newest commits, at most 20 of them; null below three. */
  readonly commitEveryMs: number | null
  readonly schemas: readonly SchemaView[]
  readonly specs: readonly SpecView[]
  readonly sortOrders: readonly SortView[]
  readonly refs: readonly RefView[]
  readonly properties: Readonly<Record<string, string>>
  readonly metadataLog: readonly { readonly file: string; readonly at: number }[]
  /** How the table differs from what was specified, field by field; empty for a table that is none of the five. */
  readonly differences: readonly string[]
  readonly limits: readonly LimitView[]
}

// --- health ---

/** Something that makes a table slower to read than it need be. */
export interface HealthReason {
  readonly code:
    | 'SMALL_FILES'
    | 'SMALL_PARTITIONS'
    | 'DELETE_FILES'
    | 'MANY_SNAPSHOTS'
    | 'MANY_MANIFESTS'
    | 'OLD_METADATA'
  readonly title: string
  /** What was counted, and what it costs. */
  readonly detail: string
  readonly remedy: string
  /** The maintenance that mends it; null where none does. */
  readonly mend: MaintenanceKind | null
}

export interface HealthView {
  readonly reasons: readonly HealthReason[]
  /** Found in the files: encrypted ones, other formats, deletion vectors. */
  readonly limits: readonly LimitView[]
  readonly files: number
  readonly partitions: number
  readonly manifests: number
  /** Null where the newest commit is no maintenance, or the snapshot before it has expired. */
  readonly wayBack: WayBackView | null
}

/** How far a read of manifests is; null where none is under way. */
export interface ReadingView {
  readonly done: number
  readonly total: number | null
}

// --- snapshots ---

export type LedgerVerdict = 'balanced' | 'gap'

export interface LedgerShort {
  readonly verdict: LedgerVerdict
  /** What adds up, or the exact difference. */
  readonly words: string
  readonly messages: string
  readonly partitions: number
}

export interface SnapshotView {
  readonly id: string
  readonly parentId: string | null
  readonly sequenceNumber: number
  readonly at: number
  readonly operation: string
  readonly current: boolean
  /** Branches and tags that point to it. */
  readonly refs: readonly string[]
  readonly schemaId: number | null
  readonly addedFiles: number | null
  readonly removedFiles: number | null
  readonly addedDeleteFiles: number | null
  readonly addedRows: number | null
  readonly removedRows: number | null
  readonly addedBytes: number | null
  readonly totalRows: number | null
  readonly totalFiles: number | null
  readonly totalBytes: number | null
  /** `tarn, health`, `spark 3.5`; null where the writer did not say. */
  readonly writer: string | null
  /** Null where the snapshot is no commit of a load. */
  readonly ledger: LedgerShort | null
}

export interface SnapshotPage {
  /** Newest first. */
  readonly snapshots: readonly SnapshotView[]
  readonly total: number
  readonly page: number
  readonly pageSize: number
}

export interface LedgerRange {
  readonly partition: number
  readonly start: string
  readonly end: string
  readonly taken: string
  /** How it follows the commit before: null where none is known, else offsets left out (0 where it goes on). */
  readonly gap: string | null
}

export interface SnapshotDetail extends SnapshotView {
  readonly manifestList: string | null
  readonly summary: Readonly<Record<string, string>>
  readonly loading: {
    readonly pipeline: string
    readonly cluster: string
    readonly topic: string
    readonly ranges: readonly LedgerRange[]
    readonly messages: string
    readonly accepted: string
    readonly rejected: string
    readonly skipped: string
  } | null
}

// --- comparison of two snapshots ---

export interface ChangeSum {
  readonly files: number
  readonly rows: number
  readonly bytes: number
  readonly deleteFiles: number
}

export interface PartitionChange {
  readonly partition: string
  readonly added: ChangeSum
  readonly removed: ChangeSum
}

/** A name with its value on both sides; null where a side lacks it. */
export interface ValueChange {
  readonly name: string
  readonly a: string | null
  readonly b: string | null
}

export interface SnapshotComparison {
  readonly a: SnapshotView
  readonly b: SnapshotView
  /** Snapshots from one to the other along the history, the later one counted; null where neither descends from the other. */
  readonly commits: number | null
  readonly added: ChangeSum
  readonly removed: ChangeSum
  /** Most bytes first, at most 200 of them. */
  readonly partitions: readonly PartitionChange[]
  readonly partitionsInAll: number
  /** Added and removed by the partition's kind: the last field that tells no time. Most rows first, at most 24. */
  readonly kinds: readonly { readonly name: string; readonly added: ChangeSum; readonly removed: ChangeSum }[]
  readonly kind: string | null
  readonly manifests: { readonly read: number; readonly shared: number }
  readonly specs: readonly [number | null, number | null]
  readonly summary: readonly ValueChange[]
  /** Table properties at both times; null where the metadata file of a time is no longer kept. */
  readonly properties: {
    readonly changes: readonly ValueChange[]
    readonly inAll: readonly [number, number]
  } | null
}

// --- partitions and files ---

export interface PartitionView {
  readonly path: string
  readonly files: number
  readonly rows: number
  readonly bytes: number
  readonly deleteFiles: number
  readonly lastWrite: number | null
}

export interface PartitionPage {
  readonly partitions: readonly PartitionView[]
  readonly total: number
  /** Before the filter. */
  readonly inAll: number
  readonly page: number
  readonly pageSize: number
}

export const PARTITION_SORTS = ['bytes', 'files', 'rows', 'mean', 'write', 'deletes', 'path'] as const
export type PartitionSort = (typeof PARTITION_SORTS)[number]

/** Partitions as a map: time across, the rest of the partition's last field down. */
export interface HeatView {
  /** Names of the partition fields that tell the time, and of the one that tells the rows; null where there is none. */
  readonly across: string | null
  readonly down: string | null
  /** The columns shown, oldest first; days without a partition are among them. */
  readonly columns: readonly string[]
  /** The rows shown, most files first. */
  readonly rows: readonly string[]
  /** Place of the first row shown among all. */
  readonly rowsFrom: number
  /** How many columns and rows have partitions in the whole table. */
  readonly columnsInAll: number
  readonly rowsInAll: number
  readonly newest: string | null
  readonly oldest: string | null
  readonly cells: readonly HeatCell[]
}

export interface HeatCell {
  /** Places in `columns` and `rows`. */
  readonly column: number
  readonly row: number
  /** Partitions joined here: more than one where the table has fields beyond the two shown. */
  readonly partitions: number
  /** Of the first partition here, as in paths: what the lists are filtered by. */
  readonly path: string
  readonly files: number
  readonly bytes: number
  readonly rowCount: number
  readonly deleteFiles: number
  /** Sizes of the data files in bytes, smallest, middle and largest. */
  readonly sizes: readonly [number, number, number]
  /** Ms since the epoch; null where the snapshots that wrote here have expired. */
  readonly lastWrite: number | null
}

/** One place of the map, opened. */
export interface SpotView {
  readonly partitions: readonly string[]
  /** Data files by size, in doublings: from `from` bytes (the one before's end) up. */
  readonly sizes: readonly { readonly from: number; readonly to: number; readonly files: number }[]
  readonly metadataFile: string | null
  readonly snapshotId: string | null
  readonly manifestList: string | null
  readonly manifests: { readonly match: number; readonly inAll: number }
  readonly files: number
}

export type FileContent = 'data' | 'position-deletes' | 'equality-deletes'

export interface FileView {
  readonly path: string
  readonly content: FileContent
  /** `puffin` with position deletes is a deletion vector. */
  readonly format: string
  readonly partition: string
  readonly rows: number
  readonly bytes: number
  /** Delete files that may hold rows of it: by position, by equality. Zero for delete files themselves. */
  readonly positionDeletes: number
  readonly equalityDeletes: number
  readonly encrypted: boolean
  readonly snapshotId: string
  /** Instant of its snapshot; null where that has expired. */
  readonly at: number | null
  readonly sequenceNumber: number
}

export interface FilePage {
  readonly files: readonly FileView[]
  readonly total: number
  readonly inAll: number
  /** Of the files that match. */
  readonly rows: number
  readonly bytes: number
  readonly page: number
  readonly pageSize: number
}

export const FILE_SORTS = ['newest', 'largest', 'smallest', 'rows', 'deletes', 'path'] as const
export type FileSort = (typeof FILE_SORTS)[number]

/** What a manifest tells of one column of a file. */
export interface ColumnBounds {
  readonly id: number
  readonly path: string
  readonly type: string
  /** Decoded; null where there is none. Text is cut at 200 characters. */
  readonly lower: string | null
  readonly upper: string | null
  readonly values: number | null
  readonly nulls: number | null
  readonly nans: number | null
  readonly bytes: number | null
}

export interface FileDetail extends FileView {
  readonly specId: number
  readonly sortOrderId: number | null
  readonly splitOffsets: readonly number[]
  readonly manifest: string
  readonly status: string
  /** In the table's present schema, then those of columns dropped since. */
  readonly columns: readonly ColumnBounds[]
  /** Names of the columns that equality deletes compare. */
  readonly equalityColumns: readonly string[]
  readonly referencedFile: string | null
  /** Delete files that may hold rows of it, at most 100. */
  readonly deletes: readonly { readonly path: string; readonly content: FileContent; readonly rows: number }[]
}

// --- metadata, level by level ---

export interface ManifestView {
  /** Place in its manifest list. */
  readonly index: number
  readonly path: string
  readonly bytes: number
  readonly content: 'data' | 'deletes'
  readonly specId: number
  readonly sequenceNumber: number
  readonly snapshotId: string
  /** Null where a v1 writer did not count. */
  readonly addedFiles: number | null
  readonly existingFiles: number | null
  readonly removedFiles: number | null
  readonly rows: number | null
  readonly encrypted: boolean
  /** Least to most of each partition field. */
  readonly partitions: readonly {
    readonly field: string
    readonly from: string | null
    readonly to: string | null
    readonly nulls: boolean
  }[]
}

export interface ManifestPage {
  readonly list: string | null
  readonly manifests: readonly ManifestView[]
  readonly total: number
  readonly page: number
  readonly pageSize: number
}

export interface EntryView {
  /** Place in its manifest. */
  readonly index: number
  readonly status: 'existing' | 'added' | 'deleted'
  readonly path: string
  readonly content: FileContent
  readonly format: string
  readonly partition: string
  readonly rows: number
  readonly bytes: number
  readonly snapshotId: string
  readonly sequenceNumber: number | null
}

export interface EntryPage {
  readonly entries: readonly EntryView[]
  readonly total: number
  readonly page: number
  readonly pageSize: number
}

export interface ChunkView {
  readonly path: string
  readonly physicalType: string
  readonly id: number | null
  readonly encodings: readonly string[]
  readonly codec: string
  readonly values: number
  readonly nulls: number | null
  readonly lower: string | null
  readonly upper: string | null
  /** Compressed and plain. */
  readonly bytes: number
  readonly plainBytes: number
}

export interface RowGroupView {
  readonly index: number
  readonly rows: number
  readonly bytes: number
  readonly chunks: readonly ChunkView[]
}

/** A Parquet file's own footer. */
export interface FooterView {
  readonly rows: number
  readonly createdBy: string | null
  readonly version: number
  readonly groups: readonly RowGroupView[]
  readonly total: number
  readonly page: number
  readonly pageSize: number
}
