import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compressSync } from 'lz4-napi'
import { describe, expect, test } from 'vitest'
import { lz4Block } from '../../../src/main/parquet/codec.ts'
import { openParquet, type ParquetSource } from '../../../src/main/parquet/read.ts'
import { chunkStats } from '../../../src/main/parquet/stats.ts'
import { encodeRows } from '../../../src/main/parquet/write.ts'

function counted(bytes: Uint8Array): ParquetSource & { readonly ranges: [number, number][] } {
  const ranges: [number, number][] = []
  return {
    ranges,
    size: bytes.byteLength,
    read: async (start, end) => {
      ranges.push([start, end])
      return bytes.slice(start, end)
    },
  }
}

const folder = join(import.meta.dirname, '../../fixtures/codecs')

describe.each(readdirSync(folder))('the file %s of pyarrow', (name) => {
  test('reads, a byte order mark in text included', async () => {
    const file = await openParquet(counted(readFileSync(join(folder, name))))
    const group = await file.load(0, ['id', 'text', 'number'])
    const [ids, texts, numbers] = await Promise.all(
      ['id', 'text', 'number'].map((column) => group.column(column, 0, file.rows)),
    )
    expect(file.rows).toBe(300)
    for (let i = 0; i < 300; i++) {
      expect(ids?.[i]).toBe(BigInt(i))
      expect(texts?.[i] ?? null).toBe(i % 7 === 0 ? null : `\ufeffvalue ${i % 13} ключ`)
      expect(numbers?.[i] ?? null).toBe(i % 5 === 0 ? null : i / 4)
    }
  })
})

test('LZ4 blocks decompress to what was compressed; damaged ones are refused', () => {
  const texts = [
    '',
    'a',
    'abcabcabcabcabcabcabcabc'.repeat(50),
    Array.from({ length: 3000 }, (_, i) => i % 251).join(''),
  ]
  for (const text of texts) {
    const plain = Buffer.from(text)
    // The library puts the length, 4 bytes, before the block.
    const block = compressSync(plain).subarray(4)
    expect(Buffer.from(lz4Block(block, plain.length)).equals(plain)).toBe(true)
    expect(() => lz4Block(block, plain.length + 1)).toThrow(expect.objectContaining({ code: 'CORRUPT' }))
  }
})

describe('bytes fetched', () => {
  const schema = {
    type: 'struct',
    'schema-id': 0,
    fields: [
      { id: 1, name: 'a', required: true, type: 'long' },
      { id: 2, name: 'wide', required: true, type: 'string' },
      { id: 3, name: 'b', required: true, type: 'double' },
    ],
  } as const
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    a: BigInt(i),
    wide: `${i * 7919}`.padEnd(40, `${i}`),
    b: i / 3,
  }))
  const { bytes } = encodeRows(schema, rows)

  test('are those of the wanted columns and the footer', async () => {
    const source = counted(bytes)
    const file = await openParquet(source)
    expect(source.ranges).toEqual([[bytes.byteLength - 65_536, bytes.byteLength]])
    const group = await file.load(0, ['a', 'b'])
    // One request each: the wide column lies between and is left out.
    expect(source.ranges).toHaveLength(3)
    const fetched = source.ranges.slice(1).reduce((sum, [start, end]) => sum + end - start, 0)
    expect(fetched).toBeLessThan(bytes.byteLength / 2)
    expect((await group.column('b', 19_990, 20_000))[9]).toBe(19_999 / 3)
    expect(source.ranges).toHaveLength(3)
  })

  test('of neighbours come in one request', async () => {
    const source = counted(bytes)
    const file = await openParquet(source)
    await file.load(0, ['a', 'wide', 'b'])
    expect(source.ranges).toHaveLength(2)
  })

  test('statistics of a chunk come from the footer', async () => {
    const file = await openParquet(counted(bytes))
    expect(chunkStats(file, 0, ['a'])).toEqual({ min: 0n, max: 19_999n, nulls: 0, values: 20_000 })
    expect(chunkStats(file, 0, ['absent'])).toBeNull()
  })
})

test.each([
  ['too short', new Uint8Array(5)],
  ['no Parquet', new Uint8Array(100)],
  [
    'a footer longer than the file',
    Uint8Array.of(...new Array(20).fill(0), 0xff, 0xff, 0, 0, 0x50, 0x41, 0x52, 0x31),
  ],
  ['a footer of zeros', Uint8Array.of(...new Array(20).fill(0xff), 8, 0, 0, 0, 0x50, 0x41, 0x52, 0x31)],
])('a file that is %s is CORRUPT', async (_, bytes) => {
  await expect(openParquet(counted(bytes))).rejects.toMatchObject({ code: 'CORRUPT' })
})
