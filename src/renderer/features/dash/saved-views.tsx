import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { SavedView } from '../../../shared/dash.ts'
import { toFault } from '../../../shared/errors.ts'
import { answer, api } from '../../api/client.ts'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import { href } from '../../ui/route.ts'
import { notifyUndo } from '../../ui/toast.tsx'

const KEY = ['dash', 'views']

function useSavedViews() {
  return useQuery({ queryKey: KEY, queryFn: () => answer(api.dash.views.$get()), staleTime: 10_000 })
}

function useKeep() {
  const client = useQueryClient()
  return async (view: SavedView): Promise<void> => {
    await answer(api.dash.views.$put({ json: { name: view.name, query: { ...view.query } } }))
    await client.invalidateQueries({ queryKey: KEY })
  }
}

/** Whether two addresses show the same. */
function same(a: SavedView['query'], b: Readonly<Record<string, string | undefined>>): boolean {
  const set = Object.entries(b).filter(([, value]) => value !== undefined)
  return Object.keys(a).length === set.length && set.every(([key, value]) => a[key] === value)
}

/** The dashboards kept under a name; links like any other, each with a way to delete it. */
export function SavedViews({ query }: { query: Readonly<Record<string, string | undefined>> }) {
  const client = useQueryClient()
  const saved = useSavedViews()
  const keep = useKeep()
  const views = saved.data?.views ?? []
  if (views.length === 0) return null
  const remove = async (view: SavedView) => {
    await answer(api.dash.views.$delete({ json: { name: view.name } }))
    await client.invalidateQueries({ queryKey: KEY })
    notifyUndo(`Deleted the dashboard ${view.name}`, () => void keep(view))
  }
  return (
    <section className="tree dash-saved" aria-label="Saved dashboards">
      <div className="grp">Saved</div>
      {views.map((view) => (
        <div key={view.name} className={same(view.query, query) ? 'dash-kept is-idle' : 'dash-kept'}>
          <a
            className="tree-row"
            href={href(['dash'], view.query)}
            title={[view.query.type, view.query.user].filter(Boolean).join(', ')}
            aria-current={same(view.query, query) ? 'true' : undefined}
          >
            <Icon name="dash" small />
            <span className="cut">{view.name}</span>
          </a>
          <button
            type="button"
            className="btn quiet icon s"
            aria-label={`Delete ${view.name}`}
            onClick={() => void remove(view)}
          >
            <Icon name="trash" small />
          </button>
        </div>
      ))}
    </section>
  )
}

/** Keeps what is shown as a file under a name. */
export function SaveView({
  query,
  usual,
}: {
  query: Readonly<Record<string, string | undefined>>
  usual: string
}) {
  const saved = useSavedViews()
  const keep = useKeep()
  const [typed, setTyped] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const kept = saved.data?.views.find((view) => same(view.query, query))
  const name = (typed ?? kept?.name ?? usual).trim()
  const replaces = saved.data?.views.some((view) => view.name === name) === true
  const save = async () => {
    try {
      const set = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined)
      await keep({ name, query: Object.fromEntries(set) })
      setTyped(null)
      setTrouble(null)
    } catch (error) {
      setTrouble(toFault(error).title)
    }
  }
  return (
    <Popover
      title="Save this dashboard"
      trigger={
        <button type="button" className="btn quiet s">
          <Icon name={kept ? 'check' : 'file'} />
          {kept ? 'Saved' : 'Save'}
        </button>
      }
    >
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <input
          className="input s"
          aria-label="Name of the dashboard"
          value={typed ?? kept?.name ?? usual}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button
          type="submit"
          className="btn s"
          disabled={name === '' || (kept !== undefined && kept.name === name)}
        >
          {replaces ? 'Replace' : 'Save'}
        </button>
      </form>
      <p className="t3 micro" role={trouble === null ? undefined : 'alert'}>
        {trouble ??
          (kept ? 'Kept as it stands here' : `As ${name}.json in ${saved.data?.folder ?? 'the home folder'}`)}
      </p>
    </Popover>
  )
}
