import { crc32, deflateRawSync, inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { uncompressSync } from 'snappy'
import { LakeError } from '../../shared/errors.ts'
import { corrupt } from './source.ts'

/** Block codecs that are written. */
export type WriteCodec = 'null' | 'deflate'

export function compressBlock(codec: WriteCodec, block: Uint8Array): Uint8Array {
  return codec === 'deflate' ? deflateRawSync(block) : block
}

/** A block's content, at most `limit` bytes. Throws CORRUPT, or UNSUPPORTED for a codec Tarn cannot read. */
export function decompressBlock(codec: string, block: Uint8Array, limit: number): Uint8Array {
  try {
    switch (codec) {
      case 'null':
        return block
      case 'deflate':
        return inflateRawSync(block, { maxOutputLength: limit })
      case 'zstandard':
        return zstdDecompressSync(block, { maxOutputLength: limit })
      case 'snappy':
        return snappy(block, limit)
    }
  } catch (error) {
    if (error instanceof LakeError) throw error
    throw corrupt(`a ${codec} block cannot be decompressed (limit ${limit} bytes)`, error)
  }
  throw new LakeError('UNSUPPORTED', `Avro: codec ${codec}`)
}

/** Snappy, followed by the big-endian CRC-32 of the content. */
function snappy(block: Uint8Array, limit: number): Uint8Array {
  if (block.length < 5) throw corrupt('a snappy block without its checksum')
  const size = snappySize(block)
  if (size > limit) throw corrupt(`a snappy block of ${size} bytes (limit ${limit})`)
  const content = uncompressSync(Buffer.from(block.subarray(0, -4)), { asBuffer: true }) as Buffer
  const stored = new DataView(block.buffer, block.byteOffset, block.byteLength).getUint32(block.length - 4)
  if (crc32(content) !== stored) throw corrupt('a snappy block whose checksum does not match')
  return content
}

/** The uncompressed length that a snappy block begins with. */
function snappySize(block: Uint8Array): number {
  let size = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]!
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return size
  }
  throw corrupt('a snappy block without a length')
}
