import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createEncoder, type Encoder, type EncoderOptions } from '../../../src/main/ingest/encoder.ts'
import { rowsOf } from '../../helpers/parquet.ts'
import { batchOf, loadPayload, payloadOf, sampleOf } from '../../helpers/payloads.ts'
import { shapeOf } from '../../helpers/shapes.ts'

const entry = vi.hoisted((): { url: URL | null } => ({ url: null }))
vi.mock('../../../src/main/base/worker-url.ts', async (original) => {
  const real = await original<typeof import('../../../src/main/base/worker-url.ts')>()
  return { workerUrl: (...where: [string, string]) => entry.url ?? real.workerUrl(...where) }
})

const NOW = 1_769_999_999_123
const ALL = { raw: 0n, errors: 0n }
const opened: Encoder[] = []

async function open(options: Partial<EncoderOptions> = {}): Promise<Encoder> {
  const encoder = await createEncoder({
    raw: shapeOf('raw'),
    errors: shapeOf('errors'),
    topic: 'health-data-raw',
    validation: { strict: false, ranges: {} },
    maxMessageBytes: 1_000_000,
    clock: () => NOW,
    ...options,
  })
  opened.push(encoder)
  return encoder
}

afterEach(async () => {
  entry.url = null
  for (const encoder of opened.splice(0)) await encoder.close()
})

const payloads = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, index) => loadPayload(first + index))

describe('the thread', () => {
  test('decodes, keeps, and encodes on flush; errors come first', async () => {
    const encoder = await open()
    const bad = JSON.stringify(payloadOf([sampleOf({ value: -1 })]))
    const results = await Promise.all([
      encoder.add(batchOf([...payloads(50), bad]), ALL),
      encoder.add(batchOf(payloads(50, 50), { firstOffset: 51n }), ALL),
    ])
    expect(results.map(({ messages, rows, rejected }) => [messages, rows, rejected])).toEqual([
      [51, 250, 1],
      [50, 250, 0],
    ])
    expect(results[1]!.bufferedBytes).toBeGreaterThan(results[0]!.bufferedBytes)
    const tables: string[] = []
    let rows = 0
    for await (const { table, partition, parquet } of encoder.flush()) {
      tables.push(table)
      expect(partition).toHaveLength(2)
      rows += parquet.metrics.recordCount
      expect((await rowsOf(parquet.bytes)).length).toBe(parquet.metrics.recordCount)
    }
    expect(rows).toBe(501)
    expect(tables[0]).toBe('errors')
    expect(new Set(tables.slice(1))).toEqual(new Set(['raw']))
  })
  test('takes the time from the clock given', async () => {
    const encoder = await open()
    await encoder.add(batchOf(payloads(1)), ALL)
    for await (const { parquet } of encoder.flush()) {
      expect((await rowsOf(parquet.bytes))[0]!.processing_time).toBe(BigInt(NOW) * 1000n)
    }
  })
  test('takes the buffers of a batch over', async () => {
    const encoder = await open()
    const batch = batchOf(payloads(3))
    await encoder.add(batch, ALL)
    expect([batch.values.byteLength, batch.offsets.byteLength, batch.ends.byteLength]).toEqual([0, 0, 0])
  })
  test('accepts views that share one buffer', async () => {
    const batch = batchOf(payloads(2))
    const shared = new ArrayBuffer(batch.values.length + 16)
    const values = new Uint8Array(shared, 8, batch.values.length)
    values.set(batch.values)
    const encoder = await open()
    expect(await encoder.add({ ...batch, values, isNull: new Uint8Array(shared, 0, 2) }, ALL)).toMatchObject({
      rows: 10,
    })
  })
  test('keeps batches that come during a flush for the next one', async () => {
    const encoder = await open()
    await encoder.add(batchOf(payloads(20)), ALL)
    let first = 0
    for await (const { parquet } of encoder.flush()) {
      if (first === 0) await encoder.add(batchOf(payloads(1)), ALL)
      first += parquet.metrics.recordCount
    }
    expect(first).toBe(100)
    let second = 0
    for await (const { parquet } of encoder.flush()) second += parquet.metrics.recordCount
    expect(second).toBe(5)
    for await (const _ of encoder.flush()) expect.unreachable()
  })
  test('drops the rest of a flush that is left early', async () => {
    const encoder = await open()
    await encoder.add(batchOf(payloads(100)), ALL)
    for await (const _ of encoder.flush()) break
    for await (const _ of encoder.flush()) expect.unreachable()
  })
})

describe('failures', () => {
  test('a table that differs fails the start with its own code', async () => {
    const raw = shapeOf('raw')
    const fields = raw.schema.fields.filter(({ name }) => name !== 'unit')
    await expect(open({ raw: { ...raw, schema: { ...raw.schema, fields } } })).rejects.toMatchObject({
      name: 'LakeError',
      code: 'TABLE_DIFFERS',
      message: 'the table has no column unit',
    })
  })
  test('a failed request fails everything after it: half a batch is never flushed', async () => {
    const encoder = await open()
    await encoder.add(batchOf(payloads(1)), ALL)
    const broken = { ...batchOf(payloads(3)), values: {} as Uint8Array }
    await expect(encoder.add(broken, ALL)).rejects.toMatchObject({ name: 'LakeError', code: 'INTERNAL' })
    await expect(encoder.add(batchOf(payloads(1)), ALL)).rejects.toMatchObject({ code: 'INTERNAL' })
    await expect(encoder.flush().next()).rejects.toMatchObject({ code: 'INTERNAL' })
  })
  test('an Avro message stops the load where a registry is configured, and is a dead letter where none is', async () => {
    const framed = batchOf([Uint8Array.of(0, 0, 0, 0, 1)])
    const lone = await open()
    expect(await lone.add(structuredClone(framed), ALL)).toMatchObject({ rejected: 1 })
    const configured = await open({ registryUrl: 'http://127.0.0.1:1' })
    await expect(configured.add(framed, ALL)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
  test('calls after close, and those under way, end with CANCELLED', async () => {
    const encoder = await open()
    const under = encoder.add(batchOf(payloads(100)), ALL)
    const closing = encoder.close()
    await expect(under).rejects.toMatchObject({ code: 'CANCELLED' })
    await closing
    await expect(encoder.add(batchOf([]), ALL)).rejects.toMatchObject({ code: 'CANCELLED' })
  })
  test('a second flush at the same time is refused', async () => {
    const encoder = await open()
    await encoder.add(batchOf(payloads(20)), ALL)
    const first = encoder.flush()
    await first.next()
    await expect(encoder.flush().next()).rejects.toThrow('a flush is under way already')
    await first.return()
  })
  test.each([
    ['throws', "throw new TypeError('boom')", 'the encoding thread ended: boom'],
    ['ends', 'process.exit(3)', 'the encoding thread ended: exit code 3'],
  ])('a thread that %s fails every call, never in silence', async (_, statement, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'tarn-worker-'))
    try {
      const file = join(folder, 'worker.mjs')
      const code = `import { parentPort } from 'node:worker_threads'
        parentPort.on('message', () => { ${statement} })
        parentPort.postMessage({ kind: 'done' })`
      writeFileSync(file, code)
      entry.url = pathToFileURL(file)
      const encoder = await open()
      const calls = [encoder.add(batchOf([]), ALL), encoder.add(batchOf([]), ALL)]
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({
          status: 'rejected',
          reason: { name: 'LakeError', code: 'INTERNAL', message },
        })
      }
      await expect(encoder.flush().next()).rejects.toMatchObject({ code: 'INTERNAL' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
