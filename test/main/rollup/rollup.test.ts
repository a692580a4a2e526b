import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/main/base/log.ts'
import { headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { planScan } from '../../../src/main/iceberg/scan.ts'
import type { TableMetadata, Value } from '../../../src/main/iceberg/types.ts'
import { rollUp } from '../../../src/main/rollup/rollup.ts'
import { openState } from '../../../src/main/rollup/state.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import { expectAggregates, sample } from '../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake, type Row } from '../../helpers/memory-lake.ts'

let lake: MemoryLake
let folder: string

beforeEach(() => {
  lake = memoryLake()
  folder = mkdtempSync(join(tmpdir(), 'tarn-rollup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const statePath = () => join(folder, 'state.db')

function run(options: Partial<Parameters<typeof rollUp>[0]> = {}) {
  return rollUp({
    io: lake.io,
    tables: lake.tables,
    statePath: statePath(),
    timezone: 'UTC',
    clock: lake.io.clock,
    log: silentLog,
    ...options,
  })
}

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 4294967296
  }
}

function samples(seed: number, count: number, from: number, days: number): Row[] {
  const r = random(seed)
  return Array.from({ length: count }, (_, i) =>
    sample({
      user: `user-${Math.floor(r() * 3)}`,
      type: ['heartRate', 'steps'][Math.floor(r() * 2)]!,
      value: Math.round(r() * 1000) / 10,
      // Whole minutes, so that ties occur.
      at: BigInt(from + Math.floor(r() * days * 1440) * 60_000) * 1000n,
      id: `${['\uffff', '😀', 'a', 'A'][i % 4]}${i}`,
    }),
  )
}

const date = (text: string) => Date.parse(`${text}T00:00:00Z`)
const heads = () =>
  (['daily', 'weekly', 'monthly'] as const).map((role) => lake.metadata(role)['current-snapshot-id'])

test('days at both ends of the calendar are known again without the state', async () => {
  const ends = [-62_135_596_800_000_000n, 253_402_300_799_999_999n]
  for (const timezone of ['Asia/Kathmandu', 'America/New_York']) {
    lake = memoryLake()
    await lake.append(
      'raw',
      ends.map((at, i) => sample({ at, id: `s${i}` })),
    )
    expect((await run({ timezone, statePath: ':memory:' })).rowsWritten).toBe(6)
    expect(await run({ timezone, statePath: ':memory:' })).toMatchObject({
      rowsWritten: 0,
      commits: { daily: 0, weekly: 0, monthly: 0 },
    })
  }
})

describe.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Apia'])('in %s', (timezone) => {
  test('random batches, late data included, equal a recomputation', async () => {
    const start = timezone === 'Pacific/Apia' ? date('2011-12-26') : date('2026-12-24')
    const rows = [
      ...samples(7, 600, start, 14),
      ...samples(8, 200, date('2026-03-25'), 8),
      ...samples(9, 50, date('1969-12-29'), 6),
    ]
    const r = random(11)
    rows.sort(() => r() - 0.5)
    for (let at = 0; at < rows.length; ) {
      const size = 1 + Math.floor(r() * 300)
      await lake.append('raw', rows.slice(at, at + size))
      at += size
      if (r() < 0.6) await run({ timezone })
    }
    await run({ timezone })
    await expectAggregates(lake, rows, timezone)
  })
})

