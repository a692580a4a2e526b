import { describe, expect, test } from 'vitest'
import { HEALTH_TYPES } from '../../../src/shared/health.ts'
import { type DecodeSettings, decodeOne } from '../../helpers/decode.ts'
import { type Fields, payloadOf, sampleOf } from '../../helpers/payloads.ts'

/** Rules 2 to 5 and the fine print on fields. */

const TRANSFORMATION = 'TRANSFORMATION_ERROR'
const VALIDATION = 'VALIDATION_ERROR'

/** `[error type, JSON path]` of the only error row, or null where the one sample is accepted. */
function verdict(fields: Fields, settings?: DecodeSettings): [string, string] | null {
  const { accepted, errors } = decodeOne(payloadOf([sampleOf(fields)]), settings)
  if (errors.length === 0) {
    expect(accepted).toBe(1)
    return null
  }
  return [errors[0]!.errorType, errors[0]!.errorMessage.split(': ')[0]!]
}

const LONE = '\ud83d'
const BAD_TIME = '2026-02-30T00:00:00Z'

describe('rule 2: the envelope', () => {
  const bad: [field: string, value: unknown][] = [
    ...['deviceId', 'userId', 'timestamp', 'appVersion'].flatMap((field) =>
      [undefined, null, 7, true, {}, [], LONE].map((value): [string, unknown] => [field, value]),
    ),
    ['timestamp', BAD_TIME],
    ['timestamp', ''],
    ...[undefined, null, {}, 'x', 0].map((value): [string, unknown] => ['samples', value]),
  ]
  test.each(bad)('%s: %j is one TRANSFORMATION_ERROR for the payload', (field, value) => {
    const payload = payloadOf([sampleOf(), sampleOf()], { [field]: value })
    const { errors, samples } = decodeOne(payload)
    expect(samples).toEqual([])
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({
      errorType: TRANSFORMATION,
      rawPayload: JSON.stringify(payload),
      userId: field === 'userId' ? null : 'user-1',
      deviceId: field === 'deviceId' ? null : 'device-1',
      sampleId: null,
      dataType: null,
    })
    expect(errors[0]!.errorMessage.startsWith(`$.${field}: `)).toBe(true)
  })

  test('fields are checked in the order of their table', () => {
    const order = ['deviceId', 'userId', 'timestamp', 'appVersion', 'samples']
    for (let first = 0; first < order.length; first++) {
      const fields = Object.fromEntries(order.slice(first).map((field) => [field, 0]))
      expect(decodeOne(payloadOf([], fields)).errors[0]?.errorMessage).toMatch(
        new RegExp(`^\\$\\.${order[first]}: 0: `),
      )
    }
  })
  test('empty deviceId and appVersion are legal', () => {
    expect(decodeOne(payloadOf([sampleOf()], { deviceId: '', appVersion: '' })).accepted).toBe(1)
  })
})

