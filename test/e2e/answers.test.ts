import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TABLE_ROLES, TABLES } from '../../src/shared/tables.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { MORE_QUERIES, QUERIES } from '../renderer/query/queries.ts'
import { dailyRows, errorRows, monthlyRows, rawRows, weeklyRows } from '../renderer/query/sample.ts'
import { python } from '../services/install.ts'
import { run } from '../services/process.ts'
import { type EngineInBrowser, engineInBrowser } from './engine-page.ts'

/** Answers of the app's engine in Chromium, value by value against DuckDB over what PyIceberg reads of the snapshots. */

type Cells = readonly (readonly string[])[]

const STATEMENTS = [
  ...QUERIES.map(([sql, raw, daily]) => ({
    sql: sql.replaceAll('health_db.', ''),
    asked: sql,
    files: { ...(raw === null ? {} : { raw }), ...(daily === null ? {} : { daily }) } as Record<
      string,
      number
    >,
  })),
  ...MORE_QUERIES.map(([sql, files]) => ({ sql, asked: sql, files })),
]

let tarn: TestApp
let engine: EngineInBrowser
let expected: (Cells | { readonly error: string })[]

beforeAll(async () => {
  tarn = testApp()
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  for (const rows of [rawRows(10, 7), rawRows(4, 5, -3)]) await appendRows(lake.io, lake, 'raw', rows)
  await appendRows(lake.io, lake, 'daily', dailyRows(8, 9))
  await appendRows(lake.io, lake, 'weekly', weeklyRows(3, 5))
  await appendRows(lake.io, lake, 'monthly', monthlyRows(3, 4))
  await appendRows(lake.io, lake, 'errors', errorRows(4))
  const tables: Record<string, string> = {}
  for (const role of TABLE_ROLES) {
    const { metadataLocation } = await lake.io.catalog.loadTable(lake.tables[role])
    tables[TABLES[role].defaultName] = metadataLocation as string
  }
  const asked = join(tarn.home, 'asked.json')
  writeFileSync(asked, JSON.stringify({ tables, queries: STATEMENTS.map(({ sql }) => sql) }))
  const output = run(await python(), [join(import.meta.dirname, 'oracle.py'), asked])
  expected = JSON.parse(output) as typeof expected
  engine = await engineInBrowser(tarn.app)
}, 240_000)
afterAll(async () => {
  await engine?.close()
  await tarn?.close()
})

/** Numbers with a fraction are equal to nine digits: engines add in different orders. */
function sameCell(a: string, b: string): boolean {
  if (a === b) return true
  const [x, y] = [Number(a), Number(b)]
  const fraction = /[.e]/.test(a) || /[.e]/.test(b)
  return (
    fraction &&
    !a.startsWith('"') &&
    !b.startsWith('"') &&
    Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y))
  )
}

/** Rows by their text, numbers cut so that a last digit does not change their place. */
function inOrder(rows: Cells): Cells {
  const key = (row: readonly string[]) =>
    row.map((cell) => (/^-?\d+\.\d/.test(cell) ? Number(cell).toPrecision(8) : cell)).join('|')
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

describe(`${STATEMENTS.length} statements`, () => {
  test.each(STATEMENTS.map(({ asked, files }, i) => [asked, files, i] as const))(
    '%s',
    async (asked, files, i) => {
      const answer = expected[i] as Cells | { readonly error: string }
      if ('error' in answer) throw new Error(`the other engine: ${answer.error}`)
      const ran = await engine.run(`tab-${i}`, asked)
      if (ran.state !== 'done') throw new Error(ran.message)
      const ordered = /ORDER BY [^)]*$/.test(asked)
      const [ours, theirs] = ordered ? [ran.rows, answer] : [inOrder(ran.rows), inOrder(answer)]
      expect(ours.length).toBe(theirs.length)
      const differences = theirs.flatMap((row, r) =>
        row.flatMap((cell, c) =>
          sameCell(ours[r]?.[c] ?? '', cell) ? [] : [`${r},${c}: ${ours[r]?.[c]} is not ${cell}`],
        ),
      )
      expect(differences).toEqual([])
      for (const [role, count] of Object.entries(files)) {
        const name = TABLES[role as keyof typeof TABLES].defaultName
        expect([name, ran.forecast.tables.find((table) => table.name === name)?.files]).toEqual([name, count])
      }
      // Each of these files is small: it is read whole, once, and nothing beyond the plan.
      expect(ran.read).toMatchObject({
        files: ran.forecast.files,
        requests: ran.forecast.files,
        cachedFiles: 0,
      })
      expect(ran.read.readBytes).toBe(ran.forecast.bytes)
    },
  )
})
