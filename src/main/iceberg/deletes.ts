import { LakeError } from '../../shared/errors.ts'
import { partitionKey } from './partition.ts'
import type { CellArray } from './projection.ts'
import { FILE_PATH_ID, type ScanFile } from './scan.ts'
import { fieldById } from './schema.ts'
import type { DataFile, NestedField, Schema, TableMetadata, Value } from './types.ts'

/** Field id of `pos` in position delete files (spec, Reserved Field IDs). */
const POSITION_ID = 2147483545

const POSITION_DELETE_SCHEMA: Schema = {
  type: 'struct',
  'schema-id': 0,
  fields: [
    { id: FILE_PATH_ID, name: 'file_path', required: true, type: 'string' },
    { id: POSITION_ID, name: 'pos', required: true, type: 'long' },
  ],
}

/** Reads all rows of one file as columns by field id, without deletes. Given by read.ts, which needs deletes itself. */
export type ReadColumns = (
  file: DataFile,
  fields: readonly NestedField[],
) => AsyncIterable<{ readonly rows: number; readonly columns: ReadonlyMap<number, CellArray> }>

/**
 * Delete files already read, by path, so that one that serves many data files is read once. Its owner decides how long
 * it lives: one scan.
 */
export class DeleteCache {
  readonly positions = new Map<string, Promise<ReadonlyMap<string, number[]>>>()
  readonly keys = new Map<string, Promise<ReadonlySet<string>>>()
}

/** Which rows of one data file are deleted. */
export interface RowDeletes {
  /** Fields that must be read for equality deletes, wanted or not. */
  readonly fields: readonly NestedField[]
  /** Indexes in a batch that stay; null where all do. `first` is the batch's first row position in the file. */
  keep(first: number, rows: number, columns: ReadonlyMap<number, CellArray>): number[] | null
}

/** Nothing is deleted. */
export const NO_DELETES: RowDeletes = { fields: [], keep: () => null }

/**
 * Reads the delete files of one data file (spec: Position Delete Files, Equality Delete Files). UNSUPPORTED for deletion
 * vectors of v3 and for delete files that are not Parquet: leaving them out would bring deleted rows back.
 */
export async function loadDeletes(
  metadata: TableMetadata,
  scanFile: ScanFile,
  read: ReadColumns,
  cache: DeleteCache,
): Promise<RowDeletes> {
  if (scanFile.deletes.length === 0) return NO_DELETES
  const positions: number[][] = []
  const equalities = new Map<string, { fields: NestedField[]; sets: ReadonlySet<string>[] }>()
  for (const { file } of scanFile.deletes) {
    if (file.format !== 'parquet') throw unsupported(file)
    if (file.content === 'position-deletes') {
      const byPath = await cached(cache.positions, file.path, () => readPositions(file, read))
      positions.push(byPath.get(scanFile.file.path) ?? [])
      continue
    }
    const fields = equalityFields(metadata, file)
    const key = fields.map((field) => field.id).join()
    const group = equalities.get(key) ?? { fields, sets: [] }
    group.sets.push(await cached(cache.keys, file.path, () => readKeys(file, fields, read)))
    equalities.set(key, group)
  }
  const deleted = new Set(positions.flat())
  const groups = [...equalities.values()]
  return {
    fields: groups.flatMap((group) => group.fields),
    keep: (first, rows, columns) => {
      const kept: number[] = []
      for (let row = 0; row < rows; row++) {
        if (deleted.has(first + row)) continue
        if (groups.some(({ fields, sets }) => isDeleted(keyOf(fields, columns, row), sets))) continue
        kept.push(row)
      }
      return kept.length === rows ? null : kept
    },
  }
}

function isDeleted(key: string, sets: readonly ReadonlySet<string>[]): boolean {
  return sets.some((set) => set.has(key))
}

async function readPositions(file: DataFile, read: ReadColumns): Promise<Map<string, number[]>> {
  const byPath = new Map<string, number[]>()
  for await (const { rows, columns } of read(file, POSITION_DELETE_SCHEMA.fields)) {
    const paths = columns.get(FILE_PATH_ID)
    const positions = columns.get(POSITION_ID)
    for (let i = 0; i < rows; i++) {
      const path = String(paths?.[i])
      const list = byPath.get(path)
      if (list) list.push(Number(positions?.[i]))
      else byPath.set(path, [Number(positions?.[i])])
    }
  }
  return byPath
}

async function readKeys(
  file: DataFile,
  fields: readonly NestedField[],
  read: ReadColumns,
): Promise<Set<string>> {
  const keys = new Set<string>()
  for await (const { rows, columns } of read(file, fields)) {
    for (let row = 0; row < rows; row++) keys.add(keyOf(fields, columns, row))
  }
  return keys
}

/** The values of a row's equality columns as text; null equals null (spec: Equality Delete Files). */
function keyOf(fields: readonly NestedField[], columns: ReadonlyMap<number, CellArray>, row: number): string {
  return partitionKey(fields.map((field) => (columns.get(field.id)?.[row] ?? null) as Value))
}

/**
 * The columns of an equality delete file. One inside a struct is UNSUPPORTED: read as a column of its own it would be
 * null in every row, and so delete all of them, as would no column at all.
 */
function equalityFields(metadata: TableMetadata, file: DataFile): NestedField[] {
  const ids = file.equalityIds ?? []
  const context = { file: file.path }
  if (ids.length === 0)
    throw new LakeError('CORRUPT', 'an equality delete file does not say by which columns it deletes', {
      context,
    })
  return ids.map((id) => {
    const field = fieldOfAnySchema(metadata, id)
    if (metadata.schemas.some(({ fields }) => fields.some((one) => one.id === id))) return field
    throw new LakeError('UNSUPPORTED', `The table deletes by ${field.name}, which is inside another column`, {
      context,
      likely: 'Tarn reads deletes by top-level columns only.',
      remedy: 'Compact the table with the engine that wrote them.',
    })
  })
}

/** Equality columns may have been dropped since: then an older schema knows them. */
function fieldOfAnySchema(metadata: TableMetadata, id: number): NestedField {
  const current = metadata.schemas.find((schema) => schema['schema-id'] === metadata['current-schema-id'])
  for (const schema of [...(current ? [current] : []), ...metadata.schemas.toReversed()]) {
    const field = fieldById(schema, id)
    if (field !== null) return field
  }
  throw new LakeError(
    'CORRUPT',
    `an equality delete file names field ${id}, which no schema of the table has`,
  )
}

async function cached<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

function unsupported(file: DataFile): LakeError {
  const what = file.format === 'puffin' ? 'deletion vectors (format v3)' : `${file.format} delete files`
  return new LakeError('UNSUPPORTED', `The table has ${what}, which Tarn cannot read yet`, {
    context: { file: file.path },
    remedy: 'Compact the table with the engine that wrote them, or set write.delete.mode to copy-on-write.',
  })
}
