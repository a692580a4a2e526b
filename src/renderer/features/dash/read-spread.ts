import { roundBins } from '../../chart/scale.ts'
import type { QueryResult } from '../../query/result.ts'
import type { Session } from '../../query/session.ts'
import { type Cost, type SamplesQuestion, type TableNames, toNumber } from './read.ts'

/** How the samples of a window spread: counts in equal bins. */
export interface SampleSpread {
  readonly edges: readonly number[]
  readonly counts: readonly number[]
  /** Samples that are in no bin: their value is not finite. */
  readonly unbounded: number
  readonly cost: Cost
}

const from = (tables: TableNames) => `FROM ${tables.raw}
WHERE user_id = $user AND data_type = $type
  AND start_date >= TIMESTAMP $from AND start_date < TIMESTAMP $to`

/** The statement for what the samples span; all that is read of raw is read for it. */
export function spanSql(tables: TableNames): string {
  return `SELECT min(value) FILTER (isfinite(value)), max(value) FILTER (isfinite(value)),
  count(*) FILTER (NOT isfinite(value)) ${from(tables)}`
}

function binsSql(tables: TableNames): string {
  return `SELECT CAST(greatest(0, least($last, floor(value / $step + 1e-9) - $first)) AS INTEGER) AS bin,
  count(*) AS samples ${from(tables)} AND isfinite(value)
GROUP BY bin`
}

/** Counts the samples of a window in at most about `bins` bins; in the engine, so that no sample comes to the page. */
export async function readSpread(
  session: Session,
  tables: TableNames,
  question: SamplesQuestion,
  bins: number,
  signal: AbortSignal,
): Promise<SampleSpread> {
  const parameters = { ...question }
  const { result, forecast } = await session.run(spanSql(tables), { parameters, signal })
  const number = (of: QueryResult, row: number, column: number) => toNumber(of.cell(row, column))
  const [least, most, unbounded] = [0, 1, 2].map((column) => number(result, 0, column))
  const told = { unbounded: unbounded ?? 0, cost: forecast }
  if (typeof least !== 'number' || typeof most !== 'number') return { edges: [], counts: [], ...told }
  const { edges, step, first } = roundBins(least, most, bins)
  const counted = await session.run(binsSql(tables), {
    parameters: { ...parameters, step, first, last: edges.length - 2 },
    signal,
  })
  const counts = new Array<number>(edges.length - 1).fill(0)
  for (let row = 0; row < counted.result.rows; row++)
    counts[number(counted.result, row, 0) ?? 0] = number(counted.result, row, 1) ?? 0
  return { edges, counts, ...told }
}
