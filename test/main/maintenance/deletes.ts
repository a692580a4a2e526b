import { currentSchema } from '../../../src/main/iceberg/metadata.ts'
import type { DataFile, Value } from '../../../src/main/iceberg/types.ts'
import { encodeRows } from '../../../src/main/parquet/write.ts'
import type { TableRole } from '../../../src/shared/tables.ts'
import type { MemoryLake } from '../../helpers/memory-lake.ts'

let files = 0

/** Stores a delete file of one partition as another engine writes it. */
async function store(
  lake: MemoryLake,
  role: TableRole,
  partition: readonly Value[],
  parquet: ReturnType<typeof encodeRows>,
  about: Pick<DataFile, 'content'> & Partial<DataFile>,
): Promise<DataFile> {
  const path = `${lake.metadata(role).location}/data/delete-${++files}.parquet`
  await lake.storage.write(path, parquet.bytes)
  return {
    path,
    format: 'parquet',
    specId: 0,
    partition,
    fileSize: parquet.bytes.byteLength,
    recordCount: parquet.metrics.recordCount,
    ...about,
  }
}

/** Deletes rows by their places in `of` (from 0). `only`: the delete file says that it is about this file alone. */
export function positionDelete(
  lake: MemoryLake,
  role: TableRole,
  of: DataFile,
  positions: readonly number[],
  only = false,
): Promise<DataFile> {
  const parquet = encodeRows(
    {
      fields: [
        { id: 2147483546, name: 'file_path', required: true, type: 'string' },
        { id: 2147483545, name: 'pos', required: true, type: 'long' },
      ],
    },
    positions.map((pos) => ({ file_path: of.path, pos: BigInt(pos) })),
  )
  return store(lake, role, of.partition, parquet, {
    content: 'position-deletes',
    ...(only ? { referencedDataFile: of.path } : {}),
  })
}

/** Deletes rows of one partition by the value of a column. */
export function equalityDelete(
  lake: MemoryLake,
  role: TableRole,
  partition: readonly Value[],
  column: string,
  values: readonly string[],
): Promise<DataFile> {
  const field = currentSchema(lake.metadata(role)).fields.find(({ name }) => name === column)!
  const parquet = encodeRows(
    { fields: [{ id: field.id, name: column, required: true, type: 'string' }] },
    values.map((value) => ({ [column]: value })),
  )
  return store(lake, role, partition, parquet, { content: 'equality-deletes', equalityIds: [field.id] })
}
