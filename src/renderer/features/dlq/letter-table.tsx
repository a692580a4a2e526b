import type { DeadLetterRow } from '../../../shared/model.ts'
import { bytes } from '../../ui/format.ts'
import { Scroll } from '../../ui/scroll.tsx'

const Nothing = () => <span className="null" title="null" />

interface Props {
  readonly letters: readonly DeadLetterRow[]
  readonly selected: string | undefined
  readonly onSelect: (id: string) => void
}

/** Dead letters, newest first; one opens beside the table. */
export function LetterTable({ letters, selected, onSelect }: Props) {
  return (
    <Scroll label="Dead letters">
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">Time, UTC</th>
            <th scope="col">Error type</th>
            <th scope="col">Message</th>
            <th scope="col">User</th>
            <th scope="col" className="num">
              Partition
            </th>
            <th scope="col" className="num">
              Offset
            </th>
            <th scope="col" className="num">
              Payload
            </th>
          </tr>
        </thead>
        <tbody>
          {letters.map((letter) => (
            <tr key={letter.id} aria-selected={letter.id === selected}>
              <td className="mono">{letter.timestamp.slice(0, 19).replace('T', ' ')}</td>
              <td className="mono">{letter.errorType}</td>
              <td style={{ maxWidth: 420, padding: 0 }}>
                <button
                  type="button"
                  className="letter-open cut"
                  onClick={() => onSelect(letter.id)}
                  title={letter.message}
                >
                  {letter.message}
                </button>
              </td>
              <td>{letter.userId ?? <Nothing />}</td>
              <td className="num mono">{letter.partition}</td>
              <td className="num mono">{letter.offset}</td>
              <td className="num">
                {letter.payloadBytes === null ? <Nothing /> : bytes(letter.payloadBytes)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
