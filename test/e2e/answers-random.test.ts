import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Field, RecordBatch } from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cellJson } from '../../src/renderer/query/json-lines.ts'
import type { QueryResult } from '../../src/renderer/query/result.ts'
import { TABLE_ROLES, TABLES } from '../../src/shared/tables.ts'
import { openTestLake, type TestLake } from '../renderer/query/lake-node.ts'
import { edgeRows, randomStatements } from '../renderer/query/random-sql.ts'
import { python } from '../services/install.ts'
import { run } from '../services/process.ts'

/** Random statements over rows on the edges of types, against DuckDB over what PyIceberg reads of the same snapshots. */

const STATEMENTS = randomStatements(77, 150).map((statement) => statement((table) => table))
type Expected = readonly (readonly string[])[] | { readonly error: string }
const folder = mkdtempSync(join(tmpdir(), 'tarn-random-'))
let lake: TestLake
let expected: readonly Expected[]

beforeAll(async () => {
  lake = await openTestLake()
  for (const [role, rows] of edgeRows(5)) await lake.append(role, rows)
  const tables: Record<string, string> = {}
  for (const role of TABLE_ROLES) {
    const { metadataLocation } = await lake.lake.io.catalog.loadTable(lake.lake.tables[role])
    tables[TABLES[role].defaultName] = metadataLocation as string
  }
  const asked = join(folder, 'asked.json')
  writeFileSync(asked, JSON.stringify({ tables, queries: STATEMENTS }))
  expected = JSON.parse(run(await python(), [join(import.meta.dirname, 'oracle.py'), asked])) as Expected[]
}, 240_000)
afterAll(async () => {
  await lake?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Rows as sorted text; numbers that JSON spells in two ways are spelt in one. */
function lines(rows: readonly (readonly string[])[]): string[] {
  const plain = (cell: string) =>
    /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(cell) && !/^-?\d{15,}$/.test(cell) ? String(Number(cell)) : cell
  return rows.map((row) => row.map(plain).join(' | ')).sort()
}

function cells(result: QueryResult): string[][] {
  return Array.from({ length: result.rows }, (_, shown) => {
    const { batch, row } = result.placeOf(shown)
    const { children } = (result.batches[batch] as RecordBatch).data
    return children.map((data, i) => cellJson(result.schema.fields[i] as Field, data, row))
  })
}

test(`${STATEMENTS.length} random statements have the answers of the other engine`, async () => {
  const differing: string[] = []
  for (const [i, sql] of STATEMENTS.entries()) {
    const answer = expected[i] as Expected
    const found = await lake.engine
      .session('random')
      .run(sql)
      .then(({ result }) => lines(cells(result)))
      .catch((error: Error) => [`error: ${error.message.split('\n')[0]}`])
    const theirs = 'error' in answer ? [`error: ${answer.error.split('\n')[0]}`] : lines(answer)
    if (JSON.stringify(found) !== JSON.stringify(theirs)) {
      const at = theirs.findIndex((line, n) => line !== found[n])
      differing.push(`${sql}\n${found.length} rows, ${theirs.length}: ${found[at]} is not ${theirs[at]}`)
    }
  }
  expect(differing).toEqual([])
  expect(expected.filter((answer) => 'error' in answer)).toEqual([])
  // Else they would agree on nothing.
  const answered = expected.filter((answer) => 'length' in answer && answer.length > 0)
  expect(answered.length).toBeGreaterThan(STATEMENTS.length / 2)
}, 240_000)
