import { describe, expect, test } from 'vitest'
import { sentence } from '../../../../src/renderer/features/load/announcer.tsx'
import { choicesOf } from '../../../../src/renderer/features/load/choices.ts'
import { commitRows, messagesOf } from '../../../../src/renderer/features/load/commit-rows.ts'
import { orderPartitions, partitionFilter } from '../../../../src/renderer/features/load/partition-filter.ts'
import {
  acceptOf,
  commandOf,
  refusalCsv,
  sumRefusal,
} from '../../../../src/renderer/features/load/refusal.ts'
import {
  binned,
  joinSeries,
  lagStep,
  timesOf,
  windowOf,
} from '../../../../src/renderer/features/load/series.ts'
import type { CommitView, LoadPartition, LoadView } from '../../../../src/shared/model.ts'
import type { RefusalView, SeriesView } from '../../../../src/shared/monitor.ts'

const partition = (number: number, lag: number, lagMs: number | null, rejected = 0): LoadPartition => ({
  partition: number,
  committed: '0',
  position: '0',
  high: String(lag),
  lag: String(lag),
  lagMs,
  messages: 0,
  rows: 0,
  rejected,
  skipped: 0,
})

describe('partitions', () => {
  const all = [partition(0, 5, 100), partition(1, 900, 7_000, 3), partition(2, 0, 0), partition(12, 40, null)]
  const found = (text: string) => {
    const passes = partitionFilter(text)
    return passes === null ? null : all.filter(passes).map((one) => one.partition)
  }

  test('are found by number, range, lag in messages or time, and rejects', () => {
    expect(found('')).toEqual([0, 1, 2, 12])
    expect(found('12')).toEqual([12])
    expect(found('1-2')).toEqual([1, 2])
    expect(found('0, 12')).toEqual([0, 12])
    expect(found('lag > 5 s')).toEqual([1])
    expect(found('lag>50ms lag<1 s')).toEqual([0])
    expect(found('lag > 5')).toEqual([1, 12])
    expect(found('Rejected > 0 and 0-9')).toEqual([1])
    expect(found('lag > 1 h')).toEqual([])
    for (const text of ['lag', 'what', 'lag > 5 parsecs', '1 x']) expect(found(text)).toBeNull()
  })

  test('stand with the oldest message first; the number decides between equals', () => {
    expect(orderPartitions(all, 'lag').map((one) => one.partition)).toEqual([1, 0, 12, 2])
    expect(orderPartitions(all, 'rejected').map((one) => one.partition)).toEqual([1, 0, 2, 12])
    expect(orderPartitions(all, 'number').map((one) => one.partition)).toEqual([0, 1, 2, 12])
  })
})

function series(change: Partial<SeriesView>): SeriesView {
  const length = change.consumed?.length ?? 0
  const empty = new Array<number | null>(length).fill(null)
  return {
    from: 0,
    next: 0,
    epoch: 1,
    at: 60_000,
    stepMs: 5_000,
    kept: 4,
    consumed: [],
    committed: empty,
    rolledUp: empty,
    rows: [[0, 0]],
    lag: [empty],
    rejects: {},
    events: [],
    ...change,
  }
}

describe('series', () => {
  test('grow by what is new: the last step is renewed, old ones leave', () => {
    const first = series({ consumed: [1, 2, 3], next: 2, lag: [[1, 1, 1]], rejects: { a: [1, 0, 2] } })
    const more = series({
      from: 2,
      next: 4,
      at: 70_000,
      consumed: [4, 5, 6],
      lag: [[2, 2, 2]],
      rejects: { b: [7, 0, 1] },
    })
    const joined = joinSeries(first, more)
    expect(joined.consumed).toEqual([2, 4, 5, 6])
    expect(joined.lag).toEqual([[1, 2, 2, 2]])
    expect(joined.rejects).toEqual({ a: [0, 0, 0, 0], b: [0, 7, 0, 1] })
    expect([joined.from, joined.at, joined.next]).toEqual([1, 65_000, 4])
    expect(timesOf(joined)).toEqual([65, 70, 75, 80])
    expect(windowOf(joined)).toEqual([65, 85])
  })

  test('begin anew with another load, and where steps are missing', () => {
    const held = series({ consumed: [1, 2], next: 1 })
    const other = series({ consumed: [9], epoch: 2 })
    expect(joinSeries(held, other)).toBe(other)
    const far = series({ from: 7, consumed: [9] })
    expect(joinSeries(held, far)).toBe(far)
  })

  test('are summed on the multiples of half a minute, to the last one', () => {
    const { at, counts } = binned(
      series({ at: 55_000, consumed: [1, 1, 1, 1], rejects: { a: [1, 2, 3, 4], b: [0, 0, 1, 0] } }),
      30,
    )
    expect(at).toEqual([30, 60])
    expect(counts.get('a')).toEqual([1, 9])
    expect(counts.get('b')).toEqual([0, 1])
  })

  test('lag has six steps of colour', () => {
    expect([0, 1.9, 2, 9, 29, 119, 120, 1e6].map(lagStep)).toEqual([1, 1, 2, 3, 4, 5, 6, 6])
  })
})

