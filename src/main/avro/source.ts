import { LakeError } from '../../shared/errors.ts'

const text = new TextDecoder('utf-8', { ignoreBOM: true })

/** Reads Avro's binary forms from bytes, never past their end. Throws CORRUPT. */
export class ByteSource {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  readonly #view: DataView

  constructor(bytes: Uint8Array, at = 0) {
    // A plain view: `slice` of a Node Buffer would alias it instead of copying.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
    this.end = bytes.length
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.end - this.at
  }

  byte(): number {
    if (this.at >= this.end) throw corrupt('data ends inside a value')
    return this.bytes[this.at++]!
  }

  /** A zigzag varint: a number where that is exact, a bigint beyond 2^53. */
  long(): number | bigint {
    let byte = this.byte()
    let low = byte & 0x7f
    if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
    let middle = 0
    let high = 0
    for (let i = 1; byte >= 0x80; i++) {
      if (i === 10) throw corrupt('an integer of more than 64 bits')
      byte = this.byte()
      const bits = byte & 0x7f
      if (i < 4) low |= bits << (i * 7)
      else if (i < 8) middle |= bits << ((i - 4) * 7)
      else high |= bits << ((i - 8) * 7)
    }
    if (high === 0 && middle < 1 << 24) {
      const raw = low + middle * 0x10000000
      return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
    }
    const raw = BigInt.asUintN(64, BigInt(low) | (BigInt(middle) << 28n) | (BigInt(high) << 56n))
    const value = (raw >> 1n) ^ -(raw & 1n)
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  /** A long that counts or sizes something. */
  count(what: string): number {
    const value = this.long()
    if (typeof value !== 'number') throw corrupt(`${what} of ${value}`)
    return value
  }

  int(): number {
    const value = this.long()
    if (typeof value !== 'number' || value !== (value | 0)) throw corrupt(`int out of range: ${value}`)
    return value
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  /** A copy of the next `size` bytes. */
  fixed(size: number): Uint8Array {
    const at = this.#take(size)
    return this.bytes.slice(at, at + size)
  }

  /** The next `size` bytes without a copy. */
  window(size: number): Uint8Array {
    const at = this.#take(size)
    return this.bytes.subarray(at, at + size)
  }

  string(): string {
    return text.decode(this.window(this.count('a string length')))
  }

  #take(size: number): number {
    if (size < 0 || size > this.remaining) {
      throw corrupt(`a value of ${size} bytes where ${this.remaining} are left`)
    }
    const at = this.at
    this.at += size
    return at
  }
}

export function corrupt(message: string, cause?: unknown): LakeError {
  return new LakeError('CORRUPT', `Avro: ${message}`, cause === undefined ? {} : { cause })
}
