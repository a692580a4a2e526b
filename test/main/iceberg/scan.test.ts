import { beforeEach, describe, expect, test } from 'vitest'
import { ManifestCache } from '../../../src/main/iceberg/manifest-cache.ts'
import type { Predicate } from '../../../src/main/iceberg/predicate.ts'
import { readFile } from '../../../src/main/iceberg/read.ts'
import { planScan, type ScanPlan } from '../../../src/main/iceberg/scan.ts'
import { sample } from '../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake, type Row } from '../../helpers/memory-lake.ts'

let lake: MemoryLake

const DAY = 86_400_000_000n
const FIRST = 20_454n // 2026-01-01
const TYPES = ['heartRate', 'sleepAnalysis', 'stepCount']
const DAYS_PER_COMMIT = 5

/** Three commits, each of 5 days and 3 types: 45 files in 3 manifests; the value grows with the day. */
beforeEach(async () => {
  lake = memoryLake()
  for (let commit = 0; commit < 3; commit++) {
    const rows: Row[] = []
    for (let i = 0; i < DAYS_PER_COMMIT; i++) {
      const day = commit * DAYS_PER_COMMIT + i
      for (const [t, type] of TYPES.entries()) {
        for (let j = 0; j < 4; j++) {
          const at = (FIRST + BigInt(day)) * DAY + BigInt(j) * 3_600_000_000n
          rows.push(
            sample({ at, type, user: `user-${t}-${day}`, value: day * 10 + j, id: `${day}-${t}-${j}` }),
          )
        }
      }
    }
    await lake.append('raw', rows)
  }
  lake.storage.reset()
})

async function plan(filter?: Predicate): Promise<ScanPlan> {
  return planScan(lake.io, lake.metadata('raw'), filter === undefined ? {} : { filter })
}

const at = (day: bigint, hours = 0n): bigint => (FIRST + day) * DAY + hours * 3_600_000_000n
const reads = () => lake.storage.requests.filter(({ operation }) => operation === 'read').length

