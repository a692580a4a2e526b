import { describe, expect, test } from 'vitest'
import { clip, errorId, show } from '../../../src/main/decode/rejection.ts'
import { decodeOne } from '../../helpers/decode.ts'
import { payloadOf, sampleOf } from '../../helpers/payloads.ts'

describe('error_id', () => {
  test('is the SHA-256 of topic, partition, offset and sample index', () => {
    // printf %s health-data-raw:3:41:1 | sha256sum
    const rows = decodeOne(payloadOf([sampleOf(), sampleOf({ value: -1 })])).errors
    expect(rows[0]!.errorId).toBe('dbd290d1cd3867f31dda23859d6eb3c1a357c5ef5ecd7a676c3717ffe2baaeba')
    const whole = '6c6255cfd3c349029f9db555122f65ce9da4b83904eba14860c4095050c86598'
    expect(decodeOne('nonsense').errors[0]!.errorId).toBe(whole)
    const last = '7edc20114c91e700434975d31e3d1821aff2ac714243ff47d868dde6d568c460'
    expect(errorId('t', 0, 9_223_372_036_854_775_807n, 0)).toBe(last)
  })
  test('is the same on every replay, and differs between siblings', () => {
    const ids = () => decodeOne(payloadOf([null, null, null])).errors.map((row) => row.errorId)
    expect(ids()).toEqual(ids())
    expect(new Set(ids()).size).toBe(3)
  })
})

describe('error_message', () => {
  const message = (sample: object) => decodeOne(payloadOf([sample])).errors[0]!.errorMessage

  test('names path, value and rule', () => {
    expect(message(sampleOf({ value: 300 }))).toBe(
      '$.samples[0].value: 300: must be from 30 to 250 for heartRate',
    )
    expect(message(sampleOf({ startDate: 'yesterday' }))).toMatch(
      /^\$\.samples\[0\]\.startDate: "yesterday": an ISO 8601 timestamp with seconds and a zone is required/,
    )
    expect(message(sampleOf({ unit: undefined }))).toBe('$.samples[0].unit: missing: a string is required')
  })
  test('cuts the value at 200 characters and never through a surrogate pair', () => {
    const found = message(sampleOf({ startDate: 'x'.repeat(5000) })).split(': ')[1]!
    expect(found).toBe(`"${'x'.repeat(199)}`)
    const emoji = message(sampleOf({ startDate: '😀'.repeat(300) })).split(': ')[1]!
    expect(emoji).toBe(`"${'😀'.repeat(99)}`)
  })
  test('is at most 2,000 characters, however long the path', () => {
    const text = message(sampleOf({ metadata: { ['k'.repeat(100_000)]: null } }))
    expect(text.length).toBeLessThanOrEqual(2000)
    expect(text).toContain('null: a string is required')
    expect(message(sampleOf({ type: 'steps', value: -1 })).length).toBeLessThan(2000)
    const type = 't'.repeat(50_000)
    const strict = decodeOne(payloadOf([sampleOf({ type })]), { ranges: { [type]: [0, 1] } }).errors[0]!
    expect(strict.errorMessage.length).toBe(2000)
  })
  test('shows values of any depth and size without walking them through', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown
    expect(show(deep).slice(0, 200)).toBe('['.repeat(200))
    expect(show(deep).length).toBeLessThan(300)
    const text = JSON.stringify(payloadOf([sampleOf({ metadata: { a: 'HERE' } })]))
    const nested = text.replace('"HERE"', '['.repeat(90_000) + ']'.repeat(90_000))
    expect(decodeOne(nested).errors[0]).toMatchObject({
      errorType: 'TRANSFORMATION_ERROR',
      errorMessage: `$.samples[0].metadata["a"]: ${'['.repeat(200)}: a string is required`,
    })
    expect(show({ a: [1, 'b', null, true, -0, Number.NaN], c: {} })).toBe(
      '{"a":[1,"b",null,true,-0,NaN],"c":{}}',
    )
  })
  test('holds no lone surrogate', () => {
    const { errors } = decodeOne('{"a":1}\ud83d'.toWellFormed())
    expect(errors[0]!.errorMessage.isWellFormed()).toBe(true)
    expect(message(sampleOf({ id: 'a\ud83d' }))).toBe(
      '$.samples[0].id: "a\\ud83d": the text holds a lone surrogate, which has no UTF-8 form',
    )
    expect(clip('ab😀', 3)).toBe('ab')
  })
})

describe('raw_payload', () => {
  test('of a sample error is the envelope with just that sample, and replays to the same error', () => {
    const sent = payloadOf([sampleOf({ id: 'a' }), sampleOf({ id: 'b', value: -1, extra: [1] })], {
      hub: { x: null },
    })
    const [row] = decodeOne(sent).errors
    expect(JSON.parse(row!.rawPayload!)).toEqual(
      payloadOf([sampleOf({ id: 'b', value: -1, extra: [1] })], { hub: { x: null } }),
    )
    const [again] = decodeOne(row!.rawPayload!).errors
    expect(again).toMatchObject({ errorType: row!.errorType, rawPayload: row!.rawPayload })
  })
  test('keeps what parsing would lose', () => {
    const text = JSON.stringify(payloadOf([sampleOf({ value: -1, n: 'HERE' })])).replace(
      '"HERE"',
      '12345678901234567890.10',
    )
    expect(decodeOne(text).errors[0]!.rawPayload).toContain('"n":12345678901234567890.10')
  })
  test('of a payload error is the message as sent', () => {
    const text = ' {"deviceId":1,\n "x": 1e999 }'
    expect(decodeOne(text).errors[0]!.rawPayload).toBe(text)
  })
})

test('ids that are missing or of the wrong type are null', () => {
  const [row] = decodeOne(payloadOf([sampleOf({ id: 5, type: undefined })])).errors
  expect(row).toMatchObject({ userId: 'user-1', deviceId: 'device-1', sampleId: null, dataType: null })
  const [envelope] = decodeOne(payloadOf([sampleOf()], { timestamp: 1, userId: 5 })).errors
  expect(envelope).toMatchObject({ userId: null, deviceId: 'device-1', sampleId: null, dataType: null })
  const [late] = decodeOne(payloadOf([sampleOf({ createdAt: 1 })])).errors
  expect(late).toMatchObject({ sampleId: 'sample-1', dataType: 'heartRate' })
  const [lone] = decodeOne(payloadOf([sampleOf({ id: '\ud83d' })])).errors
  expect(lone).toMatchObject({ sampleId: null, dataType: 'heartRate' })
})
