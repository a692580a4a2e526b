import type { FilterOp, RowFilter } from '../../query/arrange.ts'
import type { QueryResult } from '../../query/result.ts'

export const FILTER_OPS: readonly { value: FilterOp; word: string }[] = [
  { value: 'has', word: 'contains' },
  { value: 'is', word: 'is' },
  { value: 'is not', word: 'is not' },
  { value: 'at least', word: 'is at least' },
  { value: 'at most', word: 'is at most' },
  { value: 'null', word: 'is null' },
  { value: 'not null', word: 'is not null' },
]

/** True where the condition asks for a value. */
export function asksValue(op: FilterOp): boolean {
  return op !== 'null' && op !== 'not null'
}

/** `value is at least 60`. */
export function filterWords({ column, op, text }: RowFilter, result: QueryResult): string {
  const name = typeof column === 'number' ? (result.columns[column]?.name ?? '') : 'any column'
  const word = FILTER_OPS.find((one) => one.value === op)?.word ?? op
  return asksValue(op) ? `${name} ${word} ${text}` : `${name} ${word}`
}

/** Where the rows of `found` stand in what is shown; both name rows of the answer, in the same order. */
export function placesOf(found: Uint32Array, shown: Pick<QueryResult, 'rows' | 'numberOf'>): Uint32Array {
  const places = new Uint32Array(found.length)
  let at = 0
  for (let row = 0; row < shown.rows && at < found.length; row++) {
    if (shown.numberOf(row) === found[at]) places[at++] = row
  }
  return places.subarray(0, at)
}
