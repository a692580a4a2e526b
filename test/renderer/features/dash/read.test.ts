import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSeries, tableNames } from '../../../../src/renderer/features/dash/read.ts'
import { Engine } from '../../../../src/renderer/query/engine.ts'
import { Cancelled } from '../../../../src/renderer/query/errors.ts'
import type { PlanRequest } from '../../../../src/shared/query.ts'
import { openTestLake, type TestLake } from '../../query/lake-node.ts'
import { dailyRows } from '../../query/sample.ts'

const TABLES = tableNames('health_db', {
  raw: 'health_data_raw',
  daily: 'health_data_daily_agg',
  weekly: 'health_data_weekly_agg',
  monthly: 'health_data_monthly_agg',
})

let lake: TestLake
beforeAll(async () => {
  lake = await openTestLake()
  await lake.append('daily', dailyRows(8, 9))
}, 60_000)
afterAll(() => lake.close())

const never = new AbortController().signal
const question = {
  user: 'user-02',
  types: ['heartRate', 'steps'],
  from: '2024-10-04',
  to: '2024-10-12',
} as const

/** An engine whose DuckDB opens when it is let, with what it asks of main in order. */
function heldEngine() {
  const order: string[] = []
  const plans: PlanRequest[] = []
  let open = () => {}
  const held = new Promise<void>((resolve) => {
    open = resolve
  })
  const { deps } = lake.engine
  const engine = new Engine({
    ...deps,
    api: {
      ...deps.api,
      tables: () => {
        order.push('tables')
        return deps.api.tables()
      },
      plan: async (request, signal) => {
        plans.push(request)
        const answer = await deps.api.plan(request, signal)
        order.push('planned')
        return answer
      },
    },
    openDuck: async () => {
      order.push('start')
      await held
      order.push('started')
      return deps.openDuck()
    },
  })
  return { engine, order, plans, open }
}

test.each([
  ['day', 1],
  ['week', 2],
  ['month', 1],
] as const)(
  'the first %s of %s types is planned while the engine starts, and not again',
  async (grain, n) => {
    const { engine, order, plans, open } = heldEngine()
    const types = question.types.slice(0, n)
    const asked = { ...question, grain, types }
    const series = readSeries(engine.session('first'), TABLES, asked, never)
    await expect.poll(() => order).toContain('planned')
    expect(order).not.toContain('started')
    open()
    const first = await series
    expect(plans).toHaveLength(1)
    // Warm, DuckDB tells what is needed: nothing is guessed, and the answer is the same.
    const again = await readSeries(engine.session('first'), TABLES, asked, never)
    expect(plans).toHaveLength(2)
    expect(again).toEqual(first)
  },
)

test('a plan that was asked for ahead is given up with its statement', async () => {
  const { engine, open } = heldEngine()
  const { api } = engine.deps
  const signals: AbortSignal[] = []
  Object.assign(api, {
    plan: (_: unknown, signal: AbortSignal) => {
      signals.push(signal)
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    },
  })
  const cancel = new AbortController()
  const series = readSeries(
    engine.session('first'),
    TABLES,
    { ...question, grain: 'day' },
    cancel.signal,
  ).catch((error) => error)
  await expect.poll(() => signals).toHaveLength(1)
  cancel.abort()
  expect(signals[0]?.aborted).toBe(true)
  open()
  expect(await series).toBeInstanceOf(Cancelled)
})

test('a plan that failed ahead is asked for again by the statement itself', async () => {
  const { engine, open } = heldEngine()
  const { api } = engine.deps
  const plan = api.plan.bind(api)
  let calls = 0
  Object.assign(api, {
    plan: (...args: Parameters<typeof plan>) =>
      ++calls === 1 ? Promise.reject(new Error('cut')) : plan(...args),
  })
  const series = readSeries(engine.session('first'), TABLES, { ...question, grain: 'day' }, never)
  await expect.poll(() => calls).toBe(1)
  open()
  expect((await series).rows.length).toBeGreaterThan(0)
  expect(calls).toBe(2)
})
