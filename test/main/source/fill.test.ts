import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { filledSource } from '../../../src/main/source/fill.ts'
import { packMessages } from '../../../src/main/source/pack.ts'
import type { Source } from '../../../src/main/source/source.ts'

const folder = mkdtempSync(join(tmpdir(), 'tarn-fill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const line = (partition: number, offset: number, payload: string | null = `m${offset}`) =>
  JSON.stringify({ topic: 't', partition, offset, tstype: 'create', ts: 1000 + offset, key: null, payload })
let files = 0
function file(lines: readonly string[], gz = false): string {
  const path = join(folder, `copy-${files++}.jsonl${gz ? '.gz' : ''}`)
  const text = `${lines.join('\n')}\n`
  writeFileSync(path, gz ? gzipSync(text) : text)
  return path
}

/** Two partitions that hold offsets 5 to 7 and 0 to 2. */
function topic() {
  const started: ReadonlyMap<number, bigint>[] = []
  const rest = [packMessages(0, [{ offset: 5n, timestamp: 1, value: new TextEncoder().encode('live') }])]
  const source: Source = {
    identity: { cluster: 'c', topic: 't', topicId: null },
    watermarks: async () =>
      new Map([
        [0, { low: 5n, high: 7n }],
        [1, { low: 0n, high: 2n }],
      ]),
    start: async (positions) => void started.push(positions),
    next: async () => rest.shift() ?? null,
    acknowledge: async () => {},
    close: async () => {},
  }
  return { source, started }
}
const missing = [{ partition: 0, from: 2n, to: 5n }]

async function drain(source: Source) {
  const read: string[] = []
  for (let batch = await source.next(0); batch !== null; batch = await source.next(0)) {
    for (let i = 0; i < batch.count; i++) {
      const from = i === 0 ? 0 : (batch.ends[i - 1] as number)
      const text = batch.isNull[i]
        ? 'null'
        : Buffer.from(batch.values.subarray(from, batch.ends[i])).toString()
      read.push(`${batch.partition}/${batch.offsets[i]} ${text} ${batch.timestamps[i]}`)
    }
  }
  return read
}

describe('a topic with a copy of what is gone', () => {
  test.each([false, true])('gives the missing offsets first, then what is held (gzip %s)', async (gz) => {
    const { source, started } = topic()
    const path = file(
      [line(1, 0), line(0, 1), line(0, 2), line(0, 3, null), line(1, 1), line(0, 4), line(0, 5)],
      gz,
    )
    const filled = await filledSource(source, path, missing)
    expect((await filled.watermarks()).get(0)).toEqual({ low: 2n, high: 7n })
    expect((await filled.watermarks()).get(1)).toEqual({ low: 0n, high: 2n })
    await filled.start(new Map([[0, 2n]]))
    expect(started[0]?.get(0)).toBe(5n)
    expect(await drain(filled)).toEqual(['0/2 m2 1002', '0/3 null 1003', '0/4 m4 1004', '0/5 live 1'])
  })

  test('keeps every digit of offsets that a double cannot hold', async () => {
    const offsets = [9007199254740993n, 9007199254740994n, 9223372036854775806n]
    const lines = offsets.map(
      (offset) => `{"topic":"t","partition":0,"offset":${offset},"ts":7,"key":null,"payload":"m${offset}"}`,
    )
    for (const [from, to] of [
      [offsets[0] as bigint, 9007199254740995n],
      [offsets[2] as bigint, 9223372036854775807n],
    ] as const) {
      const filled = await filledSource(topic().source, file(lines), [{ partition: 0, from, to }])
      await filled.start(new Map([[0, from]]))
      const read = await drain(filled)
      const wanted = offsets.filter((offset) => offset >= from && offset < to)
      expect(read).toEqual([...wanted.map((offset) => `0/${offset} m${offset} 7`), '0/5 live 1'])
    }
  })

  test('is refused where the copy lacks one of them, naming which', async () => {
    await expect(filledSource(topic().source, file([line(0, 2), line(0, 4)]), missing)).rejects.toMatchObject(
      {
        code: 'GAP',
        message: expect.stringContaining('lacks 1 of the missing messages: partition 0: [3, 4)'),
      },
    )
    await expect(filledSource(topic().source, file([line(0, 2)]), missing)).rejects.toThrow('[3, 5)')
  })

  test('is refused where a message stands twice, or a line is no message', async () => {
    const twice = file([line(0, 2), line(0, 2), line(0, 3), line(0, 4)])
    await expect(filledSource(topic().source, twice, missing)).rejects.toThrow(
      'holds offset 2 of partition 0 after 2',
    )
    await expect(filledSource(topic().source, file(['{"offset":']), missing)).rejects.toThrow('line 1 of')
    await expect(filledSource(topic().source, file(['{"deviceId":"d"}']), missing)).rejects.toThrow(
      'names no partition and offset',
    )
  })

  test('takes bytes that are no text as base64', async () => {
    const binary = JSON.stringify({
      partition: 0,
      offset: 2,
      ts: 1,
      payload64: Buffer.from('x').toString('base64'),
    })
    const filled = await filledSource(topic().source, file([binary]), [{ partition: 0, from: 2n, to: 3n }])
    await filled.start(new Map([[0, 2n]]))
    expect((await drain(filled))[0]).toBe('0/2 x 1')
  })
})
