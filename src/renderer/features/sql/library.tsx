import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'
import { bytes, counted, duration, instant } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { notifyUndo } from '../../ui/toast.tsx'
import { useView } from '../../ui/view.ts'
import { type PastRun, useHistory } from './history.ts'
import { openTab, type Tab } from './workbench.ts'

const SHOWN = 40

/** Queries kept as files; null until they are listed. */
export function useSaved() {
  return useQuery({ queryKey: ['queries'], queryFn: () => answer(api.queries.$get()), staleTime: 10_000 })
}

/** Keeps a tab's text under its title. */
export function useSave() {
  const client = useQueryClient()
  return async (name: string, sql: string): Promise<void> => {
    await answer(api.queries.$put({ json: { name, sql } }))
    await client.invalidateQueries({ queryKey: ['queries'] })
  }
}

/** Saved queries, then what was run, both narrowed by the list's filter. */
export function Library({ filter, tab }: { filter: string; tab: Tab }) {
  const saved = useSaved()
  const save = useSave()
  const client = useQueryClient()
  const history = useHistory()
  const { zone } = useView()
  const wanted = filter.trim().toLowerCase()
  const hit = (text: string) => text.toLowerCase().includes(wanted)
  const queries = (saved.data?.queries ?? []).filter((one) => hit(one.name) || hit(one.sql))
  const runs = history.filter((one) => hit(one.text))
  const remove = async (name: string, sql: string) => {
    await answer(api.queries.$delete({ json: { name } }))
    await client.invalidateQueries({ queryKey: ['queries'] })
    notifyUndo(`Deleted the saved query ${name}`, () => void save(name, sql))
  }
  return (
    <section className="tree sql-library" aria-label="Saved queries and history">
      {queries.length > 0 && <div className="grp">Saved</div>}
      {queries.map(({ name, sql }) => (
        <div key={name} className={tab.title === name ? 'sql-saved is-idle' : 'sql-saved'}>
          <button
            type="button"
            className="tree-row"
            title={saved.data?.folder}
            onClick={() => openTab(sql, name)}
          >
            <Icon name="code" small />
            <span className="cut">{name}</span>
          </button>
          <button
            type="button"
            className="btn quiet icon s"
            aria-label={`Delete ${name}`}
            onClick={() => void remove(name, sql)}
          >
            <Icon name="trash" small />
          </button>
        </div>
      ))}
      {runs.length > 0 && <div className="grp">History</div>}
      {runs.slice(0, SHOWN).map((one) => (
        <button
          type="button"
          key={`${one.at}-${one.text}`}
          className="tree-row"
          title={`${instant(one.at, zone)} ${zone === 'utc' ? 'UTC' : ''}, ${said(one)}\n${one.text.slice(0, 600)}`}
          onClick={() => openTab(one.text)}
        >
          <Icon name={one.state === 'failed' ? 'failed' : 'history'} small />
          <span className="cut">{oneLine(one.text)}</span>
          <span className="end">{one.state === 'failed' ? 'failed' : duration(one.ms)}</span>
        </button>
      ))}
    </section>
  )
}

function said(run: PastRun): string {
  const cost = run.bytes === null ? '' : `, ${bytes(run.bytes)} read`
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
