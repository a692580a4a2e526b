import { type KeyboardEvent, useRef, useState } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { duration } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Status } from '../../ui/status.tsx'
import { cancelRun } from './runs.ts'
import { isUnsaved, type Tab } from './tab.ts'
import { useSeconds } from './use-seconds.ts'
import { closeTab, moveTab, openTab, renameTab, selectTab } from './workbench.ts'

/**
 * The open queries: one tab stop; arrows go from tab to tab, F2 renames, Delete closes, Ctrl Shift with an arrow moves.
 * A running or failed one says so.
 */
export function TabStrip({ tabs, active }: { tabs: readonly Tab[]; active: string }) {
  const [renaming, setRenaming] = useState<string | null>(null)
  const strip = useRef<HTMLElement>(null)
  const dragged = useRef<string | null>(null)
  const go = (id: string | undefined) => {
    if (id === undefined) return
    selectTab(id)
    requestAnimationFrame(() =>
      strip.current?.querySelector<HTMLElement>(`[data-tab="${id}"] .sql-tab`)?.focus(),
    )
  }
  const onKey = (event: KeyboardEvent, tab: Tab) => {
    const at = tabs.indexOf(tab)
    const side = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
    if (side !== 0 && event.ctrlKey && event.shiftKey) {
      moveTab(tab.id, side)
      go(tab.id)
    } else if (side !== 0 && !event.ctrlKey && !event.altKey) go(tabs[at + side]?.id)
    else if (event.key === 'Home') go(tabs[0]?.id)
    else if (event.key === 'End') go(tabs.at(-1)?.id)
    else if (event.key === 'F2') setRenaming(tab.id)
    else if (event.key === 'Delete') {
      closeTab(tab.id, cancelRun)
      go((tabs[at + 1] ?? tabs[at - 1])?.id)
    } else return
    event.preventDefault()
  }
  const open = tabs.find((tab) => tab.id === active)
  const at = open === undefined ? 0 : tabs.indexOf(open)
  return (
    <div className="tabs">
      <nav className="sql-tabs" aria-label="Queries" ref={strip}>
        {tabs.map((tab) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: dragging has its keys on the tab's button
          <span
            key={tab.id}
            data-tab={tab.id}
            className={tab.id === active ? 'tab is-open' : 'tab'}
            draggable={renaming !== tab.id}
            onDragStart={(event) => {
              dragged.current = tab.id
              event.dataTransfer.effectAllowed = 'move'
            }}
            onDragOver={(event) => {
              if (dragged.current === null) return
              event.preventDefault()
              const from = tabs.findIndex((one) => one.id === dragged.current)
              if (dragged.current !== tab.id) moveTab(dragged.current, tabs.indexOf(tab) - from)
            }}
            onDragEnd={() => {
              dragged.current = null
            }}
          >
            {renaming === tab.id ? (
              <Rename
                title={tab.title}
                onDone={(title) => {
                  if (title !== null) renameTab(tab.id, title)
                  setRenaming(null)
                  go(tab.id)
                }}
              />
            ) : (
              <button
                type="button"
                className="sql-tab"
                aria-current={tab.id === active ? 'page' : undefined}
                tabIndex={tab.id === active ? 0 : -1}
                title={`${tab.title}: double click or F2 renames`}
                onClick={() => selectTab(tab.id)}
                onDoubleClick={() => setRenaming(tab.id)}
                onKeyDown={(event) => onKey(event, tab)}
              >
                <TabState tab={tab} />
                <span className="cut">{tab.title}</span>
                {isUnsaved(tab) && (
                  <span className="dirty" role="img" aria-label="not saved" title="Not saved" />
                )}
              </button>
            )}
            <button
              type="button"
              className="btn quiet icon s sql-tab-x"
              aria-label={`Close ${tab.title}`}
              tabIndex={tab.id === active ? 0 : -1}
              onClick={() => closeTab(tab.id, cancelRun)}
            >
              <Icon name="x" small />
            </button>
          </span>
        ))}
      </nav>
      <div className="end">
        <IconButton icon="plus" label="New query" onClick={() => openTab()} />
        <Menu
          trigger={<IconButton icon="more" label="More about this query" />}
          entries={[
            { name: 'Rename', icon: 'edit', chord: 'F2', onChoose: () => setRenaming(active) },
            {
              name: 'Open a copy',
              icon: 'copy',
              onChoose: () =>
                open && openTab({ text: open.text, parameters: open.parameters, snapshots: open.snapshots }),
            },
            {
              name: 'Move left',
              icon: 'back',
              ...(at === 0 ? { off: 'it is the first' } : {}),
              onChoose: () => moveTab(active, -1),
            },
            {
              name: 'Move right',
              icon: 'next',
              ...(at === tabs.length - 1 ? { off: 'it is the last' } : {}),
              onChoose: () => moveTab(active, 1),
            },
            {
              name: 'Close',
              icon: 'x',
              command: 'sql.close',
              apart: true,
              onChoose: () => closeTab(active, cancelRun),
            },
          ]}
        />
      </div>
    </div>
  )
}

function TabState({ tab }: { tab: Tab }) {
  if (tab.run.state === 'running') return <RunningTab since={tab.run.since} />
  if (tab.run.state === 'failed') return <Status state="failed" word="Failed" bare />
  return <Icon name={tab.comparison === null ? 'code' : 'compare'} small />
}

/** The clock appears after a second, so that quick statements do not widen the tab. */
function RunningTab({ since }: { since: number }) {
  const elapsed = useSeconds(since)
  return (
    <Status
      state="running"
      word={elapsed < 1_000 ? 'Running' : `Running ${duration(elapsed).replace(/\.\d/, '')}`}
      bare
    />
  )
}

function Rename({ title, onDone }: { title: string; onDone: (title: string | null) => void }) {
  const [text, setText] = useState(title)
  return (
    <input
      className="sql-rename"
      aria-label="Name of the tab"
      value={text}
      // biome-ignore lint/a11y/noAutofocus: it takes the place of what was pressed
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => onDone(text)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key === 'Escape') {
          event.preventDefault()
          event.stopPropagation()
          setText(title)
          onDone(null)
        }
      }}
    />
  )
}