describe('windows', () => {
  test('ISO weeks around new year: 2027-01-01 is in week 53 of 2026', async () => {
    await lake.append('raw', [
      sample({ at: BigInt(date('2026-12-31')) * 1000n, value: 1 }),
      sample({ at: BigInt(date('2027-01-01')) * 1000n, value: 3 }),
      sample({ at: BigInt(date('2027-01-04')) * 1000n, value: 5 }),
    ])
    await run()
    const weeks = (await lake.rows('weekly')).map((row) => [
      row.year,
      row.week_of_year,
      row.week_start_date,
      row.sum_value,
    ])
    expect(weeks.sort()).toEqual([
      [2026n, 53n, '2026-12-28', 4],
      [2027n, 1n, '2027-01-04', 5],
    ])
  })

  test('a spring day has 23 hours, an autumn day 25', async () => {
    await lake.append('raw', [
      sample({ at: BigInt(date('2026-03-29')) * 1000n }),
      sample({ at: BigInt(date('2026-10-25')) * 1000n }),
    ])
    await run({ timezone: 'Europe/Berlin' })
    const hours = (await lake.rows('daily')).map((row) => [
      row.aggregation_date,
      Number((row.window_end as bigint) - (row.window_start as bigint)) / 3.6e9,
    ])
    expect(hours.sort()).toEqual([
      ['2026-03-29', 23],
      ['2026-10-25', 25],
    ])
  })

  test('ties in first and last go by sample id in UTF-8 order', async () => {
    const at = BigInt(date('2026-01-01')) * 1000n
    // UTF-16 would put the emoji before U+FFFF.
    await lake.append('raw', [sample({ at, id: '😀', value: 1 }), sample({ at, id: '\uffff', value: 2 })])
    await run()
    await lake.append('raw', [sample({ at, id: 'zz', value: 3 })])
    await run()
    expect((await lake.rows('daily'))[0]).toMatchObject({ first_value: 3, last_value: 1, count: 3n })
  })

  test('values that overflow give infinite sums, not errors', async () => {
    const at = BigInt(date('2026-01-01')) * 1000n
    await lake.append('raw', [sample({ at, value: 1.7e308 }), sample({ at, value: 1.7e308, id: 'b' })])
    await run()
    expect((await lake.rows('daily'))[0]).toMatchObject({ sum_value: Infinity, max_value: 1.7e308 })
    await run()
    expect((await run()).commits).toEqual({ daily: 0, weekly: 0, monthly: 0 })
  })
})

describe('publishing', () => {
  const first = samples(1, 300, date('2026-01-01'), 5)

  test('a second run with nothing new commits and writes nothing', async () => {
    await lake.append('raw', first)
    const one = await run()
    expect(one.commits).toEqual({ daily: 1, weekly: 1, monthly: 1 })
    expect(one).toMatchObject({ rowsRead: 300, rebuilt: 'there is no state yet' })
    lake.storage.reset()
    const before = heads()
    expect(await run()).toMatchObject({ rowsRead: 0, rowsWritten: 0, filesRead: 0, rebuilt: null })
    expect(heads()).toEqual(before)
    expect(lake.storage.counts).toMatchObject({ reads: 0, writes: 0 })
  })

  test('only touched partitions are written, one file and one row each', async () => {
    await lake.append('raw', first)
    await run()
    lake.storage.reset()
    lake.now += 60_000
    await lake.append('raw', [
      sample({ user: 'user-1', type: 'steps', at: BigInt(date('2026-01-02')) * 1000n, id: 'late' }),
    ])
    lake.storage.reset()
    const result = await run()
    expect(result).toMatchObject({ rowsRead: 1, filesRead: 1, rowsWritten: 3 })
    const written = lake.storage.requests.filter(
      ({ operation, location }) => operation === 'write' && location.endsWith('.parquet'),
    )
    expect(written).toHaveLength(3)
    const touched = (await lake.rows('daily')).filter((row) => row.updated_at === BigInt(lake.now) * 1000n)
    expect(touched.map((row) => [row.user_id, row.data_type, row.aggregation_date])).toEqual([
      ['user-1', 'steps', '2026-01-02'],
    ])
  })

  test('the summary names raw snapshot and zone', async () => {
    await lake.append('raw', first)
    await run({ timezone: 'Asia/Tokyo' })
    for (const role of ['daily', 'weekly', 'monthly'] as const) {
      expect(headSnapshot(lake.metadata(role))?.summary).toMatchObject({
        'tarn.rollup.source-snapshot': String(lake.metadata('raw')['current-snapshot-id']),
        'tarn.rollup.timezone': 'Asia/Tokyo',
      })
    }
  })

  test('too many partitions for one commit go in several, all but the last marked partial', async () => {
    await lake.append('raw', first)
    const result = await run({ partitionsPerCommit: 4 })
    const { snapshots } = lake.metadata('daily')
    const rows = await lake.rows('daily')
    expect(result.commits.daily).toBe(Math.ceil(rows.length / 4))
    expect(snapshots.map((snapshot) => snapshot.summary['tarn.rollup.partial'] ?? 'no')).toEqual([
      ...snapshots.slice(1).map(() => 'true'),
      'no',
    ])
    await expectAggregates(lake, first, 'UTC')
  })

  test('updated_at stays where a rebuild finds the same row', async () => {
    await lake.append('raw', first)
    await run()
    const before = heads()
    lake.now += 3_600_000
    expect(await run({ rebuild: true })).toMatchObject({ rebuilt: 'asked to', rowsWritten: 0 })
    expect(heads()).toEqual(before)
  })
})

