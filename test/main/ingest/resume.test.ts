import { describe, expect, test } from 'vitest'
import type { Positions } from '../../../src/main/ingest/offsets.ts'
import { decideResume, type ResumeInput } from '../../../src/main/ingest/resume.ts'

const tables = { raw: 'uuid-raw', errors: 'uuid-errors' }
const identity = { cluster: 'c1', topic: 'health', topicId: 't1' }
const at = (next: Record<number, bigint>, more: Partial<Positions> = {}): Positions => ({
  ...identity,
  next: new Map(Object.entries(next).map(([partition, offset]) => [Number(partition), offset])),
  tables,
  accepted: [],
  ...more,
})
const marks = (...marks: [bigint, bigint][]) => new Map(marks.map(([low, high], p) => [p, { low, high }]))
const input = (more: Partial<ResumeInput>): ResumeInput => ({
  pipeline: 'health',
  identity,
  watermarks: marks([0n, 100n], [0n, 100n]),
  raw: null,
  errors: null,
  tables,
  reset: 'earliest',
  accept: {},
  now: 5,
  ...more,
})
const refusal = (more: Partial<ResumeInput>) => {
  try {
    decideResume(input(more))
  } catch (error) {
    return error
  }
  throw new Error('it was not refused')
}

describe('where a load begins', () => {
  test('without positions: at the beginning of what is held, or at its end', () => {
    const watermarks = marks([7n, 100n], [0n, 0n])
    expect(decideResume(input({ watermarks })).start).toEqual(
      new Map([
        [0, 7n],
        [1, 0n],
      ]),
    )
    expect(decideResume(input({ watermarks, reset: 'latest' })).start).toEqual(
      new Map([
        [0, 100n],
        [1, 0n],
      ]),
    )
  })

  test('with positions: exactly there, whatever the reset says; an added partition whole', () => {
    const { start } = decideResume(
      input({ raw: at({ 0: 40n }), reset: 'latest', watermarks: marks([0n, 90n], [0n, 9n]) }),
    )
    expect(start).toEqual(
      new Map([
        [0, 40n],
        [1, 0n],
      ]),
    )
  })

  test('dead letters that are ahead of rows are dropped below their own position', () => {
    const { start, errorsFrom } = decideResume(
      input({ raw: at({ 0: 40n, 1: 10n }), errors: at({ 0: 60n, 1: 5n }) }),
    )
    expect(start).toEqual(
      new Map([
        [0, 40n],
        [1, 10n],
      ]),
    )
    expect(errorsFrom).toEqual(
      new Map([
        [0, 60n],
        [1, 10n],
      ]),
    )
  })

  test('where retention passed the positions: refused with ranges and number, accepted by that number only', () => {
    const gap = { raw: at({ 0: 10n, 1: 100n }), watermarks: marks([30n, 100n], [103n, 110n]) }
    expect(refusal(gap)).toMatchObject({
      code: 'GAP',
      message: '23 messages of health are gone unread: partition 0: [10, 30), partition 1: [100, 103)',
      context: { missing: '23', flag: '--accept-gap 23' },
    })
    expect(refusal({ ...gap, accept: { gap: 22n } })).toMatchObject({ code: 'GAP' })
    const { start, accepted } = decideResume(input({ ...gap, accept: { gap: 23n } }))
    expect(start).toEqual(
      new Map([
        [0, 30n],
        [1, 103n],
      ]),
    )
    expect(accepted).toEqual([
      { kind: 'gap', at: 5, detail: { missing: '23', 0: '[10, 30)', 1: '[100, 103)' } },
    ])
  })

  test('where the topic was made again: refused, accepted by its id, then from its beginning', () => {
    const raw = at({ 0: 40n }, { topicId: 't0', accepted: [{ kind: 'gap', at: 1, detail: {} }] })
    const errors = at({ 0: 40n }, { topicId: 't0' })
    expect(refusal({ raw, errors })).toMatchObject({
      code: 'TOPIC_REPLACED',
      context: { was: 'health (t0)', now: 'health (t1)', flag: '--accept-topic t1' },
    })
    const resume = decideResume(input({ raw, errors, accept: { topic: 't1' } }))
    expect(resume.start).toEqual(
      new Map([
        [0, 0n],
        [1, 0n],
      ]),
    )
    expect(resume.errorsFrom).toEqual(resume.start)
    expect(resume.accepted.map(({ kind }) => kind)).toEqual(['gap', 'topic'])
  })

  test('where ids tell nothing, a log that ends before the position is another one', () => {
    const unknown = { ...identity, topicId: null }
    const raw = at({ 0: 500n }, { topicId: null })
    expect(refusal({ raw, identity: unknown })).toMatchObject({
      code: 'TOPIC_REPLACED',
      context: { was: 'offset 500 of partition 0', now: '100 messages long', flag: '--accept-topic health' },
    })
    expect(refusal({ raw: at({ 5: 1n }) })).toMatchObject({ code: 'TOPIC_REPLACED' })
    const resume = decideResume(input({ raw, errors: raw, identity: unknown, accept: { topic: 'health' } }))
    expect(resume.errorsFrom.get(0)).toBe(0n)
  })

  test('where the cluster is another: refused, accepted by its id', () => {
    const raw = at({ 0: 40n }, { cluster: 'c0' })
    expect(refusal({ raw, accept: { topic: 't1' } })).toMatchObject({
      code: 'CLUSTER_REPLACED',
      context: { was: 'c0', now: 'c1', flag: '--accept-cluster c1' },
    })
    expect(decideResume(input({ raw, accept: { cluster: 'c1' } })).start.get(0)).toBe(0n)
  })

  test('where one of the tables was made again: refused, accepted by its UUID', () => {
    const errors = at({ 0: 40n }, { tables: { raw: 'older', errors: 'uuid-errors' } })
    expect(refusal({ errors })).toMatchObject({
      code: 'TABLE_REPLACED',
      context: { table: 'raw', was: 'older', now: 'uuid-raw', flag: '--accept-table uuid-raw' },
    })
    const resume = decideResume(input({ errors, accept: { table: 'uuid-raw' } }))
    expect(resume.start.get(0)).toBe(0n)
    expect(resume.errorsFrom.get(0)).toBe(40n)
    const raw = at({ 0: 40n }, { tables: { raw: 'uuid-raw', errors: 'older' } })
    expect(refusal({ raw })).toMatchObject({ code: 'TABLE_REPLACED', context: { table: 'errors' } })
  })

  test('after a first load that was cut between its commits: at the beginning, without its dead letters', () => {
    const resume = decideResume(input({ errors: at({ 0: 40n }) }))
    expect(resume.start.get(0)).toBe(0n)
    expect(resume.errorsFrom.get(0)).toBe(40n)
  })
})

