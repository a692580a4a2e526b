import { expect, test } from 'vitest'
import { pack, unpack } from '../../src/shared/packed.ts'
import type { PackedHeader } from '../../src/shared/query.ts'

const header: PackedHeader = {
  files: [
    {
      index: 3,
      kind: 'parquet',
      size: 100,
      segments: [
        [0, 4],
        [90, 100],
      ],
    },
    { index: 0, kind: 'arrow', size: 2, segments: [[0, 2]] },
    { index: 7, kind: 'parquet', size: 0, segments: [] },
  ],
  read: { bytes: 16, requests: 2, groups: { read: 0, total: 0 } },
}
const segments = [
  [1, 2, 3, 4],
  [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  [15, 16],
].map((bytes) => Uint8Array.from(bytes))

test('what is packed comes out again, file by file', () => {
  const read = unpack(pack(header, segments))
  expect(read.header).toEqual(header)
  expect(read.segments.map((file) => file.map((bytes) => [...bytes]))).toEqual([
    [
      [1, 2, 3, 4],
      [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    ],
    [[15, 16]],
    [],
  ])
})

test('an answer that was cut, or is something else, is refused', () => {
  const whole = pack(header, segments)
  for (const length of [0, 7, 20, whole.length - 1]) {
    expect(() => unpack(whole.slice(0, length))).toThrow(/packed read/)
  }
  expect(() => unpack(new TextEncoder().encode('{"title":"no"}'))).toThrow('not a packed read')
})
