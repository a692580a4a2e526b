import { count, shortCount } from '../../ui/format.ts'

/** A count that fits a card: in full up to seven figures, then in short. */
export const cardCount = (value: number): string => (value < 10_000_000 ? count(value) : shortCount(value))

/** A change with both of its signs, where there is one: `+26`, `+4, \u2212120`, `0`. */
export function plusMinus(
  added: number | null,
  removed: number | null,
  say = count as (value: number) => string,
) {
  const parts = [added ? `+${say(added)}` : '', removed ? `\u2212${say(removed)}` : ''].filter(Boolean)
  return parts.length === 0 ? '0' : parts.join(', ')
}
