import type { ReplayView } from '../../../shared/letters.ts'
import type { DeadLetterRow } from '../../../shared/model.ts'
import { threadPath } from '../../../shared/thread.ts'
import { type DataColumn, DataTable } from '../../ui/data-table.tsx'
import { count } from '../../ui/format.ts'
import { Null } from '../../ui/null.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { useLetters } from './queries.ts'

/** Letters listed; the page of letters has all of them. */
const LISTED = 20

const shown = (value: string | null) => (value === null ? <Null /> : <PlainText>{value}</PlainText>)

function threadHref({ id }: DeadLetterRow): string {
  const { path, query } = threadPath({ table: 'errors', keys: { error_id: id } })
  return href(path, { ...query, level: 'letter' })
}

/**
 * What became of a replay's selection: its letters that landed, by this replay or one before, or where none did those that
 * failed again.
 */
export function ReplayLetters({ replay }: { replay: ReplayView }) {
  const state = replay.landed > 0 ? 'landed' : 'failed'
  const filter = { ...replay.filter, state } as const
  const letters = useLetters(filter, 0, replay.landed + replay.failed > 0)
  const { rows = [], total = 0 } = letters.data ?? {}
  if (total === 0) return null
  const place = { ...filter, group: filter.group ?? 'all' }
  const columns: readonly DataColumn<DeadLetterRow>[] = [
    {
      name: 'Rejected',
      cell: (row) => (
        <a href={href(['letters'], { ...place, letter: row.id })}>
          <Time at={Date.parse(row.timestamp)} as="iso" />
        </a>
      ),
    },
    { name: 'Partition', numeric: true, mono: true, cell: (row) => row.partition },
    { name: 'Offset', numeric: true, mono: true, cell: (row) => row.offset },
    { name: 'User', cell: (row) => shown(row.userId) },
    { name: 'Type', cell: (row) => shown(row.dataType) },
    {
      name: 'Why it was refused',
      cell: (row) => (
        <div className="letter-why cut" title={row.message}>
          <PlainText>{row.message}</PlainText>
        </div>
      ),
    },
    { name: 'From message to row', cell: (row) => <a href={threadHref(row)}>Thread</a> },
  ]
  const word = state === 'landed' ? 'landed' : 'failed again'
  return (
    <>
      <div className="head" style={{ borderTop: '1px solid var(--line)' }}>
        <h3>
          Letters of its selection that {word} <span className="t3">{count(total)}</span>
        </h3>
        <span className="grow" />
        {total > LISTED && (
          <a className="btn s quiet" href={href(['letters'], place)}>
            Open all {count(total)}
          </a>
        )}
      </div>
      <DataTable
        label={`Letters of its selection that ${word}`}
        columns={columns}
        rows={rows.slice(0, LISTED)}
        rowKey={(row) => row.id}
      />
    </>
  )
}
