import { createHash } from 'node:crypto'
import { LakeError } from '../../../shared/errors.ts'
import type { Filter, FilterValue, PlanAnswer, PlannedFile, PlanRequest } from '../../../shared/query.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import type { ManifestCache } from '../../iceberg/manifest-cache.ts'
import type { Predicate } from '../../iceberg/predicate.ts'
import { WHOLE_FILE_BYTES } from '../../iceberg/read.ts'
import { planScan, type ScanFile, type ScanPlan, schemaOfScan, snapshotOf } from '../../iceberg/scan.ts'
import { isPrimitive } from '../../iceberg/schema.ts'
import type { NestedField, Schema, TableMetadata, Type, Value } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'
import { chooseChunks } from './chunks.ts'

/** A scan that the page may read from: it names plans and files by number, never a path. */
export interface StoredPlan {
  readonly lake: Lake
  readonly metadata: TableMetadata
  readonly schema: Schema
  readonly files: readonly ScanFile[]
  /** Wanted top-level columns, by the scan's schema. */
  readonly fields: readonly NestedField[]
  readonly filter: Predicate
}

/** Expected bytes of a footer, beside the columns of a file that is not fetched whole. */
const FOOTER_BYTES = 65_536

/** Plans a read of one table; INVALID for columns and values that do not fit, NO_TABLE where there is none. */
export async function planQuery(
  lake: Lake,
  request: PlanRequest,
  signal: AbortSignal,
  cache: ManifestCache,
): Promise<{ stored: StoredPlan; answer: Omit<PlanAnswer, 'plan'> }> {
  const identifier = { namespace: request.namespace, name: request.name }
  const { metadata } = await lake.io.catalog.loadTable(identifier, signal)
  const snapshotId = request.snapshot === undefined ? undefined : BigInt(request.snapshot)
  const schema = schemaOfScan(metadata, snapshotOf(metadata, snapshotId), snapshotId)
  const filter = predicateOf(request.filter, schema)
  const where = snapshotId === undefined ? {} : { snapshotId }
  const scan = await planScan(lake.io, metadata, { ...where, filter, signal, cache, lean: true })
  const fields = request.columns.map((id) => fieldById(schema, id))
  const files = enough(scan.files, request)
  const stored: StoredPlan = { lake, metadata, schema, files, fields, filter }
  const estimated = files.map((file) => plannedFile(file, fields, request.filter))
  const { planned, groups } = request.footers
    ? await withFooters(stored, estimated, signal)
    : { planned: estimated, groups: null }
  return {
    stored,
    answer: {
      snapshotId: scan.snapshotId === null ? null : String(scan.snapshotId),
      files: planned,
      bytes: sum(planned.map((file) => file.bytes)),
      rows: sum(planned.map((file) => file.rows)),
      exact: files.every((file) => file.deletes.length === 0),
      constants: constantsOf(metadata, schema),
      totals: totalsOf(scan),
      pruned: scan.pruned,
      groups,
    },
  }
}

function totalsOf(scan: ScanPlan): PlanAnswer['totals'] {
  const { files, bytes, rows } = scan.considered
  return { files, bytes: bytes ?? scan.totals.bytes, rows }
}

function fieldById(schema: Schema, id: number): NestedField {
  const field = schema.fields.find((candidate) => candidate.id === id)
  if (field === undefined) throw new LakeError('INVALID', `the table has no column with id ${id}`)
  return field
}

/** Large files whose footers are read for a plan; those beyond keep their estimate. */
const MOST_FOOTERS = 64

/** The plan with what footers tell: which row groups of large files are left out, and the bytes that are then read. */
async function withFooters(
  stored: StoredPlan,
  estimated: readonly PlannedFile[],
  signal: AbortSignal,
): Promise<{ planned: PlannedFile[]; groups: PlanAnswer['groups'] }> {
  const large = estimated.flatMap((file, i) => (file.size > WHOLE_FILE_BYTES && !file.main ? [i] : []))
  const asked = large.slice(0, MOST_FOOTERS)
  const chosen = await mapConcurrent(
    asked,
    8,
    async (i, _, stop) => {
      const { file } = stored.files[i] as ScanFile
      const read = (start: number, end: number) =>
        stored.lake.io.storage.read(file.path, { range: { start, end }, signal: stop })
      return chooseChunks({ size: file.fileSize, read }, stored, file, stored.fields)
    },
    signal,
  )
  const planned = [...estimated]
  const groups = { kept: 0, total: 0, files: asked.length, more: large.length - asked.length }
  chosen.forEach((chunks, i) => {
    const at = asked[i] as number
    const file = estimated[at] as PlannedFile
    planned[at] = { ...file, bytes: Math.min(file.size, chunks.bytes + FOOTER_BYTES) }
    groups.kept += chunks.kept.length
    groups.total += chunks.total
  })
  return { planned, groups }
}

