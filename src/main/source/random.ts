/** Numbers that a seed and a place decide, the same on every machine. */
export interface Random {
  /** Even in [0, 1). */
  next(): number
  /** Even in [min, max). */
  between(min: number, max: number): number
  /** A whole number in [0, n). */
  below(n: number): number
  /** Normal, by the sum of uniform numbers, within six deviations. */
  normal(mean: number, deviation: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
}

/** Independent streams for different `place`s (mulberry32 over a mixed hash of all of them). */
export function randomAt(seed: number, ...place: readonly number[]): Random {
  let state = mix(seed | 0)
  for (const part of place)
    state = mix(state ^ mix(part | 0) ^ Math.imul(Math.floor(part / 2 ** 32), 0x9e3779b1))
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    below: (n) => Math.floor(next() * n),
    normal: (mean, deviation) => {
      let sum = -6
      for (let i = 0; i < 12; i++) sum += next()
      return mean + sum * deviation
    },
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
  }
}

function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  return hash ^ (hash >>> 16)
}

/** A version 4 UUID from `random`. */
export function uuidFrom(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16))
  hex[12] = '4'
  hex[16] = '89ab'[random.below(4)] as string
  const text = hex.join('')
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`
}
