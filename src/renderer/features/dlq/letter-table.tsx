import type { LetterState } from '../../../shared/letters.ts'
import type { DeadLetterRow } from '../../../shared/model.ts'
import { instant } from '../../ui/format.ts'
import { useNow } from '../../ui/now.ts'
import { Null } from '../../ui/null.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Scroll } from '../../ui/scroll.tsx'
import { type State, Status } from '../../ui/status.tsx'
import { useView, type View } from '../../ui/view.ts'

const STATES: Readonly<Record<LetterState, readonly [State, string] | null>> = {
  open: null,
  landed: ['passed', 'Landed'],
  failed: ['attention', 'Failed again'],
  pending: ['running', 'In a commit'],
}

export function LetterStatus({ state }: { state: LetterState | undefined }) {
  const shown = state ? STATES[state] : null
  return shown && <Status state={shown[0]} word={shown[1]} bare />
}

const Text = ({ value }: { value: string | null }) =>
  value === null ? <Null /> : <PlainText>{value}</PlainText>

/** Letters, newest first; arrow keys go through them, the one chosen is shown below. */
export function LetterTable({
  letters,
  selected,
  onSelect,
}: {
  letters: readonly DeadLetterRow[]
  selected: string | null
  onSelect: (id: string) => void
}) {
  const { zone } = useView()
  const now = useNow(60_000)
  const replayed = letters.some((letter) => letter.state !== 'open')
  const onKey = (event: React.KeyboardEvent<HTMLTableSectionElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const at = letters.findIndex((letter) => letter.id === selected)
    const next = letters[at + step]
    if (step === 0 || next === undefined) return
    event.preventDefault()
    onSelect(next.id)
    const rows = event.currentTarget.querySelectorAll<HTMLButtonElement>('button.letter-pick')
    rows[at + step]?.focus()
  }
  return (
    <Scroll label="Dead letters">
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">Rejected</th>
            <th scope="col" className="num">
              Partition
            </th>
            <th scope="col" className="num">
              Offset
            </th>
            <th scope="col">User</th>
            <th scope="col">Type</th>
            <th scope="col">Found</th>
            <th scope="col">Why</th>
            {replayed && <th scope="col">State</th>}
          </tr>
        </thead>
        <tbody onKeyDown={onKey}>
          {letters.map((letter) => (
            <tr key={letter.id} aria-selected={letter.id === selected} onClick={() => onSelect(letter.id)}>
              <td>
                <button
                  type="button"
                  className="letter-pick"
                  tabIndex={letter.id === (selected ?? letters[0]?.id) ? 0 : -1}
                  onClick={() => onSelect(letter.id)}
                >
                  {shortTime(Date.parse(letter.timestamp), now, zone)}
                  <span className="visually-hidden">
                    , partition {letter.partition}, offset {letter.offset}
                  </span>
                </button>
              </td>
              <td className="num mono">{letter.partition}</td>
              <td className="num mono">{letter.offset}</td>
              <td className="cut" style={{ maxWidth: 140 }}>
                <Text value={letter.userId} />
              </td>
              <td className="cut" style={{ maxWidth: 140 }}>
                <Text value={letter.dataType} />
              </td>
              <td className="mono cut" style={{ maxWidth: 120 }}>
                <Text value={letter.found ?? ''} />
              </td>
              <td className="t2 cut" style={{ width: '100%', maxWidth: 0 }}>
                <Text value={why(letter)} />
              </td>
              {replayed && (
                <td>
                  <LetterStatus state={letter.state} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** The rule alone: path and value stand in columns of their own. */
function why({ message, found }: DeadLetterRow): string {
  const at = found ? message.indexOf(`: ${found}: `) : -1
  return at < 0 || !found ? message : message.slice(at + found.length + 4)
}

/** Clock time for today, with the date before. */
function shortTime(at: number, now: number, zone: View['zone']): string {
  const text = instant(at, zone)
  return text.slice(0, 10) === instant(now, zone).slice(0, 10) ? text.slice(11) : text
}
