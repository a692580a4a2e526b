import { quoteName } from '../../query/lexer.ts'
import { theEngine } from '../../query/start.ts'
import type { EngineTable } from '../../query/tables.ts'
import { theWorkbench } from './workbench.ts'

/** What asking for a column's values may cost; above, none are offered. */
const MOST_BYTES = 16 << 20
/** Distinct values of a column that is worth offering; more are a column of free text. */
const MOST_VALUES = 60

export interface ColumnValue {
  readonly value: string
  readonly rows: number
}

const asked = new Map<string, Promise<readonly ColumnValue[]>>()

/**
 * The values of a text column with few of them, commonest first. Asked of the lake once a snapshot, and only where that
 * reads little and no statement runs; none otherwise.
 */
export async function valuesOfColumn(table: EngineTable, column: string): Promise<readonly ColumnValue[]> {
  const field = table.fields.find((one) => one.name === column)
  if (field === undefined || field.field.type !== 'string') return []
  const key = JSON.stringify([table.schema, table.table.name, table.table.snapshotId, column])
  const known = asked.get(key)
  if (known !== undefined) return known
  if (theWorkbench().tabs.some((tab) => tab.run.state === 'running')) return []
  const asking = ask(table, column).catch(() => {
    asked.delete(key)
    return []
  })
  asked.set(key, asking)
  return asking
}

async function ask(table: EngineTable, column: string): Promise<readonly ColumnValue[]> {
  const from = `${quoteName(table.schema)}.${quoteName(table.table.name)}`
  const sql = `SELECT ${quoteName(column)} AS v, count(*) AS n FROM ${from} WHERE v IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT ${MOST_VALUES + 1}`
  const session = theEngine().session('values')
  const cost = await session.forecast(sql)
  if (cost === null || cost.bytes > MOST_BYTES) return []
  const { result } = await session.run(sql)
  if (result.rows > MOST_VALUES) return []
  return Array.from({ length: result.rows }, (_, row) => ({
    value: result.cell(row, 0) ?? '',
    rows: Number(result.cell(row, 1)),
  }))
}
