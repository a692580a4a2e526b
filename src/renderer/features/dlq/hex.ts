/** 16 bytes to a line: where they stand, in hex, and what of them can be read. */
export function hexOf(all: Uint8Array, first: number): string {
  const lines: string[] = []
  for (let at = 0; at < all.length; at += 16) {
    const row = [...all.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${(first + at).toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`)
  }
  return lines.join('\n')
}
