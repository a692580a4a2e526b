import { useState } from 'react'
import type { DashLake } from '../../../shared/dash.ts'
import { counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import type { Against } from './address.ts'
import { isDate, plusDays } from './dates.ts'
import { UserPicker } from './user-picker.tsx'

/** What the chosen days are held against: those before, others, or the same days of another user or of all. */
export function CompareForm({
  lake,
  against,
  from,
  length,
  onAgainst,
}: {
  lake: DashLake | undefined
  against: Against
  /** First day shown. */
  from: string
  /** Days shown. */
  length: number
  onAgainst: (against: Against) => void
}) {
  const [typed, setTyped] = useState<string | null>(null)
  const since = typed ?? (against.kind === 'from' ? against.from : plusDays(from, -364))
  return (
    <Popover
      title="Hold against"
      align="start"
      width={280}
      trigger={
        <button type="button" className="btn s quiet">
          <Icon name="compare" />
          Compare
        </button>
      }
    >
      <div className="dash-form">
        <button
          type="button"
          className="btn s"
          aria-pressed={against.kind === 'before'}
          onClick={() => onAgainst({ kind: 'before' })}
        >
          {against.kind === 'before' && <Icon name="check" small />}
          The {length} days before
        </button>
        <button
          type="button"
          className="btn s"
          onClick={() => onAgainst({ kind: 'from', from: plusDays(from, -364) })}
        >
          The same weekdays a year before
        </button>
        <button
          type="button"
          className="btn s"
          aria-pressed={against.kind === 'all'}
          onClick={() => onAgainst({ kind: 'all' })}
        >
          {against.kind === 'all' && <Icon name="check" small />}
          The same days of all {counted(lake?.users ?? 0, 'user')}
        </button>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault()
            if (isDate(since)) onAgainst({ kind: 'from', from: since })
          }}
        >
          <label className="field grow">
            <span className="field-name">{length} days from</span>
            <input
              className="input s"
              value={since}
              placeholder="2025-05-14"
              aria-invalid={isDate(since) ? undefined : true}
              onChange={(event) => setTyped(event.target.value.trim())}
            />
          </label>
          <button type="submit" className="btn s dash-level" disabled={!isDate(since)}>
            Compare
          </button>
        </form>
        <div className="field">
          <span className="field-name">Same days of another user</span>
          <UserPicker
            lake={lake}
            label="User to compare with"
            value={against.kind === 'user' ? against.user : null}
            onChange={(user) => onAgainst({ kind: 'user', user })}
          />
        </div>
      </div>
    </Popover>
  )
}
