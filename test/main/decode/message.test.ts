import { describe, expect, test } from 'vitest'
import { decodeOne } from '../../helpers/decode.ts'
import { payloadOf, sampleOf } from '../../helpers/payloads.ts'

/** Rule 1 and the fine print on messages. */

const PAYLOAD_ROW = { userId: null, deviceId: null, sampleId: null, dataType: null }

function refused(message: Parameters<typeof decodeOne>[0], settings?: Parameters<typeof decodeOne>[1]) {
  const { errors, samples, accepted, rejected } = decodeOne(message, settings)
  expect({ accepted, rejected, samples }).toEqual({ accepted: 0, rejected: 1, samples: [] })
  expect(errors).toHaveLength(1)
  return errors[0]!
}

describe('a message that is no payload is a DESERIALIZATION_ERROR', () => {
  test.each([
    ['words', 'hello', /^\$: hello: not valid JSON: /],
    ['cut JSON', '{"deviceId":"d"', /^\$: \{"deviceId":"d": not valid JSON: /],
    ['two payloads', '{}{}', /not valid JSON/],
    ['white space', '   ', /not valid JSON/],
    ['NaN', '{"a":NaN}', /not valid JSON/],
    ['an array', '[{"deviceId":"d"}]', /^\$: \[\{"deviceId":"d"\}\]: a payload must be a JSON object$/],
    ['a string', '"x"', /^\$: "x": a payload must be a JSON object$/],
    ['a number', '17', /^\$: 17: a payload must be a JSON object$/],
    ['null', 'null', /^\$: null: a payload must be a JSON object$/],
    ['true', 'true', /^\$: true: a payload must be a JSON object$/],
  ])('%s', (_, message, expected) => {
    const row = refused(message)
    expect(row).toMatchObject({ ...PAYLOAD_ROW, errorType: 'DESERIALIZATION_ERROR', rawPayload: message })
    expect(row.errorMessage).toMatch(expected)
  })

  test('a tombstone, with no raw payload', () => {
    expect(refused(null)).toMatchObject({
      ...PAYLOAD_ROW,
      errorType: 'DESERIALIZATION_ERROR',
      errorMessage: '$: null: the message has no value (a tombstone)',
      rawPayload: null,
    })
  })
  test('an empty message, with an empty raw payload', () => {
    expect(refused('')).toMatchObject({ ...PAYLOAD_ROW, errorType: 'DESERIALIZATION_ERROR', rawPayload: '' })
  })
  test('a message above the limit, with its size and place and no raw payload', () => {
    const row = refused('x'.repeat(101), { maxMessageBytes: 100 })
    expect(row).toMatchObject({ ...PAYLOAD_ROW, errorType: 'DESERIALIZATION_ERROR', rawPayload: null })
    expect(row.errorMessage).toBe(
      '$: 101 bytes at partition 3, offset 41: a message may have 100 bytes (TARN_MAX_MESSAGE_BYTES)',
    )
    expect(refused('x'.repeat(100), { maxMessageBytes: 100 }).rawPayload).toBe('x'.repeat(100))
  })
  test('bytes that are not UTF-8, kept as base64', () => {
    const bytes = Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d)
    const row = refused(bytes)
    expect(row).toMatchObject({
      ...PAYLOAD_ROW,
      errorType: 'DESERIALIZATION_ERROR',
      rawPayload: 'base64:eyL//iJ9',
    })
    expect(row.errorMessage).toBe('$: 6 bytes, 0x7b22fffe227d: JSON must be valid UTF-8')
  })
  test('UTF-8 that spells a surrogate is not UTF-8', () => {
    expect(refused(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)).rawPayload).toBe('base64:Iu2ggCI=')
  })
  test('0x00 means Avro, whatever follows; without a registry the message says so', () => {
    const row = refused(new TextEncoder().encode('\0{"deviceId":"d"}'))
    expect(row.errorType).toBe('DESERIALIZATION_ERROR')
    expect(row.errorMessage).toContain('no schema registry is configured (SCHEMA_REGISTRY_URL)')
    expect(row.rawPayload).toBe(`base64:${Buffer.from('\0{"deviceId":"d"}').toString('base64')}`)
    expect(refused(Uint8Array.of(0)).rawPayload).toBe('base64:AA==')
  })
  test('text that begins like our base64 is itself kept as base64', () => {
    expect(refused('base64:AAAA').rawPayload).toBe('base64:YmFzZTY0OkFBQUE=')
  })
  test('arrays nested 100,000 deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const row = refused(deep)
    expect(row).toMatchObject({ errorType: 'DESERIALIZATION_ERROR', rawPayload: deep })
    expect(row.errorMessage.length).toBeLessThanOrEqual(2000)
  })
  test('objects nested 100,000 deep and never closed', () => {
    const deep = '{"a":'.repeat(100_000)
    expect(refused(deep)).toMatchObject({ errorType: 'DESERIALIZATION_ERROR', rawPayload: deep })
  })
})

