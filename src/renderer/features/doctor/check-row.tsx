import type { DoctorCheck } from '../../../shared/doctor.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Evidence } from '../../ui/fault.tsx'
import { duration } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
import { detailsOf, family, numbers, pairOf, STATES } from './results.ts'

interface Props {
  readonly check: DoctorCheck
  readonly checks: readonly DoctorCheck[]
  readonly open: boolean
  readonly busy: boolean
  /** The one whose button leads. */
  readonly first: boolean
  readonly onOpen: (open: boolean) => void
  readonly onAgain: (ids: readonly string[]) => void
}

/** A failure whose cause an earlier check tells names that one; its own words stand with the rest of it. */
function foundOf({ number, sameAs, text }: DoctorCheck): string {
  const first = sameAs.filter((other) => other < number)
  return first.length === 0 ? text : `Same cause as ${numbers(first.slice(0, 1))}`
}

/** Why it failed, what was seen, what to do; runs again alone, with those of the same cause. */
function Why({ check, checks, busy, first, onAgain }: Omit<Props, 'open' | 'onOpen'>) {
  const { fault } = check
  const found = foundOf(check)
  if (!fault) return null
  const again = family(check, checks)
  return (
    <div
      className={check.state === 'failed' ? 'fault plain' : 'fault plain attention'}
      id={`why-${check.number}`}
    >
      <dl className="dense">
        {(fault.title !== found || fault.likely === null) && (
          <>
            <dt>Failure</dt>
            <dd>{fault.title}</dd>
          </>
        )}
        {fault.likely && (
          <>
            <dt>Cause</dt>
            <dd>
              {fault.likely}
              {check.sameAs.length > 0 && ` Same cause as ${numbers(check.sameAs)}.`}
            </dd>
          </>
        )}
        {fault.evidence.length > 0 && (
          <>
            <dt>Evidence</dt>
            <dd>
              <Evidence pairs={fault.evidence.map(pairOf)} />
            </dd>
          </>
        )}
        {fault.remedy && (
          <>
            <dt>Remedy</dt>
            <dd>{fault.remedy}</dd>
          </>
        )}
      </dl>
      <div className="row why-acts">
        <Button small kind={first ? 'primary' : 'default'} disabled={busy} onClick={() => onAgain(again)}>
          {again.length === 1 ? 'Check again' : `Check ${again.length} again`}
        </Button>
        {fault.command && <CopyButton text={fault.command} label="Copy command" />}
        <CopyButton text={detailsOf(check)} label="Copy details" />
      </div>
    </div>
  )
}

/** One check: its number, what it asks, what was found, how long it took, how it stands. */
export function CheckRow(props: Props) {
  const { check, open, onOpen } = props
  const bad = check.state === 'failed' && open
  const found = foundOf(check)
  return (
    <li>
      <div className={`ck dr${bad ? ' bad' : ''}`}>
        <span className="ix">{check.number}</span>
        {check.fault ? (
          <button
            type="button"
            className={check.state === 'failed' ? 'ck-open is-failed' : 'ck-open'}
            aria-expanded={open}
            aria-controls={`why-${check.number}`}
            onClick={() => onOpen(!open)}
          >
            <span className="cut">{check.title}</span>
            <Icon name={open ? 'down' : 'right'} small />
          </button>
        ) : (
          <span className={check.state === 'waiting' || check.state === 'unset' ? 't3 cut' : 'cut'}>
            {check.title}
          </span>
        )}
        <span className="ev cut" title={found}>
          {found}
        </span>
        <span className="num t3 ck-ms">{check.ms === null ? '' : duration(check.ms)}</span>
        <Status {...STATES[check.state]} bare />
      </div>
      {open && check.fault && <Why {...props} />}
    </li>
  )
}
