import { describe, expect, test } from 'vitest'
import { addRow, emptyTally, estimateDistinct, forecast } from '../../../../src/main/app/setup/forecast.ts'
import { fileCosts, tallyOf } from '../../../../src/main/app/setup/forecast-sample.ts'
import { schemaOf } from '../../../../src/main/iceberg/schema.ts'
import { encodeRows } from '../../../../src/main/parquet/write.ts'
import { GENERATOR_DEFAULTS, generateMessage } from '../../../../src/main/source/generator.ts'
import { packMessages } from '../../../../src/main/source/pack.ts'
import type { MessageBatch } from '../../../../src/main/source/source.ts'
import { TABLES } from '../../../../src/shared/tables.ts'

const MESSAGES = 3000
const SETTINGS = {
  validation: { strict: false, ranges: {} },
  maxMessageBytes: 1 << 20,
  kafka: { topic: 't' },
}
const GENERATED = Array.from({ length: MESSAGES }, (_, index) =>
  generateMessage({ ...GENERATOR_DEFAULTS, partitions: 1 }, index),
)

function run(from: number, to: number): MessageBatch {
  return packMessages(
    0,
    GENERATED.slice(from, to).map((made, index) => ({
      offset: BigInt(from + index),
      timestamp: made.timestamp,
      value: made.value,
    })),
  )
}

function reckon(batches: readonly MessageBatch[], costs = fileCosts()) {
  const tally = tallyOf(SETTINGS, batches)
  return forecast({
    topic: 't',
    tally,
    messages: MESSAGES,
    exact: tally.messages >= MESSAGES,
    costs,
    commit: { seconds: 10, bytes: 128 << 20 },
    targetBytes: 256 << 20,
    ms: 1,
  })
}

describe('a forecast', () => {
  test('of a whole topic counts what a load of it makes', () => {
    const { layouts, exact } = reckon([run(0, MESSAGES)])
    const rows = GENERATED.flatMap((made) =>
      made.accepted.map((sample) => ({
        user: made.userId,
        type: sample.type,
        day: sample.startDate.slice(0, 10),
      })),
    )
    const distinct = (key: (row: (typeof rows)[number]) => string) => new Set(rows.map(key)).size
    const [specified, compact] = layouts
    const of = (role: string) => specified?.tables.find((table) => table.role === role)
    expect(exact).toBe(true)
    expect(of('raw')).toMatchObject({ rows: rows.length, partitions: distinct((r) => `${r.day}/${r.type}`) })
    expect(of('daily')).toMatchObject({ partitions: distinct((r) => `${r.user}/${r.day}/${r.type}`) })
    expect(of('daily')?.files).toBe(of('daily')?.rows)
    expect(of('monthly')?.rows).toBe(distinct((r) => `${r.user}/${r.day.slice(0, 7)}/${r.type}`))
    expect(of('errors')?.rows).toBe(GENERATED.reduce((sum, made) => sum + made.rejected, 0))
    expect(compact?.tables.find((table) => table.role === 'daily')?.partitions).toBe(
      distinct((r) => r.day.slice(0, 7)),
    )
    expect(specified?.oneRowFiles).toBeGreaterThan((specified?.files ?? 0) / 2)
    expect(compact?.files).toBeLessThan((specified?.files ?? 0) / 20)
    expect(compact?.bytes).toBeLessThan(specified?.bytes ?? 0)
  })

  test('of a tenth comes near the whole, and never passes the rows there are', () => {
    const tenth = Array.from({ length: 30 }, (_, index) => run(index * 100, index * 100 + 10))
    const [estimated] = reckon(tenth).layouts
    const [whole] = reckon([run(0, MESSAGES)]).layouts
    for (const role of ['raw', 'daily', 'weekly', 'monthly'] as const) {
      const [about, truth] = [estimated, whole].map(
        (layout) => layout?.tables.find((table) => table.role === role)?.partitions ?? 0,
      )
      expect(about, role).toBeGreaterThan((truth ?? 0) / 3)
      expect(about, role).toBeLessThan((truth ?? 0) * 3)
    }
    const raw = estimated?.tables.find((table) => table.role === 'raw')
    const daily = estimated?.tables.find((table) => table.role === 'daily')
    expect(daily?.rows).toBeLessThanOrEqual(raw?.rows ?? 0)
  })

  test('of an empty topic is nothing', () => {
    const [specified] = reckon([]).layouts
    expect(specified).toMatchObject({ partitions: 0, files: 0, bytes: 0, oneRowFiles: 0 })
  })

  test('weeks begin on Monday, whatever the year', () => {
    const tally = emptyTally()
    for (const day of ['2025-12-29', '2026-01-01', '2026-01-04', '2026-01-05'])
      addRow(tally, 'u', 'steps', Date.parse(day))
    expect(tally.weekly.size).toBe(2)
  })

  test('a count that was read whole is not estimated, another never beyond its bound', () => {
    const counts = new Map(Array.from({ length: 100 }, (_, index) => [String(index), 1]))
    expect(estimateDistinct(counts, true, 1000)).toBe(100)
    expect(estimateDistinct(counts, false, 1000)).toBe(1000)
    expect(estimateDistinct(new Map([['a', 5]]), false, 1000)).toBe(1)
  })

  test('costs of files are those of the writer', () => {
    const costs = fileCosts()
    const schema = schemaOf(TABLES.daily)
    const row = Object.fromEntries(
      TABLES.daily.columns.map(({ name, type }) => [
        name,
        type === 'string' ? `${name}-x` : type === 'double' ? 1.5 : 7n,
      ]),
    )
    const one = encodeRows(schema, [row]).bytes.byteLength
    expect(Math.abs(costs.daily.fixed + costs.daily.row - one)).toBeLessThan(one / 10)
  })
})
