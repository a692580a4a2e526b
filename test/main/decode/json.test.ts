import { expect, test } from 'vitest'
import { cutPayload } from '../../../src/main/decode/json.ts'

test('a sample keeps its text and every other field of the envelope', () => {
  const text = `{ "deviceId":"d", "extra" : {"a":[1, 2]},\n"samples":[ {"id": "a", "value":1e999} , {"id":"b","n":-0, "big":12345678901234567890} ], "appVersion":"1" }`
  const cut = cutPayload(text)
  expect(cut.withSample(0)).toBe(
    '{"deviceId":"d","extra" : {"a":[1, 2]},"appVersion":"1","samples":[{"id": "a", "value":1e999}]}',
  )
  expect(cut.withSample(1)).toBe(
    '{"deviceId":"d","extra" : {"a":[1, 2]},"appVersion":"1","samples":[{"id":"b","n":-0, "big":12345678901234567890}]}',
  )
})

test('brackets, quotes and backslashes inside strings do not mislead', () => {
  const sample = String.raw`{"id":"]}\"[{\\","x":"\\\\\"},"}`
  const text = `{"a":"}],\\"samples\\":[","samples":[${sample},[],"]",3,null,true,[[{}]]],"z":"\\\\"}`
  const parsed = JSON.parse(text) as { samples: unknown[] }
  const cut = cutPayload(text)
  parsed.samples.forEach((expected, index) => {
    expect(JSON.parse(cut.withSample(index))).toEqual({ ...parsed, samples: [expected] })
  })
})

test('of duplicate keys the last one counts, also spelt with escapes', () => {
  const cut = cutPayload('{"samples":[1],"userId":"a","s\\u0061mples":[2,3],"userId":"b"}')
  expect(JSON.parse(cut.withSample(1))).toEqual({ userId: 'b', samples: [3] })
})

test('a byte order mark and an envelope of samples alone', () => {
  expect(cutPayload('\uFEFF{"samples":[{}]}').withSample(0)).toBe('{"samples":[{}]}')
  expect(cutPayload('{}').withSample(0)).toBe('{"samples":[]}')
})

test('depth costs nothing', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  expect(cutPayload(`{"x":${deep},"samples":[${deep}]}`).withSample(0)).toBe(
    `{"x":${deep},"samples":[${deep}]}`,
  )
})
