import { useState } from 'react'
import type { PastRun } from '../../../shared/workbench.ts'
import { bytes, counted, duration, instant } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { notifyUndo } from '../../ui/toast.tsx'
import { useView } from '../../ui/view.ts'
import { insertSnippet } from './editor.tsx'
import { useHistory } from './history.ts'
import { NameDialog } from './save-query.tsx'
import { useSaved, useSavedFiles } from './saved.ts'
import { BUILT_IN, removeSnippet, saveSnippet, useSnippets } from './snippets.ts'
import { openFile, openTab } from './workbench.ts'

/** Runs listed at first, and with every press more. */
const SHOWN = 40

/** Saved queries, snippets, then what was run, all narrowed by the list's filter. */
export function Library({ filter, file, folder }: { filter: string; file: string | null; folder: string }) {
  const wanted = filter.trim().toLowerCase()
  return (
    <section className="tree sql-library" aria-label="Saved queries, snippets and history">
      <Saved wanted={wanted} file={file} />
      <Snippets wanted={wanted} />
      <History wanted={wanted} folder={folder} />
    </section>
  )
}

function Saved({ wanted, file }: { wanted: string; file: string | null }) {
  const saved = useSaved()
  const files = useSavedFiles()
  const [renaming, setRenaming] = useState<string | null>(null)
  const queries = (saved.data?.queries ?? []).filter(
    (one) => one.name.toLowerCase().includes(wanted) || one.sql.toLowerCase().includes(wanted),
  )
  if (queries.length === 0) return null
  return (
    <>
      <div className="grp" title={saved.data?.folder}>
        Saved
      </div>
      {queries.map(({ name, sql }) => (
        <div key={name} className={file === name ? 'sql-saved is-idle' : 'sql-saved'}>
          <button
            type="button"
            className="tree-row"
            title={`${name}.sql in ${saved.data?.folder}`}
            aria-current={file === name ? 'true' : undefined}
            onClick={() => openFile({ name, sql: sql.trimEnd() })}
          >
            <Icon name="code" small />
            <span className="cut">{name}</span>
          </button>
          <Menu
            trigger={
              <button type="button" className="btn quiet icon s" aria-label={`More about ${name}`}>
                <Icon name="more" small />
              </button>
            }
            entries={[
              { name: 'Open in another tab', icon: 'copy', onChoose: () => openTab({ text: sql.trimEnd() }) },
              { name: 'Rename', icon: 'edit', onChoose: () => setRenaming(name) },
              {
                name: 'Delete',
                icon: 'trash',
                danger: true,
                apart: true,
                onChoose: () => void files.remove(name, sql),
              },
            ]}
          />
        </div>
      ))}
      {renaming !== null && (
        <NameDialog
          title={`Rename ${renaming}`}
          first={renaming}
          mine={renaming}
          replace={false}
          onClose={() => setRenaming(null)}
          onName={async (to) => {
            await files.rename(renaming, to)
            setRenaming(null)
          }}
        />
      )}
    </>
  )
}

function Snippets({ wanted }: { wanted: string }) {
  const own = useSnippets()
  const [open, setOpen] = useState(false)
  const hit = ({ name, text }: { name: string; text: string }) =>
    name.toLowerCase().includes(wanted) || (wanted !== '' && text.toLowerCase().includes(wanted))
  const mine = own.filter(hit)
  const given = BUILT_IN.filter(hit)
  if (mine.length + given.length === 0) return null
  const expanded = open || wanted !== ''
  const remove = async (name: string, text: string) => {
    await removeSnippet(name)
    notifyUndo(`Deleted the snippet ${name}`, () => void saveSnippet({ name, text }))
  }
  return (
    <>
      <button
        type="button"
        className="tree-row grp sql-group"
        aria-expanded={expanded}
        onClick={() => setOpen(!open)}
      >
        <Icon name={expanded ? 'down' : 'right'} small />
        Snippets
        <span className="end">{mine.length + given.length}</span>
      </button>
      {expanded &&
        mine.map(({ name, text }) => (
          <div key={name} className="sql-saved">
            <button type="button" className="tree-row" title={text} onClick={() => insertSnippet(text)}>
              <Icon name="edit" small />
              <span className="cut">{name}</span>
            </button>
            <button
              type="button"
              className="btn quiet icon s"
              aria-label={`Delete ${name}`}
              onClick={() => void remove(name, text)}
            >
              <Icon name="trash" small />
            </button>
          </div>
        ))}
      {expanded &&
        given.map(({ name, text }) => (
          <button
            type="button"
            key={name}
            className="tree-row"
            title={text}
            onClick={() => insertSnippet(text)}
          >
            <Icon name="file" small />
            <span className="cut">{name}</span>
          </button>
        ))}
    </>
  )
}

function History({ wanted, folder }: { wanted: string; folder: string }) {
  const history = useHistory()
  const { zone } = useView()
  const [most, setMost] = useState(SHOWN)
  const runs = history.filter((one) => one.text.toLowerCase().includes(wanted))
  if (runs.length === 0) return null
  return (
    <>
      <div className="grp" title={`Kept in ${folder}`}>
        History, kept on this computer
      </div>
      {runs.slice(0, most).map((one) => (
        <button
          type="button"
          key={`${one.at}-${one.text}`}
          className="tree-row"
          title={`${instant(one.at, zone)} ${zone === 'utc' ? 'UTC' : ''}, ${said(one)}\n${one.text.slice(0, 600)}`}
          onClick={() => openTab({ text: one.text })}
        >
          <Icon name={one.state === 'failed' ? 'failed' : 'history'} small />
          <span className="cut">{oneLine(one.text)}</span>
          <span className="end">{costWords(one)}</span>
        </button>
      ))}
      {runs.length > most && (
        <button type="button" className="tree-row" onClick={() => setMost(most + SHOWN)}>
          <span className="t2">Show {counted(Math.min(SHOWN, runs.length - most), 'more statement')}</span>
        </button>
      )}
    </>
  )
}

function costWords(run: PastRun): string {
  if (run.state !== 'done') return run.state
  return run.bytes === null || run.bytes === 0 ? duration(run.ms) : `${duration(run.ms)}, ${bytes(run.bytes)}`
}

function said(run: PastRun): string {
  const cost = run.bytes === null ? '' : `, ${bytes(run.bytes)} planned to read`
  if (run.state !== 'done') return `${run.state} after ${duration(run.ms)}`
  return `${counted(run.rows ?? 0, 'row')} in ${duration(run.ms)}${cost}`
}

function oneLine(text: string): string {
  return text
    .replace(/^\s*--.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120)
}
