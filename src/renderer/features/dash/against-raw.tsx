import type { DashCheck, DashNewer, Grain } from '../../../shared/dash.ts'
import { counted } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import { lastDay } from './dates.ts'

/** What is known of how a period stands against raw: a check of its statistics, or what snapshots tell. */
export type Standing =
  | { readonly kind: 'checked'; readonly check: DashCheck }
  | { readonly kind: 'newer'; readonly rows: number }
  | { readonly kind: 'changed' }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'nothing newer' }

/** A period's standing; a check counts before what the snapshots say. */
export function standingOf(
  grain: Grain,
  period: string,
  check: DashCheck | undefined,
  newer: DashNewer | undefined,
  behind: boolean,
): Standing {
  if (check !== undefined) return { kind: 'checked', check }
  if (!behind) return { kind: 'nothing newer' }
  if (newer === undefined) return { kind: 'unknown', reason: 'raw has newer snapshots' }
  const last = lastDay(grain, period)
  const rows = newer.days.reduce((sum, { day, rows }) => (day >= period && day <= last ? sum + rows : sum), 0)
  if (rows > 0) return { kind: 'newer', rows }
  if (newer.changed.some(({ from, to }) => from <= last && to >= period)) return { kind: 'changed' }
  if (newer.unknown !== null) return { kind: 'unknown', reason: newer.unknown }
  return { kind: 'nothing newer' }
}

export function isStale(standing: Standing): boolean {
  if (standing.kind === 'checked')
    return standing.check.state === 'stale' || standing.check.state === 'differs'
  return standing.kind === 'newer' || standing.kind === 'changed'
}

/** How a check came out, in words. */
function checkWords(check: DashCheck): string {
  switch (check.state) {
    case 'matches':
      return 'Matches raw'
    case 'none':
      return 'No rows in raw either'
    case 'differs':
      return `Differs from raw in ${counted(check.differences.length, 'statistic')}`
    case 'stale':
      if (check.rows > 0) return `Stale by ${counted(check.rows, 'row')}`
      return check.rows < 0 ? `Stale: ${counted(-check.rows, 'row')} gone from raw` : 'Stale'
  }
}

/** The standing with its icon; what snapshots alone tell is said in plain grey. */
export function AgainstRaw({ standing, bare = true }: { standing: Standing; bare?: boolean }) {
  switch (standing.kind) {
    case 'checked': {
      const { check } = standing
      const state =
        check.state === 'matches'
          ? 'passed'
          : check.state === 'differs'
            ? 'failed'
            : check.state === 'stale'
              ? 'attention'
              : 'waiting'
      return <Status state={state} word={checkWords(check)} bare={bare} />
    }
    case 'newer':
      return <Status state="attention" word={`Stale by ${counted(standing.rows, 'row')}`} bare={bare} />
    case 'changed':
      return <Status state="attention" word="Rows changed in raw since" bare={bare} />
    case 'unknown':
      return <Status state="waiting" word="Not checked" bare={bare} />
    case 'nothing newer':
      return <span className="t3">No newer rows</span>
  }
}
