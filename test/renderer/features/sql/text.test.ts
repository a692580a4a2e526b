import { describe, expect, test } from 'vitest'
import { formatSql } from '../../../../src/renderer/features/sql/format-sql.ts'
import { comparedColumn, tablesIn, withSnapshot } from '../../../../src/renderer/features/sql/named-tables.ts'
import { firstField, namesOf, valuesOf } from '../../../../src/renderer/features/sql/parameters.ts'
import { tokenize } from '../../../../src/renderer/query/lexer.ts'
import { engineTable } from '../../../../src/renderer/query/tables.ts'

const table = engineTable(
  {
    namespace: ['health_db'],
    name: 'health_data_raw',
    uuid: 'u',
    snapshotId: '1',
    columns: [
      { id: 1, name: 'user_id', type: 'string', required: true },
      { id: 2, name: 'value', type: 'double', required: false },
    ],
    totals: { files: 1, bytes: 1, rows: 1 },
  },
  't1',
)

describe('format', () => {
  test('keeps time travel, parameters, comments, casts and literals', () => {
    const text = formatSql(
      "select a, b::int from health_data_raw for version as of 7219000000000002471 as r where x = $day and y=? and z = :name -- why\n and w in ('a  b')",
    )
    expect(text).toContain('health_data_raw FOR VERSION AS OF 7219000000000002471 AS r')
    expect(text).toContain('x = $day')
    expect(text).toContain('z = :name -- why')
    expect(text).toContain("('a  b')")
    expect(text).toContain('b::INT')
  })

  test('refuses what it cannot read and changes nothing but space and case', () => {
    expect(() => formatSql('SELECT @')).toThrow()
    const words = (sql: string) => tokenize(sql).map((token) => token.text.toLowerCase())
    const sql =
      "WITH q AS (SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY value) AS n FROM t) FROM q SELECT list_transform([1, 2], x -> x + 1), {'k': 2}, m['k'] QUALIFY n = 1"
    expect(words(formatSql(sql))).toEqual(words(sql))
  })
})

describe('tables of a statement', () => {
  const found = (sql: string) => tablesIn(tokenize(sql), [table]).map(({ alias }) => alias)

  test('by name and alias, with and without a snapshot', () => {
    expect(found('SELECT 1 FROM health_data_raw WHERE value > 1')).toEqual(['health_data_raw'])
    expect(found('SELECT 1 FROM health_db.health_data_raw r JOIN Health_Data_Raw AS s USING (x)')).toEqual([
      'r',
      's',
    ])
    expect(found('SELECT 1 FROM health_data_raw FOR VERSION AS OF 12 AS r')).toEqual(['r'])
    expect(found('SELECT health_data_raw FROM other')).toEqual([])
  })

  test('of another namespace only with it', () => {
    const other = engineTable({ ...table.table, namespace: ['study', 'a.b'] }, 't2', false)
    const of = (sql: string) => tablesIn(tokenize(sql), [table, other]).map((one) => one.table.base)
    expect(of('SELECT 1 FROM health_data_raw, study."a.b".health_data_raw AS o')).toEqual(['t1', 't2'])
    expect(of('SELECT study.health_data_raw FROM study.health_data_raw')).toEqual([])
    expect(withSnapshot('SELECT 1 FROM study."a.b".health_data_raw', 0, other, '42')).toBe(
      'SELECT 1 FROM study."a.b".health_data_raw FOR VERSION AS OF 42',
    )
  })

  test('a snapshot is written behind the name and takes the place of another', () => {
    const once = withSnapshot('SELECT 1 FROM health_data_raw AS r', 0, table, '42')
    expect(once).toBe('SELECT 1 FROM health_data_raw FOR VERSION AS OF 42 AS r')
    expect(withSnapshot(once ?? '', 0, table, '43')).toBe(
      'SELECT 1 FROM health_data_raw FOR VERSION AS OF 43 AS r',
    )
    expect(withSnapshot('SELECT 1', 0, table, '43')).toBeNull()
  })
})

describe('the column that a text is compared to', () => {
  const at = (sql: string) => comparedColumn(tokenize(sql.replace('|', '')), sql.indexOf('|'))?.column

  test('before, inside and after the quotes, and in a list', () => {
    expect(at('SELECT 1 WHERE user_id = |')).toBe('user_id')
    expect(at("SELECT 1 WHERE user_id = '|'")).toBe('user_id')
    expect(at("SELECT 1 WHERE user_id <> 'us|er'")).toBe('user_id')
    expect(at("SELECT 1 WHERE r.user_id NOT IN ('a', '|')")).toBe('user_id')
    expect(at('SELECT 1 WHERE | user_id')).toBeUndefined()
    expect(at("SELECT 'x|'")).toBeUndefined()
  })
})

describe('parameters', () => {
  test('are named in order over all statements, each once', () => {
    expect(namesOf('SELECT $day, :n; SELECT $day, x::int, $1')).toEqual(['day', 'n', '1'])
  })

  test('are read by their type; what cannot be read is left out', () => {
    const sql = 'SELECT $day, $n, $flag, $word'
    expect(
      valuesOf(sql, {
        day: { kind: 'date', text: '2026-02-30x' },
        n: { kind: 'integer', text: '9007199254740993' },
        flag: { kind: 'boolean', text: 'true' },
      }),
    ).toEqual({ n: 9007199254740993n, flag: true })
    expect(valuesOf('SELECT 1', {})).toBeNull()
    expect(firstField('from')).toEqual({ kind: 'date', text: '' })
  })
})
