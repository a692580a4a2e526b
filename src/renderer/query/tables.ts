import type { QueryField, QueryTable, QueryType } from '../../shared/query.ts'
import type { BaseTable } from './explain.ts'
import { quoteName } from './lexer.ts'
import { distinctNames, duckType } from './types.ts'

/** A lake table as the engine knows it. */
export interface EngineTable extends BaseTable {
  readonly table: QueryTable
  /** Columns with the name that SQL uses, in order. */
  readonly fields: readonly EngineField[]
  /** The schema that holds it: the namespace, joined by dots. */
  readonly schema: string
  /** True for tables of the lake's own namespace, which statements name without it. */
  readonly home: boolean
  /** As statements name it. */
  readonly called: string
  /** The snapshot it is read at; null for the current one, whichever that is then. */
  readonly at: string | null
}

export interface EngineField {
  readonly field: QueryField
  /** In the base table: `c` and the field id. */
  readonly base: string
  /** In SQL: the column's own name, made distinct where two differ by case only. */
  readonly name: string
  readonly duck: string
}

/** The engine's view of a table; columns of types it does not know are left out. `base` is unique in the engine. */
export function engineTable(table: QueryTable, base: string, home = true): EngineTable {
  const known = table.columns.filter(({ type }) => isKnown(type))
  const names = distinctNames(known.map((field) => field.name))
  const fields = known.map((field, i) => ({
    field,
    base: `c${field.id}`,
    name: names[i] as string,
    duck: duckType(field.type),
  }))
  const columns = new Map<string, QueryType>(fields.map((field) => [field.base, field.field.type]))
  const joined = table.namespace.join('.')
  return {
    table,
    base,
    columns,
    fields,
    home,
    called: home ? table.name : nameIn(table.namespace, table.name),
    schema: !home && TAKEN.test(joined) ? `${joined}.` : joined,
    at: null,
  }
}

/** Schemas and catalogs that DuckDB or a session has of its own. */
const TAKEN = /^(main|temp|system|memory|lake|tarn|information_schema|pg_catalog|s\d+)$/i

/** A name as it is written in SQL: quoted only where it has to be. */
export function written(name: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(name) ? name : quoteName(name)
}

/** A table with its namespace, as it is written in SQL. */
export function nameIn(levels: readonly string[], name: string): string {
  return [...levels, name].map(written).join('.')
}

function isKnown(type: QueryType): boolean {
  try {
    duckType(type)
    return true
  } catch {
    return false
  }
}

/** Same shape: the base table made for one serves the other. */
export function shapeOf(table: QueryTable): string {
  return JSON.stringify([table.namespace, table.name, table.uuid, table.columns])
}

export function createBase(table: EngineTable): string {
  return `CREATE TABLE lake.main.${quoteName(table.base)} (${table.fields.map((field) => `${field.base} ${field.duck}`).join(', ')})`
}

/** `source` is what follows FROM; columns not in `loaded` are NULL. */
export function viewOf(
  catalog: string,
  table: EngineTable,
  source: string,
  loaded: ReadonlySet<string>,
): string {
  const columns = table.fields.map(({ base, name, duck }) =>
    loaded.has(base) ? `${base} AS ${quoteName(name)}` : `CAST(NULL AS ${duck}) AS ${quoteName(name)}`,
  )
  const view = `${quoteName(catalog)}.${quoteName(table.schema)}.${quoteName(table.table.name)}`
  return `CREATE OR REPLACE VIEW ${view} AS SELECT ${columns.join(', ')} FROM ${source}`
}

/** The view over the empty base table, which statements are planned with. */
export function planningView(catalog: string, table: EngineTable): string {
  return viewOf(catalog, table, `lake.main.${quoteName(table.base)}`, new Set(table.columns.keys()))
}

/** The statements that put a table's planning view, and its plain name without the namespace, into a catalog. */
export function planningViews(catalog: string, table: EngineTable): string[] {
  const schema = `CREATE SCHEMA IF NOT EXISTS ${quoteName(catalog)}.${quoteName(table.schema)}`
  return [schema, planningView(catalog, table), ...(table.home ? [plainView(catalog, table)] : [])]
}

function plainView(catalog: string, table: EngineTable): string {
  const view = `${quoteName(catalog)}.main.${quoteName(table.table.name)}`
  return `CREATE OR REPLACE VIEW ${view} AS SELECT * FROM ${quoteName(catalog)}.${quoteName(table.schema)}.${quoteName(table.table.name)}`
}
