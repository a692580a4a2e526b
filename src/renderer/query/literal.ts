/** Instants and days as DuckDB prints them, read exactly; null for what it prints otherwise (BC, infinity). */

/** `2025-05-12` as days since the epoch. */
export function dateDays(text: string): number | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  if (!parts) return null
  const ms = Date.UTC(2000, Number(parts[2]) - 1, Number(parts[3]))
  // Date.UTC takes years below 100 for 1900 and later.
  const date = new Date(ms)
  date.setUTCFullYear(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]))
  return date.getTime() / 86_400_000
}

/** `2025-05-12 10:00:00.123456` as microseconds since the epoch. */
export function timestampMicros(text: string): bigint | null {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text)
  const days = parts ? dateDays(parts[1] as string) : null
  if (parts === null || days === null) return null
  const seconds =
    BigInt(days) * 86_400n + BigInt(Number(parts[2]) * 3600 + Number(parts[3]) * 60 + Number(parts[4]))
  return seconds * 1_000_000n + BigInt((parts[5] ?? '').padEnd(6, '0'))
}
