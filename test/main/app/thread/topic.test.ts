import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginLoad } from '../../../../src/main/app/load/begin.ts'
import { SAMPLE_TOPIC } from '../../../../src/main/app/paths.ts'
import { openTopic, placeOf, topicView } from '../../../../src/main/app/thread/topic.ts'
import { type TestApp, testApp } from '../../../helpers/app.ts'

const never = new AbortController().signal
const lines = gunzipSync(readFileSync(SAMPLE_TOPIC)).toString().split('\n').filter(Boolean)

let tarn: TestApp
beforeAll(async () => {
  tarn = testApp({ begin: beginLoad }, { TARN_COMMIT_SECONDS: '60', TARN_ROLLUP_SECONDS: '600' })
  const source = { kind: 'file', path: SAMPLE_TOPIC } as const
  const job = tarn.app.load.start({ source, untilCaughtUp: true, accept: {} })
  expect((await tarn.app.jobs.wait(job.id)).state).toBe('done')
}, 120_000)
afterAll(() => tarn?.close(), 60_000)

test('the recorded topic of the sample is read as it was loaded', async () => {
  const place = await placeOf(tarn.app, undefined, never)
  expect(place.cluster).toBe('file')
  const reader = await openTopic(tarn.app, place)
  const topic = await topicView(reader)
  expect(topic).toMatchObject({ source: 'file', partitions: [{ partition: 0, low: '0' }] })
  for await (const { messages } of reader.read(0, 17n, 19n, never))
    expect(messages.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(lines.slice(17, 19))
  await reader.close()
})

test('a file whose place is not known is said to be so, with what to do', async () => {
  const place = { topic: 'mine.jsonl.gz', cluster: 'file', topicId: null }
  await expect(openTopic(tarn.app, place)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    remedy: expect.stringContaining('Load the file again'),
  })
})

test('a file that changed since is refused: its lines are others now', async () => {
  const place = await placeOf(tarn.app, undefined, never)
  await expect(openTopic(tarn.app, { ...place, topicId: 'another' })).rejects.toMatchObject({
    code: 'TOPIC_REPLACED',
  })
})

test('the generator makes the same messages again, from any offset', async () => {
  const reader = await openTopic(tarn.app, { topic: 'health-data-raw', cluster: 'generator', topicId: null })
  const all: bigint[] = []
  for await (const { messages } of reader.read(2, 1_000n, 1_100n, never))
    all.push(...messages.map(({ offset }) => offset))
  expect(all).toEqual(Array.from({ length: 100 }, (_, i) => 1_000n + BigInt(i)))
  await reader.close()
})
