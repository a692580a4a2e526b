import { expect } from 'vitest'
import type { Value } from '../../src/main/iceberg/types.ts'
import type { MemoryLake, Row } from './memory-lake.ts'

/** A row of raw with the given parts. */
export function sample(parts: {
  readonly user?: string
  readonly type?: string
  readonly value?: number
  /** Microseconds. */
  readonly at: bigint
  readonly id?: string
}): Row {
  return {
    device_id: 'device',
    user_id: parts.user ?? 'user',
    sample_id: parts.id ?? 'a',
    data_type: parts.type ?? 'steps',
    value: parts.value ?? 1,
    unit: 'count',
    start_date: parts.at,
    end_date: parts.at,
    source_bundle: null,
    metadata: null,
    is_synced: true,
    created_at: parts.at,
    payload_timestamp: parts.at,
    app_version: '1',
    processing_time: parts.at,
  }
}

type Role = 'daily' | 'weekly' | 'monthly'

/**
 * Asserts that the three aggregates hold exactly what a straightforward recomputation of `rows` gives: local dates asked
 * of Intl row by row, two-pass deviations, sorting for first and last.
 */
export async function expectAggregates(
  lake: MemoryLake,
  rows: readonly Row[],
  timezone: string,
): Promise<void> {
  const local = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  for (const role of ['daily', 'weekly', 'monthly'] as const) {
    const groups = new Map<string, { row: Row; day: string }[]>()
    for (const row of rows) {
      const day = local.format(Number(row.start_date as bigint) / 1000)
      const key = [row.user_id, row.data_type, periodText(role, day)].join('|')
      groups.set(key, [...(groups.get(key) ?? []), { row, day }])
    }
    const found = await lake.rows(role)
    const keyOf = (row: Record<string, Value>) =>
      [
        row.user_id,
        row.data_type,
        row[{ daily: 'aggregation_date', weekly: 'week_start_date', monthly: 'month_start_date' }[role]],
      ].join('|')
    expect(found.map(keyOf).sort(), role).toEqual([...groups.keys()].sort())
    for (const row of found) compare(role, row, groups.get(keyOf(row)) ?? [], timezone)
  }
}

function compare(
  role: Role,
  row: Record<string, Value>,
  members: { row: Row; day: string }[],
  timezone: string,
): void {
  const values = members.map((member) => member.row.value as number)
  const mean = total(values) / values.length
  const close: Record<string, number> = {
    min_value: Math.min(...values),
    max_value: Math.max(...values),
    avg_value: mean,
    sum_value: total(values),
    stddev_value: Math.sqrt(total(values.map((value) => (value - mean) ** 2)) / values.length),
  }
  if (role === 'daily') {
    const ordered = members
      .map(({ row: { start_date: at, sample_id: id, value } }) => ({
        at: at as bigint,
        id: Buffer.from(String(id)),
        value: value as number,
      }))
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : Buffer.compare(a.id, b.id)))
    close.first_value = ordered[0]!.value
    close.last_value = ordered.at(-1)!.value
  } else {
    const days = Map.groupBy(members, (member) => member.day)
    const averages = [...days.values()].map(
      (day) => total(day.map((member) => member.row.value as number)) / day.length,
    )
    close.daily_avg_of_avg = total(averages) / averages.length
  }
  for (const [name, expected] of Object.entries(close)) {
    const difference = Math.abs((row[name] as number) - expected)
    expect(
      difference <= 1e-9 * Math.max(1, Math.abs(expected)),
      `${role} ${name}: ${String(row[name])} for ${expected}`,
    ).toBe(true)
  }
  expect(row).toMatchObject({ count: BigInt(values.length), record_count: BigInt(values.length) })
  for (const { row: member } of members) {
    expect((member.start_date as bigint) >= (row.window_start as bigint)).toBe(true)
    expect((member.start_date as bigint) < (row.window_end as bigint)).toBe(true)
  }
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit' })
  expect(clock.format(Number(row.window_start as bigint) / 1000)).toBe('00:00')
}

function periodText(role: Role, day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  if (role === 'weekly') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  if (role === 'monthly') date.setUTCDate(1)
  return date.toISOString().slice(0, 10)
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
