import { describe, expect, test } from 'vitest'
import { noticesOf } from '../../src/renderer/notices.ts'
import type { AppState, JobResult, JobView, LoadView } from '../../src/shared/model.ts'
import type { TroubleView } from '../../src/shared/monitor.ts'

const job = (of: Partial<JobView>): JobView => ({
  id: of.kind ?? 'load',
  kind: 'load',
  state: 'done',
  startedAt: 1,
  endedAt: 10,
  progress: null,
  steps: [],
  result: null,
  fault: null,
  ...of,
})
const state = (jobs: readonly JobView[], troubles: readonly TroubleView[] = []) =>
  ({ jobs, load: { troubles } as unknown as LoadView }) as Pick<AppState, 'jobs' | 'load'>
const fault = { code: 'SERVER', outcome: 'retry', title: 'catalog answered 503', context: {} } as const
const result = (of: object) => of as JobResult

describe('notices', () => {
  test('tell what ended and what it touched, newest first, and lead to its place', () => {
    const notices = noticesOf(
      state([
        job({
          id: 'a',
          endedAt: 10,
          result: result({ kind: 'load', rows: 1200, rejected: 3, commits: { raw: 2, errors: 1 } }),
        }),
        job({
          id: 'b',
          kind: 'replay',
          endedAt: 30,
          result: result({ kind: 'replay', landed: 7, failed: 1 }),
        }),
        job({ id: 'c', kind: 'rollup', state: 'failed', endedAt: 20, fault }),
      ]),
    )
    expect(notices.map(({ word, text, state: s, path }) => [s, word, text, path.join('/')])).toEqual([
      ['attention', 'Replay finished', '7 letters landed, 1 failed again', 'letters'],
      ['failed', 'Rollup failed', 'catalog answered 503', 'load'],
      ['passed', 'Load stopped', '1,200 rows in 3 commits, 3 dead letters', 'load'],
    ])
  })

  test('keep quiet about what runs and about checks that were watched, unless they fail', () => {
    expect(
      noticesOf(
        state([
          job({ state: 'running', endedAt: null }),
          job({ kind: 'doctor', result: result({ kind: 'doctor' }) }),
          job({ kind: 'check', result: result({ kind: 'check' }) }),
        ]),
      ),
    ).toEqual([])
    expect(noticesOf(state([job({ kind: 'doctor', state: 'failed', fault })]))).toHaveLength(1)
  })

  test('tell a fault while it lasts, and that it is over', () => {
    const away = {
      kind: 'catalog-away',
      at: 5,
      title: 'Catalog answered 503',
      text: 'It waits.',
      fault,
    } as const
    expect(noticesOf(state([], [{ ...away, endedAt: null }]))[0]).toMatchObject({ at: 5, state: 'attention' })
    expect(noticesOf(state([], [{ ...away, endedAt: 9 }]))[0]).toMatchObject({
      at: 9,
      state: 'passed',
      word: 'Catalog answered 503, over',
    })
  })
})
