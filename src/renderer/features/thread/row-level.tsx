import type { TraceCell } from '../../../shared/trace.ts'
import { IconButton } from '../../ui/button.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Null } from '../../ui/null.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Stat, Stats } from '../../ui/stat.tsx'
import { LevelBar } from './level-bar.tsx'
import type { LevelProps } from './level-detail.tsx'
import { rowSql, tellingColumns } from './sql-text.ts'

export function CellText({ cell: { text, type } }: { cell: Pick<TraceCell, 'text' | 'type'> }) {
  if (text === null) return <Null />
  return <PlainText>{type.startsWith('timestamp') ? text.replace('T', ' ') : text}</PlainText>
}

const NUMERIC = /^(int|long|float|double|decimal)/

/** The row itself, and where in its file it lies. */
export function RowLevel({ view, heading, onGo }: LevelProps) {
  const row = view.rows[view.chosen]
  if (row === undefined) return null
  const file = view.files[row.file]
  const many = view.rows.length > 1
  const telling = tellingColumns(
    view.table,
    row.cells.map(({ name }) => name),
  )
  const key = row.cells.filter(({ name }) => telling.includes(name))
  return (
    <>
      <LevelBar title="Row" about={view.table.name} heading={heading}>
        {many && (
          <>
            <span className="t2 dense nw">
              {count(view.chosen + 1)} of {count(view.rows.length)} with these values
            </span>
            <IconButton
              icon="back"
              label="Row before"
              disabled={view.chosen === 0}
              onClick={() => onGo({ pick: String(view.chosen - 1) })}
            />
            <IconButton
              icon="next"
              label="Next row"
              disabled={view.chosen === view.rows.length - 1}
              onClick={() => onGo({ pick: String(view.chosen + 1) })}
            />
          </>
        )}
        <a
          className="btn s"
          href={href(['sql'], { text: rowSql(view.table, view.snapshot?.id ?? null, key) })}
        >
          <Icon name="sql" />
          Query this row
        </a>
        <a className="btn s quiet" href={href(['tables', ...tablePath(view.table)])}>
          <Icon name="tables" />
          Open table
        </a>
      </LevelBar>
      <Stats label="Where the row lies">
        <Stat name="Position in its file" value={count(row.position)}>
          from 0, of {count(file?.rows ?? 0)} rows
        </Stat>
        <Stat name="Row group" value={count(row.group)}>
          from 0
        </Stat>
        <Stat name="Columns" value={count(row.cells.length)}>
          {count(row.cells.filter(({ text }) => text === null).length)} null
        </Stat>
      </Stats>
      <DataTable<TraceCell>
        label="Columns of the row"
        rowKey={({ name }) => name}
        rows={row.cells}
        columns={[
          { name: 'Column', mono: true, cell: ({ name }) => name },
          { name: 'Type', mono: true, cell: ({ type }) => <span className="t3">{type}</span> },
          {
            name: 'Value',
            cell: (cell) => (
              <span className={NUMERIC.test(cell.type) ? 'thread-value mono' : 'thread-value'}>
                <CellText cell={cell} />
              </span>
            ),
          },
        ]}
      />
    </>
  )
}

/** The table's own page, by role or by full name. */
export function tablePath({ role, name }: { role: string | null; name: string }): string[] {
  if (role !== null) return [role]
  const parts = name.split('.')
  return [parts.slice(0, -1).join('.'), parts.at(-1) ?? '']
}
