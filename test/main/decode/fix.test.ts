import { describe, expect, test } from 'vitest'
import { createFixer, fixId } from '../../../src/main/decode/fix.ts'
import { compileFormula } from '../../../src/main/decode/fix-formula.ts'
import { mergePatch, printJson } from '../../../src/main/decode/fix-json.ts'
import type { Fix } from '../../../src/shared/letters.ts'
import { payloadOf, sampleOf } from '../../helpers/letters.ts'

const apply = (fix: Fix, payload: object | string) => {
  const text = createFixer(fix).apply(
    'letter',
    typeof payload === 'string' ? payload : JSON.stringify(payload),
  )
  return text === null ? null : (JSON.parse(text) as { samples: Record<string, unknown>[] })
}

describe('merge patch', () => {
  // RFC 7396, appendix A.
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, expected) => {
    const before = JSON.stringify(target)
    expect(mergePatch(target, patch)).toEqual(expected)
    expect(JSON.stringify(target)).toBe(before)
  })

  test('__proto__ is a key like any other', () => {
    const merged = mergePatch(JSON.parse('{"a":1}'), JSON.parse('{"__proto__":{"polluted":true}}'))
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(JSON.stringify(merged)).toBe('{"a":1,"__proto__":{"polluted":true}}')
  })
})

test('printing keeps what JSON.stringify loses', () => {
  const text = '{"a":-0,"b":1e999,"c":-1e999,"d":"\\u2028\\"","e":[null,true]}'
  expect(printJson(JSON.parse(text))).toBe('{"a":-0,"b":1e999,"c":-1e999,"d":"\u2028\\"","e":[null,true]}')
})

describe('formulas', () => {
  test.each([
    ['(value - 32) / 1.8', 98.6, 37],
    ['value * 2 + 1', 3, 7],
    ['1 - 2 - 3', 0, -4],
    ['2 * -(value)', 4, -8],
    ['8 / 2 / 2', 0, 2],
    ['1e3 * .5', 0, 500],
  ])('%s of %d is %d', (text, value, expected) => {
    expect(compileFormula(text)(value)).toBe(expected)
  })
  test.each([
    '',
    'value +',
    '(value',
    'values',
    'process.exit()',
    'value; 1',
    '2 ** 3',
    '1 2',
    '('.repeat(60),
  ])('%j is refused', (text) => {
    expect(() => compileFormula(text)).toThrow(expect.objectContaining({ code: 'INVALID' }))
  })
})

describe('rules', () => {
  const two = payloadOf([
    sampleOf({ id: 'a' }),
    sampleOf({ id: 'b', type: 'heartRate', value: 70, unit: 'degF' }),
  ])

  test('convert a unit, of one type', () => {
    const fix: Fix = {
      kind: 'convert',
      type: 'bodyTemperature',
      from: 'degF',
      to: '°C',
      formula: '(value - 32) / 1.8',
    }
    expect(apply(fix, two)?.samples.map(({ value, unit }) => [value, unit])).toEqual([
      [37, '°C'],
      [70, 'degF'],
    ])
  })
  test('rename a type', () => {
    expect(
      apply({ kind: 'rename', from: 'heartRate', to: 'restingHeartRate' }, two)?.samples.map(
        ({ type }) => type,
      ),
    ).toEqual(['bodyTemperature', 'restingHeartRate'])
  })
  test('add a zone where there is none, and only there', () => {
    const sample = sampleOf({
      startDate: '2026-01-01T08:00:00.25',
      endDate: '2026-01-01T08:00:00-05:00',
      createdAt: 'x',
    })
    const fixed = apply(
      { kind: 'zone', offset: '+02:00' },
      payloadOf([sample], { timestamp: '2026-01-01 08:00:00' }),
    )
    expect(fixed).toMatchObject({
      timestamp: '2026-01-01 08:00:00+02:00',
      samples: [
        { startDate: '2026-01-01T08:00:00.25+02:00', endDate: '2026-01-01T08:00:00-05:00', createdAt: 'x' },
      ],
    })
    expect(() => createFixer({ kind: 'zone', offset: '2' })).toThrow(/is no zone/)
  })
  test('fill a field that is missing or null', () => {
    const fix: Fix = { kind: 'default', target: 'sample', field: 'isSynced', value: false }
    const samples = [{ id: 'a' }, { id: 'b', isSynced: null }, { id: 'c', isSynced: true }]
    expect(apply(fix, { samples })?.samples.map(({ isSynced }) => isSynced)).toEqual([false, false, true])
  })
  test('a range changes the rules, not the payload', () => {
    const fixer = createFixer({ kind: 'range', type: 'heartRate', min: 0, max: 400 })
    expect(fixer.apply('letter', ' {"a": 1} ')).toBe(' {"a": 1} ')
    expect(fixer.validation({ strict: true, ranges: { x: [1, 2] } })).toEqual({
      strict: true,
      ranges: { x: [1, 2], heartRate: [0, 400] },
    })
    expect(() => createFixer({ kind: 'range', type: 'x', min: 2, max: 1 })).toThrow(/holds no number/)
  })
  test('an edit is for one letter alone', () => {
    const fixer = createFixer({ kind: 'edit', letter: 'a', payload: '{}' })
    expect([fixer.apply('a', 'old'), fixer.apply('b', 'old')]).toEqual(['{}', 'old'])
  })
  test.each(['{', '[1]', '"text"', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`])(
    'what is no object that can be walked is not touched',
    (payload) => {
      expect(createFixer({ kind: 'rename', from: 'a', to: 'b' }).apply('letter', payload)).toBeNull()
    },
  )
})

test('the same fix has the same id, whatever the order of its keys', () => {
  const a: Fix = { kind: 'merge', target: 'sample', patch: { a: 1, b: { c: 2, d: 3 } } }
  const b: Fix = { patch: { b: { d: 3, c: 2 }, a: 1 }, target: 'sample', kind: 'merge' }
  expect(fixId(a)).toBe(fixId(b))
  expect(fixId({ ...a, target: 'envelope' })).not.toBe(fixId(a))
})
