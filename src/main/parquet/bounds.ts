/** Bounds of a column for Iceberg manifests: single-value binary (spec, Appendix D), strings cut by `truncate(16)`. */

/** Default of `write.metadata.metrics.default`: code points kept of a string bound. */
export const BOUND_LENGTH = 16

/** Order of two UTF-8 byte ranges [start, end) of one buffer; bytewise is code point order. */
export function compareBytes(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
  const shared = Math.min(aEnd - a, bEnd - b)
  for (let index = 0; index < shared; index++) {
    const difference = bytes[a + index]! - bytes[b + index]!
    if (difference !== 0) return difference
  }
  return aEnd - a - (bEnd - b)
}

/** The bytes of the first `points` code points of valid UTF-8, as a copy; a prefix is never above the whole. */
export function truncateLower(utf8: Uint8Array, points: number = BOUND_LENGTH): Uint8Array {
  return utf8.slice(0, prefixLength(utf8, points))
}

/**
 * The smallest string of at most `points` code points that is not below `utf8`: the string itself where short enough,
 * else its prefix with the last code point that can be raised raised by one. Null where none can be (spec, Column
 * Metrics: the bound is then left out).
 */
export function truncateUpper(utf8: Uint8Array, points: number = BOUND_LENGTH): Uint8Array | null {
  const length = prefixLength(utf8, points)
  if (length === utf8.length) return utf8.slice()
  const prefix = Array.from(
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8.subarray(0, length)),
    (point) => point.codePointAt(0)!,
  )
  for (let last = prefix.length - 1; last >= 0; last--) {
    const raised = prefix[last]! === 0xd7ff ? 0xe000 : prefix[last]! + 1
    if (raised <= 0x10ffff) {
      return new TextEncoder().encode(String.fromCodePoint(...prefix.slice(0, last), raised))
    }
  }
  return null
}

/** Bytes taken by the first `points` code points. */
function prefixLength(utf8: Uint8Array, points: number): number {
  let at = 0
  for (let count = 0; count < points && at < utf8.length; count++) {
    const lead = utf8[at]!
    at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  }
  return Math.min(at, utf8.length)
}
