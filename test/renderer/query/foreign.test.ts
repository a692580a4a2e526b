import { describe, expect, test } from 'vitest'
import type { RunOutcome } from '../../../src/renderer/query/session.ts'
import { fixtureTable } from '../../helpers/fixture-table.ts'
import { openTables } from './lake-node.ts'

/** Tables that other engines wrote: evolved, imported without field ids, with deletes. */

function lines({ result }: RunOutcome): string[] {
  const rows: string[] = []
  for (let row = 0; row < result.rows; row++) {
    rows.push(result.columns.map((_, column) => result.cell(row, column) ?? '∅').join(' | '))
  }
  return rows
}

async function open(name: string) {
  const { storage, metadata, rows } = await fixtureTable(name)
  const { engine, storage: counting } = openTables(storage, { [name]: metadata })
  return { session: engine.session('test'), engine, storage: counting, rows }
}

describe.each(['evolved', 'imported', 'merge-on-read', 'repartitioned'])('%s', (name) => {
  test('has the rows that the other engine reads', async () => {
    const { session, rows } = await open(name)
    const outcome = await session.run(`SELECT id FROM "${name}" ORDER BY id`)
    const ids = rows.map((row) => (row.id === null ? '∅' : String(row.id)))
    expect(lines(outcome).toSorted()).toEqual(ids.toSorted())
  })

  test('counts without reading what is not deleted', async () => {
    const { session, rows } = await open(name)
    expect(lines(await session.run(`SELECT count(*) FROM "${name}"`))).toEqual([String(rows.length)])
  })

  test('every column can be read, and the same by filter', async () => {
    const { session, engine } = await open(name)
    const all = lines(await session.run(`SELECT * FROM "${name}" ORDER BY id`))
    const names = engine.tables[0]!.fields.map((field) => field.name)
    expect(all[0]?.split(' | ').length).toBe(names.length)
    for (const column of names) {
      const parts = await Promise.all(
        [`"${column}" IS NULL`, `"${column}" IS NOT NULL`].map(async (where) =>
          lines(await session.run(`SELECT * FROM "${name}" WHERE ${where}`)),
        ),
      )
      expect(parts.flat().toSorted()).toEqual(all.toSorted())
    }
  })
})

test('values of an evolved table are those of its present schema', async () => {
  const { session, rows } = await open('evolved')
  const outcome = await session.run('SELECT * FROM evolved ORDER BY id')
  const columns = outcome.result.columns.map((column) => column.name)
  const sorted = rows.toSorted((a, b) => Number(a.id) - Number(b.id))
  sorted.forEach((row, i) => {
    columns.forEach((name, column) => {
      const expected = row[name]
      const text = outcome.result.cell(i, column)
      if (expected === null) expect(text, name).toBeNull()
      else if (typeof expected === 'number') expect(Number(text), name).toBeCloseTo(expected)
      else if (typeof expected === 'string' && /^(unscaled|micros|day|hex)/.test(expected))
        expect(text, name).not.toBeNull()
      else if (typeof expected === 'string') expect(text, name).toBe(expected)
    })
  })
})
