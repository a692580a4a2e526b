import { compareText } from '../iceberg/values.ts'

/** Mergeable statistics of the values of one key. Mean and `m2` (sum of squared deviations) are Welford's. */
export interface Stats {
  n: number
  sum: number
  min: number
  max: number
  mean: number
  m2: number
  /** Microseconds since the epoch of the earliest sample; ties go to the smallest sample id in UTF-8 order. */
  firstAt: bigint
  firstId: string
  firstValue: number
  /** Of the latest sample; ties go to the largest sample id. */
  lastAt: bigint
  lastId: string
  lastValue: number
}

export function statsOf(value: number, at: bigint, id: string): Stats {
  return {
    n: 1,
    sum: value,
    min: value,
    max: value,
    mean: value,
    m2: 0,
    firstAt: at,
    firstId: id,
    firstValue: value,
    lastAt: at,
    lastId: id,
    lastValue: value,
  }
}

/** Adds one sample in place. */
export function addSample(stats: Stats, value: number, at: bigint, id: string): void {
  stats.n += 1
  stats.sum += value
  if (value < stats.min) stats.min = value
  if (value > stats.max) stats.max = value
  const delta = value - stats.mean
  stats.mean += delta / stats.n
  stats.m2 += delta * (value - stats.mean)
  if (at < stats.firstAt || (at === stats.firstAt && compareText(id, stats.firstId) < 0)) {
    stats.firstAt = at
    stats.firstId = id
    stats.firstValue = value
  }
  if (at > stats.lastAt || (at === stats.lastAt && compareText(id, stats.lastId) > 0)) {
    stats.lastAt = at
    stats.lastId = id
    stats.lastValue = value
  }
}

/** Adds `other` to `stats` in place (Chan's parallel form). */
export function mergeStats(stats: Stats, other: Stats): void {
  const n = stats.n + other.n
  const delta = other.mean - stats.mean
  stats.mean += (delta * other.n) / n
  stats.m2 += other.m2 + (delta * delta * stats.n * other.n) / n
  stats.n = n
  stats.sum += other.sum
  stats.min = Math.min(stats.min, other.min)
  stats.max = Math.max(stats.max, other.max)
  if (
    other.firstAt < stats.firstAt ||
    (other.firstAt === stats.firstAt && compareText(other.firstId, stats.firstId) < 0)
  ) {
    stats.firstAt = other.firstAt
    stats.firstId = other.firstId
    stats.firstValue = other.firstValue
  }
  if (
    other.lastAt > stats.lastAt ||
    (other.lastAt === stats.lastAt && compareText(other.lastId, stats.lastId) > 0)
  ) {
    stats.lastAt = other.lastAt
    stats.lastId = other.lastId
    stats.lastValue = other.lastValue
  }
}

/** Population standard deviation. */
export function deviation({ m2, n }: Pick<Stats, 'm2' | 'n'>): number {
  return Math.sqrt(Math.max(0, m2) / n)
}

const BYTES = 72

/** Everything but the count and the two ids as bytes; NaN and infinities survive, which SQLite's numbers do not. */
export function packStats(stats: Stats): Uint8Array {
  const bytes = new Uint8Array(BYTES)
  const view = new DataView(bytes.buffer)
  const { sum, min, max, mean, m2, firstValue, lastValue } = stats
  ;[sum, min, max, mean, m2, firstValue, lastValue].forEach((value, i) => {
    view.setFloat64(i * 8, value, true)
  })
  view.setBigInt64(56, stats.firstAt, true)
  view.setBigInt64(64, stats.lastAt, true)
  return bytes
}

export function unpackStats(n: number, bytes: Uint8Array, firstId: string, lastId: string): Stats {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = (index: number): number => view.getFloat64(index * 8, true)
  return {
    n,
    sum: at(0),
    min: at(1),
    max: at(2),
    mean: at(3),
    m2: at(4),
    firstValue: at(5),
    lastValue: at(6),
    firstAt: view.getBigInt64(56, true),
    lastAt: view.getBigInt64(64, true),
    firstId,
    lastId,
  }
}
