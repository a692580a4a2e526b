import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/main/base/log.ts'
import { headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { planScan } from '../../../src/main/iceberg/scan.ts'
import { openParquet } from '../../../src/main/parquet/read.ts'
import { bundleOf } from '../../../src/main/rollup/period.ts'
import { rollUp } from '../../../src/main/rollup/rollup.ts'
import { PARTIAL_KEY } from '../../../src/main/rollup/write.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import { expectAggregates, sample } from '../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake, type Row } from '../../helpers/memory-lake.ts'

let lake: MemoryLake
let folder: string

beforeEach(() => {
  lake = memoryLake('compact')
  folder = mkdtempSync(join(tmpdir(), 'tarn-compact-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (timezone = 'UTC') =>
  rollUp({
    io: lake.io,
    tables: lake.tables,
    statePath: join(folder, 'state.db'),
    timezone,
    clock: lake.io.clock,
    log: silentLog,
  })

const date = (text: string) => Date.parse(`${text}T00:00:00Z`)
const DAY = 86_400_000

function rowsOf(from: string, days: number, users = 3): Row[] {
  return Array.from({ length: days * users * 2 }, (_, i) =>
    sample({
      user: `user-${i % users}`,
      type: ['heartRate', 'steps'][i % 2]!,
      value: (i * 37) % 101,
      at: BigInt(date(from) + (i % days) * DAY + (i % 1440) * 60_000) * 1000n,
      id: `id-${i}`,
    }),
  )
}

const filesOf = async (role: 'daily' | 'weekly' | 'monthly') =>
  (await planScan(lake.io, lake.metadata(role), {})).files.map(({ file }) => file)

describe('the compact layout', () => {
  test.each(['UTC', 'America/New_York'])(
    'batches over new year equal a recomputation in %s',
    async (zone) => {
      const rows = [...rowsOf('2026-12-20', 40), ...rowsOf('2024-02-25', 10)]
      for (let at = 0; at < rows.length; at += 70) {
        await lake.append('raw', rows.slice(at, at + 70))
        await run(zone)
      }
      await expectAggregates(lake, rows, zone)
    },
  )

  test('holds one file a month of daily rows and one a year of the others', async () => {
    await lake.append('raw', rowsOf('2026-01-01', 59))
    await run()
    expect(await filesOf('daily')).toHaveLength(2)
    // 1 January 2026 is in the first week of 2026
    expect(await filesOf('weekly')).toHaveLength(1)
    expect(await filesOf('monthly')).toHaveLength(1)
  })

  test('one user is in one or two row groups of a large file', async () => {
    await lake.append('raw', rowsOf('2026-01-01', 28, 401))
    await run()
    const [file] = await filesOf('daily')
    const bytes = await lake.io.storage.read(file!.path)
    const parquet = await openParquet({
      size: bytes.length,
      read: async (start, end) => bytes.subarray(start, end),
    })
    const text = (value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : String(value)
    const groups = parquet.metadata.row_groups.map(({ columns }) => {
      const user = columns.find((column) => column.meta_data?.path_in_schema[0] === 'user_id')?.meta_data
      return [text(user?.statistics?.min_value), text(user?.statistics?.max_value)] as const
    })
    expect(groups.length).toBeGreaterThan(2)
    expect(groups).toEqual(groups.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const holding = groups.filter(([least, greatest]) => least <= 'user-217' && 'user-217' <= greatest)
    expect(holding.length).toBeLessThanOrEqual(2)
  })

  test('a late row rewrites its month only, and unchanged rows keep their time', async () => {
    const rows = rowsOf('2026-01-01', 59)
    await lake.append('raw', rows)
    await run()
    const before = (await filesOf('daily')).map(({ path }) => path)
    lake.now += 60_000
    const late = sample({
      user: 'user-1',
      type: 'steps',
      value: 5,
      at: BigInt(date('2026-02-03')) * 1000n,
      id: 'late',
    })
    await lake.append('raw', [late])
    const result = await run()
    expect(result.rowsWritten).toBe(3)
    const after = (await filesOf('daily')).map(({ path }) => path)
    expect(after.filter((path) => before.includes(path))).toHaveLength(1)
    const times = (await lake.rows('daily')).map((row) => row.updated_at)
    expect(times.filter((at) => at === BigInt(lake.now) * 1000n)).toHaveLength(1)
    await expectAggregates(lake, [...rows, late], 'UTC')
    expect(headSnapshot(lake.metadata('daily'))?.summary[PARTIAL_KEY]).toBeUndefined()
    expect((await run()).commits).toEqual({ daily: 0, weekly: 0, monthly: 0 })
  })

  test('rows whose samples are all deleted go away, the month with its last one', async () => {
    const rows = rowsOf('2026-01-31', 2, 1)
    await lake.append('raw', rows)
    await run()
    const gone = (await planScan(lake.io, lake.metadata('raw'), {})).files.filter(({ file }) =>
      file.path.includes('2026-01-31'),
    )
    expect(gone.length).toBeGreaterThan(0)
    await lake.commit('raw', { operation: 'delete', removePaths: new Set(gone.map(({ file }) => file.path)) })
    await run()
    const left = rows.filter((row) => (row.start_date as bigint) >= BigInt(date('2026-02-01')) * 1000n)
    await expectAggregates(lake, left, 'UTC')
    expect(await filesOf('daily')).toHaveLength(1)
  })

  test('a commit whose answer was lost is found, and nothing is written twice', async () => {
    const rows = rowsOf('2026-01-01', 59)
    await lake.append('raw', rows)
    const lost = new LakeError('SERVER', 'answered 503', { outcome: 'unknown' })
    lake.faults.push({ table: 'health_data_daily_agg', when: 'after', error: lost, thenDown: true })
    await expect(run()).rejects.toThrow()
    lake.down.clear()
    await run()
    await expectAggregates(lake, rows, 'UTC')
  })
})

test('the bundles of each aggregate', () => {
  const day = (text: string) => date(text) / DAY
  expect(bundleOf('daily', day('2024-02-29'))).toEqual({ from: day('2024-02-01'), to: day('2024-03-01') })
  // 2026 has 53 ISO weeks: its last begins on 28 December and ends in 2027.
  expect(bundleOf('weekly', day('2026-12-28'))).toEqual({ from: day('2025-12-29'), to: day('2027-01-04') })
  expect(bundleOf('weekly', day('2027-01-04')).from).toBe(day('2027-01-04'))
  expect(bundleOf('monthly', 2026 * 12 + 11)).toEqual({ from: 2026 * 12, to: 2027 * 12 })
})
