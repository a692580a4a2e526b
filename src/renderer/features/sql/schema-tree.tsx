import { Fragment, type ReactNode, useState } from 'react'
import type { QueryNamespaces, QueryTables } from '../../../shared/query.ts'
import type { EngineTable } from '../../query/tables.ts'
import { counted, shortCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { FieldRow } from './field-row.tsx'
import { OtherNamespaces } from './other-namespaces.tsx'

interface SchemaTreeProps {
  readonly tables: readonly EngineTable[]
  /** Beside the lake's own namespace. */
  readonly others: QueryNamespaces
  readonly failed: QueryTables['failed']
  /** Called with a name to put into the editor. */
  readonly onPick: (name: string) => void
  /** What stands below the tables, by the same filter. */
  readonly below: (filter: string) => ReactNode
}

/** Tables and columns of the lake, with a filter over both. */
export function SchemaTree({ tables, others, failed, onPick, below }: SchemaTreeProps) {
  const [filter, setFilter] = useState('')
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(['health_data_raw']))
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const wanted = filter.trim().toLowerCase()
  const hit = (name: string): boolean => name.toLowerCase().includes(wanted)
  const shown = tables.filter(
    (table) => hit(table.table.name) || table.fields.some((field) => hit(field.name)),
  )
  return (
    <>
      <div className="sql-filter">
        <label className="input s">
          <Icon name="search" />
          <input
            type="search"
            aria-label="Filter tables, columns and queries"
            placeholder="Filter tables, columns and queries"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        </label>
      </div>
      <section className="tree scroll" aria-label="Tables and columns">
        {[...new Set(shown.map((table) => table.schema))].map((schema) => {
          const inside = shown.filter((table) => table.schema === schema)
          const expanded = wanted !== '' || !closed.has(schema)
          return (
            <Fragment key={schema}>
              <button
                type="button"
                className="tree-row"
                aria-expanded={expanded}
                onClick={() => setClosed(toggled(closed, schema))}
              >
                <Icon name={expanded ? 'down' : 'right'} small />
                <Icon name="db" small />
                <span className="cut">{schema}</span>
                <span className="end">{counted(inside.length, 'table')}</span>
              </button>
              {expanded &&
                inside.map((table) => (
                  <TableRows
                    key={table.table.name}
                    table={table}
                    open={wanted !== '' || open.has(table.table.name)}
                    hit={(field) => wanted === '' || hit(table.table.name) || hit(field)}
                    onToggle={() => setOpen(toggled(open, table.table.name))}
                    onPick={onPick}
                  />
                ))}
            </Fragment>
          )
        })}
        <OtherNamespaces others={others} wanted={wanted} onPick={onPick} />
        {tables.length > 0 &&
          shown.length === 0 &&
          !others.namespaces.some((one) => one.tables.some(hit)) && (
            <button type="button" className="tree-row" onClick={() => setFilter('')}>
              <span className="cut t2">Nothing is named {filter}. Clear the filter</span>
            </button>
          )}
        {failed.map((table) => (
          <div key={table.name} title={table.reason}>
            <Icon name="attention" small />
            <span className="cut">{table.name}</span>
            <span className="end">unreadable</span>
          </div>
        ))}
      </section>
      {below(filter)}
    </>
  )
}

function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(name)) next.add(name)
  return next
}

function TableRows({
  table,
  open,
  hit,
  onToggle,
  onPick,
}: {
  table: EngineTable
  open: boolean
  /** Whether the filter lets a column through. */
  hit: (field: string) => boolean
  onToggle: () => void
  onPick: (name: string) => void
}) {
  const { name, totals } = table.table
  return (
    <>
      <button type="button" className="tree-row" aria-expanded={open} onClick={onToggle}>
        <span className="ind" />
        <Icon name={open ? 'down' : 'right'} small />
        <Icon name="tables" small />
        <span className="cut">{name}</span>
        {totals.rows !== null && (
          <span className="end" title={counted(totals.rows, 'row')}>
            {shortCount(totals.rows)}
          </span>
        )}
      </button>
      {open &&
        table.fields
          .filter((field) => hit(field.name))
          .map((field) => <FieldRow key={field.base} field={field} onPick={onPick} />)}
    </>
  )
}