describe('the cost of planning', () => {
  test('everything: one manifest list and every manifest, no data', async () => {
    const found = await plan()
    expect(found.totals).toMatchObject({ files: 45, rows: 180 })
    expect(found.considered).toMatchObject({ files: 45, rows: 180, bytes: found.totals.bytes })
    expect(found.manifests).toEqual({ read: 3, skipped: 0 })
    expect(reads()).toBe(4)
  })

  test('one day and type: one manifest of three, one file of 45', async () => {
    const found = await plan({
      op: 'and',
      args: [
        { op: '>=', column: 'start_date', value: at(7n) },
        { op: '<', column: 'start_date', value: at(8n) },
        { op: '==', column: 'data_type', value: 'stepCount' },
      ],
    })
    expect(found.files.map(({ file }) => file.partition)).toEqual([[Number(FIRST) + 7, 'stepCount']])
    expect(found.manifests).toEqual({ read: 1, skipped: 2 })
    expect(found.decoded).toBe(1)
    expect(found.pruned).toEqual({ byManifest: 30, byPartition: 14, byBounds: 0 })
    expect(found.considered).toMatchObject({ files: 45, rows: 180 })
    expect(found.considered.bytes).toBeGreaterThan(found.totals.bytes * 40)
    expect(reads()).toBe(2)
  })

  test('only entries that the partition lets through are decoded, and manifests are read once', async () => {
    const cache = new ManifestCache(1 << 20)
    const filter: Predicate = { op: '==', column: 'data_type', value: 'stepCount' }
    const full = await plan(filter)
    lake.storage.reset()
    const first = await planScan(lake.io, lake.metadata('raw'), { filter, cache, lean: true })
    expect(first.decoded).toBe(15)
    expect(first).toMatchObject({ considered: full.considered, pruned: full.pruned, totals: full.totals })
    expect(first.files.map(({ file }) => file.path)).toEqual(full.files.map(({ file }) => file.path))
    expect(first.files[0]?.file).toMatchObject({ columnSizes: full.files[0]?.file.columnSizes })
    expect(
      Object.keys(first.files[0]?.file ?? {}).filter((key) => /Bounds|valueC|nullC|Offsets/.test(key)),
    ).toEqual([])
    expect(reads()).toBe(4)
    const held = cache.bytes
    const again = await planScan(lake.io, lake.metadata('raw'), { cache })
    expect(again.decoded).toBe(45)
    expect(reads()).toBe(5)
    expect([held > 0, cache.bytes]).toEqual([true, held])
  })

  test('a cache of manifests stays within its bytes', async () => {
    const cache = new ManifestCache(1 << 20)
    await planScan(lake.io, lake.metadata('raw'), { cache })
    const small = new ManifestCache(Math.floor(cache.bytes / 2))
    for (let i = 0; i < 2; i++) {
      expect((await planScan(lake.io, lake.metadata('raw'), { cache: small })).totals.files).toBe(45)
      expect(small.bytes).toBeLessThanOrEqual(cache.bytes / 2)
    }
    expect(small.bytes).toBeGreaterThan(0)
  })

  test('hours within a day are told by bounds, not by the partition', async () => {
    const found = await plan({ op: '>', column: 'start_date', value: at(14n, 3n) })
    expect(found.totals.files).toBe(0)
    expect(found.pruned).toMatchObject({ byBounds: 3 })
  })

  test('columns that are no partition are told by bounds', async () => {
    const found = await plan({ op: '>=', column: 'value', value: 143 })
    expect(found.totals).toMatchObject({ files: 3 })
    expect(found.pruned).toEqual({ byManifest: 0, byPartition: 0, byBounds: 42 })
    expect((await plan({ op: '==', column: 'user_id', value: 'user-1-3' })).totals.files).toBe(1)
    expect((await plan({ op: 'starts-with', column: 'user_id', value: 'user-2' })).totals.files).toBe(15)
  })

  test('what is not understood keeps everything', async () => {
    expect((await plan({ op: '==', column: 'metadata.key', value: 'x' })).totals.files).toBe(45)
    expect(
      (await plan({ op: 'not', arg: { op: 'starts-with', column: 'data_type', value: 'steps' } })).totals
        .files,
    ).toBe(45)
  })

  test('an impossible filter reads the manifest list only', async () => {
    const found = await plan({ op: 'is-null', column: 'start_date' })
    expect(found.totals.files).toBe(0)
    expect(reads()).toBe(1)
  })

  test('a pruned read finds the rows that a full read finds', async () => {
    const filter: Predicate = { op: 'in', column: 'value', values: [3, 71, 140] }
    const found: unknown[] = []
    for (const file of (await plan(filter)).files) {
      const batch = await readFile(lake.io, lake.metadata('raw'), file, ['value', 'sample_id'], { filter })
      const [value, id] = [5, 3].map((field) => batch.columns.get(field))
      for (let i = 0; i < batch.rows; i++)
        if ([3, 71, 140].includes(value?.[i] as number)) found.push(id?.[i])
    }
    expect(found.sort()).toEqual(TYPES.flatMap((_, t) => [`0-${t}-3`, `14-${t}-0`, `7-${t}-1`]).sort())
  })
})

test('row groups in which nothing can match are not fetched', async () => {
  const [file] = (await plan({ op: '==', column: 'user_id', value: 'user-0-0' })).files
  const none: Predicate = { op: '>', column: 'value', value: 1e6 }
  const batch = await readFile(lake.io, lake.metadata('raw'), file!, ['value'], { filter: none })
  expect(batch.rows).toBe(0)
})

test('a table without snapshots has an empty plan, and a snapshot it lacks is refused', async () => {
  expect(await planScan(lake.io, lake.metadata('daily'))).toMatchObject({ snapshotId: null, files: [] })
  await expect(planScan(lake.io, lake.metadata('raw'), { snapshotId: 5n })).rejects.toMatchObject({
    code: 'INVALID',
  })
})
