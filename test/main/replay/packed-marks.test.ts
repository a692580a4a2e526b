import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { KeptMark, Mark } from '../../../src/main/replay/marks.ts'
import { createMarkIndex, packMarks } from '../../../src/main/replay/packed-marks.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const PACK = 4096

/** Marks as a replay makes them: each letter is meant, and lands or fails. */
function markOf(i: number): Mark {
  const letter = i % 11 === 5 ? `other writer's ${i >> 1}` : hash(String(i >> 1))
  const failed = i % 2 === 1 && i % 3 === 0
  return {
    replay: `replay-${Math.floor(i / 50_000)}`,
    batch: Math.floor(i / 8192),
    state: i % 2 === 0 ? 'intended' : failed ? 'failed' : 'landed',
    at: 1_767_225_600_000_000n + BigInt(i),
    letter: i % 1000 === 999 ? null : letter,
    firstLetter: i % 1000 === 999 ? null : i % 7 === 0 ? hash('first') : letter,
    fixId: 'fix',
    rows: i % 5,
    reason: failed
      ? `$.samples[0].value: ${i % 50}: must be from 30 to 45 for bodyTemperature, für ${i % 3}`
      : null,
    commit: failed ? null : `commit-${Math.floor(i / 8192)}`,
    snapshot: i % 2 === 1 && !failed ? 2n ** 62n + BigInt(i) : null,
    detail: i % 1000 === 999 ? JSON.stringify({ i }) : null,
  }
}

function indexOf(count: number) {
  const index = createMarkIndex()
  for (let from = 0; from < count; from += PACK) {
    const marks = Array.from({ length: Math.min(PACK, count - from) }, (_, i) => markOf(from + i))
    index.add({ pack: packMarks(marks), marksSnapshot: from === 0 ? null : BigInt(from) })
  }
  return index
}

test('packed marks are what was packed, in order, by letter too', () => {
  const count = 10_000
  const index = indexOf(count)
  expect(index.count).toBe(count)
  const all = [...index.all()]
  const expected = Array.from({ length: count }, (_, i): KeptMark => {
    const from = i - (i % PACK)
    return { ...markOf(i), marksSnapshot: from === 0 ? null : BigInt(from) }
  })
  expect(all).toEqual(expected)
  const byLetter = Map.groupBy(expected, ({ letter }) => letter)
  for (const [letter, marks] of byLetter) if (letter !== null) expect(index.get(letter)).toEqual(marks)
  expect([hash('nobody'), 'nobody', ''].map(index.get)).toEqual([undefined, undefined, undefined])
})

test('200,000 marks take some hundred bytes each and leave no objects behind', () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const used = () => {
    gc()
    return process.memoryUsage().heapUsed
  }
  const count = 200_000
  const before = used()
  const index = indexOf(count)
  const grown = used() - before
  expect(index.count).toBe(count)
  expect(index.bytes / count).toBeLessThan(140)
  // An object and its texts would take some 400 bytes; what other writers' ids take is a tenth of the marks.
  expect(grown / count).toBeLessThan(60)
  expect(index.get(hash('50000'))?.map(({ state }) => state)).toEqual(['intended', 'landed'])
})
