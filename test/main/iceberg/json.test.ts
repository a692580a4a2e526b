import { describe, expect, test } from 'vitest'
import { parseJson, stringifyJson } from '../../../src/main/iceberg/json.ts'

describe('lossless JSON', () => {
  test('integers beyond 2^53 survive a round trip, smaller ones stay numbers', () => {
    const text =
      '{"id":9223372036854775807,"low":-9223372036854775808,"edge":9007199254740991,"next":9007199254740992}'
    const value = parseJson(text)
    expect(value).toEqual({
      id: 9223372036854775807n,
      low: -9223372036854775808n,
      edge: 9007199254740991,
      next: 9007199254740992n,
    })
    expect(stringifyJson(value)).toBe(text)
  })

  test('fractions, exponents and long digits inside strings stay what they are', () => {
    const text = '["12345678901234567890",1.5,1e3,0.12345678901234567890,"a\\"12345678901234567890\\\\"]'
    expect(parseJson(text)).toEqual(JSON.parse(text))
  })

  test('__proto__ and constructor are plain data', () => {
    const value = parseJson('{"__proto__":{"polluted":1},"constructor":2,"id":9223372036854775807}') as object
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'id'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(stringifyJson(value)).toBe('{"__proto__":{"polluted":1},"constructor":2,"id":9223372036854775807}')
  })

  test('refuses depth, length and text that is not JSON', () => {
    const deep = `${'['.repeat(100_000)}9223372036854775807${']'.repeat(100_000)}`
    expect(() => parseJson(deep)).toThrow(/nested deeper than 200/)
    expect(() => parseJson('"[[["', { maxDepth: 1 })).not.toThrow()
    expect(() => parseJson('[1,2,3]', { maxLength: 3 })).toThrow(/over the limit/)
    expect(() => parseJson('<html>')).toThrow(/not JSON/)
    expect(() => parseJson('"open')).toThrow(/not JSON/)
  })
})
