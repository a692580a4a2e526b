/** The five tables in a catalog: creation where absent, comparison with their definition where there. */
import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { type Layout, type TableDefinition, type TableRole, tableOf } from '../../../shared/tables.ts'
import type { Catalog, LoadedTable, Namespace, TableIdentifier } from '../../iceberg/catalog.ts'
import { layoutOf } from '../../iceberg/layout.ts'
import { currentSchema, currentSpec } from '../../iceberg/metadata.ts'
import { fieldByName, pathById, printType, schemaOf, specOf } from '../../iceberg/schema.ts'
import type { NestedField, PartitionField, Schema, TableMetadata } from '../../iceberg/types.ts'

/** One point in which a table is not as defined. */
export interface Difference {
  /** `column value`, `partition field 2`, `property write.format.default`, `identifier fields`, `format version`. */
  readonly what: string
  readonly expected: string
  readonly found: string
}

export interface EnsuredTable {
  readonly table: LoadedTable
  readonly state: 'created' | 'verified'
}

/**
 * The table of `definition`, made if absent, else as it is. A second run, or one beside another, gives the same table.
 * @throws LakeError TABLE_DIFFERS where the table is there and not as defined: it is left alone, the error's context
 *   names each difference. Also what the catalog throws.
 */
export async function ensureTable(
  catalog: Catalog,
  namespace: Namespace,
  definition: Omit<TableDefinition, 'role'>,
  name: string,
  signal?: AbortSignal,
): Promise<EnsuredTable> {
  const identifier = { namespace, name }
  const existing = await loadIfThere(catalog, identifier, signal)
  const table = existing ?? (await createOrFind(catalog, identifier, definition, signal))
  const differences = tableDifferences(definition, table.metadata)
  if (differences.length > 0) throw differs(identifier, differences)
  return { table, state: existing === null ? 'created' : 'verified' }
}

async function loadIfThere(
  catalog: Catalog,
  identifier: TableIdentifier,
  signal?: AbortSignal,
): Promise<LoadedTable | null> {
  try {
    return await catalog.loadTable(identifier, signal)
  } catch (error) {
    if (isLakeError(error, 'NO_TABLE')) return null
    throw error
  }
}

async function createOrFind(
  catalog: Catalog,
  identifier: TableIdentifier,
  definition: Omit<TableDefinition, 'role'>,
  signal?: AbortSignal,
): Promise<LoadedTable> {
  const schema = schemaOf(definition)
  const request = {
    name: identifier.name,
    schema,
    spec: specOf(definition, schema),
    properties: { ...definition.properties, 'format-version': '2' },
  }
  try {
    return await catalog.createTable(identifier.namespace, request, signal)
  } catch (error) {
    const other = isLakeError(error, 'ALREADY_EXISTS')
    const lost = isLakeError(error) && error.outcome === 'unknown' && error.code !== 'CANCELLED'
    if (!other && !lost) throw error
    // made by someone else meanwhile, or by this request whose answer was lost
    const found = await loadIfThere(catalog, identifier, signal)
    if (found === null) throw error
    return found
  }
}

function differs(identifier: TableIdentifier, differences: readonly Difference[]): LakeError {
  const name = [...identifier.namespace, identifier.name].join('.')
  const points = differences.length === 1 ? '1 point' : `${differences.length} points`
  return new LakeError('TABLE_DIFFERS', `${name} is there and differs from the specification in ${points}`, {
    context: Object.fromEntries(differences.map((d) => [d.what, `expected ${d.expected}, found ${d.found}`])),
    likely: 'Another tool, or another version of the specification, made or changed this table.',
    remedy:
      'The table is left as it is. Change it with the tool that made it, or set another name or ICEBERG_DATABASE for Tarn.',
  })
}

/**
 * Every point in which `metadata` is not as `definition`: columns, their types, requiredness, comments and order,
 * partition fields in order, properties, identifier fields, format version. Further optional columns and further
 * properties are no difference: readers and writers pass them by.
 */
export function tableDifferences(
  definition: Omit<TableDefinition, 'role'>,
  metadata: TableMetadata,
): Difference[] {
  const schema = currentSchema(metadata)
  return [
    ...versionDifference(metadata),
    ...columnDifferences(definition, schema),
    ...partitionDifferences(definition, metadata),
    ...identifierDifference(definition, schema),
    ...propertyDifferences(definition, metadata),
  ]
}

