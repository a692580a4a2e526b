import { useState } from 'react'
import { statements } from '../../query/lexer.ts'
import { theEngine } from '../../query/start.ts'
import { Badge } from '../../ui/badge.tsx'
import { count, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import { Select } from '../../ui/select.tsx'
import { Time } from '../../ui/time.tsx'
import { notify } from '../../ui/toast.tsx'
import { openComparison } from './comparisons.ts'
import { inEditor, replaceText } from './editor.tsx'
import { tablesIn, withSnapshot } from './named-tables.ts'
import { useSnapshots } from './snapshots.ts'
import type { Tab } from './tab.ts'
import { setSnapshot } from './workbench.ts'

/** Rows of the list at first; a busy table has thousands. */
const SHOWN = 200

/** Which snapshot the tab reads, and the way to another: bound to the tab, written into the statement, or compared. */
export function SnapshotPicker({ tab }: { tab: Tab }) {
  const bound = Object.keys(tab.snapshots).length
  const named = tablesIn(
    statements(tab.text).flatMap((one) => one.tokens),
    theEngine().known,
  )
  const [first] = named
  const newest = first?.table.table.snapshotId
  const [only] = Object.values(tab.snapshots)
  const words =
    bound > 1
      ? `${bound} older snapshots`
      : only !== undefined
        ? `Snapshot ${shortId(only)}`
        : newest
          ? `Snapshot ${shortId(newest)}, newest`
          : 'Newest snapshots'
  const [open, setOpen] = useState(false)
  return (
    <Popover
      title="Read the lake as it was"
      width={440}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="btn s">
          <Icon name="camera" />
          {words}
          <Icon name="down" />
        </button>
      }
    >
      <Picking tab={tab} usual={first?.table.called ?? null} onDone={() => setOpen(false)} />
    </Popover>
  )
}

function Picking({ tab, usual, onDone }: { tab: Tab; usual: string | null; onDone: () => void }) {
  const tables = theEngine().known
  const [name, setName] = useState(usual ?? tables[0]?.called ?? '')
  const table = tables.find((one) => one.called === name)
  const { data, isLoading, error } = useSnapshots(table)
  const [picked, setPicked] = useState<string | null>(tab.snapshots[name] ?? null)
  const write = () => {
    const editor = inEditor()
    if (editor === null || table === undefined || picked === null) return
    const next = withSnapshot(editor.text, editor.selection.from, table, picked)
    if (next === null) notify(`The statement at the cursor does not name ${name}`)
    else replaceText(next, editor.selection.from)
    onDone()
  }
  return (
    <>
      <Select
        small
        label="Table"
        value={name}
        choices={tables.map(({ called }) => ({ value: called, word: called }))}
        onChange={(next) => {
          setName(next)
          setPicked(tab.snapshots[next] ?? null)
        }}
      />
      <div className="sql-snapshots" role="radiogroup" aria-label={`Snapshots of ${name}`}>
        {isLoading && <p className="t2 dense">Reading the snapshots of {name}</p>}
        {error && <p className="t2 dense">{error.message}</p>}
        {data?.length === 0 && (
          <p className="t2 dense">{name} has no snapshot: nothing was written to it yet.</p>
        )}
        {data?.slice(0, SHOWN).map((one) => (
          <label key={one.id} className="sql-snapshot">
            <input
              type="radio"
              name="snapshot"
              checked={(picked ?? data[0]?.id) === one.id}
              onChange={() => setPicked(one.id)}
            />
            <span className="mono">{shortId(one.id)}</span>
            <Time at={one.at} as="iso" />
            <span className="t2 cut">{one.newest ? 'newest' : one.operation}</span>
            <span className="num">{one.rows === null ? '' : `${count(one.rows)} rows`}</span>
          </label>
        ))}
      </div>
      {data && data.length > SHOWN && (
        <p className="t3 micro">
          The newest {SHOWN} of {count(data.length)}; an older one is reached by FOR VERSION AS OF.
        </p>
      )}
      {picked === null && data && data.length > 0 && (
        <p className="t2 dense">The newest is read now. Choose another to read it, or to compare with it.</p>
      )}
      <div className="row wrap">
        <button
          type="button"
          className="btn s"
          disabled={picked === null}
          onClick={() => {
            const isNewest = data?.find((one) => one.id === picked)?.newest === true
            setSnapshot(tab.id, name, isNewest ? null : picked)
            onDone()
          }}
        >
          Read it in this tab
        </button>
        <button type="button" className="btn s quiet" disabled={picked === null} onClick={write}>
          Write it into the statement
        </button>
        <button
          type="button"
          className="btn s quiet"
          disabled={picked === null}
          onClick={() => {
            if (picked !== null) openComparison(tab, name, picked)
            onDone()
          }}
        >
          Compare with the newest
        </button>
      </div>
    </>
  )
}

/** Says over the editor which tables the tab reads as they were. */
export function BoundSnapshots({ tab }: { tab: Tab }) {
  const entries = Object.entries(tab.snapshots)
  if (entries.length === 0) return null
  return (
    <div className="strip" role="status">
      <Icon name="camera" small />
      <span>This tab reads</span>
      {entries.map(([table, snapshot]) => (
        <Badge
          key={table}
          solid
          removeLabel={`Read the newest snapshot of ${table} again`}
          onRemove={() => setSnapshot(tab.id, table, null)}
        >
          {table} at <span className="mono">{shortId(snapshot)}</span>
        </Badge>
      ))}
      <span className="t2">and the newest snapshot of everything else</span>
    </div>
  )
}
