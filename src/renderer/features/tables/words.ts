import { count } from '../../ui/format.ts'

const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** A count in little room: `421`, `20.4 k`, `412 M`. */
export const compact = (value: number): string =>
  short.format(value).replace(/[A-Z]$/, (unit) => ` ${unit === 'K' ? 'k' : unit}`)

/** A count that fits a card: in full up to seven figures, then in short. */
export const cardCount = (value: number): string => (value < 10_000_000 ? count(value) : compact(value))

/** The name of a file in little room: what tells it apart is at both ends. */
export function fileWords(path: string): string {
  const name = path.split('/').at(-1) ?? path
  return name.length <= 30 ? name : `${name.slice(0, 9)}\u2026${name.slice(-18)}`
}

/** A change with both of its signs, where there is one: `+26`, `+4, \u2212120`, `0`. */
export function plusMinus(
  added: number | null,
  removed: number | null,
  say = count as (value: number) => string,
) {
  const parts = [added ? `+${say(added)}` : '', removed ? `\u2212${say(removed)}` : ''].filter(Boolean)
  return parts.length === 0 ? '0' : parts.join(', ')
}
