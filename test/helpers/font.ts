import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'

/** The tables that a WOFF2 file names by number (W3C WOFF2, 5.2); only the place of `cmap` matters here. */
const CMAP = 0
const TRANSFORMED = new Set([10, 11])
const OTHER = 63

/** The characters that a WOFF2 font draws: its `cmap`, formats 4 and 12. */
export function charactersOf(path: string): Set<number> {
  const file = readFileSync(path)
  if (file.toString('latin1', 0, 4) !== 'wOF2') throw new Error(`${path} is no WOFF2 file`)
  const tables = file.readUInt16BE(12)
  const compressed = file.readUInt32BE(20)
  let at = 48
  const base128 = (): number => {
    let value = 0
    for (let byte = 0x80; byte & 0x80; at++) {
      byte = file[at] ?? 0
      value = value * 128 + (byte & 0x7f)
    }
    return value
  }
  let offset = 0
  let cmap: { offset: number; length: number } | null = null
  for (let i = 0; i < tables; i++) {
    const flags = file[at++] ?? 0
    const known = flags & 0x3f
    if (known === OTHER) at += 4
    const version = flags >> 6
    const length = base128()
    const transformed = TRANSFORMED.has(known) ? version !== 3 : version !== 0
    const stored = transformed ? base128() : length
    if (known === CMAP) cmap = { offset, length: stored }
    offset += stored
  }
  const data = brotliDecompressSync(file.subarray(at, at + compressed))
  if (cmap === null) throw new Error(`${path} has no cmap`)
  return readCmap(data.subarray(cmap.offset, cmap.offset + cmap.length))
}

function readCmap(cmap: Buffer): Set<number> {
  const found = new Set<number>()
  const subtables = cmap.readUInt16BE(2)
  for (let i = 0; i < subtables; i++) {
    const start = cmap.readUInt32BE(4 + i * 8 + 4)
    const format = cmap.readUInt16BE(start)
    if (format === 4) segments(cmap, start, found)
    if (format === 12) groups(cmap, start, found)
  }
  return found
}

function segments(cmap: Buffer, start: number, found: Set<number>): void {
  const twice = cmap.readUInt16BE(start + 6)
  for (let i = 0; i < twice; i += 2) {
    const end = cmap.readUInt16BE(start + 14 + i)
    const first = cmap.readUInt16BE(start + 16 + twice + i)
    for (let code = first; code <= end && code < 0xffff; code++) found.add(code)
  }
}

function groups(cmap: Buffer, start: number, found: Set<number>): void {
  const count = cmap.readUInt32BE(start + 12)
  for (let i = 0; i < count; i++) {
    const at = start + 16 + i * 12
    for (let code = cmap.readUInt32BE(at); code <= cmap.readUInt32BE(at + 4); code++) found.add(code)
  }
}
