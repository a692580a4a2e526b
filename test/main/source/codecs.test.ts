import { compressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import { gzipCodec, lz4Codec, snappyCodec, zstdCodec } from '../../../src/main/source/codecs.ts'

const data = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) % 251))

describe('codecs', () => {
  test.each([
    ['gzip', gzipCodec],
    ['snappy', snappyCodec],
    ['lz4', lz4Codec],
    ['zstd', zstdCodec],
  ])('%s gives back what it took', async (_, codec) => {
    expect((await codec.decompress(await codec.compress(data))).equals(data)).toBe(true)
    expect((await codec.decompress(await codec.compress(Buffer.alloc(0)))).length).toBe(0)
  })

  test('snappy takes Java’s blocks', async () => {
    const head = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
    const block = (bytes: Buffer) => {
      const packed = compressSync(bytes)
      const length = Buffer.alloc(4)
      length.writeInt32BE(packed.length)
      return [length, packed]
    }
    const framed = Buffer.concat([head, ...block(data.subarray(0, 32_768)), ...block(data.subarray(32_768))])
    expect((await snappyCodec.decompress(framed)).equals(data)).toBe(true)
    expect((await snappyCodec.decompress(head)).length).toBe(0)
    await expect(snappyCodec.decompress(framed.subarray(0, framed.length - 5))).rejects.toThrow(
      'past the batch',
    )
  })

  test('snappy refuses a length no memory holds before it makes room for it', async () => {
    const bomb = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0])
    await expect(snappyCodec.decompress(bomb)).rejects.toThrow('more than is allowed')
  })

  test.each([
    ['gzip', gzipCodec],
    ['snappy', snappyCodec],
    ['lz4', lz4Codec],
    ['zstd', zstdCodec],
  ])('%s fails on damage', async (_, codec) => {
    await expect(codec.decompress(Buffer.from('damaged, not packed at all'))).rejects.toThrow()
  })
})
