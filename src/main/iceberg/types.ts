/**
 * Iceberg's structures as plain data, with the spec's own JSON spelling so that a metadata file maps one to one.
 * Snapshot ids are `bigint` (63 bits); counts, sizes, sequence numbers and ms are `number` (checked safe on read).
 * Unknown keys of metadata written by others are kept (see json.ts).
 */

export type PrimitiveType =
  | 'boolean'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'timestamp_ns'
  | 'timestamptz_ns'
  | 'string'
  | 'uuid'
  | 'binary'
  | 'unknown'
  | `fixed[${number}]`
  | `decimal(${number}, ${number})`

export interface StructType {
  readonly type: 'struct'
  readonly fields: readonly NestedField[]
}
export interface ListType {
  readonly type: 'list'
  readonly 'element-id': number
  readonly 'element-required': boolean
  readonly element: Type
}
export interface MapType {
  readonly type: 'map'
  readonly 'key-id': number
  readonly key: Type
  readonly 'value-id': number
  readonly 'value-required': boolean
  readonly value: Type
}
export type Type = PrimitiveType | StructType | ListType | MapType

export interface NestedField {
  readonly id: number
  readonly name: string
  readonly required: boolean
  readonly type: Type
  readonly doc?: string
}

export interface Schema extends StructType {
  readonly 'schema-id': number
  readonly 'identifier-field-ids'?: readonly number[]
}

export interface PartitionField {
  readonly 'source-id': number
  readonly 'field-id': number
  readonly name: string
  /** `identity`, `year`, `month`, `day`, `hour`, `void`, `bucket[N]`, `truncate[W]`. */
  readonly transform: string
}
export interface PartitionSpec {
  readonly 'spec-id': number
  readonly fields: readonly PartitionField[]
}

export interface SortOrder {
  readonly 'order-id': number
  readonly fields: readonly {
    readonly transform: string
    readonly 'source-id': number
    readonly direction: 'asc' | 'desc'
    readonly 'null-order': 'nulls-first' | 'nulls-last'
  }[]
}

export interface Snapshot {
  readonly 'snapshot-id': bigint
  readonly 'parent-snapshot-id'?: bigint
  readonly 'sequence-number': number
  readonly 'timestamp-ms': number
  /** Absent in v1 snapshots that list `manifests` inline. */
  readonly 'manifest-list'?: string
  readonly manifests?: readonly string[]
  readonly summary: Readonly<Record<string, string>>
  readonly 'schema-id'?: number
}

export interface SnapshotRef {
  readonly 'snapshot-id': bigint
  readonly type: 'branch' | 'tag'
  readonly 'min-snapshots-to-keep'?: number
  readonly 'max-snapshot-age-ms'?: number
  readonly 'max-ref-age-ms'?: number
}

