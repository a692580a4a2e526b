import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { verify } from '../../../../src/main/app/verify/verify.ts'
import { silentLog } from '../../../../src/main/base/log.ts'
import { planScan } from '../../../../src/main/iceberg/scan.ts'
import { rollUp } from '../../../../src/main/rollup/rollup.ts'
import type { TableRole } from '../../../../src/shared/tables.ts'
import { sample } from '../../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake, type Row } from '../../../helpers/memory-lake.ts'

let lake: MemoryLake

const TOPIC = 'health-data-raw'
const day = (text: string): bigint => BigInt(Date.parse(`${text}Z`)) * 1000n

function ledger(ranges: Record<string, [string, string]>, accepted: number, rejected = 0, skipped = 0) {
  const messages = Object.values(ranges).reduce((sum, [start, end]) => sum + Number(end) - Number(start), 0)
  return {
    'tarn.pipeline': 'health',
    'tarn.kafka.cluster': 'cluster',
    'tarn.kafka.topic': TOPIC,
    'tarn.kafka.offsets': JSON.stringify(ranges),
    'tarn.messages': String(messages),
    'tarn.rows.accepted': String(accepted),
    'tarn.rows.rejected': String(rejected),
    'tarn.rows.skipped': String(skipped),
  }
}

const letter = (partition: number, offset: number): Row => ({
  error_id: createHash('sha256').update(`${TOPIC}:${partition}:${offset}:-1`).digest('hex'),
  error_type: 'DESERIALIZATION_ERROR',
  error_message: '$: not JSON',
  error_timestamp: day('2026-01-05T00:00:00'),
  raw_payload: 'x',
  user_id: null,
  device_id: null,
  sample_id: null,
  data_type: null,
  kafka_topic: TOPIC,
  kafka_partition: BigInt(partition),
  kafka_offset: BigInt(offset),
})

const rows = (from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) =>
    sample({
      user: `user-${i % 3}`,
      value: 60 + ((i * 7919) % 97) / 3,
      at: day('2026-03-28T20:00:00') + BigInt((from + i) * 1_700_000_001),
      id: `s${from + i}`,
    }),
  )

async function commitBatch(
  ranges: Record<string, [string, string]>,
  accepted: readonly Row[],
  rejected: readonly Row[] = [],
  skipped = 0,
): Promise<void> {
  const summary = ledger(ranges, accepted.length, rejected.length, skipped)
  if (rejected.length > 0) await lake.append('errors', rejected, summary)
  await lake.append('raw', accepted, summary)
  const next: Record<string, string> = {}
  for (const snapshot of lake.metadata('raw').snapshots) {
    const offsets = JSON.parse(snapshot.summary['tarn.kafka.offsets'] ?? '{}') as Record<
      string,
      [string, string]
    >
    for (const [partition, [, end]] of Object.entries(offsets)) next[partition] = end
  }
  const metadata = lake.metadata('raw')
  const positions = JSON.stringify({ cluster: 'cluster', topic: TOPIC, next })
  lake.setMetadata('raw', {
    ...metadata,
    properties: { ...metadata.properties, 'tarn.offsets.health': positions },
  })
}

async function rollup(timezone = 'Europe/Berlin') {
  await rollUp({
    io: lake.io,
    tables: lake.tables,
    statePath: ':memory:',
    timezone,
    clock: lake.io.clock,
    log: silentLog,
  })
}

const check = (timezone = 'Europe/Berlin') =>
  verify(
    { io: lake.io, tables: lake.tables, settings: { rollup: { timezone } } },
    { signal: new AbortController().signal, progress: () => {} },
  )

const differences = async (): Promise<readonly string[]> => (await check()).differences

beforeEach(async () => {
  lake = memoryLake()
  await commitBatch({ 0: ['100', '150'], 1: ['0', '30'] }, rows(0, 70), [letter(0, 101), letter(1, 5)])
  await commitBatch({ 0: ['150', '200'] }, rows(70, 50))
  await rollup()
})

