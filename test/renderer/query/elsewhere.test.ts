import { describe, expect, test } from 'vitest'
import { chains } from '../../../src/renderer/query/chains.ts'
import { EngineError } from '../../../src/renderer/query/errors.ts'
import { tokenize } from '../../../src/renderer/query/lexer.ts'
import type { RunOutcome } from '../../../src/renderer/query/session.ts'
import { fixtureTable } from '../../helpers/fixture-table.ts'
import { openTables } from './lake-node.ts'

/** Tables of the catalog's other namespaces, written by PyIceberg. */

const cells = ({ result }: RunOutcome) =>
  Array.from({ length: result.rows }, (_, row) =>
    result.columns.map((_, column) => result.cell(row, column)).join(' | '),
  )

async function open() {
  const { storage, metadata, rows } = await fixtureTable('evolved')
  const { 'current-snapshot-id': _, ...rest } = metadata
  const empty = { ...rest, 'table-uuid': 'other', refs: {} } as typeof metadata
  const over = openTables(storage, { mine: metadata }, [
    {
      levels: ['study'],
      tables: { visits: metadata, strange: 'table format version 9 is not supported' },
      views: ['seen'],
    },
    { levels: ['study', 'two.b'], tables: { 'visits & more': metadata } },
    {
      levels: ['main'],
      tables: { mine: empty },
    },
  ])
  const session = over.engine.session('test')
  const loads = () => over.calls.splice(0).filter((call) => call.startsWith('load '))
  const failure = (sql: string) =>
    session.run(sql).then(
      () => null,
      (error: unknown) => error as EngineError,
    )
  return { ...over, session, rows, loads, failure }
}

test('a statement that names none of them costs nothing for them', async () => {
  const { session, rows, calls } = await open()
  const sql = 'SELECT a.id, b.id FROM mine a JOIN health_db.mine b ON (a.id = b.id)'
  expect((await session.run(sql)).result.rows).toBe(rows.filter((row) => row.id !== null).length)
  expect(calls.filter((call) => !/mine$/.test(call))).toEqual(['tables health_db'])
})

test('names are listed without loading a table, and one is loaded when it is named', async () => {
  const { engine, session, rows, loads } = await open()
  const { namespaces } = await engine.elsewhere.names()
  expect(namespaces).toEqual([
    { levels: ['main'], tables: ['mine'] },
    { levels: ['study'], tables: ['strange', 'visits'] },
    { levels: ['study', 'two.b'], tables: ['visits & more'] },
  ])
  expect(loads()).toEqual([])
  const outcome = await session.run('SELECT count(*) FROM study.visits')
  expect(cells(outcome)).toEqual([String(rows.length)])
  expect(new Set(loads())).toEqual(new Set(['load health_db/mine', 'load study/visits']))
  expect(outcome.forecast.tables.map((table) => table.name)).toEqual(['study.visits'])
  expect(engine.elsewhere.tables.map((table) => table.called)).toEqual(['study.visits'])
})

test('rows are those that the other engine reads, pruned as those of an own table', async () => {
  const { session } = await open()
  const where = 'WHERE id > 2 AND category IS NOT NULL ORDER BY ALL'
  const mine = await session.run(`SELECT * FROM mine ${where}`)
  const other = await session.run(`SELECT * FROM study.visits ${where}`)
  expect(cells(other)).toEqual(cells(mine))
  expect(other.forecast.files).toBe(mine.forecast.files)
  expect(other.forecast.tables[0]?.left).toEqual(mine.forecast.tables[0]?.left)
})

