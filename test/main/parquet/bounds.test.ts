import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compareBytes, truncateLower, truncateUpper } from '../../../src/main/parquet/bounds.ts'

interface Golden {
  readonly value: string
  readonly upper: string | null
}
const golden: { readonly upper: readonly Golden[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/iceberg/values.json', import.meta.url), 'utf8'),
)
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const lower = (text: string, points?: number): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(truncateLower(utf8(text), points))
const upper = (text: string, points?: number): string | null => {
  const bytes = truncateUpper(utf8(text), points)
  return bytes === null ? null : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}
const MAX = '\u{10ffff}'

describe('truncate(16)', () => {
  test.each(golden.upper)("of %j is no looser than PyIceberg's", ({ value, upper: theirs }) => {
    const ours = upper(value)
    expect(ours === null).toBe(theirs === null)
    if (ours === null || [...value].length <= 16) return
    // PyIceberg keeps the places after the raised one; a shorter bound is tighter and still above the value.
    expect(Buffer.compare(utf8(value), utf8(ours))).toBeLessThan(0)
    expect(Buffer.compare(utf8(ours), utf8(theirs ?? ''))).toBeLessThanOrEqual(0)
  })
  test.each([
    ['', '', ''],
    ['abc', 'abc', 'abc'],
    ['0123456789abcdef', '0123456789abcdef', '0123456789abcdef'],
    ['0123456789abcdefg', '0123456789abcdef', '0123456789abcdeg'],
    ['😀'.repeat(16), '😀'.repeat(16), '😀'.repeat(16)],
    ['😀'.repeat(17), '😀'.repeat(16), `${'😀'.repeat(15)}😁`],
    [`${'a'.repeat(15)}${MAX}x`, `${'a'.repeat(15)}${MAX}`, `${'a'.repeat(14)}b`],
    [`${'a'.repeat(15)}\ud7ffx`, `${'a'.repeat(15)}\ud7ff`, `${'a'.repeat(15)}\ue000`],
    [`${'a'.repeat(15)}\uffffx`, `${'a'.repeat(15)}\uffff`, `${'a'.repeat(15)}\u{10000}`],
    [`${'a'.repeat(15)}\u007fx`, `${'a'.repeat(15)}\u007f`, `${'a'.repeat(15)}\u0080`],
    [`\ufeff${'a'.repeat(16)}`, `\ufeff${'a'.repeat(15)}`, `\ufeff${'a'.repeat(14)}b`],
  ])('%j', (text, low, high) => {
    expect(lower(text)).toBe(low)
    expect(upper(text)).toBe(high)
  })
  test('an upper bound that cannot be raised is left out', () => {
    expect(upper(MAX.repeat(16))).toBe(MAX.repeat(16))
    expect(upper(MAX.repeat(17))).toBeNull()
  })
})

test('bounds enclose the value in UTF-8 order, whatever its code points', () => {
  const points = [0, 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10fffe, 0x10ffff]
  for (let index = 0; index < points.length ** 4; index++) {
    const choice = [0, 1, 2, 3].map(
      (digit) => points[Math.floor(index / points.length ** digit) % points.length]!,
    )
    const text = String.fromCodePoint(...choice)
    const high = upper(text, 3)
    expect(Buffer.compare(utf8(lower(text, 3)), utf8(text))).toBeLessThanOrEqual(0)
    if (high === null) expect(choice.slice(0, 3)).toEqual([0x10ffff, 0x10ffff, 0x10ffff])
    else {
      expect(Buffer.compare(utf8(high), utf8(text))).toBeGreaterThanOrEqual(0)
      expect([...high].length).toBeLessThanOrEqual(3)
    }
  }
})

test('bytes are compared as Buffer.compare does', () => {
  const texts = ['', 'a', 'ab', 'b', 'é', '\uffff', '😀', '😀a']
  for (const a of texts) {
    for (const b of texts) {
      const both = utf8(a + b)
      const split = utf8(a).length
      expect(Math.sign(compareBytes(both, 0, split, split, both.length))).toBe(
        Buffer.compare(utf8(a), utf8(b)),
      )
    }
  }
})
