import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { dashRoutes } from '../../../../src/main/app/dash/api.ts'
import type { Lake } from '../../../../src/main/app/lake.ts'
import { silentLog } from '../../../../src/main/base/log.ts'
import { rollUp } from '../../../../src/main/rollup/rollup.ts'
import type {
  DashChecks,
  DashDays,
  DashLake,
  DashNewer,
  DashTypes,
  DashUsers,
  Grain,
} from '../../../../src/shared/dash.ts'
import type { Layout } from '../../../../src/shared/tables.ts'
import { sample } from '../../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake, type Row } from '../../../helpers/memory-lake.ts'

const ZONE = 'America/New_York'
const micros = (text: string): bigint => BigInt(Date.parse(`${text}Z`)) * 1000n
const HOUR = 3_600_000_000n

let lake: MemoryLake
let app: ReturnType<typeof dashRoutes>
let folder: string

/** Twelve samples a day for `days` days from local midnight of 2026-03-06, over the change of clocks on the 8th. */
function rowsOf(user: string, type: string, days: readonly number[]): Row[] {
  return days.flatMap((day) =>
    Array.from({ length: 12 }, (_, i) =>
      sample({
        user,
        type,
        value: 60 + ((day * 31 + i * 17) % 40) / 3,
        at: micros('2026-03-06T05:00:00') + BigInt(day * 24 + i) * HOUR,
        id: `${user}-${type}-${day}-${i}`,
      }),
    ),
  )
}

async function open(layout: Layout): Promise<void> {
  lake = memoryLake(layout)
  folder = mkdtempSync(join(tmpdir(), 'tarn-dash-'))
  const { io, tables } = lake
  const opened = { io, tables, settings: { rollup: { timezone: ZONE } } } as unknown as Lake
  app = dashRoutes({ lake: async () => opened, home: folder })
  await lake.append('raw', [
    ...rowsOf('ann', 'heartRate', [0, 1, 2, 4, 5, 30]),
    ...rowsOf('ann', 'steps', [0, 1]),
    ...rowsOf('bob', 'heartRate', [0]),
  ])
}

async function roll(): Promise<void> {
  await rollUp({
    io: lake.io,
    tables: lake.tables,
    statePath: join(folder, 'rollup.db'),
    timezone: ZONE,
    clock: () => Date.parse('2026-05-01T00:00:00Z'),
    log: silentLog,
  })
}

async function get<T>(path: string): Promise<T> {
  const answer = await app.request(path)
  expect(answer.status).toBe(200)
  return (await answer.json()) as T
}

