import type { Filter, QueryType } from '../../shared/query.ts'
import { dateText, timestampText } from './values.ts'

/** A filter as SQL for the eye, with `name` giving each column's name. Empty for one that is always true. */
export function filterText(
  filter: Filter,
  name: (column: string) => string,
  type: (column: string) => QueryType | undefined,
): string {
  const value = (column: string, one: string | number | boolean): string => {
    const kind = type(column)
    if (kind === 'date') return `DATE '${dateText(Number(one))}'`
    if (typeof kind === 'string' && /^timestamp(tz)?$/.test(kind))
      return `TIMESTAMP '${timestampText(BigInt(one), 2)}'`
    if (typeof kind === 'string' && kind === 'string') return `'${String(one).replaceAll("'", "''")}'`
    const scale = typeof kind === 'string' ? /^decimal\(\d+, ?(\d+)\)$/.exec(kind)?.[1] : undefined
    return scale === undefined ? String(one) : shifted(String(one), Number(scale))
  }
  const text = (one: Filter, inner: boolean): string => {
    switch (one.op) {
      case 'true':
        return 'TRUE'
      case 'and':
      case 'or': {
        if (one.args.length === 0) return one.op === 'and' ? 'TRUE' : 'FALSE'
        const joined = one.args.map((arg) => text(arg, true)).join(one.op === 'and' ? ' AND ' : ' OR ')
        return inner ? `(${joined})` : joined
      }
      case 'in':
        return `${name(one.column)} IN (${one.values.map((each) => value(one.column, each)).join(', ')})`
      case 'is-null':
        return `${name(one.column)} IS NULL`
      case 'not-null':
        return `${name(one.column)} IS NOT NULL`
      case 'starts-with':
        return `starts_with(${name(one.column)}, ${value(one.column, one.value)})`
      default:
        return `${name(one.column)} ${one.op === '==' ? '=' : one.op === '!=' ? '<>' : one.op} ${value(one.column, one.value)}`
    }
  }
  return filter.op === 'true' ? '' : text(filter, false)
}

/** Unscaled digits with their point put in. */
function shifted(digits: string, scale: number): string {
  if (scale === 0) return digits
  const [sign, plain] = digits.startsWith('-') ? ['-', digits.slice(1)] : ['', digits]
  const padded = plain.padStart(scale + 1, '0')
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}