describe('following raw', () => {
  const first = samples(1, 300, date('2026-01-01'), 5)
  const second = samples(2, 100, date('2026-01-04'), 4)

  test('rows deleted by another writer leave the aggregates, and only their days are read again', async () => {
    await lake.append('raw', first)
    await run()
    const gone = (row: Row) =>
      String(new Date(Number(row.start_date as bigint) / 1000).toISOString()).startsWith('2026-01-03')
    const live = (await lake.load('raw')).metadata
    const removed = await filesOf(live, (partition) => partition[0] === date('2026-01-03') / 86_400_000)
    await lake.commit('raw', { operation: 'delete', removePaths: new Set(removed) })
    const result = await run()
    expect(result).toMatchObject({ rebuilt: null, filesRead: 0 })
    await expectAggregates(
      lake,
      first.filter((row) => !gone(row)),
      'UTC',
    )
  })

  test('an overwrite together with appends is right', async () => {
    await lake.append('raw', first)
    await run()
    await lake.append('raw', second)
    const removed = await filesOf(lake.metadata('raw'), (partition) => partition[1] === 'steps')
    const replacement = samples(3, 30, date('2026-01-02'), 3).map((row) => ({ ...row, data_type: 'steps' }))
    await lake.commit('raw', {
      operation: 'overwrite',
      removePaths: new Set(removed),
      add: await lake.write('raw', replacement),
    })
    await lake.append('raw', samples(4, 50, date('2026-01-10'), 3))
    const result = await run()
    expect(result.rebuilt).toBeNull()
    const rows = [...first, ...second].filter((row) => row.data_type !== 'steps')
    await expectAggregates(lake, [...rows, ...replacement, ...samples(4, 50, date('2026-01-10'), 3)], 'UTC')
  })

  test('a compaction changes nothing and is not read', async () => {
    await lake.append('raw', first)
    await run()
    const before = heads()
    const all = await filesOf(lake.metadata('raw'), () => true)
    await lake.commit('raw', {
      operation: 'replace',
      removePaths: new Set(all),
      add: await lake.write('raw', first),
    })
    lake.storage.reset()
    expect(await run()).toMatchObject({ rowsRead: 0, filesRead: 0, rowsWritten: 0, rebuilt: null })
    expect(lake.storage.counts.reads).toBe(0)
    expect(heads()).toEqual(before)
  })

  test('an expired watermark, a replaced table, another zone: rebuilt, and right', async () => {
    await lake.append('raw', first)
    await run()
    await lake.append('raw', second)
    const metadata = lake.metadata('raw')
    lake.setMetadata('raw', { ...metadata, snapshots: metadata.snapshots.slice(1) })
    expect((await run()).rebuilt).toMatch(/history/)
    await expectAggregates(lake, [...first, ...second], 'UTC')

    lake.setMetadata('raw', { ...lake.metadata('raw'), 'table-uuid': randomUUID() })
    expect((await run()).rebuilt).toMatch(/another table/)

    expect((await run({ timezone: 'Asia/Tokyo' })).rebuilt).toMatch(/time zone/)
    await expectAggregates(lake, [...first, ...second], 'Asia/Tokyo')
  })

  test('columns that somebody renamed are found by their field id', async () => {
    await lake.append('raw', first)
    const metadata = lake.metadata('raw')
    const [schema] = metadata.schemas
    const renamed = {
      ...schema!,
      'schema-id': 1,
      fields: schema!.fields.map((field) =>
        field.name === 'value' ? { ...field, name: 'measured' } : field,
      ),
    }
    lake.setMetadata('raw', { ...metadata, schemas: [schema!, renamed], 'current-schema-id': 1 })
    await run()
    await expectAggregates(lake, first, 'UTC')
  })
})

