import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { QueryNamespace, QueryNamespaces } from '../../../shared/query.ts'
import { RequestFailed } from '../../query/api.ts'
import { theEngine } from '../../query/start.ts'
import { nameIn, written } from '../../query/tables.ts'
import { counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { FieldRow } from './field-row.tsx'

interface Props {
  readonly others: QueryNamespaces
  /** Lower case; tables by name only, as their columns are not known before they are opened. */
  readonly wanted: string
  /** Called with a name to put into the editor. */
  readonly onPick: (name: string) => void
}

/** The catalog's other namespaces, folded; a table's columns are read when it is opened. */
export function OtherNamespaces({ others, wanted, onPick }: Props) {
  const shown = others.namespaces
    .map((one) => ({ ...one, tables: one.tables.filter((name) => name.toLowerCase().includes(wanted)) }))
    .filter((one) => wanted === '' || one.tables.length > 0)
  return (
    <>
      {shown.map((one) => (
        <Namespace key={one.levels.join('\0')} namespace={one} unfolded={wanted !== ''} onPick={onPick} />
      ))}
      {others.more && (
        <div title="Their tables can be named in statements all the same">
          <Icon name="more" small />
          <span className="cut t2">more namespaces than are listed</span>
        </div>
      )}
    </>
  )
}

function Namespace({
  namespace: { levels, tables, fault },
  unfolded,
  onPick,
}: {
  namespace: QueryNamespace
  unfolded: boolean
  onPick: Props['onPick']
}) {
  const [chosen, setOpen] = useState(false)
  const open = chosen || unfolded
  const name = levels.map(written).join('.')
  return (
    <>
      <button type="button" className="tree-row" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'right'} small />
        <Icon name="db" small />
        <span className="cut" title={name}>
          {name}
        </span>
        <span className="end">{counted(tables.length, 'table')}</span>
      </button>
      {open && fault !== undefined && (
        <div title={fault}>
          <span className="ind" />
          <Icon name="attention" small />
          <span className="cut">{fault}</span>
        </div>
      )}
      {open && tables.map((table) => <Table key={table} levels={levels} name={table} onPick={onPick} />)}
    </>
  )
}

function Table({
  levels,
  name,
  onPick,
}: {
  levels: readonly string[]
  name: string
  onPick: Props['onPick']
}) {
  const [open, setOpen] = useState(false)
  const called = nameIn(levels, name)
  const { data, error, isLoading } = useQuery({
    queryKey: ['engine-table', levels, name],
    enabled: open,
    queryFn: () => theEngine().elsewhere.open(levels, name),
    staleTime: 30_000,
  })
  return (
    <>
      <div className="sql-saved">
        <button type="button" className="tree-row" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className="ind" />
          <Icon name={open ? 'down' : 'right'} small />
          <Icon name="tables" small />
          <span className="cut">{name}</span>
        </button>
        <button
          type="button"
          className="btn quiet icon s"
          aria-label={`Insert ${called}`}
          title={`Insert ${called}`}
          onClick={() => onPick(called)}
        >
          <Icon name="plus" small />
        </button>
      </div>
      {open && isLoading && (
        <div>
          <span className="ind" />
          <span className="ind" />
          <span className="cut t2">Reading its columns</span>
        </div>
      )}
      {open && error !== null && (
        <div title={wordsOf(error)}>
          <span className="ind" />
          <Icon name="attention" small />
          <span className="cut">{wordsOf(error)}</span>
        </div>
      )}
      {open && data?.fields.map((field) => <FieldRow key={field.base} field={field} onPick={onPick} />)}
    </>
  )
}

const wordsOf = (error: Error): string =>
  error instanceof RequestFailed ? error.fault.title : toFault(error).title
