import { useCallback, useEffect, useRef } from 'react'
import { statements } from '../../query/lexer.ts'
import { theEngine } from '../../query/start.ts'
import { useCommand } from '../../ui/commands.ts'
import { Icon } from '../../ui/icon.tsx'
import { CommandKey } from '../../ui/key.tsx'
import { Menu } from '../../ui/menu.tsx'
import { showPane } from '../../ui/pane.ts'
import { notify } from '../../ui/toast.tsx'
import { openComparison } from './comparisons.ts'
import { focusEditor, inEditor, replaceText } from './editor.tsx'
import { explain } from './explaining.ts'
import { focusGrid } from './grid-keys.ts'
import { tablesIn } from './named-tables.ts'
import { cancelRun, run, runAll } from './runs.ts'
import { SaveQuery } from './save-query.tsx'
import { SaveSnippet } from './save-snippet.tsx'
import { SnapshotPicker } from './snapshot-picker.tsx'
import { chosenStatement, type Tab } from './tab.ts'
import { closeTab, openTab, selectTab, tabOf, theWorkbench } from './workbench.ts'

/** What can be done with the text: run it in several ways, explain, format, travel in time, save. */
export function RunBar({ tab, focusRun }: { tab: Tab; focusRun: boolean }) {
  const { id } = tab
  const running = tab.run.state === 'running'
  const runButton = useRef<HTMLButtonElement>(null)
  const cancelButton = useRef<HTMLButtonElement>(null)
  // Run and Cancel take each other's place: the one that was pressed hands its focus on.
  const pressed = useRef(false)
  useEffect(() => {
    if (pressed.current && document.activeElement === document.body)
      (running ? cancelButton : runButton).current?.focus()
    if (!running) pressed.current = false
  }, [running])
  useEffect(() => {
    if (focusRun) runButton.current?.focus()
  }, [focusRun])
  const here = useCallback(() => {
    const text = tabOf(id)?.text ?? ''
    return inEditor() ?? { text, selection: { from: 0, to: 0 } }
  }, [id])
  const runHere = useCallback(() => {
    const { text, selection } = here()
    const of = chosenStatement(text, selection.from, selection.to)
    if (of !== null) void run(id, of)
  }, [id, here])
  const runEvery = useCallback(() => {
    const { text, selection } = here()
    void runAll(id, text, selection.from, selection.to)
  }, [id, here])
  const explainHere = useCallback(() => {
    const { text, selection } = here()
    const of = chosenStatement(text, selection.from, selection.to)
    if (of === null) return
    showPane('inspector')
    void explain(id, of)
  }, [id, here])
  const format = useCallback(() => void formatAll(), [])
  useCommand('sql.run', running ? null : runHere)
  useCommand('sql.all', running ? null : runEvery)
  useCommand('sql.explain', running ? null : explainHere)
  useCommand('sql.format', format)
  useCommand('sql.cancel', running ? () => cancelRun(id) : null)
  useTabCommands()
  const comparable = tablesIn(
    statements(tab.text).flatMap((one) => one.tokens),
    theEngine().known,
  )[0]
  const compare = useCallback(() => {
    const now = tabOf(id)
    if (now && comparable) openComparison(now, comparable.table.called, null)
  }, [id, comparable])
  useCommand('sql.compare', comparable ? compare : null)
  return (
    <div className="bar">
      {running ? (
        <>
          <button
            type="button"
            className="btn s"
            ref={cancelButton}
            onClick={() => {
              pressed.current = true
              cancelRun(id)
            }}
          >
            <Icon name="stop" />
            Cancel
            <CommandKey id="sql.cancel" />
          </button>
          <span className="t2 dense cut">this tab runs one statement; others stay free</span>
        </>
      ) : (
        <>
          <span className="btns">
            <button
              type="button"
              className="btn primary s"
              ref={runButton}
              onClick={() => {
                pressed.current = true
                runHere()
              }}
            >
              <Icon name="play" />
              Run
              <CommandKey id="sql.run" />
            </button>
            <Menu
              align="start"
              trigger={
                <button type="button" className="btn primary s icon" aria-label="More ways to run">
                  <Icon name="down" />
                </button>
              }
              entries={[
                {
                  name: 'Run the selection, or the statement at the cursor',
                  command: 'sql.run',
                  onChoose: runHere,
                },
                { name: 'Run all statements in order', command: 'sql.all', onChoose: runEvery },
                {
                  name: 'Explain without running',
                  command: 'sql.explain',
                  apart: true,
                  onChoose: explainHere,
                },
              ]}
            />
          </span>
          <button type="button" className="btn quiet s" onClick={explainHere}>
            Explain
          </button>
        </>
      )}
      <button type="button" className="btn quiet s" onClick={format}>
        Format
      </button>
      <span className="grow" />
      <SaveSnippet />
      <SnapshotPicker tab={tab} />
      <SaveQuery tab={tab} />
    </div>
  )
}

/** Lays out the whole text; the formatter is fetched when it is first asked for. */
async function formatAll(): Promise<void> {
  const editor = inEditor()
  if (editor === null || editor.text.trim() === '') return
  try {
    const { formatSql } = await import('./format-sql.ts')
    const text = formatSql(editor.text)
    if (text !== editor.text) replaceText(text, editor.selection.from)
  } catch (error) {
    const [first] = String(error instanceof Error ? error.message : error).split('\n')
    notify(`Not formatted: ${first}`)
  }
}

/** Commands that go from tab to tab and between the regions. */
export function useTabCommands(): void {
  useCommand('sql.new', newTab)
  useCommand('sql.close', closeActive)
  useCommand('sql.next', nextTab)
  useCommand('sql.before', tabBefore)
  useCommand('sql.editor', focusEditor)
  useCommand('sql.grid', focusGrid)
}

const newTab = () => void openTab()
const closeActive = () => closeTab(theWorkbench().active, cancelRun)
const nextTab = () => step(1)
const tabBefore = () => step(-1)

function step(by: number): void {
  const { tabs, active } = theWorkbench()
  const at = tabs.findIndex((tab) => tab.id === active)
  const next = tabs[(at + by + tabs.length) % tabs.length]
  if (next) selectTab(next.id)
}
