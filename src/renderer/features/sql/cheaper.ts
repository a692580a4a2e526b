import type { Forecast } from '../../query/cost.ts'
import { quoteName, statementAt } from '../../query/lexer.ts'
import { theEngine } from '../../query/start.ts'
import type { EngineTable } from '../../query/tables.ts'
import { inEditor } from './editor.tsx'
import { tablesIn } from './named-tables.ts'
import { optionsOf } from './runs.ts'
import type { Tab } from './tab.ts'

/** A statement that reads less, with its cost. */
export interface Cheaper {
  readonly name: string
  readonly text: string
  readonly files: number
  readonly bytes: number
  readonly rows: number
  /** False for a sample. */
  readonly exact: boolean
}

const DAY_MS = 86_400_000
/** How far back the newest row is looked for, in days. */
const HORIZON = 20_000
/** One day in so many makes a sample, over so many days. */
const EVERY = 10
const SAMPLED_DAYS = 300

/** The table's column of time, by which files can be left out: the first instant, or a text that is a day. */
export function timeColumn(table: EngineTable): { readonly name: string; readonly day: boolean } | null {
  const usual = table.fields.find(({ name }) =>
    /^(start_date|aggregation_date|event_time|ts|timestamp|created_at)$/.test(name),
  )
  const instant = table.fields.find(
    ({ field }) => /^timestamp/.test(String(field.type)) || field.type === 'date',
  )
  const found = usual ?? instant
  return found === undefined ? null : { name: found.name, day: found.field.type === 'string' }
}

/** The statement with a table's rows narrowed by a condition, wherever it names the table. */
export function narrowed(text: string, table: EngineTable, condition: string): string | null {
  const places = tablesIn(statementAt(text, 0)?.tokens ?? [], [table])
  if (places.length === 0) return null
  return places.reduceRight((changed, place) => {
    const source = changed.slice(place.start, place.end)
    const alias = place.alias === place.table.table.name ? ` AS ${quoteName(place.alias)}` : ''
    return `${changed.slice(0, place.start)}(SELECT * FROM ${source} WHERE ${condition})${alias}${changed.slice(place.end)}`
  }, text)
}

const literal = (days: number, day: boolean): string => {
  const text = new Date(days * DAY_MS).toISOString().slice(0, 10)
  return day ? `'${text}'` : `TIMESTAMP '${text} 00:00:00'`
}

/** Narrower forms of the tab's statement, those that read less than it does, least first. */
export async function cheaperWays(tab: Tab, whole: Forecast): Promise<readonly Cheaper[]> {
  const editor = inEditor()
  const statement = statementAt(tab.text, editor?.selection.from ?? 0)
  const costly = whole.tables.toSorted((a, b) => b.bytes - a.bytes)[0]
  const table = theEngine().known.find((one) => one.called === costly?.name)
  if (statement === null || table === undefined) return []
  const time = timeColumn(table)
  if (time === null) return []
  const session = theEngine().session(`${tab.id} cheaper`)
  const column = quoteName(time.name)
  const cost = async (condition: string): Promise<{ text: string; forecast: Forecast } | null> => {
    const text = narrowed(statement.text, table, condition)
    const forecast =
      text === null ? null : await session.forecast(text, optionsOf(tab, text)).catch(() => null)
    return text === null || forecast === null ? null : { text, forecast }
  }
  const bytesSince = async (days: number): Promise<number> =>
    (await cost(`${column} >= ${literal(days, time.day)}`))?.forecast.bytes ?? 0
  // The newest day that has rows, by halving.
  const today = Math.floor(Date.now() / DAY_MS)
  const least = await bytesSince(today + 1)
  let low = today - HORIZON
  let high = today + 1
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if ((await bytesSince(middle)) > least) low = middle
    else high = middle
  }
  const newest = low
  const wanted: { name: string; condition: string; exact: boolean }[] = [7, 30, 90, 365].map((days) => ({
    name: `Only the last ${days} days, from ${new Date((newest - days + 1) * DAY_MS).toISOString().slice(0, 10)}`,
    condition: `${column} >= ${literal(newest - days + 1, time.day)}`,
    exact: true,
  }))
  const sampled = Array.from({ length: SAMPLED_DAYS / EVERY }, (_, i) => newest - i * EVERY)
  wanted.push({
    name: `1 day in ${EVERY} of the last ${SAMPLED_DAYS}`,
    condition: sampled
      .map((day) => `(${column} >= ${literal(day, time.day)} AND ${column} < ${literal(day + 1, time.day)})`)
      .join(' OR '),
    exact: false,
  })
  const found: Cheaper[] = []
  for (const { name, condition, exact } of wanted) {
    const one = await cost(condition)
    if (one === null || one.forecast.bytes >= whole.bytes || one.forecast.files === 0) continue
    const { files, bytes, rows } = one.forecast
    found.push({ name, text: one.text, files, bytes, rows, exact })
  }
  void theEngine().closeSession(`${tab.id} cheaper`)
  return found.toSorted((a, b) => a.bytes - b.bytes)
}
