import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  createNames,
  type IndexedLetter,
  newestFirst,
  packLetters,
} from '../../../../src/main/app/letters/file-letters.ts'
import { createReasons } from '../../../../src/main/app/letters/reason.ts'
import type { ScanFile } from '../../../../src/main/iceberg/scan.ts'

const reasons = createReasons()
const names = createNames()
const file = (name: string) => ({ file: { path: name } }) as unknown as ScanFile
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

type Cells = Omit<IndexedLetter, 'file' | 'row'>
const cells = (from: number, count: number): Cells[] =>
  Array.from({ length: count }, (_, i) => ({
    id: i % 7 === 3 ? `other writer's ${from + i}` : hash(String(from + i)),
    reason: reasons('VALIDATION_ERROR', `$.samples[0].value: ${i}: must be ${i % 3} or more`),
    timestamp: BigInt((from + i) % 5) * 1_000_000n - 2_000_000n,
    topic: `topic-${i % 2}`,
    partition: BigInt(i % 4),
    offset: 2n ** 62n + BigInt(from + i),
    userId: i % 5 === 0 ? null : `user-${i % 6}`,
    dataType: i % 4 === 0 ? null : 'heartRate',
  }))

test('a packed letter is what was packed, whoever named it', () => {
  const given = cells(0, 100)
  const packed = packLetters(file('a'), given.length, names, given)
  for (const [row, cell] of given.entries()) {
    expect({ ...packed.letter(row) }).toEqual({ ...cell, file: file('a'), row })
    expect(packed.find(cell.id)).toBe(row)
  }
  expect([hash('nobody'), 'nobody', ''].map(packed.find)).toEqual([-1, -1, -1])
})

test('letters of several files come newest first, and by file in the order of its rows', () => {
  const parts = [cells(0, 40), cells(40, 30)].map((given, index) => ({
    file: file(String(index)),
    letters: packLetters(file(String(index)), given.length, names, given),
    rows: Uint32Array.from(given.keys()).filter((row) => row % 3 !== 0),
    given,
  }))
  const found = newestFirst(parts)
  const expected = parts
    .flatMap(({ given, rows }) => [...rows].map((row) => given[row] as Cells))
    .sort(
      (a, b) =>
        Number(b.timestamp - a.timestamp) || Number(b.offset - a.offset) || Number(b.partition - a.partition),
    )
    .map(({ id }) => id)
  const ids = (letters: Iterable<IndexedLetter>) => [...letters].map(({ id }) => id)
  expect(found.length).toBe(expected.length)
  expect(ids(found)).toEqual(expected)
  expect(ids(found.slice(5, 9))).toEqual(expected.slice(5, 9))
  expect(ids(found.first(3))).toEqual(expected.slice(0, 3))
  expect(ids(found.filter(({ userId }) => userId === null)).sort()).toEqual(
    ids([...found].filter(({ userId }) => userId === null)).sort(),
  )
  const byFile = [...found.byFile()].flatMap(({ rows, letter }) => {
    expect([...rows]).toEqual([...rows].sort((a, b) => a - b))
    return [...rows].map((row) => letter(row).id)
  })
  expect(byFile.sort()).toEqual([...expected].sort())
})

test('the nearest of the same partition are found on either side', () => {
  const given = cells(0, 60)
  const letters = packLetters(file('a'), given.length, names, given)
  const found = newestFirst([{ file: file('a'), letters, rows: Uint32Array.from(given.keys()) }])
  const middle = given[30] as Cells
  const near = found.beside(found.find(middle.id) as IndexedLetter, 3)
  // Every fourth is of its partition, and all of those are of its topic.
  expect(near.map(({ offset }) => Number(offset - 2n ** 62n))).toEqual([18, 22, 26, 34, 38, 42])
  expect(found.find(hash('nobody'))).toBeNull()
})
