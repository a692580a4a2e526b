/**
 * The live series of a load: 15 minutes in steps of 5 s, kept in rings of fixed size whatever runs. Partitions share at
 * most 24 rows of lag, the most of each row's partitions.
 */
import type { LoadView } from '../../../shared/model.ts'
import type { SeriesView } from '../../../shared/monitor.ts'

export const STEP_MS = 5_000
export const KEPT_STEPS = 180
export const LAG_ROWS = 24
/** Error types kept apart; further ones are `other`. */
const REASONS = 8

export interface LoadSeries {
  /** Begins anew at `now` (ms since the epoch). */
  begin(now: number): void
  /** Takes the status as it is at `now`; to be called every now and then, at least once a step. */
  take(view: LoadView, now: number): void
  view(from: number, epoch: number): SeriesView
}

/** Fixed number of values by step; what was never set is NaN. */
class Ring {
  readonly #values = new Float32Array(KEPT_STEPS).fill(Number.NaN)

  set(step: number, value: number): void {
    this.#values[step % KEPT_STEPS] = value
  }
  get(step: number): number {
    return this.#values[step % KEPT_STEPS] ?? Number.NaN
  }
  slice(from: number, to: number): (number | null)[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => {
      const value = this.get(from + i)
      return Number.isNaN(value) ? null : Math.round(value * 1000) / 1000
    })
  }
}

export function createLoadSeries(): LoadSeries {
  let epoch = 0
  let origin = 0
  let step = -1
  let messages = 0
  let stepMessages = 0
  let lastCommit = 0
  let lastRollup = 0
  let lastTrouble = 0
  let known: Record<string, number> = {}
  let consumed = new Ring()
  let committed = new Ring()
  let rolledUp = new Ring()
  let rows: (readonly [number, number])[] = []
  let partitions = 0
  let lag: Ring[] = []
  let rejects = new Map<string, Ring>()
  let events: { at: number; text: string }[] = []

  function begin(now: number): void {
    epoch += 1
    origin = Math.floor(now / STEP_MS) * STEP_MS
    step = -1
    messages = 0
    stepMessages = 0
    lastCommit = lastRollup = lastTrouble = now
    known = {}
    consumed = new Ring()
    committed = new Ring()
    rolledUp = new Ring()
    rows = []
    partitions = 0
    lag = []
    rejects = new Map()
    events = []
  }

  /** Empties the steps up to `next`: what is missed stays unmeasured. */
  function enter(next: number): void {
    for (let at = Math.max(step + 1, next - KEPT_STEPS + 1); at <= next; at++) {
      for (const ring of [consumed, committed, rolledUp, ...lag]) ring.set(at, Number.NaN)
      for (const ring of rejects.values()) ring.set(at, 0)
    }
    step = next
    stepMessages = 0
  }

  function takeLag(view: LoadView): void {
    if (view.partitions.length !== partitions) {
      partitions = view.partitions.length
      rows = rowsOf(view.partitions.map(({ partition }) => partition))
      lag = rows.map(() => new Ring())
    }
    const perRow = partitions / Math.max(1, rows.length)
    for (const [index, ring] of lag.entries()) {
      let most = Number.NaN
      const end = Math.floor((index + 1) * perRow)
      for (let i = Math.floor(index * perRow); i < end; i++) {
        const ms = view.partitions[i]?.lagMs ?? null
        if (ms !== null && !(ms / 1000 <= most)) most = ms / 1000
      }
      ring.set(step, maxOf(ring.get(step), most))
    }
  }

  function takeRejects(view: LoadView): void {
    for (const [type, count] of Object.entries(view.rejects ?? {})) {
      const fresh = count - (known[type] ?? 0)
      known[type] = count
      if (fresh <= 0) continue
      const name = rejects.has(type) || rejects.size < REASONS ? type : 'other'
      let ring = rejects.get(name)
      if (ring === undefined) {
        ring = new Ring()
        for (let at = Math.max(0, step - KEPT_STEPS + 1); at <= step; at++) ring.set(at, 0)
        rejects.set(name, ring)
      }
      ring.set(step, ring.get(step) + fresh)
    }
  }

  return {
    begin,
    take(view, now) {
      const at = Math.max(0, Math.floor((now - origin) / STEP_MS))
      if (at > step) enter(at)
      stepMessages += Math.max(0, view.messages - messages)
      messages = view.messages
      const began = Math.max(origin + step * STEP_MS, view.startedAt ?? 0)
      consumed.set(step, stepMessages / Math.max(0.5, (now - began) / 1000))
      for (const commit of view.recentCommits) {
        if (commit.at <= lastCommit) break
        if (commit.role === 'raw' && commit.age)
          committed.set(step, maxOf(committed.get(step), commit.age.oldestMs / 1000))
      }
      lastCommit = Math.max(lastCommit, view.recentCommits[0]?.at ?? 0)
      for (const rollup of view.rollups ?? []) {
        if (rollup.at <= lastRollup) break
        if (rollup.oldestMs !== null) rolledUp.set(step, maxOf(rolledUp.get(step), rollup.oldestMs / 1000))
      }
      lastRollup = Math.max(lastRollup, view.rollups?.[0]?.at ?? 0)
      for (const trouble of view.troubles ?? []) {
        if (trouble.at <= lastTrouble) break
        events = [...events, { at: trouble.at, text: trouble.title }].slice(-20)
      }
      lastTrouble = Math.max(lastTrouble, view.troubles?.[0]?.at ?? 0)
      takeLag(view)
      takeRejects(view)
    },
    view(from, of) {
      const next = Math.max(0, step)
      const oldest = Math.max(0, step - KEPT_STEPS + 1)
      const start = of === epoch ? Math.min(Math.max(from, oldest), next) : oldest
      const slice = (ring: Ring) => ring.slice(start, step + 1)
      return {
        from: start,
        next,
        epoch,
        at: origin + start * STEP_MS,
        stepMs: STEP_MS,
        kept: KEPT_STEPS,
        consumed: slice(consumed),
        committed: slice(committed),
        rolledUp: slice(rolledUp),
        rows,
        lag: lag.map(slice),
        rejects: Object.fromEntries(
          Array.from(rejects, ([type, ring]) => [type, slice(ring).map((value) => value ?? 0)]),
        ),
        events: events.filter(({ at }) => at >= origin + oldest * STEP_MS),
      }
    },
  }
}

/** At most `LAG_ROWS` rows over partitions in order: the first and the last of each. */
function rowsOf(partitions: readonly number[]): (readonly [number, number])[] {
  const count = Math.min(LAG_ROWS, partitions.length)
  const perRow = partitions.length / Math.max(1, count)
  return Array.from({ length: count }, (_, row) => {
    const first = partitions[Math.floor(row * perRow)] ?? 0
    const last = partitions[Math.floor((row + 1) * perRow) - 1] ?? first
    return [first, last] as const
  })
}

function maxOf(a: number, b: number): number {
  if (Number.isNaN(a)) return b
  if (Number.isNaN(b)) return a
  return Math.max(a, b)
}
