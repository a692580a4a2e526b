import type { Filter, QueryType } from '../../shared/query.ts'
import { all, any, readFilter } from './filter.ts'

/** A lake table as the engine holds it for planning: an empty base table whose columns have plain names of ours. */
export interface BaseTable {
  /** Name of the base table, unique in the engine. */
  readonly base: string
  /** Base column name to its type, in order. */
  readonly columns: ReadonlyMap<string, QueryType>
}

/** What a statement needs of one lake table, over all its scans. */
export interface Need {
  readonly base: string
  /** Base column names. Empty where only the rows are counted. */
  readonly columns: ReadonlySet<string>
  /** Rows that fail it cannot change the answer. */
  readonly filter: Filter
  /** Scans of this table in the statement. */
  readonly scans: number
  /** Of each scan by itself; `filter` is what they have in common. */
  readonly each: readonly Filter[]
  /** Printed filters that could not be pushed down, as DuckDB words them. */
  readonly missed: readonly string[]
}

export interface ReadPlan {
  readonly needs: readonly Need[]
  /** True where the plan is one scan without filter under one streaming LIMIT: any rows will do. */
  readonly anyRows: boolean
}

interface PlanNode {
  readonly name: string
  readonly children: readonly PlanNode[]
  readonly extra_info: Readonly<Record<string, string | readonly string[]>>
}

/**
 * Reads `EXPLAIN (FORMAT json)`. Every scan of a base table counts; several scans of one table need the union of their
 * columns and of their rows. Where a scan is not understood, all columns and all rows of its table are needed.
 */
export function readPlan(json: string, tables: ReadonlyMap<string, BaseTable>): ReadPlan {
  const roots = JSON.parse(json) as PlanNode[]
  const scans = new Map<string, Need[]>()
  const visit = (node: PlanNode): void => {
    const name = text(node, 'Table')
    const table = tables.get(name)
    if (table !== undefined) scans.set(name, [...(scans.get(name) ?? []), readScan(node, table)])
    node.children.forEach(visit)
  }
  roots.forEach(visit)
  const needs = [...scans.entries()].map(
    ([base, found]): Need => ({
      base,
      columns: new Set(found.flatMap((need) => [...need.columns])),
      filter: any(found.map((need) => need.filter)),
      scans: found.length,
      each: found.map((need) => need.filter),
      missed: [...new Set(found.flatMap((need) => need.missed))],
    }),
  )
  return { needs, anyRows: roots.length === 1 && underOneLimit(roots[0] as PlanNode) }
}

/** Every column and row of a table: for statements whose plan cannot be trusted. */
export function needAll(table: BaseTable): Need {
  return {
    base: table.base,
    columns: new Set(table.columns.keys()),
    filter: { op: 'true' },
    scans: 1,
    each: [{ op: 'true' }],
    missed: [],
  }
}

function readScan(node: PlanNode, table: BaseTable): Need {
  const projections = text(node, 'Projections')
  const names = projections === '' ? [] : projections.split('\n')
  const printed = text(node, 'Filters')
  const read = printed === '' ? null : readFilter(printed, table.columns)
  const understood =
    names.every((name) => table.columns.has(name)) && (read === null || read.columns !== null)
  const columns = understood ? new Set([...names, ...(read?.columns ?? [])]) : new Set(table.columns.keys())
  const filter: Filter = understood ? all(read === null ? [] : [read.filter]) : { op: 'true' }
  return {
    base: table.base,
    columns,
    filter,
    scans: 1,
    each: [filter],
    missed: (read?.missed ?? []).filter((part) => !part.startsWith('optional : Dynamic')),
  }
}

/** DuckDB's JSON prints a list of lines as an array, one line as a string. */
function text(node: PlanNode, key: string): string {
  const value = node.extra_info[key]
  return value === undefined ? '' : typeof value === 'string' ? value : value.join('\n')
}

function underOneLimit(root: PlanNode): boolean {
  let limits = 0
  let node = root
  for (;;) {
    const name = node.name.trim()
    if (name === 'SEQ_SCAN') return limits === 1 && text(node, 'Filters') === ''
    if (name === 'STREAMING_LIMIT') limits++
    else if (name !== 'PROJECTION') return false
    const [child, ...others] = node.children
    if (child === undefined || others.length > 0) return false
    node = child
  }
}