describe('rule 3: the fields of a sample', () => {
  const required = ['id', 'type', 'value', 'unit', 'startDate', 'endDate', 'isSynced', 'createdAt']
  const bad: [field: string, value: unknown][] = [
    ...required.flatMap((field) =>
      [undefined, null, {}, []].map((value): [string, unknown] => [field, value]),
    ),
    ...['id', 'type', 'unit', 'startDate', 'endDate', 'createdAt'].map((field): [string, unknown] => [
      field,
      1,
    ]),
    ...['id', 'type', 'unit', 'sourceBundle', 'timezone'].map((field): [string, unknown] => [
      field,
      `x${LONE}`,
    ]),
    ...['startDate', 'endDate', 'createdAt'].map((field): [string, unknown] => [field, BAD_TIME]),
    ['value', '72'],
    ['value', true],
    ['sourceBundle', 5],
    ['sourceBundle', {}],
    ['metadata', 'x'],
    ['metadata', 7],
    ['metadata', false],
    ['metadata', []],
    ['metadata', ['a']],
    ['isSynced', 1],
    ['isSynced', 'true'],
    ['timezone', 60],
    ['timezone', []],
    ['timezoneOffset', 330.5],
    ['timezoneOffset', '60'],
    ['timezoneOffset', true],
    ['timezoneOffset', 2 ** 31],
    ['timezoneOffset', 1e20],
  ]
  test.each(bad)('%s: %j is a TRANSFORMATION_ERROR', (field, value) =>
    expect(verdict({ [field]: value })).toEqual([TRANSFORMATION, `$.samples[0].${field}`]),
  )

  test.each([
    ['a number', { a: 'b', n: 5 }, '["n"]'],
    ['null', { n: null }, '["n"]'],
    ['a map', { n: {} }, '["n"]'],
    ['a lone surrogate', { n: LONE }, '["n"]'],
    ['a key that is a lone surrogate', { [LONE]: 'x' }, '["\\ud83d"]'],
  ])('metadata with %s is a TRANSFORMATION_ERROR', (_, metadata, key) =>
    expect(verdict({ metadata })).toEqual([TRANSFORMATION, `$.samples[0].metadata${key}`]),
  )

  test.each([[null], [7], ['x'], [[]]])(
    'a sample that is %j is a TRANSFORMATION_ERROR and its siblings go on',
    (item) => {
      const { accepted, errors } = decodeOne(payloadOf([sampleOf(), item, sampleOf()]))
      expect(accepted).toBe(2)
      expect(errors).toHaveLength(1)
      expect(errors[0]).toMatchObject({
        errorType: TRANSFORMATION,
        sampleId: null,
        dataType: null,
        userId: 'user-1',
      })
      expect(errors[0]!.errorMessage).toBe(`$.samples[1]: ${JSON.stringify(item)}: an object is required`)
    },
  )

  test('fields are checked in the order of their table', () => {
    const order = [
      'id',
      'type',
      'value',
      'unit',
      'startDate',
      'endDate',
      'sourceBundle',
      'metadata',
      'isSynced',
      'createdAt',
      'timezone',
      'timezoneOffset',
    ]
    for (let first = 0; first < order.length; first++) {
      const fields = Object.fromEntries(order.slice(first).map((field) => [field, [0.5]]))
      expect(verdict(fields)).toEqual([TRANSFORMATION, `$.samples[0].${order[first]}`])
    }
  })
  test('absent and null optional fields', () => {
    for (const value of [undefined, null]) {
      const fields = { sourceBundle: value, metadata: value, timezone: value, timezoneOffset: value }
      const [sample] = decodeOne(payloadOf([sampleOf(fields)])).samples
      expect(sample).toMatchObject({
        sourceBundle: null,
        metadata: null,
        timezone: null,
        timezoneOffset: null,
      })
    }
  })
  test('a whole timezoneOffset, however written', () => {
    const text = JSON.stringify(payloadOf([sampleOf({ timezoneOffset: 'HERE' })])).replace('"HERE"', '540.0')
    expect(decodeOne(text).samples[0]?.timezoneOffset).toBe(540)
    expect(decodeOne(payloadOf([sampleOf({ timezoneOffset: -330 })])).samples[0]?.timezoneOffset).toBe(-330)
  })
  test('empty unit and sourceBundle are legal, and nothing is trimmed', () => {
    const [sample] = decodeOne(
      payloadOf([sampleOf({ unit: '', sourceBundle: '', id: ' a ', type: ' b ' })]),
    ).samples
    expect(sample).toMatchObject({ unit: '', sourceBundle: '', id: ' a ', type: ' b ' })
  })
  test('a lone surrogate in a field that is not kept does no harm', () =>
    expect(verdict({ other: LONE, metadata: {} })).toBeNull())
  test('a surrogate pair is text', () => expect(verdict({ id: '😀' })).toBeNull())
})