describe('a name', () => {
  test.each([
    'SELECT count(*) FROM study."two.b"."visits & more"',
    'SELECT count(*) FROM "study"."two.b"."visits & more" AS v WHERE v.id IS NOT NULL OR v.id IS NULL',
    'SELECT count(*) FROM "study.two.b"."visits & more"',
    'SELECT count(*) FROM Study.VISITS',
    'SELECT count(coalesce(study.visits.id, 0)) FROM study.visits',
    'SELECT count(*) FROM (SELECT 1 AS one) AS o, study.visits',
    'WITH v AS (SELECT * FROM study.visits) SELECT count(*) FROM v',
    'SELECT count(*) FROM mine WHERE id IS NULL OR id IN (SELECT study."two.b"."visits & more".id FROM study."two.b"."visits & more")',
  ])('%s', async (sql) => {
    const { session, rows } = await open()
    expect(cells(await session.run(sql))).toEqual([String(rows.length)])
  })

  test('that DuckDB has of its own hides nothing', async () => {
    const { session, rows } = await open()
    expect(cells(await session.run('SELECT count(*) FROM main.mine'))).toEqual(['0'])
    expect(cells(await session.run('SELECT count(*) FROM mine'))).toEqual([String(rows.length)])
  })

  test('joins with an own table', async () => {
    const { session, rows } = await open()
    const sql = 'SELECT count(*) FROM mine AS a JOIN study.visits AS b ON (a.id = b.id)'
    expect(cells(await session.run(sql))).toEqual([String(rows.filter((row) => row.id !== null).length)])
  })
})

test('an older state is read by clause and by choice', async () => {
  const { session, engine } = await open()
  const table = await engine.elsewhere.open(['study'], 'visits')
  const { storage, metadata } = await fixtureTable('evolved')
  const snapshots = metadata.snapshots.map((one) => String(one['snapshot-id']))
  const over = openTables(storage, { mine: metadata }).engine.session('oracle')
  for (const id of snapshots) {
    const [expected] = cells(await over.run(`SELECT count(*) FROM mine FOR VERSION AS OF ${id}`))
    const byClause = await session.run(`SELECT count(*) FROM study.visits FOR VERSION AS OF ${id} AS v`)
    const byChoice = await session.run('SELECT count(*) FROM study.visits', {
      snapshots: { [table.called]: id },
    })
    expect([...cells(byClause), ...cells(byChoice)]).toEqual([expected, expected])
  }
})

test('what cannot be read is refused by name, at its place', async () => {
  const { failure } = await open()
  const wrong = async (sql: string) => {
    const error = await failure(sql)
    expect(error).toBeInstanceOf(EngineError)
    const { message, range, candidates } = error as EngineError
    return { message, at: range === null ? null : sql.slice(...range), candidates }
  }
  expect(await wrong('SELECT * FROM study.strange')).toEqual({
    message: 'study.strange cannot be read: table format version 9 is not supported.',
    at: 'study.strange',
    candidates: [],
  })
  expect((await wrong('SELECT * FROM study.seen')).message).toMatch(
    /^study\.seen cannot be read: seen is a view/,
  )
  expect(await wrong('SELECT 1, s.* FROM study.visit AS s')).toEqual({
    message: 'There is no table study.visit in the catalog.',
    at: 'study.visit',
    candidates: ['study.strange', 'study.visits'],
  })
  const plain = await wrong('SELECT * FROM visits')
  expect(plain.at).toBe('visits')
  expect(plain.candidates[0]).toBe('study.visits')
  const column = await wrong('SELECT nothing FROM study."two.b"."visits & more"')
  expect(column.at).toBe('nothing')
})

test('tables stand behind FROM, JOIN and commas between them, not in expressions', () => {
  const named = (sql: string) =>
    chains(tokenize(sql)).flatMap(({ table, parts }) => (table ? [parts.join('.')] : []))
  expect(
    named(
      'SELECT a.x, b.y FROM s.a, s.b JOIN s.c ON f(a.x, b.y), s.d WHERE (a.x, b.y) IN (SELECT 1, c.d FROM s.e)',
    ),
  ).toEqual(['s.a', 's.b', 's.c', 's.d', 's.e'])
  expect(
    named(
      'SELECT extract(day FROM a.at), trim(a.x) FROM (s.a JOIN (SELECT 1) USING (x)) WHERE a.x IS DISTINCT FROM a.y',
    ),
  ).toEqual(['s.a'])
  expect(named('DESCRIBE s.a')).toEqual(['s.a'])
  expect(named('FROM s.a SELECT a.x, a.y')).toEqual(['s.a'])
})
