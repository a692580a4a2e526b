import { useCallback } from 'react'
import { type DashLake, GRAINS, type Grain } from '../../../shared/dash.ts'
import { Button } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { count, counted, duration } from '../../ui/format.ts'
import { useNow } from '../../ui/now.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'
import { type Asked, addressOf } from './address.ts'
import { isStale, type Standing } from './against-raw.tsx'
import { type Checks, checkKey } from './checks.ts'
import { CompareForm } from './compare-form.tsx'
import { daysBetween, GRAIN_WORDS } from './dates.ts'
import { go } from './go.ts'
import type { Row } from './measures.ts'
import type { Days } from './range.ts'
import { RangeForm } from './range-form.tsx'
import { SaveView } from './saved-views.tsx'

const CHOICES = GRAINS.map((value) => ({ value, word: value.charAt(0).toUpperCase() + value.slice(1) }))

/** What is shown and against what, and how all of it stands against raw. */
export function DashBar({
  lake,
  asked,
  subject,
  shown,
  known,
  periods,
  rows,
  checks,
  standingOf,
  refreshing,
}: {
  lake: DashLake
  asked: Asked
  subject: { readonly user: string; readonly type: string }
  shown: Days
  known: Days
  periods: readonly string[]
  rows: ReadonlyMap<string, Row>
  checks: Checks
  standingOf: (grain: Grain, period: string) => Standing
  /** True while older figures stand in for ones on their way. */
  refreshing: boolean
}) {
  const { grain } = asked
  const grainTo = useCallback(
    (next: Grain) => go(asked, { grain: next, from: null, to: asked.to, at: asked.at }),
    [asked],
  )
  const { run } = checks
  const check = useCallback(() => run(grain, periods), [run, grain, periods])
  useCommand(
    'dash.day',
    useCallback(() => grainTo('day'), [grainTo]),
  )
  useCommand(
    'dash.week',
    useCallback(() => grainTo('week'), [grainTo]),
  )
  useCommand(
    'dash.month',
    useCallback(() => grainTo('month'), [grainTo]),
  )
  useCommand('dash.check', check)
  return (
    <div className="bar dash-bar">
      <Segmented label="Statistics by" value={grain} choices={CHOICES} onChange={grainTo} />
      <RangeForm
        from={shown.from}
        to={shown.to}
        first={known.from}
        last={known.to}
        zone={lake.timezone}
        onRange={(from, to) => go(asked, { from, to })}
      />
      <CompareForm
        lake={lake}
        against={asked.against}
        from={shown.from}
        length={daysBetween(shown.from, shown.to)}
        onAgainst={(against) => go(asked, { against })}
      />
      <span className="grow" />
      {refreshing && <Status state="running" word="Reading newer figures" bare />}
      <Standings
        grain={grain}
        periods={periods}
        rows={rows}
        checks={checks}
        standingOf={standingOf}
        onCheck={check}
      />
      <SaveView
        query={addressOf({ ...asked, user: subject.user, type: subject.type })}
        usual={`${subject.type} of ${subject.user}`}
      />
    </div>
  )
}

/** How many of the periods are stale, checked or told by snapshots, with the button that checks them all. */
function Standings({
  grain,
  periods,
  rows,
  checks,
  standingOf,
  onCheck,
}: {
  grain: Grain
  periods: readonly string[]
  rows: ReadonlyMap<string, Row>
  checks: Checks
  standingOf: (grain: Grain, period: string) => Standing
  onCheck: () => void
}) {
  const now = useNow(1_000)
  const { one, many } = GRAIN_WORDS[grain]
  if (checks.running) {
    const since = now - checks.running.since
    return (
      <>
        <Status
          state="running"
          word={`Checking ${counted(checks.running.periods, one, many)}${since > 2_000 ? `, ${duration(since)}` : ''}`}
          bare
        />
        <Button small onClick={checks.cancel}>
          Cancel
        </Button>
      </>
    )
  }
  const stale = periods.filter((period) => isStale(standingOf(grain, period))).length
  const withData = rows.size
  const checked = periods.filter((period) => checks.known.has(checkKey(grain, period))).length
  const all = checked === periods.length
  return (
    <>
      {stale > 0 ? (
        <Status state="attention" word={`${count(stale)} of ${counted(withData, one, many)} stale`} />
      ) : (
        all && <Status state="passed" word={`${counted(withData, one, many)} match raw`} />
      )}
      <Button small kind="quiet" onClick={onCheck}>
        {all ? 'Check again' : `Check ${counted(periods.length, one, many)}`}
      </Button>
    </>
  )
}
