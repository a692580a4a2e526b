import { useState } from 'react'
import type { DoctorCheck } from '../../../shared/doctor.ts'
import { duration } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
import { CheckRow } from './check-row.tsx'
import { type CheckGroup, GROUPS, groupWords, whyUnset } from './results.ts'

interface Props {
  readonly groups: readonly CheckGroup[]
  readonly checks: readonly DoctorCheck[]
  readonly busy: boolean
  /** Folds groups that passed, and those that passed among others. */
  readonly fold: boolean
  /** Id of the check that comes first. */
  readonly lead: string | null
  readonly onAgain: (ids: readonly string[]) => void
}

/** So many that passed are worth a line of their own. */
const FEW = 3

/** Inside a list of titles; names keep their capitals. */
const lower = (title: string): string =>
  /^[A-Z][a-z]*($|[ ,])/.test(title) && !/^(Kafka|Node)/.test(title)
    ? title.charAt(0).toLowerCase() + title.slice(1)
    : title

const calm = ({ state }: DoctorCheck): boolean => state === 'passed' || state === 'unset'

function Others({ checks, onOpen }: { checks: readonly DoctorCheck[]; onOpen: () => void }) {
  return (
    <li>
      <div className="ck dr">
        <span className="ix" />
        <button type="button" className="ck-open" aria-expanded={false} onClick={onOpen}>
          <span className="cut">{checks.length} others</span>
          <Icon name="right" small />
        </button>
        <span className="ev cut">{checks.map(({ title }) => lower(title)).join(', ')}</span>
        <span className="num t3 ck-ms">{duration(checks.reduce((sum, { ms }) => sum + (ms ?? 0), 0))}</span>
        <Status state="passed" word="Passed" bare />
      </div>
    </li>
  )
}

function Group({ group, ...props }: Props & { group: CheckGroup }) {
  const { checks, busy, fold, lead, onAgain } = props
  const { state, words } = groupWords(group)
  const quiet = fold && group.checks.every(calm)
  /** What the user opened or closed; null follows the state. */
  const [opened, setOpened] = useState<boolean | null>(null)
  const [all, setAll] = useState(false)
  const [whys, setWhys] = useState<Readonly<Record<string, boolean>>>({})
  const open = opened ?? !quiet
  const others = fold && !quiet && !all ? group.checks.filter(calm) : []
  const shown = others.length > FEW ? group.checks.filter((check) => !calm(check)) : group.checks
  const { name } = GROUPS[group.group]
  return (
    <section aria-label={name}>
      <h3 className="ck gh dr-group">
        <button type="button" className="ck-open" aria-expanded={open} onClick={() => setOpened(!open)}>
          <Icon name={open ? 'down' : 'right'} small />
          <span>{name}</span>
        </button>
        <span className="t3 cut dr-what">
          {quiet
            ? (whyUnset(group) ?? (open ? '' : group.checks.map(({ title }) => lower(title)).join(', ')))
            : words}
        </span>
        {quiet && <Status state={state} word={words} bare />}
      </h3>
      {open && (
        <ul>
          {shown.map((check) => (
            <CheckRow
              key={check.id}
              check={check}
              checks={checks}
              busy={busy}
              first={check.id === lead}
              // what failed of another's cause is told there
              open={
                whys[check.id] ?? (check.state === 'failed' && !check.sameAs.some((n) => n < check.number))
              }
              onOpen={(on) => setWhys({ ...whys, [check.id]: on })}
              onAgain={onAgain}
            />
          ))}
          {others.length > FEW && <Others checks={others} onOpen={() => setAll(true)} />}
        </ul>
      )}
    </section>
  )
}

/** All checks by group; a group without trouble is one line until it is opened. */
export function CheckList(props: Props) {
  return props.groups.map((group) => <Group key={group.group} {...props} group={group} />)
}