test('a sound lake is clean, with its ledger', async () => {
  const result = await check()
  expect(result.differences).toEqual([])
  expect(result.clean).toBe(true)
  expect(result.ledger).toEqual([
    {
      topic: TOPIC,
      partition: 0,
      from: '100',
      to: '200',
      consumed: '100',
      rows: '',
      rejected: '1',
      skipped: '',
      balanced: true,
    },
    {
      topic: TOPIC,
      partition: 1,
      from: '0',
      to: '30',
      consumed: '30',
      rows: '',
      rejected: '1',
      skipped: '',
      balanced: true,
    },
    {
      topic: TOPIC,
      partition: -1,
      from: '',
      to: '',
      consumed: '130',
      rows: '120',
      rejected: '2',
      skipped: '0',
      balanced: true,
    },
  ])
  expect(result.checked).toMatchObject({ rows: 120, commits: 3, deadLetters: 2 })
})

test('an empty lake is clean', async () => {
  lake = memoryLake()
  expect(await check()).toMatchObject({ clean: true, ledger: [] })
})

test('nothing is written', async () => {
  lake.storage.reset()
  await check()
  expect(lake.storage.counts).toMatchObject({ writes: 0, deletes: 0 })
})

describe('the ledger', () => {
  test('a gap is named exactly', async () => {
    await commitBatch({ 0: ['210', '220'] }, [])
    expect(await differences()).toEqual([
      expect.stringMatching(/health-data-raw\/0.*gap of 10 offsets, \[200, 210\)/),
    ])
    expect((await check()).ledger[0]).toMatchObject({ balanced: false })
  })

  test('a gap that the user accepted is none', async () => {
    await commitBatch({ 0: ['210', '220'] }, [])
    const metadata = lake.metadata('raw')
    const source = {
      topicId: null,
      accepted: [{ kind: 'gap', at: 1, detail: { missing: '10', 0: '[200, 210)' } }],
    }
    lake.setMetadata('raw', {
      ...metadata,
      properties: { ...metadata.properties, 'tarn.source.health': JSON.stringify(source) },
    })
    expect(await differences()).toEqual([])
  })

  test('offsets consumed twice and positions that fell are named', async () => {
    await commitBatch({ 1: ['20', '40'] }, [])
    expect(await differences()).toEqual([expect.stringMatching(/\/1.*\[20, 30\) were consumed before/)])
    const metadata = lake.metadata('raw')
    const positions = JSON.stringify({ cluster: 'cluster', topic: TOPIC, next: { 0: '200', 1: '10' } })
    lake.setMetadata('raw', {
      ...metadata,
      properties: { ...metadata.properties, 'tarn.offsets.health': positions },
    })
    expect(await differences()).toContainEqual(
      expect.stringMatching(/\/1: the position 10 is behind the consumed offset 40/),
    )
  })

  test('rows that the ledger does not know are named', async () => {
    await lake.append('raw', rows(200, 3), ledger({ 0: ['200', '201'] }, 4))
    expect(await differences()).toContainEqual(expect.stringMatching(/added 3 rows, its ledger says 4/))
  })

  test('a dead letter that stands twice is named', async () => {
    await lake.append('errors', [letter(0, 101)], ledger({ 0: ['150', '160'] }, 0, 1))
    expect(await differences()).toContainEqual(expect.stringMatching(/0 offset 101\) stands twice/))
  })

  test('dead letters skipped after a crash between both commits balance', async () => {
    await lake.append('errors', [letter(0, 205)], ledger({ 0: ['200', '210'] }, 0, 1))
    expect(await differences()).toEqual(
      [expect.stringMatching(/the next one mends it|dead letters and/), expect.anything()].slice(
        0,
        (await differences()).length,
      ),
    )
    await commitBatch({ 0: ['200', '220'] }, rows(300, 5), [], 1)
    await rollup()
    expect(await differences()).toEqual([])
  })

  test('letters that a replay rejected again are counted apart, and a missing one is named', async () => {
    await lake.append('errors', [letter(0, 120), letter(0, 121)], {
      'tarn.replay': 'r',
      'tarn.replay.rejected': '2',
    })
    expect(await differences()).toEqual([])
    await lake.append('errors', [letter(0, 122)], { 'tarn.replay': 'r', 'tarn.replay.rejected': '2' })
    expect(await differences()).toContainEqual(
      expect.stringMatching(
        /2 dead letters and 0 skipped rows in the ledger, 4 rejected again by replays, 5 rows/,
      ),
    )
  })

  test('rows appended by others belong to no ledger and are no difference', async () => {
    await lake.append('raw', rows(500, 7))
    await rollup()
    expect(await differences()).toEqual([])
  })
})