async function check(grain: Grain, periods: readonly string[], user = 'ann'): Promise<DashChecks> {
  const answer = await app.request('/dash/check', {
    method: 'POST',
    body: JSON.stringify({ user, type: 'heartRate', grain, periods }),
    headers: { 'Content-Type': 'application/json' },
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as DashChecks
}

const ANN = 'user=ann&type=heartRate'

describe.each(['specified', 'compact'] as const)('in the %s layout', (layout) => {
  beforeEach(async () => {
    await open(layout)
    return () => rmSync(folder, { recursive: true, force: true })
  })

  test('users, types and days are told, nothing before the first rollup', async () => {
    expect(await get<DashLake>('/dash/lake')).toMatchObject({
      users: 0,
      first: null,
      rolledUp: null,
      timezone: ZONE,
      raw: { rows: 108 },
    })
    await roll()
    expect(await get<DashLake>('/dash/lake')).toMatchObject({
      users: 2,
      first: { user: 'ann', type: 'heartRate' },
      timezone: ZONE,
    })
    expect(await get<DashUsers>('/dash/users')).toEqual({
      users: [
        { user: 'ann', types: 2 },
        { user: 'bob', types: 1 },
      ],
      total: 2,
    })
    expect((await get<DashUsers>('/dash/users?search=BO')).users).toEqual([{ user: 'bob', types: 1 }])
    expect((await get<DashUsers>('/dash/users?limit=1')).total).toBe(2)
    expect((await get<DashTypes>('/dash/types?user=ann')).types).toEqual([
      { type: 'heartRate', from: '2026-03', to: '2026-04', months: 2 },
      { type: 'steps', from: '2026-03', to: '2026-03', months: 1 },
    ])
    expect((await get<DashDays>(`/dash/days?${ANN}`)).days).toEqual([
      '2026-03-06',
      '2026-03-07',
      '2026-03-08',
      '2026-03-10',
      '2026-03-11',
      '2026-04-05',
    ])
  })

  test('days, weeks and months match raw right after a rollup', async () => {
    await roll()
    const days = await check('day', ['2026-03-08', '2026-03-09', '2026-03-10'])
    expect(days.checks.map((one) => [one.period, one.state, one.rows, one.rawRows])).toEqual([
      ['2026-03-08', 'matches', 0, 12],
      ['2026-03-09', 'none', 0, 0],
      ['2026-03-10', 'matches', 0, 12],
    ])
    // Clocks go forward on the 8th: its window has 23 hours.
    expect([days.checks[0]?.from, days.checks[0]?.to]).toEqual(['2026-03-08 05:00:00', '2026-03-09 04:00:00'])
    const weeks = await check('week', ['2026-03-02', '2026-03-09'])
    expect(weeks.checks.map((one) => [one.state, one.rawRows])).toEqual([
      ['matches', 36],
      ['matches', 24],
    ])
    const [month] = (await check('month', ['2026-03-01'])).checks
    expect(month).toMatchObject({ state: 'matches', rawRows: 60, differences: [] })
  })

  test('late rows make their day, week and month stale by so many rows, until the next rollup', async () => {
    await roll()
    expect((await get<DashNewer>(`/dash/newer?${ANN}`)).days).toEqual([])
    await lake.append('raw', [
      sample({ user: 'ann', type: 'heartRate', value: 250, at: micros('2026-03-10T20:00:00'), id: 'late-1' }),
      sample({ user: 'ann', type: 'heartRate', value: 30, at: micros('2026-03-11T03:59:59'), id: 'late-2' }),
      sample({ user: 'ann', type: 'heartRate', value: 80, at: micros('2026-03-11T04:00:00'), id: 'late-3' }),
      sample({ user: 'bob', type: 'heartRate', value: 80, at: micros('2026-03-11T04:00:00'), id: 'late-4' }),
      sample({ user: 'ann', type: 'steps', value: 80, at: micros('2026-03-11T04:00:00'), id: 'late-5' }),
    ])
    const newer = await get<DashNewer>(`/dash/newer?${ANN}`)
    expect(newer).toMatchObject({
      days: [
        { day: '2026-03-10', rows: 2 },
        { day: '2026-03-11', rows: 1 },
      ],
      changed: [],
      unknown: null,
    })
    const { checks } = await check('day', ['2026-03-08', '2026-03-10', '2026-03-11'])
    expect(checks.map((one) => [one.state, one.rows])).toEqual([
      ['matches', 0],
      ['stale', 2],
      ['stale', 1],
    ])
    const stale = new Map(checks[1]?.differences.map((one) => [one.column, one]))
    expect(stale.get('max_value')?.recomputed).toBe('250')
    expect(stale.get('min_value')?.recomputed).toBe('30')
    expect(stale.get('last_value')?.recomputed).toBe('30')
    expect(stale.get('count')).toEqual({ column: 'count', found: '12', recomputed: '14' })
    expect(stale.has('first_value')).toBe(false)
    expect((await check('week', ['2026-03-09'])).checks[0]).toMatchObject({ state: 'stale', rows: 3 })
    await roll()
    expect((await get<DashNewer>(`/dash/newer?${ANN}`)).days).toEqual([])
    const after = await check('day', ['2026-03-10', '2026-03-11'])
    expect(after.checks.map((one) => one.state)).toEqual(['matches', 'matches'])
  })

  test('a day that only raw has is stale, a statistic that somebody changed differs', async () => {
    await roll()
    await lake.append('raw', rowsOf('ann', 'heartRate', [8]))
    expect((await check('day', ['2026-03-14'])).checks[0]).toMatchObject({
      state: 'stale',
      rows: 12,
      rawRows: 12,
    })
    const [row] = (await lake.rows('daily')).filter(
      (one) => one.user_id === 'bob' && one.aggregation_date === '2026-03-06',
    )
    expect(row).toBeDefined()
    const files = await lake.write('daily', [{ ...row, max_value: Number(row?.max_value) + 1e-12 } as Row])
    await lake.commit('daily', {
      operation: 'overwrite',
      add: files,
      ...(layout === 'specified' ? { replacePartitions: files.map((file) => file.partition) } : {}),
    })
    const [found] = (await check('day', ['2026-03-06'], 'bob')).checks
    // The bits of a greatest value are its own, however small the difference.
    if (layout === 'specified') expect(found).toMatchObject({ state: 'differs', rows: 0 })
  })
})

test('checking a day reads the files of that day and type alone', async () => {
  await open('specified')
  await roll()
  const { read } = await check('day', ['2026-03-10'])
  // Local days overlap two UTC days, of which only one has samples; and one row of the aggregate.
  expect(read.files).toBe(2)
  expect(read.rows).toBe(12)
  rmSync(folder, { recursive: true, force: true })
})

test.each([
  { user: 'ann', type: 'heartRate', grain: 'hour', periods: ['2026-03-10'] },
  { user: 'ann', type: 'heartRate', grain: 'day', periods: ['2026-02-30'] },
  { user: 'ann', type: 'heartRate', grain: 'day', periods: [] },
  { user: '', type: 'heartRate', grain: 'day', periods: ['2026-03-10'] },
])('refuses %j', async (json) => {
  await open('specified')
  app.onError((error, context) => context.text(error.message, 400))
  const answer = await app.request('/dash/check', {
    method: 'POST',
    body: JSON.stringify(json),
    headers: { 'Content-Type': 'application/json' },
  })
  expect(answer.status).toBe(400)
  rmSync(folder, { recursive: true, force: true })
})
