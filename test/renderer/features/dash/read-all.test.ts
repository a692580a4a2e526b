import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSeries, seriesCost, tableNames } from '../../../../src/renderer/features/dash/read.ts'
import { openTestLake, type Row, type TestLake } from '../../query/lake-node.ts'

const TABLES = tableNames('health_db', {
  raw: 'health_data_raw',
  daily: 'health_data_daily_agg',
  weekly: 'health_data_weekly_agg',
  monthly: 'health_data_monthly_agg',
})
const FIRST = Date.UTC(2024, 9, 4) / 86_400_000
const [USERS, DAYS] = [5, 4]
const dayOf = (day: number) => new Date((FIRST + day) * 86_400_000).toISOString().slice(0, 10)

/** Large values close to each other: a sum of squares would lose what parts them. User 3 has none on the second day. */
function samplesOf(user: number, day: number): number[] {
  if (user === 3 && day === 1) return []
  return Array.from({ length: 2 + ((user * 7 + day * 3) % 5) }, (_, i) => 1e8 + user * 3 + day + (i * i) / 8)
}

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + (value - 1e8), 0) / values.length + 1e8
const deviation = (values: readonly number[]) => {
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

function daily(user: number, day: number, type = 'heartRate'): Row[] {
  const values = samplesOf(user, day)
  const start = BigInt(FIRST + day) * 86_400_000_000n
  if (values.length === 0) return []
  return [
    {
      user_id: `user-${user}`,
      data_type: type,
      aggregation_date: dayOf(day),
      window_start: start,
      window_end: start + 86_400_000_000n,
      min_value: Math.min(...values),
      max_value: Math.max(...values),
      avg_value: meanOf(values),
      sum_value: values.reduce((sum, value) => sum + value, 0),
      count: BigInt(values.length),
      stddev_value: deviation(values),
      first_value: values[0] ?? null,
      last_value: values.at(-1) ?? null,
      record_count: BigInt(values.length),
      updated_at: start,
    },
  ]
}

let lake: TestLake
beforeAll(async () => {
  lake = await openTestLake()
  const rows = Array.from({ length: USERS * DAYS }, (_, at) => daily(at % USERS, Math.floor(at / USERS)))
  await lake.append('daily', [...rows.flat(), ...daily(0, 0, 'steps')])
}, 60_000)
afterAll(() => lake.close())

test('statistics of all users together are those of all their samples, from the files of these days alone', async () => {
  const question = {
    grain: 'day',
    user: null,
    types: ['heartRate'],
    from: dayOf(0),
    to: dayOf(DAYS - 2),
  } as const
  const signal = new AbortController().signal
  const { rows, users, cost } = await readSeries(lake.engine.session('all'), TABLES, question, signal)
  expect(users).toBe(USERS)
  expect(rows.map(({ period }) => period)).toEqual([dayOf(0), dayOf(1), dayOf(2)])
  for (const [day, row] of rows.entries()) {
    const samples = Array.from({ length: USERS }, (_, user) => samplesOf(user, day)).flat()
    expect(row).toMatchObject({
      type: 'heartRate',
      count: samples.length,
      min: Math.min(...samples),
      max: Math.max(...samples),
      first: null,
      last: null,
    })
    expect(row.mean).toBeCloseTo(meanOf(samples), 6)
    expect(row.std).toBeCloseTo(deviation(samples), 5)
    expect(row.sum).toBeCloseTo(
      samples.reduce((sum, value) => sum + value, 0),
      4,
    )
  }
  // A file a user and day with samples; neither the other day's nor the other type's.
  expect(cost.files).toBe(USERS * 3 - 1)
  expect(await seriesCost(lake.engine.session('cost'), TABLES, question, signal)).toMatchObject({
    files: USERS * 3 - 1,
    bytes: cost.bytes,
  })
})

test('nobody of no days is no row and no user', async () => {
  const question = {
    grain: 'month',
    user: null,
    types: ['heartRate'],
    from: '2020-01-01',
    to: '2020-03-01',
  } as const
  const { rows, users } = await readSeries(
    lake.engine.session('all'),
    TABLES,
    question,
    new AbortController().signal,
  )
  expect([rows, users]).toEqual([[], 0])
})
