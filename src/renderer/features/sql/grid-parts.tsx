import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'

/** Which part of a long answer the scroll area holds, and the way to the ones before and after it. */
export function GridParts({
  first,
  part,
  rows,
  onGo,
}: {
  /** Place of the part's first row, from 0. */
  first: number
  /** Rows of a part. */
  part: number
  rows: number
  /** Asked with the first row of another part. */
  onGo: (row: number) => void
}) {
  const end = Math.min(first + part, rows)
  return (
    <nav className="bar sql-parts" aria-label="Parts of the answer">
      <span className="dense cut">
        Rows <b>{count(first + 1)}</b> to <b>{count(end)}</b> of {count(rows)}
      </span>
      <span className="t3 dense cut">part {`${first / part + 1} of ${Math.ceil(rows / part)}`}</span>
      <span className="grow" />
      <button
        type="button"
        className="btn quiet s"
        disabled={first === 0}
        onClick={() => onGo(Math.max(0, first - part))}
      >
        <Icon name="up" />
        Part before
      </button>
      <button type="button" className="btn quiet s" disabled={end >= rows} onClick={() => onGo(end)}>
        <Icon name="dn" />
        Next part
      </button>
    </nav>
  )
}
