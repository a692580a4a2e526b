import type { DashLake } from '../../../shared/dash.ts'
import { toFault } from '../../../shared/errors.ts'
import { answer, api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { ago, bytes, count, counted, duration } from '../../ui/format.ts'
import { useNow } from '../../ui/now.ts'
import { Time } from '../../ui/time.tsx'
import { notify } from '../../ui/toast.tsx'
import type { Spot } from './address.ts'
import { AgainstRaw, isStale, type Standing } from './against-raw.tsx'
import type { Checks } from './checks.ts'
import { figure } from './measures.ts'

/** How the period stands against raw, in words, with what can be done about it. */
export function DrillStanding({
  standing,
  checks,
  lake,
  spot,
}: {
  standing: Standing
  checks: Checks
  lake: DashLake
  spot: Spot
}) {
  const now = useNow(5_000)
  const { running } = checks
  const rollUp = async () => {
    try {
      await answer(api.rollup.$post({ json: { rebuild: false } }))
      notify('Rolling up; the figures follow when it has landed')
    } catch (error) {
      notify(toFault(error).title)
    }
  }
  const check = standing.kind === 'checked' ? standing.check : null
  return (
    <>
      <div className="row between">
        {running ? (
          <span className="t2 dense">
            Recomputing from raw{now - running.since > 2_000 ? `, ${duration(now - running.since)}` : ''}
          </span>
        ) : (
          <AgainstRaw standing={standing} bare={false} />
        )}
        {isStale(standing) ? (
          <Button small icon="refresh" onClick={() => void rollUp()}>
            Roll up now
          </Button>
        ) : running ? (
          <Button small onClick={checks.cancel}>
            Cancel
          </Button>
        ) : (
          <Button small onClick={() => checks.run(spot.grain, [spot.period])}>
            {check ? 'Check again' : 'Check against raw'}
          </Button>
        )}
      </div>
      {checks.fault && (
        <FaultBlock fault={checks.fault} plain>
          <Button small onClick={() => checks.run(spot.grain, [spot.period])}>
            Check again
          </Button>
        </FaultBlock>
      )}
      <p className="dense t2 dash-why">{whyOf(standing, lake, checks, now)}</p>
      {check && check.differences.length > 0 && (
        <table className="dash-sums dash-diff" aria-label="Statistics that are not what raw gives">
          <thead>
            <tr>
              <td />
              <th scope="col">rolled up</th>
              <th scope="col">raw now</th>
            </tr>
          </thead>
          <tbody>
            {check.differences.map(({ column, found, recomputed }) => (
              <tr key={column}>
                <th scope="row">{column}</th>
                <td title={found}>{short(found)}</td>
                <td title={recomputed}>{short(recomputed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {lake.rolledUp && (
        <p className="micro t3">
          Rolled up <Time at={lake.rolledUp.at} as="ago" />, days in {lake.timezone}
        </p>
      )}
    </>
  )
}

function whyOf(standing: Standing, lake: DashLake, checks: Checks, now: number): string {
  if (standing.kind === 'checked') {
    const { check } = standing
    const read = checks.read
    const cost = read ? `, from ${counted(read.files, 'file')}, ${bytes(read.bytes)}` : ''
    if (check.state === 'matches')
      return `All statistics recomputed from ${counted(check.rawRows, 'row')} of raw are the same${cost}.`
    if (check.state === 'none') return 'Neither raw nor the aggregate has a row here.'
    if (check.state === 'differs')
      return `As many rows as in raw (${count(check.rawRows)}), yet not the same statistics: the aggregate was written by something else, or needs a rebuild.`
    return check.rows > 0
      ? `Raw holds ${counted(check.rawRows, 'row')} now, ${count(check.rows)} more than were rolled up.`
      : `Raw holds ${counted(check.rawRows, 'row')} now, other ones than were rolled up.`
  }
  const since = lake.raw ? `raw's newest commit was ${ago(lake.raw.at, now)}` : ''
  switch (standing.kind) {
    case 'newer':
      return `${counted(standing.rows, 'row')} reached raw after the last rollup; ${since}.`
    case 'changed':
      return `Rows of these days were removed or replaced in raw after the last rollup; ${since}.`
    case 'unknown':
      return `What is new in raw cannot be told from its snapshots: ${standing.reason}. A check tells.`
    case 'nothing newer':
      return 'No row of it reached raw after the last rollup, as the snapshots tell. A check recomputes it.'
  }
}

function short(text: string): string {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) ? figure(value) : text
}
