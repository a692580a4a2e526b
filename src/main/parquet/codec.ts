import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Compressors } from 'hyparquet'
import { LakeError } from '../../shared/errors.ts'

/** Decompressors of Parquet pages beside snappy, which the reader brings itself. LZO is not to be had. */
export const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzipSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  LZ4_RAW: (input, length) => lz4Block(input, length),
  LZ4: (input, length) => lz4Hadoop(input, length),
}

/** One LZ4 block of known decompressed `length` bytes. Throws CORRUPT where the block does not hold exactly these. */
export function lz4Block(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length)
  let from = 0
  let to = 0
  while (from < input.length) {
    const token = input[from++] as number
    const literals = extended(token >> 4)
    if (from + literals > input.length || to + literals > length) throw corrupt()
    output.set(input.subarray(from, from + literals), to)
    from += literals
    to += literals
    if (from >= input.length) break
    const distance = (input[from] as number) | ((input[from + 1] ?? 0) << 8)
    from += 2
    const match = extended(token & 15) + 4
    if (distance === 0 || distance > to || to + match > length) throw corrupt()
    // Byte by byte: a match may overlap what it is writing.
    for (let i = 0; i < match; i++, to++) output[to] = output[to - distance] as number
  }
  if (to !== length) throw corrupt()
  return output

  function extended(nibble: number): number {
    let count = nibble
    if (nibble < 15) return count
    for (let byte = 255; byte === 255; count += byte) {
      if (from >= input.length) throw corrupt()
      byte = input[from++] as number
    }
    return count
  }
}

/** Hadoop's framing of LZ4 (big-endian sizes before each block); some writers left it out under the same codec name. */
function lz4Hadoop(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const output = new Uint8Array(length)
  let from = 0
  let to = 0
  while (from + 8 <= input.length) {
    const plain = view.getUint32(from)
    const packed = view.getUint32(from + 4)
    from += 8
    if (to + plain > length || from + packed > input.length) return lz4Block(input, length)
    output.set(lz4Block(input.subarray(from, from + packed), plain), to)
    from += packed
    to += plain
  }
  return to === length && from === input.length ? output : lz4Block(input, length)
}

function corrupt(): LakeError {
  return new LakeError('CORRUPT', 'a Parquet page is not valid LZ4')
}
