/**
 * What the SQL page and main say to each other about reading the lake: tables, scan plans and packed reads.
 * 64-bit ids are decimal strings; sizes are bytes.
 */

/** An Iceberg type as its JSON form: a primitive's name, or a nested object. */
export type QueryType =
  | string
  | { readonly type: 'struct'; readonly fields: readonly QueryField[] }
  | { readonly type: 'list'; readonly 'element-id': number; readonly element: QueryType }
  | {
      readonly type: 'map'
      readonly 'key-id': number
      readonly key: QueryType
      readonly 'value-id': number
      readonly value: QueryType
    }

export interface QueryField {
  readonly id: number
  readonly name: string
  readonly type: QueryType
  readonly required: boolean
  readonly doc?: string
}

/** A table as the SQL page sees it: its current schema and what a full read would cost. */
export interface QueryTable {
  readonly namespace: readonly string[]
  readonly name: string
  readonly uuid: string
  /** Null while the table has no snapshot. */
  readonly snapshotId: string | null
  readonly columns: readonly QueryField[]
  /** From the snapshot's summary; null where it does not say. */
  readonly totals: {
    readonly files: number | null
    readonly bytes: number | null
    readonly rows: number | null
  }
}

export interface QueryTables {
  readonly tables: readonly QueryTable[]
  /** Tables that could not be loaded, with the reason. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

/** A namespace beside the lake's own, with the names of its tables. */
export interface QueryNamespace {
  /** Outermost first. */
  readonly levels: readonly string[]
  /** Ascending. */
  readonly tables: readonly string[]
  /** Why its tables could not be listed. */
  readonly fault?: string
}

export interface QueryNamespaces {
  readonly namespaces: readonly QueryNamespace[]
  /** True where the catalog has more than are listed; their tables can be named in statements all the same. */
  readonly more: boolean
}

/**
 * A value of a filter by the column's type: long, time and timestamps (micros) as decimal text, decimals as their
 * unscaled digits, dates as days since the epoch, the rest as JSON has it.
 */
export type FilterValue = string | number | boolean

/** Characters of a condition as JSON above which it is not asked of main: reading more rows costs less. */
export const LARGEST_CONDITION = 262_144

/** A row filter that is implied by the statement: dropping rows that fail it never changes the answer. */
export type Filter =
  | { readonly op: 'true' }
  | { readonly op: 'and' | 'or'; readonly args: readonly Filter[] }
  | {
      readonly op: '==' | '!=' | '<' | '<=' | '>' | '>='
      readonly column: string
      readonly value: FilterValue
    }
  | { readonly op: 'in'; readonly column: string; readonly values: readonly FilterValue[] }
  | { readonly op: 'is-null' | 'not-null'; readonly column: string }
  | { readonly op: 'starts-with'; readonly column: string; readonly value: string }

/** Which state of a table is asked for: a snapshot by id, the one a branch or tag names, or the head at an instant. */
export type SnapshotAsk =
  | { readonly snapshot: string }
  | { readonly ref: string }
  /** Milliseconds since the epoch. */
  | { readonly at: number }

export interface SnapshotRequest {
  readonly namespace: readonly string[]
  readonly name: string
  readonly ask: SnapshotAsk
}

/** A table as it stood: `columns` and `totals` are the snapshot's own. */
export interface SnapshotAnswer {
  readonly table: QueryTable & { readonly snapshotId: string }
  /** Milliseconds since the epoch. */
  readonly committedAt: number
}

/** Values of a text column that are known without reading data. */
export interface ColumnValues {
  /** Ascending, at most 100. */
  readonly values: readonly string[]
  /** False where there may be others. */
  readonly complete: boolean
}

export interface ValuesAnswer {
  readonly snapshotId: string | null
  /** By column; those with more than 100 values, or of which nothing is known, are left out. */
  readonly columns: Readonly<Record<string, ColumnValues>>
}

export interface PlanRequest {
  readonly namespace: readonly string[]
  readonly name: string
  /** The current snapshot where absent. Its own schema is the one that names and ids are of. */
  readonly snapshot?: string
  readonly filter: Filter
  /** Field ids of the top-level columns that are needed; none for counting rows. */
  readonly columns: readonly number[]
  /** Enough rows: files are left out once those before them surely hold as many. Only without filter. */
  readonly limit?: number
  /** Reads footers of large files, so that bytes are known by row group. */
  readonly footers?: true
}

export interface PlannedFile {
  /** Names the file's content as this plan reads it: equal keys decode to equal columns. */
  readonly key: string
  /** Rows in the file, before deletes and row-group pruning. */
  readonly rows: number
  /** Bytes of the file. */
  readonly size: number
  /** Bytes that reading the needed columns is expected to take. */
  readonly bytes: number
  /** True where main has to read it (deletes, a format the worker does not know). */
  readonly main: boolean
}

export interface PlanAnswer {
  /** Names the plan in `ReadRequest`. Main keeps the last plans only: NOT_FOUND asks for a new one. */
  readonly plan: string
  readonly snapshotId: string | null
  readonly files: readonly PlannedFile[]
  readonly bytes: number
  readonly rows: number
  /** True where `rows` is exactly what will be loaded (nothing deleted in the planned files). */
  readonly exact: boolean
  /** Columns that main has to read where a file lacks them: their value is not null (identity partitions, defaults). */
  readonly constants: readonly number[]
  /** The whole snapshot, before pruning. */
  readonly totals: { readonly files: number; readonly bytes: number; readonly rows: number }
  /** Files left out, by what told that no row of them can match. */
  readonly pruned: { readonly byManifest: number; readonly byPartition: number; readonly byBounds: number }
  /** Row groups of large files, `files` of them, `more` not looked into; null where footers were not asked for. */
  readonly groups: {
    readonly kept: number
    readonly total: number
    readonly files: number
    readonly more: number
  } | null
}

export interface ReadRequest {
  readonly plan: string
  /** Indexes into the plan's files. */
  readonly files: readonly number[]
  /** Field ids, a subset of the plan's columns; all of them where absent. */
  readonly columns?: readonly number[]
  /** Indexes of files that the worker could not decode as Parquet: main decodes these. */
  readonly decode?: readonly number[]
}

/** One file of a packed answer. Segments lie one after another in the body. */
export interface PackedFile {
  readonly index: number
  readonly kind: 'parquet' | 'arrow'
  /** Length of the whole file. */
  readonly size: number
  /** Half-open file ranges that the answer holds, ascending. One [0, size) for a file sent whole. */
  readonly segments: readonly (readonly [start: number, end: number])[]
  /** Row groups to decode; all where absent. */
  readonly rowGroups?: readonly number[]
}

export interface PackedHeader {
  readonly files: readonly PackedFile[]
  /** Bytes read from storage and requests made for this answer, and row groups of large files. */
  readonly read: {
    readonly bytes: number
    readonly requests: number
    readonly groups: { readonly read: number; readonly total: number }
  }
}

/** A query kept as a file of its own. */
export interface SavedQuery {
  /** The file's name without `.sql`. */
  readonly name: string
  readonly sql: string
}
