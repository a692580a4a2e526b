import { LakeError } from '../../../shared/errors.ts'
import type { ChunkView, FooterView, RowGroupView } from '../../../shared/inspect.ts'
import { currentSchema } from '../../iceberg/metadata.ts'
import { fieldIds, projectField } from '../../iceberg/projection.ts'
import { fieldById, isPrimitive } from '../../iceberg/schema.ts'
import type { DataFile, NestedField, PrimitiveType, TableMetadata, Value } from '../../iceberg/types.ts'
import { openParquet, type ParquetColumn, type ParquetFile } from '../../parquet/read.ts'
import { chunkStats } from '../../parquet/stats.ts'
import { entryAt, type FilePlace } from './file-lists.ts'
import { valueText } from './paths.ts'
import { type OpenTable, type PageRequest, slice } from './table.ts'

/**
 * The footer of one data or delete file, row groups in pages: one or two requests for its last bytes, no data. UNSUPPORTED by
 * name for what is no plain Parquet file.
 */
export async function footerPage(
  table: OpenTable,
  place: FilePlace & PageRequest,
  signal?: AbortSignal,
): Promise<FooterView> {
  const { entry } = await entryAt(table, place, signal)
  const { file } = entry
  refuse(file)
  const { storage } = table.lake.io
  const parquet = await openParquet({
    size: file.fileSize,
    read: (start, end) => storage.read(file.path, { range: { start, end }, ...(signal ? { signal } : {}) }),
  })
  const told = teller(table.metadata, parquet)
  const groups = parquet.metadata.row_groups.map((_, index) => index)
  return {
    rows: parquet.rows,
    createdBy: parquet.metadata.created_by ?? null,
    version: parquet.metadata.version,
    groups: slice(groups, place).map((index) => groupView(parquet, index, told)),
    total: groups.length,
    page: place.page,
    pageSize: place.pageSize,
  }
}

function refuse(file: DataFile): void {
  const fail = (what: string, remedy: string) =>
    new LakeError('UNSUPPORTED', what, { context: { file: file.path }, remedy })
  if (file.keyMetadata !== undefined) {
    throw fail('This file is encrypted: its footer needs a key', 'What its manifest tells of it is shown.')
  }
  if (file.format === 'puffin') {
    throw fail(
      'This is a deletion vector of format v3, not a Parquet file',
      'Its entry in the manifest is shown.',
    )
  }
  if (file.format !== 'parquet') {
    throw fail(
      `This is a file in ${file.format === 'orc' ? 'ORC' : 'Avro'}: Tarn opens Parquet files only`,
      'What its manifest tells of it is shown, bounds included.',
    )
  }
}

interface Told {
  readonly id: number | null
  readonly text: (raw: unknown) => string | null
}

/** By a column's path in the file: its field id, and how its statistics read in the table's type. */
function teller(metadata: TableMetadata, parquet: ParquetFile): ReadonlyMap<string, Told> {
  let ids: ReadonlyMap<ParquetColumn, number> = new Map()
  try {
    ids = fieldIds(parquet.columns, metadata.properties)
  } catch {
    // A file from outside Iceberg, without ids and without a mapping of names.
  }
  const told = new Map<string, Told>()
  const visit = (column: ParquetColumn, top: boolean): void => {
    const id = ids.get(column) ?? null
    if (column.children.length === 0) {
      told.set(column.path.join('\0'), { id, text: textOf(metadata, parquet, ids, id, top) })
    }
    for (const child of column.children) visit(child, false)
  }
  for (const column of parquet.columns) visit(column, true)
  return told
}

function textOf(
  metadata: TableMetadata,
  parquet: ParquetFile,
  ids: ReadonlyMap<ParquetColumn, number>,
  id: number | null,
  top: boolean,
): (raw: unknown) => string | null {
  const field = id === null ? null : fieldById(currentSchema(metadata), id)
  const type = field && isPrimitive(field.type) ? field.type : null
  if (top && field !== null && type !== null && !/^(decimal|fixed|uuid|binary)/.test(type)) {
    return projected(field, type, parquet, ids)
  }
  return (raw) =>
    typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'bigint' ? String(raw) : null
}

function projected(
  field: NestedField,
  type: PrimitiveType,
  parquet: ParquetFile,
  ids: ReadonlyMap<ParquetColumn, number>,
): (raw: unknown) => string | null {
  return (raw) => {
    if (raw === undefined || raw === null) return null
    try {
      const from = projectField(field, parquet.columns, ids, new Map())
      return from.kind === 'column' ? valueText(type, from.convert([raw])[0] as Value) : null
    } catch {
      return null
    }
  }
}

function groupView(parquet: ParquetFile, index: number, told: ReadonlyMap<string, Told>): RowGroupView {
  const group = parquet.metadata.row_groups[index]!
  const chunks = group.columns.flatMap(({ meta_data: meta }): ChunkView[] => {
    if (meta === undefined) return []
    const known = told.get(meta.path_in_schema.join('\0'))
    const stats = chunkStats(parquet, index, meta.path_in_schema)
    return [
      {
        path: meta.path_in_schema.join('.'),
        physicalType: meta.type,
        id: known?.id ?? null,
        encodings: meta.encodings,
        codec: meta.codec,
        values: Number(meta.num_values),
        nulls: stats?.nulls ?? null,
        lower: known?.text(stats?.min) ?? null,
        upper: known?.text(stats?.max) ?? null,
        bytes: Number(meta.total_compressed_size),
        plainBytes: Number(meta.total_uncompressed_size),
      },
    ]
  })
  return {
    index,
    rows: Number(group.num_rows),
    bytes: chunks.reduce((sum, chunk) => sum + chunk.bytes, 0),
    chunks,
  }
}
