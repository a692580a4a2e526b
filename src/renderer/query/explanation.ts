import type { Filter } from '../../shared/query.ts'
import { type Condition, conditions } from './conditions.ts'
import { type Forecast, type Planned, type TableCost, withNames } from './cost.ts'
import type { Desk } from './desk.ts'
import type { DuckConnection } from './duck.ts'
import { type Need, readPlan } from './explain.ts'
import { filterText } from './filter-text.ts'
import { statements } from './lexer.ts'
import { explainJson } from './plan.ts'
import type { Prepared } from './prepare.ts'
import { aliasesOf, type Reason, reasonOf, type Scope } from './reasons.ts'
import type { EngineTable } from './tables.ts'

/** One condition of a statement, and what it does before anything is read. */
export interface ConditionReport {
  readonly clause: Condition['clause']
  /** Half-open range in the statement as it was written. */
  readonly range: readonly [start: number, end: number]
  readonly text: string
  /** `part`: what is pushed is weaker than the condition. */
  readonly pushed: 'whole' | 'part' | 'no'
  /** The tables it is pushed to, with what is pushed. */
  readonly to: readonly { readonly table: string; readonly predicate: string }[]
  /** Why not, or what of it is missing; null where it is pushed whole. */
  readonly reason: Reason | null
}

export interface TableExplanation extends TableCost {
  /** What is asked of the planner, as SQL; empty where any row may be needed. */
  readonly predicate: string
}

/** An operator of DuckDB's physical plan, over empty tables. */
export interface PlanOperator {
  readonly name: string
  readonly details: readonly (readonly [name: string, value: string])[]
  readonly children: readonly PlanOperator[]
}

export interface Explanation {
  readonly forecast: Forecast
  readonly tables: readonly TableExplanation[]
  /** In the order of the text. */
  readonly conditions: readonly ConditionReport[]
  /** Conditions beyond the first 60 are not looked into. */
  readonly more: number
  /** `operators` as indented text. */
  readonly text: string
  readonly operators: readonly PlanOperator[]
}

const MOST = 60

/**
 * Tells of every condition whether it reached the planner. That is not guessed from the text: the statement is planned
 * without the condition, and with no other, and the filters that arrive at the tables are compared.
 */
export async function explainStatement(
  desk: Desk,
  connection: DuckConnection,
  prepared: Prepared,
  planned: readonly Planned[],
  forecast: Forecast,
): Promise<Explanation> {
  const { ruling, text, edited } = prepared
  const offset = text.length - ruling.inner.length
  const tokens = statements(ruling.inner)[0]?.tokens ?? []
  const all = conditions(tokens)
  const scope = scopeOf(tokens, [...desk.tables.values()])
  const filtersOf = async (inner: string): Promise<Filters | null> => {
    try {
      const json = await explainJson(connection, { ...prepared, text: inner, ruling: { ...ruling, inner } })
      const { needs } = readPlan(json, desk.tables)
      return new Map(needs.map((need) => [need.base, need]))
    } catch {
      // A statement without one of its conditions need not be valid: ASOF JOIN wants an inequality.
      return null
    }
  }
  const whole = await filtersOf(ruling.inner)
  const reports: ConditionReport[] = []
  for (const condition of all.slice(0, MOST)) {
    const others = all.filter((one) => one !== condition && !overlaps(one, condition))
    const without = await filtersOf(blanked(ruling.inner, [condition]))
    const alone = await filtersOf(blanked(ruling.inner, others))
    reports.push({
      clause: condition.clause,
      range: edited.back([condition.start + offset, condition.end + offset]),
      text: ruling.inner.slice(condition.start, condition.end),
      ...verdict(condition, { whole, without, alone }, desk, scope, ruling.opaque),
    })
  }
  const operators = operatorsOf(await explainJson(connection, prepared), desk.tables)
  return {
    forecast,
    tables: planned.map(({ table, need }, i) => ({
      ...(forecast.tables[i] as TableCost),
      predicate: named(need.filter, table),
    })),
    conditions: reports,
    more: Math.max(0, all.length - MOST),
    text: operators.map((operator) => operatorText(operator, 0)).join(''),
    operators,
  }
}

type Filters = ReadonlyMap<string, Need>

