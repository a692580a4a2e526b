/**
 * Kafka's four compression codecs (record batch attributes, bits 0 to 2). All run on libuv's threads, so that the event
 * loop stays free; output is bounded, since a small batch can claim to hold gigabytes.
 */
import { promisify } from 'node:util'
import { constants, gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib'
import { compressFrame, decompressFrame } from 'lz4-napi'
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappy'

export interface Codec {
  compress(bytes: Uint8Array): Promise<Buffer>
  decompress(bytes: Uint8Array): Promise<Buffer>
}

/** Bytes that one record batch may unpack to. */
const MAX_UNPACKED_BYTES = 1024 * 1024 * 1024

/** Java's SnappyOutputStream ("xerial"): this magic, two int32 versions, then blocks of int32 length and raw snappy. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)
const zstdAsync = promisify(zstdCompress)
const unzstdAsync = promisify(zstdDecompress)

export const gzipCodec: Codec = {
  compress: (bytes) => gzipAsync(bytes),
  decompress: (bytes) => gunzipAsync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }),
}

export const zstdCodec: Codec = {
  compress: (bytes) => zstdAsync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
  decompress: (bytes) => unzstdAsync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }),
}

export const lz4Codec: Codec = {
  compress: (bytes) => compressFrame(bytes),
  decompress: (bytes) => decompressFrame(bytes),
}

export const snappyCodec: Codec = {
  compress: (bytes) => snappyCompress(bytes),
  decompress: async (bytes) => {
    const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (!isXerial(input)) return unsnap(input)
    const blocks: Buffer[] = []
    let total = 0
    let at = XERIAL_HEADER_BYTES
    while (at + 4 <= input.length) {
      const length = input.readInt32BE(at)
      at += 4
      if (length < 0 || at + length > input.length) throw new Error('snappy: a block reaches past the batch')
      const block = await unsnap(input.subarray(at, at + length))
      total += block.length
      if (total > MAX_UNPACKED_BYTES) throw new Error('snappy: the batch unpacks to more than is allowed')
      blocks.push(block)
      at += length
    }
    return blocks.length === 1 ? (blocks[0] as Buffer) : Buffer.concat(blocks, total)
  },
}

function isXerial(input: Buffer): boolean {
  return input.length >= XERIAL_HEADER_BYTES && input.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)
}

async function unsnap(block: Buffer): Promise<Buffer> {
  if (snappyLength(block) > MAX_UNPACKED_BYTES) {
    throw new Error('snappy: the batch unpacks to more than is allowed')
  }
  const out = await snappyUncompress(block, { asBuffer: true, copyOutputData: true })
  return typeof out === 'string' ? Buffer.from(out) : out
}

/** The unpacked length that raw snappy announces as its leading varint. */
function snappyLength(block: Buffer): number {
  let length = 0
  for (let i = 0; i < Math.min(5, block.length); i++) {
    const byte = block[i] as number
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) break
  }
  return length
}