describe('trouble', () => {
  const first = samples(1, 200, date('2026-01-01'), 5)

  test.each([
    ['lost', () => rmSync(statePath())],
    ['damaged', () => writeFileSync(statePath(), 'not a database')],
  ])('a %s state is rebuilt and nothing is written twice', async (_, damage) => {
    await lake.append('raw', first)
    await run()
    const before = heads()
    damage()
    expect((await run()).rowsWritten).toBe(0)
    expect(heads()).toEqual(before)
  })

  test('a state of another lake is not believed', async () => {
    await lake.append('raw', first)
    await run()
    lake = memoryLake()
    const other = samples(5, 100, date('2026-02-01'), 5)
    await lake.append('raw', other)
    expect((await run()).rebuilt).not.toBeNull()
    await expectAggregates(lake, other, 'UTC')
  })

  test('a commit whose answer was lost and a crash after it: settled without a second one', async () => {
    await lake.append('raw', first)
    const cut = new LakeError('COMMIT_UNKNOWN', 'cut', { outcome: 'unknown' })
    lake.faults.push({ table: lake.tables.daily.name, when: 'after', error: cut, thenDown: true })
    await expect(run()).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN' })
    lake.down.clear()
    const [daily] = heads()
    lake.storage.reset()
    expect((await run()).commits).toEqual({ daily: 0, weekly: 1, monthly: 1 })
    expect(lake.storage.requests.some(({ location }) => location.includes('daily_agg/data'))).toBe(false)
    expect(heads()[0]).toEqual(daily)
    await expectAggregates(lake, first, 'UTC')
  })

  test('a commit that never arrived is made by the next run', async () => {
    await lake.append('raw', first)
    lake.faults.push({
      table: lake.tables.weekly.name,
      when: 'before',
      error: new LakeError('FORBIDDEN', 'no', { outcome: 'reject' }),
    })
    await expect(run()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect((await run()).commits).toEqual({ daily: 0, weekly: 1, monthly: 1 })
    await expectAggregates(lake, first, 'UTC')
  })

  test('rows of an aggregate changed by somebody else are put right', async () => {
    await lake.append('raw', first)
    await run()
    const rows = await lake.rows('monthly')
    const wrong = { ...rows[0], sum_value: -1 } as Row
    const paths = await filesOf(lake.metadata('monthly'), () => true)
    await lake.commit('monthly', { removePaths: new Set(paths), add: await lake.write('monthly', [wrong]) })
    const result = await run()
    expect(result.rowsWritten).toBe(rows.length)
    await expectAggregates(lake, first, 'UTC')
  })

  test('two rollups of one state exclude each other', async () => {
    const open = openState(statePath())
    try {
      await lake.append('raw', first)
      await expect(run()).rejects.toMatchObject({ code: 'LOCKED' })
    } finally {
      open.close()
    }
  })

  test('an empty raw table publishes nothing', async () => {
    expect(await run()).toMatchObject({ rowsRead: 0, rowsWritten: 0, sourceSnapshot: null })
  })
})

/** Paths of the live files of a table whose partition is wanted. */
async function filesOf(
  metadata: TableMetadata,
  keep: (partition: readonly Value[]) => boolean,
): Promise<string[]> {
  const plan = await planScan({ storage: lake.storage }, metadata)
  return plan.files.filter(({ file }) => keep(file.partition)).map(({ file }) => file.path)
}
