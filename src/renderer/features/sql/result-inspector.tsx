import { useState } from 'react'
import type { QueryResult } from '../../query/result.ts'
import type { RunOutcome, TableCost } from '../../query/session.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { bytes, count, counted, shortId } from '../../ui/format.ts'
import { Scroll } from '../../ui/scroll.tsx'
import type { CellPlace } from './result-grid.tsx'

/** The chosen cell in full, and what reading the answer took, table by table. */
export function ResultInspector({ outcome, cell }: { outcome: RunOutcome; cell: CellPlace | null }) {
  const [view, setView] = useState<'cell' | 'read'>('read')
  const tab = (key: typeof view, word: string) => (
    <button type="button" role="tab" aria-selected={view === key} onClick={() => setView(key)}>
      {word}
    </button>
  )
  return (
    <aside className="insp" aria-label="Result inspector">
      <div className="subtabs" role="tablist">
        {tab('read', 'What was read')}
        {tab('cell', 'Cell')}
      </div>
      <Scroll label={view === 'cell' ? 'Chosen cell' : 'What was read'}>
        {view === 'cell' ? (
          <CellView result={outcome.result} cell={cell} />
        ) : (
          outcome.forecast.tables.map((table) => <TableView key={table.name} table={table} />)
        )}
        {view === 'read' && outcome.forecast.tables.length === 0 && (
          <div className="sect t2 dense">The statement read nothing of the lake.</div>
        )}
      </Scroll>
    </aside>
  )
}

function TableView({ table }: { table: TableCost }) {
  return (
    <div className="sect">
      <h3>{table.name}</h3>
      <dl className="kv">
        <dt>Snapshot</dt>
        <dd className="mono" title={table.snapshotId ?? ''}>
          {table.snapshotId === null ? 'none' : shortId(table.snapshotId)}
        </dd>
        <dt>Files</dt>
        <dd>
          {count(table.files)} of {count(table.totals.files)}
        </dd>
        <dt>Bytes</dt>
        <dd>
          {bytes(table.bytes)} of {bytes(table.totals.bytes)}
        </dd>
        <dt>Rows</dt>
        <dd>{counted(table.rows, 'row')}</dd>
        <dt>Columns</dt>
        <dd title={table.columns.join(', ')}>
          {table.columns.length === 0 ? 'rows counted' : table.columns.join(', ')}
        </dd>
        {table.scans > 1 && (
          <>
            <dt>Scans</dt>
            <dd>{table.scans}, read once</dd>
          </>
        )}
      </dl>
      {table.missed.length > 0 && (
        <div className="sql-missed">
          <h3>Not used for leaving out files</h3>
          {table.missed.map((text) => (
            <code key={text}>{text}</code>
          ))}
        </div>
      )}
    </div>
  )
}

function CellView({ result, cell }: { result: QueryResult; cell: CellPlace | null }) {
  if (cell === null || cell.row >= result.rows || cell.column >= result.columns.length) {
    return <div className="sect t2 dense">Choose a cell to see its whole value.</div>
  }
  const column = result.columns[cell.column]
  const text = result.cell(cell.row, cell.column)
  return (
    <div className="sect">
      <div className="row between">
        <h3>
          {column?.name} <span className="ty">{column?.kind.word}</span>
        </h3>
        {text !== null && <CopyButton text={text} label="Copy" />}
      </div>
      <p className="t2 dense">Row {count(cell.row + 1)}</p>
      {text === null ? <p className="dense">null</p> : <pre className="sql-value">{text}</pre>}
    </div>
  )
}
