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
