import { GRAINS, type Grain } from '../../../shared/dash.ts'
import { isDate, isoWeek, mondayOfWeek } from './dates.ts'
import { MEASURES, type Measure } from './measures.ts'

/** What the chosen days are held against. */
export type Against =
  /** As many days right before. */
  | { readonly kind: 'before' }
  /** As many days from this one on. */
  | { readonly kind: 'from'; readonly from: string }
  /** The same days of another user. */
  | { readonly kind: 'user'; readonly user: string }
  /** The same days of all users together. */
  | { readonly kind: 'all' }

/** A point that is looked into: a day, week or month by its first day. */
export interface Spot {
  readonly grain: Grain
  readonly period: string
}

/** Everything that a dashboard shows, as its address says it; null is what was left to the page. */
export interface Asked {
  readonly user: string | null
  readonly type: string | null
  readonly grain: Grain
  /** Days, both inclusive. */
  readonly from: string | null
  readonly to: string | null
  readonly against: Against
  readonly measure: Measure | null
  readonly at: Spot | null
}

type Query = Readonly<Record<string, string | undefined>>

/** Reads an address; what does not make sense is as if it were not there. */
export function readAsked(query: Query): Asked {
  const from = isDate(query.from) ? query.from : null
  const to = isDate(query.to) ? query.to : null
  const ordered = from === null || to === null || from <= to
  return {
    user: query.user || null,
    type: query.type || null,
    grain: GRAINS.find((grain) => grain === query.grain) ?? 'day',
    from: ordered ? from : to,
    to: ordered ? to : from,
    against: readAgainst(query.compare),
    measure: MEASURES.find(({ value }) => value === query.measure)?.value ?? null,
    at: readSpot(query.at),
  }
}

/** The address of what is asked. */
export function addressOf(asked: Asked): Record<string, string | undefined> {
  const { against, at } = asked
  return {
    user: asked.user ?? undefined,
    type: asked.type ?? undefined,
    grain: asked.grain === 'day' ? undefined : asked.grain,
    from: asked.from ?? undefined,
    to: asked.to ?? undefined,
    compare: againstText(against),
    measure: asked.measure ?? undefined,
    at: at === null ? undefined : spotText(at),
  }
}

function againstText(against: Against): string | undefined {
  switch (against.kind) {
    case 'before':
      return undefined
    case 'user':
      return `user:${against.user}`
    case 'from':
      return `from:${against.from}`
    case 'all':
      return 'all'
  }
}

function readAgainst(text: string | undefined): Against {
  if (text === 'all') return { kind: 'all' }
  if (text?.startsWith('user:') && text.length > 5) return { kind: 'user', user: text.slice(5) }
  const from = text?.startsWith('from:') ? text.slice(5) : undefined
  return isDate(from) ? { kind: 'from', from } : { kind: 'before' }
}

/** `2026-05-09`, `2026-W19` or `2026-05`, as ISO 8601 writes them. */
export function spotText({ grain, period }: Spot): string {
  if (grain === 'day') return period
  if (grain === 'month') return period.slice(0, 7)
  const { year, week } = isoWeek(period)
  return `${String(year).padStart(4, '0')}-W${String(week).padStart(2, '0')}`
}

function readSpot(text: string | undefined): Spot | null {
  if (isDate(text)) return { grain: 'day', period: text }
  if (isDate(`${text}-01`)) return { grain: 'month', period: `${text}-01` }
  const week = /^(\d{4})-W(\d{2})$/.exec(text ?? '')
  const monday = week && mondayOfWeek(Number(week[1]), Number(week[2]))
  return monday ? { grain: 'week', period: monday } : null
}
