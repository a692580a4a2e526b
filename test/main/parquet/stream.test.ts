import { expect, test } from 'vitest'
import { streamArrow } from '../../../src/main/parquet/stream.ts'
import { columnsOf, encodeIpc, type FileRow } from '../../../src/main/parquet/write.ts'
import { elementsOf, footerOf, rowsOf } from '../../helpers/parquet.ts'

const SCHEMA = {
  fields: [
    { id: 1, name: 'n', required: true, type: 'long' },
    { id: 2, name: 'text', required: false, type: 'string' },
    { id: 3, name: 'at', required: false, type: 'timestamp' },
    {
      id: 4,
      name: 'm',
      required: false,
      type: { type: 'map', 'key-id': 5, key: 'string', 'value-id': 6, value: 'string' },
    },
  ],
}

const rowOf = (n: number): FileRow => ({
  n: BigInt(n) + 9_007_199_254_740_993n,
  text: n % 3 === 0 ? null : `täxt ${n}`,
  at: BigInt(n) * 1_000_003n - 5n,
  m: n % 2 === 0 ? null : new Map([['k', String(n)]]),
})

const ipcOf = (rows: readonly FileRow[]) => encodeIpc(columnsOf(SCHEMA, rows))

async function* batches(count: number, rows: number, pulled: { n: number } = { n: 0 }) {
  for (let batch = 0; batch < count; batch++) {
    pulled.n++
    yield ipcOf(Array.from({ length: rows }, (_, i) => rowOf(batch * rows + i)))
  }
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const found: Uint8Array[] = []
  for await (const piece of pieces) found.push(piece)
  return new Uint8Array(Buffer.concat(found))
}

test('many batches make one file of full row groups that reads back as given', async () => {
  const bytes = await bytesOf(streamArrow(batches(11, 700), { rowGroupRows: 2000 }))
  expect(footerOf(bytes).row_groups.map((group) => Number(group.num_rows))).toEqual([2000, 2000, 2000, 1700])
  const expected = Array.from({ length: 7700 }, (_, n) => {
    const row = rowOf(n)
    return { ...row, m: row.m instanceof Map ? Object.fromEntries(row.m) : null }
  })
  expect(await rowsOf(bytes)).toEqual(expected)
  expect(elementsOf(bytes).get('n')?.field_id).toBe(1)
})

test('batches are pulled as the bytes are taken', async () => {
  const pulled = { n: 0 }
  const pieces = streamArrow(batches(1000, 100, pulled), { rowGroupRows: 100 })
  for (let i = 0; i < 5; i++) await pieces.next()
  await new Promise((resolve) => setImmediate(resolve))
  expect(pulled.n).toBeLessThan(50)
  const before = pulled.n
  await pieces.return(undefined)
  await new Promise((resolve) => setImmediate(resolve))
  expect(pulled.n).toBeLessThanOrEqual(before + 1)
})

test('no row makes a file with the schema only', async () => {
  const bytes = await bytesOf(streamArrow(batches(1, 0)))
  expect(await rowsOf(bytes)).toEqual([])
  expect([...elementsOf(bytes).keys()]).toContain('text')
})

test('an error of the source is thrown, not taken for the end', async () => {
  async function* broken() {
    yield ipcOf([rowOf(1)])
    throw new Error('the lake went away')
  }
  await expect(bytesOf(streamArrow(broken()))).rejects.toThrow('the lake went away')
})

test('nothing at all is no file', async () => {
  const nothing = (async function* (): AsyncGenerator<Uint8Array> {})()
  await expect(bytesOf(streamArrow(nothing))).rejects.toThrow('needs a schema')
})