/** Why a table differs in nothing but its layout, and what to set; null where it differs in more. */
export function layoutAdvice(
  role: TableRole,
  wanted: Layout,
  metadata: TableMetadata,
): { readonly likely: string; readonly remedy: string } | null {
  const found = layoutOf(role, metadata)
  if (found === null || found === wanted) return null
  const differences = tableDifferences(tableOf(role, wanted), metadata)
  if (!differences.every(({ what }) => what.startsWith('partition field '))) return null
  return {
    likely: `This table was made in the ${found} layout; the settings ask for the ${wanted} one.`,
    remedy: `Set TARN_TABLE_LAYOUT to ${found}, or another ICEBERG_DATABASE to make all five in the other layout.`,
  }
}

function versionDifference(metadata: TableMetadata): Difference[] {
  const found = metadata['format-version']
  return found === 2 ? [] : [{ what: 'format version', expected: '2', found: String(found) }]
}

function columnDifferences(definition: Omit<TableDefinition, 'role'>, schema: Schema): Difference[] {
  const found: Difference[] = []
  const wanted = schemaOf(definition).fields
  for (const field of wanted) {
    const actual = schema.fields.find((f) => f.name === field.name)
    if (actual === undefined) {
      found.push({ what: `column ${field.name}`, expected: printColumn(field), found: 'no such column' })
      continue
    }
    if (printColumn(field) !== printColumn(actual)) {
      found.push({ what: `column ${field.name}`, expected: printColumn(field), found: printColumn(actual) })
    }
    if ((field.doc ?? '') !== (actual.doc ?? '')) {
      found.push({ what: `comment of ${field.name}`, expected: quote(field.doc), found: quote(actual.doc) })
    }
  }
  const names = new Set(wanted.map((field) => field.name))
  for (const extra of schema.fields.filter((field) => !names.has(field.name) && field.required)) {
    found.push({
      what: `column ${extra.name}`,
      expected: 'no such required column',
      found: printColumn(extra),
    })
  }
  const order = schema.fields.map((field) => field.name).filter((name) => names.has(name))
  const expected = wanted.map((field) => field.name).filter((name) => order.includes(name))
  if (order.join() !== expected.join()) {
    found.push({ what: 'order of columns', expected: expected.join(', '), found: order.join(', ') })
  }
  return found
}

const printColumn = (field: NestedField): string =>
  `${printType(field.type)} ${field.required ? 'required' : 'optional'}`
const quote = (doc: string | undefined): string => (doc === undefined ? 'none' : JSON.stringify(doc))

function partitionDifferences(
  definition: Omit<TableDefinition, 'role'>,
  metadata: TableMetadata,
): Difference[] {
  const schema = currentSchema(metadata)
  const wanted = definition.partitions.map((p) => `${p.name} = ${p.transform}(${p.source})`)
  const actual = currentSpec(metadata).fields.map((field) => printPartition(field, schema))
  return Array.from({ length: Math.max(wanted.length, actual.length) }, (_, i) => ({
    what: `partition field ${i + 1}`,
    expected: wanted[i] ?? 'none',
    found: actual[i] ?? 'none',
  })).filter((difference) => difference.expected !== difference.found)
}

const printPartition = (field: PartitionField, schema: Schema): string =>
  `${field.name} = ${field.transform}(${pathById(schema, field['source-id']) ?? `field ${field['source-id']}`})`

function identifierDifference(definition: Omit<TableDefinition, 'role'>, schema: Schema): Difference[] {
  const found = (schema['identifier-field-ids'] ?? []).map((id) => pathById(schema, id) ?? `field ${id}`)
  const print = (names: readonly string[]) => (names.length === 0 ? 'none' : [...names].sort().join(', '))
  const expected = definition.identifier.filter((name) => fieldByName(schema, name) !== null)
  if (print(expected) === print(found)) return []
  return [{ what: 'identifier fields', expected: print(definition.identifier), found: print(found) }]
}

function propertyDifferences(
  definition: Omit<TableDefinition, 'role'>,
  metadata: TableMetadata,
): Difference[] {
  return Object.entries(definition.properties).flatMap(([key, expected]) => {
    const found = Object.hasOwn(metadata.properties, key) ? metadata.properties[key] : undefined
    return found === expected ? [] : [{ what: `property ${key}`, expected, found: found ?? 'not set' }]
  })
}
