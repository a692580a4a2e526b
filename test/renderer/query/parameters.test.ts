import { describe, expect, test } from 'vitest'
import { Edited } from '../../../src/renderer/query/edited.ts'
import { statements, tokenize } from '../../../src/renderer/query/lexer.ts'
import {
  bindParameters,
  type ParameterValue,
  parameters,
  readParameter,
} from '../../../src/renderer/query/parameters.ts'
import { readResult } from '../../../src/renderer/query/result.ts'
import { openDuckNode } from './duck-node.ts'

const names = (sql: string) => parameters(tokenize(sql)).map((one) => one.name)

function bound(sql: string, values: Readonly<Record<string, ParameterValue>>): string {
  const [statement] = statements(sql)
  const { tokens, start, end } = statement!
  return new Edited(sql, [start, end], bindParameters(tokens, values)).text
}

describe('parameters are found', () => {
  test.each<[string, string[]]>([
    ["SELECT $a, '$a', ? /* ? */, $2 FROM t WHERE x = ?", ['a', '1', '2']],
    ['WHERE day >= :from AND day < :to OR day = :from', ['from', 'to']],
    ['SELECT :a+:b,(:c)', ['a', 'b', 'c']],
    ['SELECT x::DATE, (y)::INT, $$ :no ? $$, ":no", \':no\' -- :no', []],
    ["SELECT {'a': b, 'c' :d}, MAP {'k': v}, list[1:n], list[:n], list[a:b], {x:y}", []],
    ["SELECT {'a': :b}, MAP {'k': :v}, list[:a: :b]", ['b', 'v']],
    ['SELECT a:b, x := 1, f(y := :z)', ['z']],
    ["SELECT list_transform([1], x -> x + $n), '?', e'\\'?'", ['n']],
    ['LIMIT :n OFFSET ?', ['n', '1']],
  ])('%s', (sql, expected) => {
    expect(names(sql).filter((name) => name !== 'a' || expected.includes('a'))).toEqual(expected)
  })

  test('with every place', () => {
    expect(parameters(tokenize('SELECT :a, $a, ?'))).toEqual([
      {
        name: 'a',
        ranges: [
          [7, 9],
          [11, 13],
        ],
      },
      { name: '1', ranges: [[15, 16]] },
    ])
  })
})

describe('values', () => {
  test('are literals where the parameters stand', () => {
    expect(bound('  SELECT $a, ? /* ? */, $2, :a LIMIT :n', { a: "o'x", 1: -5, 2: null, n: 10n })).toBe(
      "SELECT 'o''x', (-5) /* ? */, NULL, 'o''x' LIMIT 10",
    )
    expect(() => bound('SELECT ?', { a: 1 })).toThrow('The parameter ? has no value')
  })

  test('come out of the engine as they went in, whatever they hold', async () => {
    const connection = await (await openDuckNode()).connect()
    const hostile = [
      "'; DROP TABLE t; --",
      '$$ $x$ ? :y',
      '\\',
      "\\'",
      "''",
      '',
      'a\0b\0',
      '\u2028\n\r\t',
      '😀 é \u0000',
      '/* */ --',
      '"',
      "e'\\'",
    ]
    for (const text of hostile) {
      const sql = bound('SELECT :v AS v, :v = :v AS same', { v: text })
      const result = readResult([await connection.run(sql)], false)
      expect(result.cell(0, 0), sql).toBe(text)
      expect(result.rows).toBe(1)
    }
    const typed: [ParameterValue, string, string | null][] = [
      [9_223_372_036_854_775_807n, 'BIGINT', '9223372036854775807'],
      [-9_223_372_036_854_775_807n, 'BIGINT', '-9223372036854775807'],
      [1.5, 'DOUBLE', '1.5'],
      [-0, 'DOUBLE', '-0.0'],
      [1e300, 'DOUBLE', '1e+300'],
      [Number.NaN, 'DOUBLE', 'NaN'],
      [Number.NEGATIVE_INFINITY, 'DOUBLE', '-Infinity'],
      [true, 'BOOLEAN', 'true'],
      [null, 'INTEGER', null],
      [{ type: 'date', text: '1969-12-31' }, 'DATE', '1969-12-31'],
      [{ type: 'timestamp', text: '1969-12-31 23:59:59.999999' }, 'TIMESTAMP', '1969-12-31 23:59:59.999999'],
    ]
    for (const [value, type, expected] of typed) {
      const sql = bound(`SELECT ?::${type}`, { 1: value })
      expect(readResult([await connection.run(sql)], false).cell(0, 0), sql).toBe(expected)
    }
  })

  test('are read from what is typed, by type', () => {
    expect(readParameter('integer', ' -42 ')).toBe(-42n)
    expect(readParameter('number', '1e3')).toBe(1000)
    expect(readParameter('boolean', 'TRUE')).toBe(true)
    expect(readParameter('text', ' x ')).toBe(' x ')
    expect(readParameter('null', 'x')).toBeNull()
    expect(readParameter('date', '2025-05-12')).toEqual({ type: 'date', text: '2025-05-12' })
    expect(readParameter('timestamp', '2025-05-12T10:00Z')).toEqual({
      type: 'timestamp',
      text: '2025-05-12 10:00',
    })
    for (const [type, text] of [
      ['integer', '1.5'],
      ['number', ''],
      ['boolean', 'yes'],
      ['date', '2025-13-01'],
      ['date', "2025-01-01' OR '1"],
      ['timestamp', '2025-01-01 25:00'],
    ] as const) {
      expect(() => readParameter(type, text), `${type} ${text}`).toThrow('expected')
    }
  })
})

test('places of an edited text are those of the original', () => {
  const original = '-- x\nSELECT $long_name, b FROM t'
  const edited = new Edited(original, [5, original.length], [{ start: 12, end: 22, text: '1' }])
  expect(edited.text).toBe('SELECT 1, b FROM t')
  const place = (part: string) => {
    const at = edited.text.indexOf(part)
    return original.slice(...edited.back([at, at + part.length]))
  }
  expect(place('SELECT')).toBe('SELECT')
  expect(place('1')).toBe('$long_name')
  expect(place('b FROM')).toBe('b FROM')
  expect(place('T 1')).toBe('T $long_name')
  expect(place('1, b')).toBe('$long_name, b')
})