describe('the files', () => {
  const dataPath = async (role: TableRole): Promise<string> =>
    (await planScan(lake.io, lake.metadata(role))).files[0]?.file.path as string

  test('a missing file is named', async () => {
    const path = await dataPath('errors')
    await lake.storage.delete(path)
    expect(await differences()).toContainEqual(`health_data_errors: ${path} is missing`)
    expect(await differences()).toContainEqual(expect.stringMatching(/the ledger could not be compared/))
  })

  test('a file of another length is named', async () => {
    const path = await dataPath('daily')
    const bytes = await lake.storage.read(path)
    const longer = new Uint8Array(bytes.byteLength + 1)
    longer.set(bytes)
    await lake.storage.write(path, longer)
    const size = bytes.byteLength
    expect(await differences()).toContainEqual(
      `health_data_daily_agg: ${path} has ${size + 1} bytes, recorded are ${size}`,
    )
  })
})

describe('the aggregates', () => {
  async function tamper(role: TableRole, change: (row: Row) => Row | null): Promise<void> {
    const plan = await planScan(lake.io, lake.metadata(role))
    const all = await lake.rows(role)
    const first = all[0] as Row
    const changed = change(first)
    const path = plan.files[0]?.file.path as string
    const add = changed === null ? [] : await lake.write(role, [changed])
    await lake.commit(role, { removePaths: new Set([path]), add })
  }

  test.each([
    ['daily', 'first_value', 1],
    ['daily', 'count', 99n],
    ['weekly', 'daily_avg_of_avg', 12],
    ['weekly', 'week_end_date', '2026-01-01'],
    ['monthly', 'stddev_value', 0.25],
    ['monthly', 'window_end', 5n],
  ] as const)('a wrong %s %s is named with both values', async (role, column, value) => {
    await tamper(role, (row) => ({ ...row, [column]: value }))
    const found = await differences()
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(new RegExp(`${role}: ${column} of .* is ${value}`))
  })

  test('a missing row is named', async () => {
    await tamper('daily', () => null)
    expect(await differences()).toEqual([expect.stringMatching(/daily: no row for/)])
  })

  test('aggregates behind raw say so', async () => {
    await commitBatch({ 0: ['200', '201'] }, rows(70, 1))
    expect((await differences()).every((text) => text.includes('run the rollup'))).toBe(true)
    expect(await differences()).not.toEqual([])
  })

  test('another zone than the setting is named', async () => {
    expect((await check('Asia/Tokyo')).differences).toEqual([
      expect.stringMatching(/computed in Europe\/Berlin, the setting is Asia\/Tokyo/),
    ])
  })
})

test.each(['UTC', 'Pacific/Auckland', 'America/New_York'])(
  'the first and the last instant of the calendar are no difference in %s',
  async (timezone) => {
    lake = memoryLake()
    const ends = [-62_135_596_800_000_000n, 253_402_300_799_999_999n]
    await commitBatch(
      { 0: ['0', '2'] },
      ends.map((at, i) => sample({ at, id: `s${i}` })),
    )
    await rollup(timezone)
    expect((await check(timezone)).differences).toEqual([])
  },
)
