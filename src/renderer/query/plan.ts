import { tableFromIPC } from 'apache-arrow'
import type { PlanAnswer } from '../../shared/query.ts'
import type { Planned } from './cost.ts'
import type { Desk } from './desk.ts'
import type { DuckConnection } from './duck.ts'
import type { Engine } from './engine.ts'
import { needAll, type ReadPlan, readPlan } from './explain.ts'
import { statements } from './lexer.ts'
import type { Prepared } from './prepare.ts'
import { baseFilter } from './rename.ts'
import type { EngineTable } from './tables.ts'

/** DuckDB prints this in front of what it plans for us. */
const EXPLAIN = 'EXPLAIN (FORMAT json) '

/** DuckDB's plan of a statement as JSON, over the planning views. Errors have their place in the statement. */
export async function explainJson(connection: DuckConnection, prepared: Prepared): Promise<string> {
  const { text, ruling } = prepared
  const inner = ' '.repeat(text.length - ruling.inner.length) + ruling.inner
  const ipc = await connection.run(EXPLAIN + inner).catch((error: unknown) => {
    throw prepared.error(error, EXPLAIN)
  })
  return String(tableFromIPC(ipc).getChild('explain_value')?.get(0) ?? '[]')
}

/** What a statement needs of the lake's tables. */
async function needsOf(desk: Desk, connection: DuckConnection, prepared: Prepared): Promise<ReadPlan> {
  const { tables } = desk
  const plan = readPlan(await explainJson(connection, prepared), tables)
  const opaque = prepared.ruling.opaque ? namedTables(desk, prepared.ruling.inner) : []
  return opaque.length > 0 ? { needs: opaque.map(needAll), anyRows: false } : plan
}

/** The needs with main's plans for them: files, bytes and rows, before anything is read. */
export async function planStatement(
  engine: Pick<Engine, 'plan'>,
  desk: Desk,
  connection: DuckConnection,
  prepared: Prepared,
  signal: AbortSignal,
  options: { readonly footers?: true } = {},
): Promise<Planned[]> {
  const { needs, anyRows } = await needsOf(desk, connection, prepared)
  const limit = anyRows && !desk.hasOwn ? limitOf(prepared.ruling.inner) : null
  const { tables } = desk
  return Promise.all(
    needs.map(async (need) => {
      const table = tables.get(need.base) as EngineTable
      const ask = (columns: readonly number[]): Promise<PlanAnswer> =>
        engine.plan(
          {
            namespace: table.table.namespace,
            name: table.table.name,
            ...(table.at === null ? {} : { snapshot: table.at }),
            filter: baseFilter(need.filter, table),
            columns,
            ...(limit === null ? {} : { limit }),
            ...options,
          },
          signal,
        )
      const columns = table.fields.filter((field) => need.columns.has(field.base))
      const answer = await ask(columns.map((field) => field.field.id))
      if (columns.length > 0 || answer.exact) return { table, need, answer }
      // Rows cannot be counted by the files' entries where some are deleted: one column is read to count them.
      const counting = table.fields.find((field) => typeof field.field.type === 'string') ?? table.fields[0]
      if (counting === undefined) return { table, need, answer }
      const more = await ask([counting.field.id])
      return { table, need: { ...need, columns: new Set([counting.base]) }, answer: more }
    }),
  )
}

/** Lake tables whose name stands anywhere in the text. */
function namedTables(desk: Desk, text: string): EngineTable[] {
  const lower = text.toLowerCase()
  const all = [...desk.tables.values()]
  const named = all.filter(
    (table) =>
      lower.includes(table.table.name.toLowerCase()) &&
      (table.home || lower.includes(table.schema.toLowerCase())),
  )
  return named.length > 0 && !desk.hasOwn ? named : all
}

/** N + M of a statement that ends in `LIMIT N [OFFSET M]` and has no other LIMIT. */
export function limitOf(text: string): number | null {
  const words = (statements(text)[0]?.tokens ?? []).map((token) => token.text.toUpperCase())
  if (words.filter((word) => word === 'LIMIT').length !== 1) return null
  const [limit, count, offset, skip, ...rest] = words.slice(words.indexOf('LIMIT'))
  const number = (word: string | undefined): number | null =>
    word !== undefined && /^\d{1,9}$/.test(word) ? Number(word) : null
  if (limit === undefined || number(count) === null || rest.length > 0) return null
  if (offset === undefined) return number(count)
  return offset === 'OFFSET' && number(skip) !== null ? Number(count) + Number(skip) : null
}