describe('rule 4: values', () => {
  const BLANK = ['', ' ', '\t\n', '\u00a0\u3000\ufeff']
  test.each(BLANK)('blank id and type (%j) are VALIDATION_ERRORs', (blank) => {
    expect(verdict({ id: blank })).toEqual([VALIDATION, '$.samples[0].id'])
    expect(verdict({ type: blank })).toEqual([VALIDATION, '$.samples[0].type'])
  })
  test.each(BLANK)('a blank userId (%j) rejects each sample', (userId) => {
    const { errors } = decodeOne(payloadOf([sampleOf(), sampleOf({ id: 'b' })], { userId }))
    expect(errors.map(({ errorType, sampleId }) => [errorType, sampleId])).toEqual([
      [VALIDATION, 'sample-1'],
      [VALIDATION, 'b'],
    ])
    expect(errors[0]!.errorMessage).toBe(`$.userId: ${JSON.stringify(userId)}: must not be blank`)
    expect(errors[0]!.userId).toBe(userId)
  })
  test('1e999 is not finite', () => {
    const text = JSON.stringify(payloadOf([sampleOf({ value: 'HERE' })])).replace('"HERE"', '1e999')
    const [row] = decodeOne(text).errors
    expect(row).toMatchObject({ errorType: VALIDATION })
    expect(row!.errorMessage).toBe('$.samples[0].value: Infinity: must be a finite number')
    expect(row!.rawPayload).toContain('"value":1e999')
  })
  test('a value below 0, of any type', () => {
    expect(verdict({ type: 'mood', value: -1e-300 })).toEqual([VALIDATION, '$.samples[0].value'])
    expect(verdict({ type: 'mood', value: 0 })).toBeNull()
  })
  test('-0.0 is taken and keeps its sign', () => {
    const text = JSON.stringify(payloadOf([sampleOf({ type: 'steps', value: 'HERE' })])).replace(
      '"HERE"',
      '-0.0',
    )
    expect(decodeOne(text).samples[0]?.value).toBe(-0)
  })
  test('startDate after endDate, compared in microseconds after truncation', () => {
    const span = (startDate: string, endDate: string) => verdict({ startDate, endDate })
    const bad = [VALIDATION, '$.samples[0].startDate']
    expect(span('2026-01-31T08:30:01Z', '2026-01-31T08:30:00Z')).toEqual(bad)
    expect(span('2026-01-31T08:30:00.000002Z', '2026-01-31T08:30:00.000001Z')).toEqual(bad)
    expect(span('2026-01-31T08:30:00.0000019Z', '2026-01-31T08:30:00.0000011Z')).toBeNull()
    expect(span('2026-01-31T08:30:00Z', '2026-01-31T08:30:00Z')).toBeNull()
    expect(span('2026-01-31T08:30:00Z', '2026-01-31T08:30:00+01:00')).toEqual(bad)
    expect(span('1969-12-31T23:59:59.999999Z', '1970-01-01T00:00:00Z')).toBeNull()
  })
  test.each(HEALTH_TYPES.map(({ type, min, max }) => [type, min, max] as const))(
    '%s is taken from %d to %d, ends included',
    (type, min, max) => {
      expect(verdict({ type, value: min })).toBeNull()
      expect(verdict({ type, value: max })).toBeNull()
      expect(verdict({ type, value: max + 0.001 })).toEqual([VALIDATION, '$.samples[0].value'])
      expect(verdict({ type, value: min - 0.001 })).toEqual([VALIDATION, '$.samples[0].value'])
    },
  )
  test('the first rule that fails names the error', () => {
    const order: [Fields, string][] = [
      [{ id: ' ' }, 'id'],
      [{ type: ' ' }, 'type'],
      [{ value: -5 }, 'value'],
      [{ startDate: '2027-01-31T08:30:00Z' }, 'startDate'],
    ]
    for (let first = 0; first < order.length; first++) {
      const fields = Object.assign({}, ...order.slice(first).map(([field]) => field)) as Fields
      expect(verdict(fields)).toEqual([VALIDATION, `$.samples[0].${order[first]![1]}`])
    }
    expect(verdict({ id: ' ', createdAt: 'x' })).toEqual([TRANSFORMATION, '$.samples[0].createdAt'])
    expect(verdict({ startDate: '2027-01-31T08:30:00Z', value: 9999 })).toEqual([
      VALIDATION,
      '$.samples[0].startDate',
    ])
  })
  test('unknown types and other units pass unless validation is strict', () => {
    const strict = { strict: true }
    expect(verdict({ type: 'mood', value: 1e9 })).toBeNull()
    expect(verdict({ type: 'mood' }, strict)).toEqual([VALIDATION, '$.samples[0].type'])
    expect(verdict({ unit: 'bpm' })).toBeNull()
    expect(verdict({ unit: 'bpm' }, strict)).toEqual([VALIDATION, '$.samples[0].unit'])
    expect(verdict({}, strict)).toBeNull()
    expect(verdict({ type: 'steps', value: 10, unit: 'count' }, strict)).toBeNull()
  })
  test('ranges of the settings go over the built-in ones', () => {
    const ranges = { heartRate: [10, 20], mood: [1, 5] } as const
    expect(verdict({ value: 72 }, { ranges })).toEqual([VALIDATION, '$.samples[0].value'])
    expect(verdict({ value: 15 }, { ranges })).toBeNull()
    expect(verdict({ type: 'mood', value: 6 }, { ranges })).toEqual([VALIDATION, '$.samples[0].value'])
    expect(verdict({ type: 'mood', value: 5, unit: '?' }, { ranges, strict: true })).toBeNull()
    expect(verdict({ type: 'height', value: 400 }, { ranges })).toEqual([VALIDATION, '$.samples[0].value'])
  })
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is a plain unknown type',
    (type) => {
      expect(verdict({ type })).toBeNull()
      expect(verdict({ type }, { strict: true })).toEqual([VALIDATION, '$.samples[0].type'])
    },
  )
  test('__proto__ and constructor are plain keys of metadata', () => {
    const text = JSON.stringify(payloadOf([sampleOf({ metadata: 'HERE' })])).replace(
      '"HERE"',
      '{"__proto__":"a","constructor":"b","toString":"c"}',
    )
    const [sample] = decodeOne(text).samples
    expect(Object.entries(sample!.metadata!)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ])
    expect(verdict({ metadata: JSON.parse('{"__proto__":{}}') })).toEqual([
      TRANSFORMATION,
      '$.samples[0].metadata["__proto__"]',
    ])
  })
})

describe('warnings', () => {
  const lasting = (endDate: string) => decodeOne(payloadOf([sampleOf({ endDate })])).warnings
  test('a duration above 7 days is counted and taken', () => {
    expect(lasting('2026-02-07T08:30:00Z')).toBe(0)
    expect(lasting('2026-02-07T08:30:00.000001Z')).toBe(1)
    expect(lasting('2026-03-07T08:30:00Z')).toBe(1)
  })
  test('a rejected sample warns of nothing', () =>
    expect(decodeOne(payloadOf([sampleOf({ endDate: '2027-01-01T00:00:00Z', value: -1 })])).warnings).toBe(0))
})