test('commits and rollups stand in one list, newest first; rollups that published nothing do not', () => {
  const commit = { snapshotId: '7', at: 10, role: 'raw', ranges: [{ partition: 0, start: '5', end: '9' }] }
  const rollup = { at: 20, snapshots: 3, rows: 1, ms: 1, sourceSnapshot: null, oldestMs: null }
  const rows = commitRows({
    recentCommits: [commit as unknown as CommitView],
    rollups: [rollup, { ...rollup, at: 30, snapshots: 0 }],
  })
  expect(rows.map(({ key }) => key)).toEqual(['rollup 20', '7'])
  expect(messagesOf(commit as unknown as CommitView)).toBe(4n)
})

test('a refusal adds up exactly, beyond 2^53 too, and repeats its number in the flag', () => {
  const refusal: RefusalView = {
    code: 'GAP',
    askedAt: 0,
    accept: '9007199254740999',
    was: null,
    now: null,
    positionsAt: null,
    partitions: [
      {
        partition: 0,
        position: '1',
        low: '9007199254741000',
        high: '9007199254741010',
        missing: '9007199254740999',
        missingFrom: '1',
        waiting: '10',
      },
      { partition: 1, position: '7', low: '3', high: '9', missing: '0', missingFrom: null, waiting: '2' },
    ],
  }
  const sums = sumRefusal(refusal)
  expect(sums).toEqual({
    loaded: 8n,
    missing: 9007199254740999n,
    waiting: 12n,
    produced: 9007199254741019n,
    partitions: 1,
  })
  expect(sums.loaded + sums.missing + sums.waiting).toBe(sums.produced)
  expect(acceptOf(refusal)).toEqual({ gap: '9007199254740999' })
  const commands = choicesOf(refusal).map(({ again }) => commandOf(again))
  expect(commands).toEqual([
    'npx tarn load --accept-gap 9007199254740999',
    'npx tarn load --fill FILE',
    'npx tarn load --accept-gap 9007199254740999 --start-newest',
    'npx tarn load',
  ])
  expect(refusalCsv(refusal).split('\r\n')[2]).toBe('1,7,3,9,0,2')
})

test('of a source without end no number is shown for what waits', () => {
  const refusal: RefusalView = {
    code: 'CLUSTER_REPLACED',
    askedAt: 0,
    accept: 'generator',
    was: 'file',
    now: 'generator',
    positionsAt: null,
    endless: true,
    partitions: [
      {
        partition: 0,
        position: '7',
        low: '0',
        high: '1099511627776',
        missing: '0',
        missingFrom: null,
        waiting: '1099511627776',
      },
    ],
  }
  const choices = choicesOf(refusal)
  expect(choices.map(({ value }) => value)).toEqual(['accept', 'wait'])
  expect(JSON.stringify(choices)).not.toMatch(/1,?099/)
  expect(choices[0]?.primary).toBe('Load the new cluster from its beginning')
  expect(refusalCsv(refusal).split('\r\n')[1]).toBe('0,7,0,,0,')
  // of Kafka the number stays, and so does the way to the newest
  const { endless: _, ...kafka } = refusal
  expect(choicesOf(kafka).map(({ value }) => value)).toEqual(['accept', 'newest', 'wait'])
  expect(choicesOf(kafka)[0]?.primary).toBe('Load 1,099,511,627,776 messages of the new cluster')
})

test('the sentence for a screen reader names state, rate, lag and ledger', () => {
  const load = {
    state: 'running',
    messagesPerSecond: 2418.4,
    lag: '1204',
    lagMs: 6_200,
    ledger: { gap: 0 },
    fault: null,
  } as unknown as LoadView
  expect(sentence(load)).toBe(
    'Loading 2,418 messages per second, lag 1,204 messages, the oldest waits 6.2 s, ledger balanced',
  )
  expect(sentence({ ...load, state: 'paused' })).toBe('Load paused')
})
