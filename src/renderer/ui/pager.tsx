import { count } from './format.ts'

/** Which rows of how many are shown, and the way to the others. `page` starts at 0. */
export function Pager({
  page,
  pageSize,
  total,
  unit,
  onPage,
}: {
  page: number
  pageSize: number
  total: number
  unit: string
  onPage: (page: number) => void
}) {
  const first = page * pageSize
  const last = Math.min(total, first + pageSize)
  return (
    <div className="bar" style={{ borderTop: '1px solid var(--line)', borderBottom: 0 }}>
      <span className="t2 dense">
        {total === 0 ? `0 ${unit}` : `${count(first + 1)} to ${count(last)} of ${count(total)} ${unit}`}
      </span>
      <span className="grow" />
      <button type="button" className="btn s" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <button type="button" className="btn s" disabled={last >= total} onClick={() => onPage(page + 1)}>
        Next
      </button>
    </div>
  )
}
