import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { humanValue } from '../../../src/main/iceberg/human.ts'
import { escapeSegment, partitionKey, partitionPath } from '../../../src/main/iceberg/partition.ts'
import { applyTransform, hashValue, transformResultType } from '../../../src/main/iceberg/transform.ts'
import type { PrimitiveType, Value } from '../../../src/main/iceberg/types.ts'
import { compareValues, decodeValue, encodeValue } from '../../../src/main/iceberg/values.ts'

type Plain = string | number | boolean | null | { big: string } | { hex: string }

/** Written by PyIceberg 0.12. */
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/iceberg/values.json', import.meta.url), 'utf8'),
) as {
  transforms: {
    transform: string
    type: PrimitiveType
    value: Plain
    result: Plain
    resultType: string
    human: string
  }[]
  singleValues: { type: PrimitiveType; value: Plain; hex: string }[]
}

function value(plain: Plain): Value {
  if (plain === null || typeof plain !== 'object') return plain
  return 'big' in plain ? BigInt(plain.big) : bytes(plain.hex)
}
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (b: Uint8Array) => Buffer.from(b).toString('hex')

describe('partition transforms agree with PyIceberg', () => {
  for (const g of golden.transforms) {
    test(`${g.transform} of ${g.type} ${JSON.stringify(g.value)}`, () => {
      const result = applyTransform(g.transform, g.type, value(g.value))
      expect(result).toEqual(value(g.result))
      expect(transformResultType(g.transform, g.type)).toBe(g.resultType)
      // PyIceberg prints timestamps with six digits, Java with as many as needed: only calendar transforms compare.
      if (!g.transform.startsWith('truncate')) expect(humanValue(g.transform, g.type, result)).toBe(g.human)
    })
  }
})

describe('rule 12: bucket hashes of the spec', () => {
  test.each<[PrimitiveType, Value, number]>([
    ['int', 34, 2017239379],
    ['long', 34n, 2017239379],
    ['decimal(9, 2)', 1420n, -500754589],
    ['date', 17486, -653330422],
    ['time', 81068000000n, -662762989],
    ['timestamp', 1510871468000000n, -2047944441],
    ['timestamptz', 1510871468000001n, -1207196810],
    ['timestamp_ns', 1510871468000001001n, -1207196810],
    ['string', 'iceberg', 1210000089],
    ['uuid', 'f79c3e09-677c-4bbd-a479-3f349cb785e7', 1488055340],
    ['fixed[4]', Uint8Array.of(0, 1, 2, 3), -188683207],
    ['binary', Uint8Array.of(0, 1, 2, 3), -188683207],
  ])('%s', (type, v, hash) => {
    expect(hashValue(type, v!)).toBe(hash)
  })
})

describe('rule 11: calendar transforms round toward minus infinity', () => {
  test('one microsecond before the epoch', () => {
    expect(applyTransform('year', 'timestamp', -1n)).toBe(-1)
    expect(applyTransform('month', 'timestamp', -1n)).toBe(-1)
    expect(applyTransform('day', 'timestamp', -1n)).toBe(-1)
    expect(applyTransform('hour', 'timestamp', -1n)).toBe(-1)
    expect(applyTransform('hour', 'timestamp_ns', -1n)).toBe(-1)
  })
  test('every month of 800 years has the month number of its first and last day', () => {
    for (let month = -400 * 12; month < 400 * 12; month++) {
      const first = Date.UTC(1970, month, 1) / 86_400_000
      const last = Date.UTC(1970, month + 1, 0) / 86_400_000
      expect([applyTransform('month', 'date', first), applyTransform('month', 'date', last)]).toEqual([
        month,
        month,
      ])
      expect(applyTransform('year', 'date', last)).toBe(Math.floor(month / 12))
    }
  })
  test('null and void', () => {
    expect(applyTransform('day', 'timestamp', null)).toBe(null)
    expect(applyTransform('void', 'string', 'x')).toBe(null)
  })
})

describe('rule 15: single values agree with PyIceberg', () => {
  for (const g of golden.singleValues) {
    test(`${g.type} ${JSON.stringify(g.value)}`, () => {
      const v = value(g.value)!
      expect(hex(encodeValue(g.type, v))).toBe(g.hex)
      expect(decodeValue(g.type, bytes(g.hex))).toEqual(g.type === 'float' ? Math.fround(v as number) : v)
    })
  }
  test('bounds written before a promotion are widened', () => {
    expect(decodeValue('long', encodeValue('int', -5))).toBe(-5n)
    expect(decodeValue('double', encodeValue('float', 1.5))).toBe(1.5)
  })
  test('a wrong length is corrupt', () => {
    expect(() => decodeValue('long', new Uint8Array(3))).toThrow(/3 bytes/)
  })
})

