import { describe, expect, test } from 'vitest'
import { pathOf } from '../../../src/main/ingest/path.ts'
import { TroubleLog } from '../../../src/main/ingest/trouble.ts'
import { Ages, Waiting } from '../../../src/main/ingest/waiting.ts'
import { LakeError } from '../../../src/shared/errors.ts'

describe('lag in time', () => {
  test('is the age of the oldest message that was read and has not landed', () => {
    const waiting = new Waiting()
    const [first, second] = [{}, {}]
    waiting.read(first, 10n, 1_000, 1_400)
    waiting.read(first, 20n, 1_500, 1_900)
    waiting.read(second, 30n, 2_000, 2_400)
    expect(waiting.lagMs(5_000, 0n, 30n)).toBe(4_000)
    waiting.landed(20n)
    expect(waiting.lagMs(5_000, 20n, 30n)).toBe(3_000)
    waiting.landed(30n)
    expect(waiting.lagMs(5_000, 30n, 30n)).toBe(0)
  })

  test('of what was not read is at most since all was read, or since the last message', () => {
    const waiting = new Waiting()
    expect(waiting.lagMs(5_000, 0n, null)).toBeNull()
    expect(waiting.lagMs(5_000, 0n, 7n)).toBeNull()
    waiting.learn(2_000, 7n, 7n)
    expect(waiting.lagMs(5_000, 7n, 9n)).toBe(3_000)
    waiting.read({}, 8n, 4_000, 4_000)
    waiting.landed(8n)
    expect(waiting.lagMs(5_000, 8n, 9n)).toBe(1_000)
  })

  test('leaves out messages without a time, and clocks that go ahead', () => {
    const waiting = new Waiting()
    waiting.read({}, 1n, -1, -1)
    expect(waiting.lagMs(5_000, 0n, 1n)).toBeNull()
    waiting.read({}, 2n, 9_000, 9_000)
    expect(waiting.lagMs(5_000, 1n, 2n)).toBe(0)
  })
})

test('ages of a batch are those of its oldest and its mean message', () => {
  const ages = new Ages()
  expect(ages.at(10)).toBeNull()
  ages.add(Float64Array.of(100, 300, -1))
  ages.addMany(200, 2)
  expect(ages.at(1_000)).toEqual({ oldestMs: 900, meanMs: 800 })
  const more = new Ages()
  more.add(Float64Array.of(50))
  ages.join(more)
  expect(ages.at(1_000)?.oldestMs).toBe(950)
})

describe('where the time of a commit went', () => {
  const sum = (path: ReturnType<typeof pathOf>) => Object.values(path).reduce((a, b) => a + b, 0)

  test('sums up, encoding before what uploading took beyond it', () => {
    const path = pathOf({ totalMs: 9_800, decodeMs: 215, uploadMs: 385, encodeMs: 118, catalogMs: 61 })
    expect(path).toEqual({ waitMs: 9_139, decodeMs: 215, encodeMs: 118, uploadMs: 267, catalogMs: 61 })
    expect(sum(path)).toBe(9_800)
  })

  test('sums up also where threads worked longer than the clock', () => {
    const path = pathOf({ totalMs: 100, decodeMs: 500, uploadMs: 60, encodeMs: 90, catalogMs: 20 })
    expect(path).toEqual({ waitMs: 0, decodeMs: 20, encodeMs: 60, uploadMs: 0, catalogMs: 20 })
  })
})

describe('troubles in words', () => {
  test('one that lasts is told once, and how it ended', () => {
    let now = 1_000
    const log = new TroubleLog(() => now)
    const error = new LakeError('REFUSED', 'nothing listens on 127.0.0.1:9000', { outcome: 'retry' })
    log.away('storage-away', error)
    now = 3_000
    log.away('storage-away', error)
    expect(log.view()).toMatchObject([
      { kind: 'storage-away', at: 1_000, endedAt: null, title: 'Nothing listens on 127.0.0.1:9000' },
    ])
    now = 13_000
    log.back('storage-away')
    log.back('storage-away')
    expect(log.view()).toMatchObject([
      {
        endedAt: 13_000,
        text: 'Uploads were tried again 2 times over 12.0 s and then went through. Nothing was lost or written twice.',
      },
    ])
  })

  test('a commit at first attempt is none; a found one tells that nothing was written twice', () => {
    const log = new TroubleLog(() => 5)
    log.committed('health_data_raw', { attempts: 1, found: false }, 10)
    expect(log.view()).toEqual([])
    const failure = new LakeError('SERVER', 'catalog answered 503', { outcome: 'unknown' })
    log.committed('health_data_raw', { attempts: 1, found: true, failure }, 2_100)
    log.committed('health_data_raw', { attempts: 3, found: false, failure }, 900)
    expect(log.view().map(({ kind, title }) => [kind, title])).toEqual([
      ['commit-retried', 'Catalog answered 503'],
      ['commit-found', 'Catalog answered 503'],
    ])
    expect(log.view()[1]?.text).toContain('found it in the table')
  })
})
