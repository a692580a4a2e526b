import type { Drawing } from './chart-picture.ts'
import type { binned, Series } from './series.ts'

export const BIN_SECONDS = 30
export const REASON_COLORS = ['c3', 'c3-2', 'c-other', 'c5', 'c2', 'c4', 'c6', 'c1'] as const

/** Error types in the order of their colours: the same type has the same colour whatever else there is. */
const USUAL = ['TRANSFORMATION_ERROR', 'VALIDATION_ERROR', 'DECODING_ERROR']
/** An error type in words. */
export const reasonName = (type: string): string =>
  type
    .toLowerCase()
    .replace(/_error$/, '')
    // As long as its place in the key allows.
    .replace('deserialization', 'decoding')
    .replaceAll('_', ' ')

/** The error types of a series, the usual ones first. */
export function reasonsOf(series: Series | null): string[] {
  const types = Object.keys(series?.rejects ?? {})
  const place = (type: string): number => (USUAL.includes(type) ? USUAL.indexOf(type) : USUAL.length)
  return types.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

const rowName = ([first, last]: readonly [number, number]): string =>
  first === last ? String(first) : `${first} to ${last}`

/** What the four charts show, for their files. */
export function drawingsOf(
  series: Series,
  window: readonly [number, number],
  bins: ReturnType<typeof binned>,
  reasons: readonly string[],
): Readonly<Record<'consumed' | 'freshness' | 'lag' | 'rejects', Drawing>> {
  return {
    consumed: {
      title: 'Consumed',
      unit: 'messages per second',
      window,
      lines: [{ name: 'consumed', color: 'c1', filled: true, values: series.consumed }],
    },
    freshness: {
      title: 'Freshness',
      unit: 'seconds from produced, oldest message',
      window,
      lines: [
        { name: 'committed', color: 'c1', values: series.committed },
        { name: 'rolled up', color: 'c6', values: series.rolledUp },
      ],
    },
    lag: {
      title: 'Lag',
      unit: 'seconds by partition',
      window,
      cells: series.lag.map((values, row) => ({ name: rowName(series.rows[row] ?? [row, row]), values })),
    },
    rejects: {
      title: 'Dead-lettered',
      unit: `per ${BIN_SECONDS} s`,
      window,
      bars: {
        at: bins.at,
        seconds: BIN_SECONDS,
        parts: reasons.map((type, index) => ({
          name: reasonName(type),
          color: REASON_COLORS[index] ?? 'c-other',
          counts: bins.counts.get(type) ?? [],
        })),
      },
    },
  }
}