describe('rule 14: floats sort -0.0 before +0.0, NaN last', () => {
  test('order', () => {
    const sorted = [Number.NaN, 1, 0, -0, -1, Number.NEGATIVE_INFINITY].sort((a, b) =>
      compareValues('double', a, b),
    )
    expect(sorted.map((n) => (Object.is(n, -0) ? '-0' : String(n)))).toEqual([
      '-Infinity',
      '-1',
      '-0',
      '0',
      '1',
      'NaN',
    ])
  })
})

describe('partition paths are spelled as the Java library spells them', () => {
  const schema = {
    'schema-id': 0,
    type: 'struct' as const,
    fields: [
      { id: 1, name: 'ts', required: true, type: 'timestamp' as const },
      { id: 2, name: 's', required: false, type: 'string' as const },
      { id: 3, name: 'd', required: false, type: 'double' as const },
      { id: 4, name: 'tz', required: false, type: 'timestamptz' as const },
    ],
  }
  const spec = (...fields: [number, string, string][]) => ({
    'spec-id': 0,
    fields: fields.map(([source, name, transform], i) => ({
      'source-id': source,
      'field-id': 1000 + i,
      name,
      transform,
    })),
  })

  test('day, identity, null and odd names', () => {
    expect(
      partitionPath(spec([1, 'ts_day', 'day'], [2, 'data type', 'identity']), schema, [20_484, null]),
    ).toBe('ts_day=2026-01-31/data+type=null')
  })
  test.each([
    ['a/b', 'a%2Fb'],
    ['a b', 'a+b'],
    ['a=b', 'a%3Db'],
    ['ü~*', '%C3%BC%7E*'],
    ['😀', '%F0%9F%98%80'],
    ['\ud800x', '%3Fx'],
    ['..', '..'],
    ['a%2Fb', 'a%252Fb'],
    ['', ''],
  ])('%j is escaped as %s', (text, escaped) => {
    expect(escapeSegment(text)).toBe(escaped)
  })
  test('a segment too long for a file name ends with a hash, so that two never meet', () => {
    const a = partitionPath(spec([2, 's', 'identity']), schema, ['é'.repeat(300)])
    const b = partitionPath(spec([2, 's', 'identity']), schema, [`${'é'.repeat(299)}x`])
    expect(a.length).toBeLessThanOrEqual(200)
    expect(a).not.toBe(b)
    expect(a).toMatch(/^s=(%C3%A9)+(%C3)?-[0-9a-f]{32}$/)
  })
  test.each([
    [1, '1.0'],
    [1e7, '1.0E7'],
    [9999999.5, '9999999.5'],
    [0.001, '0.001'],
    [0.00012, '1.2E-4'],
    [-1234.25, '-1234.25'],
    [-0, '-0.0'],
    [Number.NaN, 'NaN'],
    [100, '100.0'],
  ])('double %d is %s', (v, text) => {
    expect(humanValue('identity', 'double', v)).toBe(text)
  })
  test('floats use the fewest digits of a float', () => {
    expect(humanValue('identity', 'float', Math.fround(0.1))).toBe('0.1')
  })
  test('timestamps', () => {
    expect(humanValue('identity', 'timestamp', 1510871468038194n)).toBe('2017-11-16T22:31:08.038194')
    expect(humanValue('identity', 'timestamptz', 1510871468000000n)).toBe('2017-11-16T22:31:08+00:00')
    expect(humanValue('identity', 'time', 36_000_000_000n)).toBe('10:00')
    expect(humanValue('identity', 'time', 36_000_000_001n)).toBe('10:00:00.000001')
    expect(humanValue('hour', 'timestamp', -1)).toBe('1969-12-31-23')
  })
  test('keys differ where values differ', () => {
    const tuples: Value[][] = [
      [null],
      ['null'],
      [1],
      [1n],
      ['1'],
      ['a', 'b'],
      ['a,b'],
      [0],
      [-0],
      [Number.NaN],
    ]
    expect(new Set(tuples.map(partitionKey)).size).toBe(tuples.length)
  })
})

test('strings are ordered as their UTF-8 bytes are', () => {
  const alphabet = ['a', 'z', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}', '\0']
  let seed = 7
  const next = (n: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor((seed / 2147483648) * n)
  }
  const word = (most: number) =>
    Array.from({ length: next(most) }, () => alphabet[next(alphabet.length)]).join('')
  for (let i = 0; i < 2000; i++) {
    const [text, other] = [word(30), word(4)]
    const bytewise = Buffer.compare(Buffer.from(text), Buffer.from(other))
    expect(Math.sign(compareValues('string', text, other))).toBe(Math.sign(bytewise))
  }
})