export interface TableMetadata {
  readonly 'format-version': 1 | 2 | 3
  readonly 'table-uuid': string
  readonly location: string
  readonly 'last-sequence-number': number
  readonly 'last-updated-ms': number
  readonly 'last-column-id': number
  readonly schemas: readonly Schema[]
  readonly 'current-schema-id': number
  readonly 'partition-specs': readonly PartitionSpec[]
  readonly 'default-spec-id': number
  readonly 'last-partition-id': number
  readonly properties: Readonly<Record<string, string>>
  /** Absent where the table has no snapshot (-1 and null in old metadata mean absent). */
  readonly 'current-snapshot-id'?: bigint
  readonly snapshots: readonly Snapshot[]
  readonly 'snapshot-log': readonly { readonly 'snapshot-id': bigint; readonly 'timestamp-ms': number }[]
  readonly 'metadata-log': readonly { readonly 'metadata-file': string; readonly 'timestamp-ms': number }[]
  readonly 'sort-orders': readonly SortOrder[]
  readonly 'default-sort-order-id': number
  readonly refs: Readonly<Record<string, SnapshotRef>>
  /** Keys this version of Tarn does not know (statistics, v3 row ids, ...), carried through unchanged. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/**
 * One value at run time, by type: boolean; int, date -> number; long, time, timestamp(tz)(_ns) -> bigint;
 * float, double -> number; string, uuid (lower-case text) -> string; binary, fixed -> Uint8Array;
 * decimal -> bigint (unscaled).
 */
export type Value = boolean | number | bigint | string | Uint8Array | null

/** `content` of a data file: rows, position deletes, equality deletes. */
export type FileContent = 'data' | 'position-deletes' | 'equality-deletes'

export interface DataFile {
  readonly content: FileContent
  readonly path: string
  readonly format: 'parquet' | 'avro' | 'orc' | 'puffin'
  readonly specId: number
  /** One value per field of the spec, in the spec's order, in the transform's result type. */
  readonly partition: readonly Value[]
  readonly recordCount: number
  /** Bytes. */
  readonly fileSize: number
  /** By leaf field id; absent maps are unknown, not empty. */
  readonly columnSizes?: ReadonlyMap<number, number>
  readonly valueCounts?: ReadonlyMap<number, number>
  readonly nullCounts?: ReadonlyMap<number, number>
  readonly nanCounts?: ReadonlyMap<number, number>
  /** Single-value binary (spec, Appendix D). */
  readonly lowerBounds?: ReadonlyMap<number, Uint8Array>
  readonly upperBounds?: ReadonlyMap<number, Uint8Array>
  readonly splitOffsets?: readonly number[]
  readonly equalityIds?: readonly number[]
  readonly sortOrderId?: number
  /** Position deletes that touch one file only. */
  readonly referencedDataFile?: string
  readonly keyMetadata?: Uint8Array
}

export interface ManifestEntry {
  readonly status: 'existing' | 'added' | 'deleted'
  /** Null where inherited from the manifest (spec, Sequence Number Inheritance). */
  readonly snapshotId: bigint | null
  readonly sequenceNumber: number | null
  readonly fileSequenceNumber: number | null
  readonly file: DataFile
}

export interface FieldSummary {
  readonly containsNull: boolean
  readonly containsNan?: boolean
  readonly lower?: Uint8Array
  readonly upper?: Uint8Array
}

/** One line of a manifest list. */
export interface ManifestFile {
  readonly path: string
  readonly length: number
  readonly specId: number
  readonly content: 'data' | 'deletes'
  readonly sequenceNumber: number
  readonly minSequenceNumber: number
  readonly addedSnapshotId: bigint
  readonly addedFiles: number
  readonly existingFiles: number
  readonly deletedFiles: number
  readonly addedRows: number
  readonly existingRows: number
  readonly deletedRows: number
  readonly partitions: readonly FieldSummary[]
  readonly keyMetadata?: Uint8Array
}

/** A live file of a snapshot with its resolved sequence number. */
export interface LiveFile {
  readonly file: DataFile
  readonly sequenceNumber: number
  readonly snapshotId: bigint
}

// --- commits (REST spec: TableRequirement, TableUpdate) ---

export type Requirement =
  | { readonly type: 'assert-create' }
  | { readonly type: 'assert-table-uuid'; readonly uuid: string }
  | { readonly type: 'assert-ref-snapshot-id'; readonly ref: string; readonly 'snapshot-id': bigint | null }
  | { readonly type: 'assert-last-assigned-field-id'; readonly 'last-assigned-field-id': number }
  | { readonly type: 'assert-current-schema-id'; readonly 'current-schema-id': number }
  | { readonly type: 'assert-last-assigned-partition-id'; readonly 'last-assigned-partition-id': number }
  | { readonly type: 'assert-default-spec-id'; readonly 'default-spec-id': number }
  | { readonly type: 'assert-default-sort-order-id'; readonly 'default-sort-order-id': number }

export type Update =
  | { readonly action: 'assign-uuid'; readonly uuid: string }
  | { readonly action: 'upgrade-format-version'; readonly 'format-version': number }
  | { readonly action: 'add-schema'; readonly schema: Schema; readonly 'last-column-id'?: number }
  | { readonly action: 'set-current-schema'; readonly 'schema-id': number }
  | { readonly action: 'add-spec'; readonly spec: PartitionSpec }
  | { readonly action: 'set-default-spec'; readonly 'spec-id': number }
  | { readonly action: 'add-sort-order'; readonly 'sort-order': SortOrder }
  | { readonly action: 'set-default-sort-order'; readonly 'sort-order-id': number }
  | { readonly action: 'add-snapshot'; readonly snapshot: Snapshot }
  | ({ readonly action: 'set-snapshot-ref'; readonly 'ref-name': string } & SnapshotRef)
  | { readonly action: 'remove-snapshots'; readonly 'snapshot-ids': readonly bigint[] }
  | { readonly action: 'remove-snapshot-ref'; readonly 'ref-name': string }
  | { readonly action: 'set-location'; readonly location: string }
  | { readonly action: 'set-properties'; readonly updates: Readonly<Record<string, string>> }
  | { readonly action: 'remove-properties'; readonly removals: readonly string[] }
  | { readonly action: 'set-statistics'; readonly 'snapshot-id'?: bigint; readonly statistics: unknown }
  | { readonly action: 'remove-statistics'; readonly 'snapshot-id': bigint }
  | { readonly action: 'set-partition-statistics'; readonly 'partition-statistics': unknown }
  | { readonly action: 'remove-partition-statistics'; readonly 'snapshot-id': bigint }
  | { readonly action: 'remove-partition-specs'; readonly 'spec-ids': readonly number[] }
  | { readonly action: 'remove-schemas'; readonly 'schema-ids': readonly number[] }
  | { readonly action: 'add-encryption-key'; readonly 'encryption-key': unknown }
  | { readonly action: 'remove-encryption-key'; readonly 'key-id': string }