/** Files in order until they surely hold `limit` rows; files with deletes count for nothing. */
function enough(files: readonly ScanFile[], { limit, filter }: PlanRequest): readonly ScanFile[] {
  if (limit === undefined || filter.op !== 'true') return files
  let rows = 0
  const count = files.findIndex((file) => {
    rows += file.deletes.length === 0 ? file.file.recordCount : 0
    return rows >= limit
  })
  return count < 0 ? files : files.slice(0, count + 1)
}

function plannedFile(scanFile: ScanFile, fields: readonly NestedField[], filter: Filter): PlannedFile {
  const { file, deletes } = scanFile
  const whole = file.fileSize <= WHOLE_FILE_BYTES
  const identity = createHash('sha256').update(file.path)
  for (const path of deletes.map((one) => one.file.path).sort()) identity.update('\0').update(path)
  // Row groups of large files are chosen by the filter.
  if (!whole && filter.op !== 'true') identity.update('\0\0').update(JSON.stringify(filter))
  const columns = sum(fields.flatMap(leafIds).map((id) => file.columnSizes?.get(id) ?? 0))
  const known = file.columnSizes !== undefined
  return {
    key: identity.digest('base64url').slice(0, 22),
    rows: file.recordCount,
    size: file.fileSize,
    bytes: whole || !known ? file.fileSize : Math.min(file.fileSize, columns + FOOTER_BYTES),
    main: deletes.length > 0,
  }
}

function leafIds(field: { readonly id: number; readonly type: Type }): number[] {
  const { id, type } = field
  if (isPrimitive(type)) return [id]
  switch (type.type) {
    case 'struct':
      return type.fields.flatMap(leafIds)
    case 'list':
      return leafIds({ id: type['element-id'], type: type.element })
    case 'map':
      return [
        ...leafIds({ id: type['key-id'], type: type.key }),
        ...leafIds({ id: type['value-id'], type: type.value }),
      ]
  }
}

function constantsOf(metadata: TableMetadata, schema: Schema): number[] {
  const identities = metadata['partition-specs'].flatMap((spec) =>
    spec.fields.filter((field) => field.transform === 'identity').map((field) => field['source-id']),
  )
  const defaults = schema.fields.filter((field) => 'initial-default' in field).map((field) => field.id)
  return [...new Set([...identities, ...defaults])]
}

/** The page's filter as a predicate, its values in the columns' run-time form. */
export function predicateOf(filter: Filter, schema: Schema): Predicate {
  if (filter.op === 'true') return filter
  if ('args' in filter) {
    return { op: filter.op, args: filter.args.map((arg) => predicateOf(arg, schema)) }
  }
  const field = schema.fields.find((candidate) => candidate.name === filter.column)
  if (field === undefined) throw new LakeError('INVALID', `the table has no column ${filter.column}`)
  if (filter.op === 'starts-with' || !('value' in filter || 'values' in filter)) return filter
  if ('values' in filter) {
    return { op: 'in', column: filter.column, values: filter.values.map((value) => typedValue(value, field)) }
  }
  return { op: filter.op, column: filter.column, value: typedValue(filter.value, field) }
}

const DIGITS = /^-?\d{1,39}$/

function typedValue(value: FilterValue, field: NestedField): Value {
  const { type, name } = field
  if (isPrimitive(type)) {
    const big = type === 'long' || type.startsWith('time') || type.startsWith('decimal')
    if (big && typeof value === 'string' && DIGITS.test(value)) return BigInt(value)
    if (type === 'boolean' && typeof value === 'boolean') return value
    if ((type === 'string' || type === 'uuid') && typeof value === 'string') return value
    const number = type === 'int' || type === 'date' || type === 'float' || type === 'double'
    if (number && typeof value === 'number') return value
  }
  throw new LakeError('INVALID', `the value does not fit column ${name}`)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