function verdict(
  condition: Condition,
  plans: { readonly whole: Filters | null; readonly without: Filters | null; readonly alone: Filters | null },
  desk: Desk,
  scope: Scope,
  opaque: boolean,
): Pick<ConditionReport, 'pushed' | 'to' | 'reason'> {
  if (opaque) {
    const words = 'PIVOT looks at all values before the statement runs, so that every row is read.'
    return { pushed: 'no', to: [], reason: { code: 'opaque', words } }
  }
  const to: { table: string; predicate: string }[] = []
  let part = false
  let otherScan: string | null = null
  let printed = ''
  for (const [base, need] of plans.alone ?? []) {
    const table = desk.tables.get(base)
    if (table === undefined) continue
    if (need.missed.length > 0) printed = withNames(need.missed[0] as string, table)
    const own = need.each.find((filter) => filter.op !== 'true')
    if (own === undefined) continue
    const full = plans.whole?.get(base)
    if (full !== undefined && full.filter.op === 'true') {
      if (full.scans > 1) otherScan = table.called
      continue
    }
    part ||= need.missed.length > 0
    to.push({ table: table.called, predicate: named(own, table) })
  }
  // A plan that exists only together with its other conditions still shows what one of them adds.
  if (to.length === 0 && plans.alone === null) {
    for (const [base, need] of plans.whole ?? []) {
      const table = desk.tables.get(base)
      const rest = plans.without?.get(base)?.filter
      if (table === undefined || JSON.stringify(need.filter) === JSON.stringify(rest)) continue
      if (need.filter.op !== 'true') to.push({ table: table.called, predicate: named(need.filter, table) })
    }
  }
  // Whatever DuckDB works out to be false for all rows leaves no scan at all.
  const gone = plans.whole !== null && plans.whole.size === 0 && (plans.without?.size ?? 0) > 0
  if (to.length > 0 || gone) {
    const reason = part ? reasonOf(condition, scope, printed) : null
    return { pushed: part ? 'part' : 'whole', to, reason }
  }
  if (otherScan !== null) {
    const words = `Another part of the statement reads ${otherScan} without this condition, and the table is read once for both.`
    return { pushed: 'no', to, reason: { code: 'other-scan', words } }
  }
  return { pushed: 'no', to, reason: reasonOf(condition, scope, printed) }
}

function overlaps(a: Condition, b: Condition): boolean {
  return a.start < b.end && b.start < a.end
}

/** The text with some of its conditions made TRUE. */
function blanked(text: string, away: readonly Condition[]): string {
  let result = ''
  let at = 0
  for (const { start, end } of away) {
    // A condition within a subquery of one that is gone is gone with it.
    if (start < at) continue
    result += `${text.slice(at, start)}(1 = 1)`
    at = end
  }
  return result + text.slice(at)
}

function scopeOf(tokens: Parameters<typeof aliasesOf>[0], tables: readonly EngineTable[]): Scope {
  const lower = new Set(tokens.map((token) => token.text.replaceAll('"', '').toLowerCase()))
  const present = tables.filter((table) => lower.has(table.table.name.toLowerCase()))
  const columns = new Map<string, string[]>()
  for (const table of present) {
    for (const { name } of table.fields) {
      const owners = columns.get(name.toLowerCase()) ?? []
      if (!owners.includes(table.table.name)) columns.set(name.toLowerCase(), [...owners, table.table.name])
    }
  }
  const names = present.map((table) => table.table.name)
  return { aliases: aliasesOf(tokens, names), columns }
}

function named(filter: Filter, table: EngineTable): string {
  const fields = new Map(table.fields.map((field) => [field.base, field]))
  return filterText(
    filter,
    (base) => fields.get(base)?.name ?? base,
    (base) => fields.get(base)?.field.type,
  )
}

interface JsonOperator {
  readonly name: string
  readonly children: readonly JsonOperator[]
  readonly extra_info: Readonly<Record<string, string | readonly string[]>>
}

/** DuckDB's operators with tables and columns by their own names, without what planning over empty tables made up. */
function operatorsOf(json: string, tables: ReadonlyMap<string, EngineTable>): PlanOperator[] {
  const read = (node: JsonOperator): PlanOperator => {
    const info = Object.entries(node.extra_info).map(
      ([name, value]) => [name, typeof value === 'string' ? value : value.join('\n')] as const,
    )
    const table = tables.get(info.find(([name]) => name === 'Table')?.[1] ?? '')
    const details = info
      .filter(([name]) => !/^(Estimated Cardinality|Type)$/.test(name))
      .map(([name, value]) => {
        if (table === undefined) return [name, value] as const
        return [name, name === 'Table' ? table.called : withNames(value, table)] as const
      })
    return { name: node.name.trim(), details, children: node.children.map(read) }
  }
  return (JSON.parse(json) as JsonOperator[]).map(read)
}

function operatorText({ name, details, children }: PlanOperator, depth: number): string {
  const indent = '  '.repeat(depth)
  const lines = details
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${indent}    ${key}: ${value.replaceAll('\n', ', ')}\n`)
  return `${indent}${name}\n${lines.join('')}${children.map((child) => operatorText(child, depth + 1)).join('')}`
}
