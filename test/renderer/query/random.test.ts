import { afterAll, beforeAll, expect, test } from 'vitest'
import type { QueryResult } from '../../../src/renderer/query/result.ts'
import { TABLE_ROLES, TABLES } from '../../../src/shared/tables.ts'
import { openTestLake, type TestLake } from './lake-node.ts'
import { edgeRows, randomStatements } from './random-sql.ts'

/**
 * Whatever of a statement reaches the planner, it may only leave out rows that do not matter: random statements give the
 * same over the lake as over copies of whole tables inside the engine, from which nothing is left out.
 */

const STATEMENTS = 200
let lake: TestLake

beforeAll(async () => {
  lake = await openTestLake()
  for (const [role, rows] of edgeRows(11)) await lake.append(role, rows)
  for (const role of TABLE_ROLES) {
    const { defaultName } = TABLES[role]
    await lake.engine
      .session('random')
      .run(`CREATE TABLE whole_${defaultName} AS SELECT * FROM ${defaultName}`)
  }
}, 60_000)
afterAll(() => lake.close())

function lines(result: QueryResult): string[] {
  return Array.from({ length: result.rows }, (_, row) =>
    result.columns.map((_, column) => result.cell(row, column) ?? '∅').join(' | '),
  ).sort()
}

async function answer(sql: string): Promise<string[]> {
  try {
    return lines((await lake.engine.session('random').run(sql)).result)
  } catch (error) {
    return [`error: ${(error as Error).message.split('\n')[0]}`]
  }
}

test(`${STATEMENTS} random statements answer as over whole copies`, async () => {
  const differing: string[] = []
  const failed: string[] = []
  let pruned = 0
  for (const statement of randomStatements(20, STATEMENTS)) {
    const sql = statement((table) => table)
    const expected = await answer(statement((table) => `whole_${table}`))
    const found = await answer(sql)
    if (JSON.stringify(found) !== JSON.stringify(expected))
      differing.push(`${sql}\n${found.length} ${expected.length}`)
    if (expected[0]?.startsWith('error')) failed.push(`${sql}\n${expected[0]}`)
    const forecast = await lake.engine
      .session('random')
      .forecast(sql)
      .catch(() => null)
    if (forecast?.tables.some((table) => table.files < (table.totals.files ?? 0))) pruned++
  }
  expect(differing).toEqual([])
  expect(failed).toEqual([])
  // Else this would show nothing.
  expect(pruned).toBeGreaterThan(STATEMENTS / 8)
}, 240_000)

test('texts beyond what main is asked about are found all the same', async () => {
  const sizes = [70_000, 300_000]
  for (const size of sizes) {
    const long = 'x'.repeat(size)
    expect(await answer(`SELECT count(*) FROM health_data_raw WHERE user_id <> '${long}'`)).toEqual(['180'])
  }
  const ids = Array.from({ length: 120_000 }, (_, i) => `'s-${i}'`).join(', ')
  expect(await answer(`SELECT count(*) FROM health_data_raw WHERE sample_id IN (${ids})`)).toEqual(['180'])
}, 60_000)

test('null-safe comparisons keep the nulls that they mean', async () => {
  const count = (where: string) => answer(`SELECT count(*) FROM health_data_errors WHERE ${where}`)
  expect(await count("NOT (device_id IS NOT DISTINCT FROM 'a')")).toEqual(['60'])
  const named = await count("user_id = 'NULL'")
  expect(named).not.toEqual(['0'])
  expect(await count("user_id IS NOT DISTINCT FROM 'NULL'")).toEqual(named)
})
