/** Plain numbers for charts drawn by hand: round ticks, a linear scale, paths with breaks. */

export interface Scale {
  (value: number): number
  /** Round values within the domain. */
  readonly ticks: readonly number[]
  readonly least: number
  readonly most: number
}

/**
 * A linear scale that holds all `values`, with round ticks inside; null without a finite one. With `zero` it starts there
 * and ends at a round number, as bars need it. `from` and `to` are px.
 */
export function scaleOf(
  values: readonly number[],
  from: number,
  to: number,
  { zero = false, ticks = 5 }: { readonly zero?: boolean; readonly ticks?: number } = {},
): Scale | null {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    if (value < least) least = held(value)
    if (value > most) most = held(value)
  }
  if (least > most) return null
  if (zero) [least, most] = [Math.min(0, least), Math.max(0, most)]
  if (zero && most - least <= NOTHING) [least, most] = [0, 1]
  else [least, most] = apart(least, most, Math.abs(least) * 0.1 || 1)
  const step = roundStep((most - least) / ticks)
  if (zero) [least, most] = [Math.floor(least / step) * step, Math.ceil(most / step - 1e-9) * step]
  else [least, most] = [least - (most - least) * EDGE, most + (most - least) * EDGE]
  const found: number[] = []
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9; i++)
    found.push(Number((i * step).toPrecision(12)))
  const scale = (value: number) => {
    const at = Number.isFinite(value) ? held(value) : value
    return from + ((at - least) / (most - least)) * (to - from)
  }
  return Object.assign(scale, { ticks: found, least, most })
}

/** Where two values cannot be told apart beside their own size, `room` on both sides of them. */
function apart(least: number, most: number, room: number): [number, number] {
  const size = Math.max(Math.abs(least), Math.abs(most))
  if (most - least > Math.max(NOTHING, size * 1e-9)) return [least, most]
  const wide = Math.max(room, size * 1e-6)
  return [least - wide, most + wide]
}

/** Arithmetic stays within what a number can hold: what is farther out stands at `FAR`, what is less apart in one place. */
const FAR = 1e305
const NOTHING = 1e-290

const held = (value: number): number => Math.min(FAR, Math.max(-FAR, value))

/** Room between the outermost values and the ends, as a part of what they span. */
const EDGE = 0.04

/** The least of 1, 2, 2.5, 5 times a power of ten that is at least `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough * (1 - 1e-9)) ?? 10) * power
}

export type Place = readonly [x: number, y: number]

const px = (value: number) => value.toFixed(1)

/**
 * A line through the places; it breaks at every null and at what has no place, such as an infinite value. A place alone
 * between breaks is a dot of the line's width.
 */
export function linePath(given: readonly (Place | null)[]): string {
  let path = ''
  const places = given.map((place) => (place?.every(Number.isFinite) ? place : null))
  places.forEach((place, i) => {
    if (place === null) return
    const goesOn = i > 0 && places[i - 1] !== null
    path += `${goesOn ? 'L' : 'M'}${px(place[0])} ${px(place[1])}`
    if (!goesOn && (places[i + 1] ?? null) === null) path += 'h0.01'
  })
  return path
}

/** The area between two lines of equal length, one shape a run without breaks; a run of one is `width` wide. */
export function areaPath(
  places: readonly ({ readonly x: number; readonly top: number; readonly bottom: number } | null)[],
  width: number,
): string {
  let path = ''
  const drawn = places.map((place) =>
    place !== null && Number.isFinite(place.top) && Number.isFinite(place.bottom) ? place : null,
  )
  for (const run of runsOf(drawn)) {
    const only = run.length === 1 ? run[0] : undefined
    const ends = only
      ? [
          { ...only, x: only.x - width / 2 },
          { ...only, x: only.x + width / 2 },
        ]
      : run
    const top = ends.map(({ x, top }) => `${px(x)} ${px(top)}`)
    const bottom = ends.map(({ x, bottom }) => `${px(x)} ${px(bottom)}`).reverse()
    path += `M${top.join('L')}L${bottom.join('L')}Z`
  }
  return path
}

/** Stretches of neighbours that are not null. */
export function runsOf<T>(items: readonly (T | null)[]): T[][] {
  const runs: T[][] = []
  let open: T[] | null = null
  for (const item of items) {
    if (item === null) open = null
    else if (open === null) {
      open = [item]
      runs.push(open)
    } else open.push(item)
  }
  return runs
}

/** Places without a neighbour on either side, of which a line shows nothing. */
export function lonePlaces(places: readonly (Place | null)[]): Place[] {
  return places.filter((place, at): place is Place => place !== null && !places[at - 1] && !places[at + 1])
}

/** Half-open ranges of places at which `test` holds. */
export function stretches(length: number, test: (at: number) => boolean): (readonly [number, number])[] {
  const found: [number, number][] = []
  for (let at = 0; at < length; at++) {
    if (!test(at)) continue
    const last = found.at(-1)
    if (last && last[1] === at) last[1] = at + 1
    else found.push([at, at + 1])
  }
  return found
}

/** Equal bins over round numbers that hold all from `least` to `most`: `first` times `step` is the lowest edge. */
export function roundBins(
  least: number,
  most: number,
  bins: number,
): { readonly edges: readonly number[]; readonly step: number; readonly first: number } {
  const [from, to] = apart(least, most, 0.5)
  const step = roundStep((to - from) / bins)
  const first = Math.floor(from / step + 1e-9)
  const last = Math.max(first + 1, Math.floor(to / step + 1e-9) + 1)
  const edges = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
  return { edges, step, first }
}

/** Counts of values in equal bins over round numbers; null without values. */
export function histogram(
  values: readonly number[],
  bins: number,
): { readonly edges: readonly number[]; readonly counts: readonly number[] } | null {
  const finite = values.filter((value) => Number.isFinite(value)).map(held)
  if (finite.length === 0) return null
  const { edges, step, first } = roundBins(Math.min(...finite), Math.max(...finite), bins)
  const counts = new Array<number>(edges.length - 1).fill(0)
  for (const value of finite) {
    const at = Math.min(counts.length - 1, Math.max(0, Math.floor(value / step + 1e-9) - first))
    counts[at] = (counts[at] ?? 0) + 1
  }
  return { edges, counts }
}