describe('a chosen start', () => {
  const chosen = (offsets: [number, bigint][]) => ({ text: 'asked', offsets: new Map(offsets) })

  test('counts without positions, is recorded, and leaves other partitions to the reset', () => {
    const { start, accepted } = decideResume(input({ startAt: chosen([[1, 30n]]), reset: 'latest' }))
    expect(start).toEqual(
      new Map([
        [0, 100n],
        [1, 30n],
      ]),
    )
    expect(accepted).toEqual([{ kind: 'start', at: 5, detail: { asked: 'asked', 0: '100', 1: '30' } }])
  })

  test('does not count where the table has positions', () => {
    const { start, accepted } = decideResume(
      input({ raw: at({ 0: 40n, 1: 1n }), startAt: chosen([[0, 7n]]) }),
    )
    expect(start.get(0)).toBe(40n)
    expect(accepted).toEqual([])
  })

  test('is refused outside of what is held', () => {
    const startAt = chosen([[0, 101n]])
    expect(refusal({ startAt })).toMatchObject({ code: 'SETTING', context: { low: '0', high: '100' } })
  })
})

describe('starting at the newest', () => {
  const watermarks = marks([50n, 100n], [0n, 100n])
  const raw = at({ 0: 40n, 1: 90n })

  test('gives up the gap and what waits, as one range a partition', () => {
    const resume = decideResume(input({ watermarks, raw, accept: { gap: 10n, newest: true } }))
    expect(resume.start.get(0)).toBe(100n)
    expect(resume.accepted).toEqual([
      { kind: 'gap', at: 5, detail: { missing: '70', 0: '[40, 100)', 1: '[90, 100)' } },
    ])
  })

  test('needs the refusal to be accepted, with its number', () => {
    expect(refusal({ watermarks, raw, accept: { newest: true } })).toMatchObject({ code: 'GAP' })
    expect(refusal({ raw: at({ 0: 90n, 1: 90n }), accept: { newest: true } })).toMatchObject({
      code: 'USAGE',
    })
  })
})
