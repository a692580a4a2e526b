import type { PlanAnswer, QueryField } from '../../shared/query.ts'
import type { Need } from './explain.ts'
import type { EngineTable } from './tables.ts'

/** What one table costs a statement. */
export interface TableCost {
  /** As statements name it. */
  readonly name: string
  readonly snapshotId: string | null
  readonly files: number
  readonly bytes: number
  readonly rows: number
  readonly totals: PlanAnswer['totals']
  /** Names of the columns that are read. */
  readonly columns: readonly string[]
  readonly scans: number
  /** Files left out, by what told that no row of them can match. */
  readonly left: PlanAnswer['pruned']
  /** Row groups of large files; null where their footers were not looked into, which explaining does. */
  readonly groups: PlanAnswer['groups']
  /** True where a filter or LIMIT left files out. */
  readonly pruned: boolean
  /** Conditions that could not be used for leaving out files, in DuckDB's words with the columns' names. */
  readonly missed: readonly string[]
}

/** Files and bytes that a statement will read, known before anything is read. */
export interface Forecast {
  readonly tables: readonly TableCost[]
  readonly files: number
  readonly bytes: number
  readonly rows: number
}

/** One table of a statement with what is needed of it and main's plan for that. */
export interface Planned {
  readonly table: EngineTable
  readonly need: Need
  readonly answer: PlanAnswer
}

export function forecastOf(planned: readonly Planned[]): Forecast {
  const tables = planned.map(
    ({ table, need, answer }): TableCost => ({
      name: table.called,
      snapshotId: answer.snapshotId,
      files: need.columns.size === 0 ? 0 : answer.files.length,
      bytes: need.columns.size === 0 ? 0 : answer.bytes,
      rows: answer.rows,
      totals: answer.totals,
      columns: table.fields.filter((field) => need.columns.has(field.base)).map((field) => field.name),
      scans: need.scans,
      left: answer.pruned,
      groups: answer.groups,
      pruned: answer.files.length < answer.totals.files,
      missed: need.missed.map((text) => withNames(text, table)),
    }),
  )
  const sum = (of: (table: TableCost) => number): number =>
    tables.reduce((total, table) => total + of(table), 0)
  return { tables, files: sum((t) => t.files), bytes: sum((t) => t.bytes), rows: sum((t) => t.rows) }
}

/** A printed condition with the columns' own names in place of the base table's. */
export function withNames(text: string, table: EngineTable): string {
  const names = new Map<string, QueryField>(table.fields.map((field) => [field.base, field.field]))
  return text.replace(/\bc\d+\b/g, (base) => names.get(base)?.name ?? base)
}

export const NO_COST: Forecast = { tables: [], files: 0, bytes: 0, rows: 0 }
