import { LakeError } from '../../shared/errors.ts'

/**
 * Compiles arithmetic over `value`: numbers, `value`, `+ - * /`, parentheses, and a leading minus. Throws INVALID with
 * the place of what it does not take. Results are cut to 12 significant digits, so that 98.6 degF is 37 and not
 * 36.99999999999999.
 */
export function compileFormula(text: string): (value: number) => number {
  let at = 0
  let depth = 0
  type Node = (value: number) => number

  const fail = (what: string): LakeError =>
    new LakeError(
      'INVALID',
      `the formula ${JSON.stringify(text.slice(0, 100))} has ${what} at character ${at + 1}`,
      {
        context: { formula: text.slice(0, 100), at },
        remedy: 'Write arithmetic over value, such as (value - 32) / 1.8.',
      },
    )
  const space = (): void => {
    while (/\s/.test(text[at] ?? '')) at++
  }
  const take = (...symbols: string[]): string | null => {
    space()
    const found = symbols.find((symbol) => text[at] === symbol)
    if (found === undefined) return null
    at++
    return found
  }
  const factor = (): Node => {
    if (++depth > 50) throw fail('too many parentheses')
    try {
      if (take('-')) {
        const inner = factor()
        return (value) => -inner(value)
      }
      if (take('(')) {
        const inner = sum()
        if (!take(')')) throw fail('no closing parenthesis')
        return inner
      }
      space()
      const word = /^(?:value\b|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/.exec(text.slice(at))?.[0]
      if (word === undefined)
        throw fail(at >= text.length ? 'nothing' : 'something else than a number or value')
      at += word.length
      if (word === 'value') return (value) => value
      const constant = Number(word)
      return () => constant
    } finally {
      depth--
    }
  }
  const product = (): Node => {
    let left = factor()
    for (let sign = take('*', '/'); sign; sign = take('*', '/')) {
      const [before, right, times] = [left, factor(), sign === '*']
      left = times ? (value) => before(value) * right(value) : (value) => before(value) / right(value)
    }
    return left
  }
  const sum = (): Node => {
    let left = product()
    for (let sign = take('+', '-'); sign; sign = take('+', '-')) {
      const [before, right, plus] = [left, product(), sign === '+']
      left = plus ? (value) => before(value) + right(value) : (value) => before(value) - right(value)
    }
    return left
  }

  if (text.length > 200) throw fail('more than 200 characters')
  const whole = sum()
  space()
  if (at < text.length) throw fail('something it cannot read')
  return (value) => {
    const result = whole(value)
    return Number.isFinite(result) && result !== 0 ? Number(result.toPrecision(12)) : result
  }
}
