import type { PackedHeader } from './query.ts'

/**
 * One binary answer for many files: `TRN1`, the header's length (uint32, little-endian), the header as JSON in UTF-8,
 * then every segment of every file in the header's order, without gaps.
 */
const MAGIC = 0x314e5254

/** `segments` are the bytes of all segments in the header's order. */
export function pack(header: PackedHeader, segments: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header))
  let length = 8 + json.length
  for (const segment of segments) length += segment.length
  const body = new Uint8Array(length)
  const view = new DataView(body.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, json.length, true)
  body.set(json, 8)
  let at = 8 + json.length
  for (const segment of segments) {
    body.set(segment, at)
    at += segment.length
  }
  return body
}

/** The header and, by file in its order, views of its segments. Throws on an answer that is cut or malformed. */
export function unpack(body: Uint8Array<ArrayBuffer>): {
  header: PackedHeader
  segments: Uint8Array<ArrayBuffer>[][]
} {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  if (body.length < 8 || view.getUint32(0, true) !== MAGIC) throw new Error('the answer is not a packed read')
  const headerLength = view.getUint32(4, true)
  let at = 8 + headerLength
  if (at > body.length) throw new Error('the packed read is cut short')
  const header = JSON.parse(new TextDecoder().decode(body.subarray(8, at))) as PackedHeader
  const segments = header.files.map((file) =>
    file.segments.map(([start, end]) => {
      const segment = body.subarray(at, at + end - start)
      if (segment.length !== end - start) throw new Error('the packed read is cut short')
      at += end - start
      return segment
    }),
  )
  return { header, segments }
}
