import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Field, RecordBatch } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseMetadata } from '../../src/main/iceberg/metadata.ts'
import { localStorage } from '../../src/main/storage/local.ts'
import type { Engine } from '../../src/renderer/query/engine.ts'
import { cellJson } from '../../src/renderer/query/json-lines.ts'
import type { QueryResult } from '../../src/renderer/query/result.ts'
import { openTables } from '../renderer/query/lake-node.ts'
import { python } from '../services/install.ts'
import { run } from '../services/process.ts'

/**
 * A table that PyIceberg wrote, its schema and partitioning changed between commits, rows deleted: the app's answers
 * against DuckDB over what PyIceberg reads.
 */

const folder = mkdtempSync(join(tmpdir(), 'tarn-written-'))
let engine: Engine
let snapshots: string[]
let location: string

beforeAll(async () => {
  const output = run(await python(), [join(import.meta.dirname, 'written.py'), folder])
  const written = JSON.parse(output.trim().split('\n').at(-1) as string) as {
    evolved: string
    snapshots: string[]
  }
  location = written.evolved
  snapshots = written.snapshots
  const storage = localStorage({ root: pathToFileURL(folder).href })
  const metadata = parseMetadata(await storage.read(location))
  engine = openTables(storage, { evolved: metadata }).engine
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function cells(result: QueryResult): string[] {
  return Array.from({ length: result.rows }, (_, shown) => {
    const { batch, row } = result.placeOf(shown)
    const { children } = (result.batches[batch] as RecordBatch).data
    return children.map((data, i) => cellJson(result.schema.fields[i] as Field, data, row)).join(' | ')
  })
}

async function answers(queries: readonly string[]): Promise<string[][]> {
  const asked = join(folder, 'asked.json')
  const tables = Object.fromEntries([
    ['evolved', location],
    ...snapshots.map((id) => [`evolved@${id}`, location] as const),
  ])
  writeFileSync(asked, JSON.stringify({ tables, queries }))
  const found = JSON.parse(run(await python(), [join(import.meta.dirname, 'oracle.py'), asked])) as (
    | string[][]
    | { error: string }
  )[]
  return found.map((rows) => {
    if ('error' in rows) throw new Error(rows.error)
    return rows.map((row) => row.join(' | ')).toSorted()
  })
}

/** Numbers that JSON spells in two ways. */
const plain = (line: string): string => line.replace(/\b(\d+)\.0\b/g, '$1')

const QUERIES = [
  'SELECT * FROM evolved',
  'SELECT count(*), count(title), count(extra), sum(id), sum(price) FROM evolved',
  "SELECT id, title FROM evolved WHERE title = 'name 3'",
  "SELECT id FROM evolved WHERE title LIKE 'name 1%' AND id > 90",
  'SELECT id, place FROM evolved WHERE place IS NOT NULL',
  'SELECT id, place.city, place.country, place.codes[1] FROM evolved WHERE place.country IS NULL',
  "SELECT id, tags['a'], cardinality(tags) FROM evolved WHERE id BETWEEN 25 AND 50",
  "SELECT id, stamp, day FROM evolved WHERE stamp < TIMESTAMP '1970-01-01'",
  "SELECT day, count(*) FROM evolved WHERE day >= DATE '1970-01-10' GROUP BY day",
  'SELECT id FROM evolved WHERE price > 1.25 OR price IS NULL',
  'SELECT id % 10 AS d, min(stamp), max(price), list(title ORDER BY id) FROM evolved GROUP BY d',
  'SELECT a.id, b.title FROM evolved a JOIN evolved b ON b.id = a.id + 100 WHERE a.extra IS NULL',
  'SELECT id FROM evolved WHERE extra = 250',
]

describe('an evolved table', () => {
  test('has the answers of the other engine', async () => {
    const expected = await answers(QUERIES)
    for (const [i, sql] of QUERIES.entries()) {
      const { result } = await engine.session('evolved').run(sql)
      expect(cells(result).toSorted().map(plain), sql).toEqual(expected[i]?.map(plain))
    }
  })

  test('prunes across its partition specs', async () => {
    const files = async (where: string) => {
      const { forecast } = await engine.session('evolved').run(`SELECT id FROM evolved WHERE ${where}`)
      return forecast.tables[0]
    }
    const all = await files('id >= 0')
    expect(all?.files).toBe(all?.totals.files)
    for (const where of [
      "stamp < TIMESTAMP '1969-12-27'",
      "day = DATE '1970-01-20'",
      'extra = 250',
      'id = 17',
    ]) {
      const some = await files(where)
      expect(some?.files, where).toBeLessThan((all?.files ?? 0) / 2)
      expect(some?.totals.files, where).toBe(all?.totals.files)
    }
  })

  test('stands at each snapshot with the columns it had then', async () => {
    const distinct = [...new Set(snapshots)]
    const queries = distinct.map((id) => `SELECT * FROM "evolved@${id}"`)
    const expected = await answers(queries)
    for (const [i, id] of distinct.entries()) {
      const { result } = await engine.session('then').run(`SELECT * FROM evolved FOR VERSION AS OF ${id}`)
      expect(cells(result).toSorted().map(plain), id).toEqual(expected[i]?.map(plain))
    }
    const first = await engine
      .session('then')
      .run(
        `SELECT name, ratio FROM evolved FOR VERSION AS OF ${distinct[0]} WHERE name = 'name 3' AND id < 10`,
      )
    expect(cells(first.result)).toEqual(['"name 3" | 0.75'])
  })
})