describe('what is taken', () => {
  test('a UTF-8 byte order mark is skipped', () => {
    const { accepted, errors } = decodeOne(`\uFEFF${JSON.stringify(payloadOf())}`)
    expect([accepted, errors]).toEqual([1, []])
  })
  test('white space around the object', () => {
    expect(decodeOne(` \r\n\t${JSON.stringify(payloadOf())}\n`).accepted).toBe(1)
  })
  test('unknown fields, whatever they hold and however deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const sample = JSON.stringify(sampleOf({ nested: 'HERE', other: { a: [null, 1e300] } })).replace(
      '"HERE"',
      deep,
    )
    const payload = JSON.stringify(payloadOf(['HERE'], { batch: { x: [1] }, deep: 'DEEP' }))
    expect(decodeOne(payload.replace('"HERE"', sample).replace('"DEEP"', deep))).toMatchObject({
      accepted: 1,
      errors: [],
    })
  })
  test('of duplicate keys the last', () => {
    const text = JSON.stringify(payloadOf([sampleOf()])).replace(
      '"value":72.5',
      '"value":"no","value":80,"value":81',
    )
    expect(decodeOne(text).samples[0]).toMatchObject({ value: 81 })
    const envelope = JSON.stringify(payloadOf()).replace('"userId":"user-1"', '"userId":7,"userId":"last"')
    expect(decodeOne(envelope).samples[0]?.envelope.userId).toBe('last')
  })
  test('no samples: consumed and counted, no row', () => {
    expect(decodeOne(payloadOf([]))).toEqual({
      accepted: 0,
      rejected: 0,
      warnings: 0,
      samples: [],
      errors: [],
    })
  })
  test('no samples and a blank userId: nothing', () => {
    expect(decodeOne(payloadOf([], { userId: ' ' }))).toMatchObject({ rejected: 0, errors: [] })
  })
  test('a __proto__ field of the envelope is an unknown field', () => {
    const text = JSON.stringify(payloadOf()).replace('{', '{"__proto__":{"userId":"other"},"constructor":1,')
    expect(decodeOne(text).samples[0]?.envelope.userId).toBe('user-1')
    const inherited = JSON.stringify(payloadOf([], { userId: undefined })).replace(
      '{',
      '{"__proto__":{"userId":"x"},',
    )
    expect(decodeOne(inherited).errors[0]?.errorMessage).toBe('$.userId: missing: a string is required')
  })
})

describe('behind the Avro interface', () => {
  const framed = Uint8Array.of(0, 0, 0, 0, 1, 9)

  test('a decoded record goes the way of a JSON object', () => {
    expect(decodeOne(framed, { avro: () => payloadOf() })).toMatchObject({ accepted: 1, errors: [] })
  })
  test('a rejected sample is kept as JSON of the record, NaN and infinities as text', () => {
    const payload = payloadOf([
      sampleOf(),
      sampleOf({ id: 'bad', value: Number.NaN, seen: Number.POSITIVE_INFINITY }),
    ])
    const { accepted, errors } = decodeOne(framed, { avro: () => payload })
    expect(accepted).toBe(1)
    expect(errors[0]).toMatchObject({ errorType: 'VALIDATION_ERROR', sampleId: 'bad' })
    expect(JSON.parse(errors[0]!.rawPayload!)).toEqual(
      payloadOf([sampleOf({ id: 'bad', value: 'NaN', seen: 'Infinity' })]),
    )
  })
  test('bytes that cannot be decoded are kept as base64', () => {
    const row = refused(framed, {
      avro: () => {
        throw new Error('trailing bytes')
      },
    })
    expect(row).toMatchObject({ errorType: 'DESERIALIZATION_ERROR', rawPayload: 'base64:AAAAAAEJ' })
    expect(row.errorMessage).toBe('$: 6 bytes, 0x000000000109: not valid Avro: trailing bytes')
  })
})
