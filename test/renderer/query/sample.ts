import type { Row } from './lake-node.ts'

/** Rows that look like the lake's, small and the same every time. */

const DAY = 86_400_000_000n
export const TYPES = ['heartRate', 'steps', 'restingHeartRate'] as const

/** Days before 1970 included; values with NULL, NaN and infinities in their places. */
export function rawRows(days: number, perGroup: number, firstDay = 20_000): Row[] {
  const rows: Row[] = []
  let n = 0
  for (let day = 0; day < days; day++) {
    for (const [t, type] of TYPES.entries()) {
      for (let i = 0; i < perGroup; i++) {
        n++
        const start = BigInt(firstDay + day) * DAY + BigInt(i) * 61_000_001n
        rows.push({
          device_id: `device-${n % 5}`,
          user_id: `user-${String(n % 7).padStart(2, '0')}`,
          sample_id: `s-${firstDay}-${n}`,
          data_type: type,
          value:
            n % 97 === 0 ? Number.NaN : n % 89 === 0 ? Number.POSITIVE_INFINITY : (n % 50) * 1.25 + t * 100,
          unit: type === 'steps' ? 'count' : 'bpm',
          start_date: start,
          end_date: start + 1_000_000n,
          source_bundle: n % 3 === 0 ? null : `com.example.${n % 4}`,
          metadata:
            n % 4 === 0
              ? null
              : new Map([
                  ['device', `Watch${n % 3}`],
                  ["it's", n % 5 === 0 ? null : 'x'],
                ]),
          is_synced: n % 2 === 0,
          created_at: start + 5_000_000n,
          payload_timestamp: start + 6_000_000n,
          app_version: `1.${n % 3}`,
          processing_time: start + 7_000_000n,
        })
      }
    }
  }
  return rows
}

/** One row a partition, as the specified layout makes them. */
export function dailyRows(users: number, days: number): Row[] {
  const rows: Row[] = []
  for (let user = 0; user < users; user++) {
    for (let day = 0; day < days; day++) {
      const start = BigInt(20_000 + day) * DAY
      const n = user * days + day
      rows.push({
        user_id: `user-${String(user).padStart(2, '0')}`,
        data_type: TYPES[n % 3] as string,
        aggregation_date: new Date((20_000 + day) * 86_400_000).toISOString().slice(0, 10),
        window_start: start,
        window_end: start + DAY,
        min_value: n,
        max_value: n + 10,
        avg_value: n + 5,
        sum_value: n * 100,
        count: BigInt(n) + 9_007_199_254_740_993n,
        stddev_value: n / 3,
        first_value: n % 2 === 0 ? null : n,
        last_value: n,
        record_count: BigInt(n),
        updated_at: start + 123_456n,
      })
    }
  }
  return rows
}

const STATISTICS = { min_value: 1, max_value: 9, avg_value: 4.5, stddev_value: 2.25 }

/** Weeks 1 and on of 2024, one row a partition. */
export function weeklyRows(users: number, weeks: number): Row[] {
  return partitions(users, weeks, (week, n, user) => ({
    ...subjectOf(user, n),
    week_start_date: new Date(Date.UTC(2024, 0, 1 + 7 * week)).toISOString().slice(0, 10),
    week_end_date: new Date(Date.UTC(2024, 0, 7 + 7 * week)).toISOString().slice(0, 10),
    year: 2024n,
    week_of_year: BigInt(week + 1),
    window_start: BigInt(Date.UTC(2024, 0, 1 + 7 * week)) * 1000n,
    window_end: BigInt(Date.UTC(2024, 0, 8 + 7 * week)) * 1000n,
    ...statisticsOf(n),
  }))
}

/** Months 1 and on, in turn of 1969 and 1970, one row a partition. */
export function monthlyRows(users: number, months: number): Row[] {
  return partitions(users, months, (month, n, user) => {
    const year = 1969 + (month % 2)
    return {
      ...subjectOf(user, n),
      year: BigInt(year),
      month: BigInt(month + 1),
      month_start_date: new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10),
      month_end_date: new Date(Date.UTC(year, month + 1, 0)).toISOString().slice(0, 10),
      window_start: BigInt(Date.UTC(year, month, 1)) * 1000n,
      window_end: BigInt(Date.UTC(year, month + 1, 1)) * 1000n,
      ...statisticsOf(n),
    }
  })
}

/** Three letters of two types on each day from 1969-12-30 on; those of `DECODE` have no payload. */
export function errorRows(days: number): Row[] {
  const rows: Row[] = []
  for (let day = 0; day < days; day++) {
    for (const type of ['DECODE', 'VALIDATE']) {
      for (let i = 0; i < 3; i++) {
        const n = rows.length
        rows.push({
          error_id: `e-${n}`,
          error_type: type,
          error_message: n % 2 === 0 ? `no "value", in ${n}` : 'unité = 1\n2',
          error_timestamp: BigInt(day - 2) * DAY + BigInt(i) * 3_600_000_001n,
          raw_payload: type === 'DECODE' ? null : `{"n": ${n}}`,
          user_id: n % 3 === 0 ? null : `user-0${n % 3}`,
          device_id: null,
          sample_id: `s-20000-${n}`,
          data_type: n % 4 === 0 ? null : 'steps',
          kafka_topic: 'health',
          kafka_partition: BigInt(n % 3),
          kafka_offset: 9_007_199_254_740_993n + BigInt(n),
        })
      }
    }
  }
  return rows
}

function partitions(
  users: number,
  windows: number,
  row: (window: number, n: number, user: number) => Row,
): Row[] {
  return Array.from({ length: users * windows }, (_, n) => row(n % windows, n, Math.floor(n / windows)))
}

function subjectOf(user: number, n: number): Row {
  return { user_id: `user-${String(user).padStart(2, '0')}`, data_type: TYPES[n % 3] as string }
}

function statisticsOf(n: number): Row {
  return {
    ...STATISTICS,
    avg_value: n + 0.25,
    sum_value: n * 10,
    count: BigInt(n),
    daily_avg_of_avg: n % 2 === 0 ? null : n / 4,
    record_count: BigInt(n * 3),
    updated_at: BigInt(n) * 1_000_001n - 5_000_000n,
  }
}
