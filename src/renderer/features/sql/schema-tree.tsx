import { type ReactNode, useState } from 'react'
import type { QueryTables } from '../../../shared/query.ts'
import type { EngineTable } from '../../query/tables.ts'
import { typeWord } from '../../query/types.ts'
import { counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'

interface SchemaTreeProps {
  readonly tables: readonly EngineTable[]
  readonly failed: QueryTables['failed']
  /** Called with a name to put into the editor. */
  readonly onPick: (name: string) => void
  /** What stands below the tables, by the same filter. */
  readonly below: (filter: string) => ReactNode
}

const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** Tables and columns of the lake, with a filter over both. */
export function SchemaTree({ tables, failed, onPick, below }: SchemaTreeProps) {
  const [filter, setFilter] = useState('')
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(['health_data_daily_agg']))
  const wanted = filter.trim().toLowerCase()
  const hit = (name: string): boolean => name.toLowerCase().includes(wanted)
  const shown = tables.filter(
    (table) => hit(table.table.name) || table.fields.some((field) => hit(field.name)),
  )
  const toggle = (name: string): void => {
    const next = new Set(open)
    if (!next.delete(name)) next.add(name)
    setOpen(next)
  }
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
        {shown.map((table) => {
          const name = table.table.name
          const expanded = wanted !== '' || open.has(name)
          return [
            <button
              type="button"
              key={name}
              className="tree-row"
              aria-expanded={expanded}
              onClick={() => toggle(name)}
            >
              <Icon name={expanded ? 'down' : 'right'} small />
              <Icon name="tables" small />
              <span className="cut">{name}</span>
              {table.table.totals.rows !== null && (
                <span className="end" title={counted(table.table.totals.rows, 'row')}>
                  {short.format(table.table.totals.rows)}
                </span>
              )}
            </button>,
            ...(expanded
              ? table.fields
                  .filter((field) => wanted === '' || hit(name) || hit(field.name))
                  .map((field) => (
                    <button
                      type="button"
                      key={`${name}.${field.name}`}
                      className="tree-row"
                      title={field.field.doc ?? `Insert ${field.name}`}
                      onClick={() => onPick(field.name)}
                    >
                      <span className="ind" />
                      <span className="ind" />
                      <span className="cut">{field.name}</span>
                      <span className="end ty">{typeWord(field.field.type)}</span>
                    </button>
                  ))
              : []),
          ]
        })}
        {tables.length > 0 && shown.length === 0 && (
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
