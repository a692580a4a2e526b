import { beforeEach, describe, expect, test, vi } from 'vitest'
import { cheaperWays, narrowed, timeColumn } from '../../../../src/renderer/features/sql/cheaper.ts'
import type { Tab } from '../../../../src/renderer/features/sql/tab.ts'
import type { Forecast } from '../../../../src/renderer/query/cost.ts'
import { engineTable } from '../../../../src/renderer/query/tables.ts'

const lake = vi.hoisted(() => ({ tables: [] as unknown[], forecast: vi.fn(), closed: [] as string[] }))
vi.mock('../../../../src/renderer/query/start.ts', () => ({
  theEngine: () => ({
    known: lake.tables,
    session: () => ({ forecast: lake.forecast }),
    closeSession: async (id: string) => void lake.closed.push(id),
  }),
}))
vi.mock('../../../../src/renderer/features/sql/editor.tsx', () => ({ inEditor: () => null }))
vi.mock('../../../../src/renderer/features/sql/runs.ts', () => ({ optionsOf: () => ({}) }))

const DAY = 86_400_000
const MIB = 1 << 20

function tableOf(columns: readonly [name: string, type: string][]) {
  return engineTable(
    {
      namespace: ['health_db'],
      name: 'health_data_raw',
      uuid: 'u',
      snapshotId: '1',
      columns: columns.map(([name, type], i) => ({ id: i + 1, name, type, required: false })),
      totals: { files: 500, bytes: 500 * MIB, rows: 5_000 },
    },
    't1',
  )
}
const raw = tableOf([
  ['user_id', 'string'],
  ['start_date', 'timestamptz'],
])

/** Files of one day each, over the 500 days up to `newest`: those that a condition of the day's bounds may hold. */
function filesFor(text: string, newest: number): number {
  const ranges = [
    ...text.matchAll(/>= (?:TIMESTAMP )?'([\d-]+)[^']*'(?: AND \S+ < (?:TIMESTAMP )?'([\d-]+))?/g),
  ]
  const days = Array.from({ length: 500 }, (_, i) => newest - i)
  return days.filter(
    (day) =>
      ranges.length === 0 ||
      ranges.some(
        ([, from = '', to]) =>
          day >= Date.parse(from) / DAY && (to === undefined || day < Date.parse(to) / DAY),
      ),
  ).length
}

const costOf = (files: number): Forecast =>
  ({
    tables: [{ name: 'health_data_raw', bytes: files * MIB }],
    files,
    bytes: files * MIB,
    rows: files * 10,
  }) as unknown as Forecast
const tab = (text: string) => ({ id: 't', text, parameters: {}, snapshots: {} }) as unknown as Tab

describe('the column of time', () => {
  test('is the usual one, else the first instant or day', () => {
    expect(timeColumn(raw)).toEqual({ name: 'start_date', day: false })
    expect(timeColumn(tableOf([['aggregation_date', 'string']]))).toEqual({
      name: 'aggregation_date',
      day: true,
    })
    expect(
      timeColumn(
        tableOf([
          ['a', 'long'],
          ['seen', 'date'],
        ]),
      ),
    ).toEqual({ name: 'seen', day: false })
    expect(timeColumn(tableOf([['a', 'long']]))).toBeNull()
  })
})

describe('a narrowed statement', () => {
  test('keeps the names that the rest of it uses', () => {
    expect(narrowed('SELECT health_data_raw.user_id FROM health_data_raw', raw, 'x')).toBe(
      'SELECT health_data_raw.user_id FROM (SELECT * FROM health_data_raw WHERE x) AS "health_data_raw"',
    )
    expect(narrowed('SELECT r.user_id FROM health_data_raw r', raw, 'x')).toMatch(
      /FROM \(SELECT \* FROM health_data_raw WHERE x\) r$/,
    )
  })

  test('is narrowed wherever it names the table, and none where it does not', () => {
    const both = narrowed('SELECT 1 FROM health_data_raw a, health_data_raw b', raw, 'x')
    expect(both?.match(/WHERE x/g)).toHaveLength(2)
    expect(narrowed('SELECT 1', raw, 'x')).toBeNull()
  })
})

describe('ways out', () => {
  const newest = Math.floor(Date.now() / DAY) - 40
  beforeEach(() => {
    lake.tables = [raw]
    lake.closed = []
    lake.forecast.mockReset()
    lake.forecast.mockImplementation(async (text: string) => costOf(filesFor(text, newest)))
  })

  test('end with the newest day that has rows, cost what they read, and come least first', async () => {
    const found = await cheaperWays(tab('SELECT avg(1) FROM health_data_raw'), costOf(500))
    expect(found.map(({ files, exact }) => [files, exact])).toEqual([
      [7, true],
      [30, true],
      [30, false],
      [90, true],
      [365, true],
    ])
    const from = new Date((newest - 6) * DAY).toISOString().slice(0, 10)
    expect(found[0]?.name).toBe(`Only the last 7 days, from ${from}`)
    expect(found[0]?.text).toContain(`"start_date" >= TIMESTAMP '${from} 00:00:00'`)
    expect(found.map(({ bytes }) => bytes)).toEqual([7, 30, 30, 90, 365].map((n) => n * MIB))
    expect(lake.closed).toEqual(['t cheaper'])
  })

  test('leave out those that read no less', async () => {
    const found = await cheaperWays(tab('SELECT 1 FROM health_data_raw'), costOf(31))
    expect(found.map(({ files }) => files)).toEqual([7, 30, 30])
  })

  test('are none without a column of time or a forecast', async () => {
    lake.forecast.mockRejectedValue(new Error('no plan'))
    expect(await cheaperWays(tab('SELECT 1 FROM health_data_raw'), costOf(500))).toEqual([])
    lake.tables = [tableOf([['user_id', 'string']])]
    expect(await cheaperWays(tab('SELECT 1 FROM health_data_raw'), costOf(500))).toEqual([])
  })
})
