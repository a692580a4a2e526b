import { useEffect, useSyncExternalStore } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { navigate } from '../../ui/route.ts'

type Query = Readonly<Record<string, string>>

/** Open dashboards by their addresses; kept in this window's storage. */
interface Tabs {
  readonly tabs: readonly { readonly id: string; readonly query: Query; readonly title: string }[]
  readonly active: string | null
}

const KEY = 'tarn.dash.tabs'
const MOST = 20
const listeners = new Set<() => void>()
let current: Tabs = restore()

function restore(): Tabs {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '') as Tabs
    if (Array.isArray(stored.tabs)) return { tabs: stored.tabs.slice(0, MOST), active: stored.active }
  } catch {
    // Nothing stored yet.
  }
  return { tabs: [], active: null }
}

function publish(next: Tabs): void {
  current = next
  localStorage.setItem(KEY, JSON.stringify(next))
  for (const listener of listeners) listener()
}

function useTabs(): Tabs {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

/** The tab that is open follows the address. */
function follow(query: Query, title: string): void {
  const active = current.tabs.find((tab) => tab.id === current.active) ?? current.tabs[0]
  if (active === undefined) {
    const id = crypto.randomUUID()
    publish({ tabs: [{ id, query, title }], active: id })
    return
  }
  if (active.title === title && JSON.stringify(active.query) === JSON.stringify(query)) return
  publish({
    tabs: current.tabs.map((tab) => (tab.id === active.id ? { ...tab, query, title } : tab)),
    active: active.id,
  })
}

/** Opens what is shown once more, to go on from there. */
export function openTab(): void {
  const active = current.tabs.find((tab) => tab.id === current.active)
  if (active === undefined || current.tabs.length >= MOST) return
  const id = crypto.randomUUID()
  publish({ tabs: [...current.tabs, { ...active, id }], active: id })
}

function closeTab(id: string): void {
  const at = current.tabs.findIndex((tab) => tab.id === id)
  const tabs = current.tabs.filter((tab) => tab.id !== id)
  const next = tabs[Math.min(at, tabs.length - 1)]
  if (next === undefined) return
  const active = current.active === id ? next : current.tabs.find((tab) => tab.id === current.active)
  publish({ tabs, active: active?.id ?? next.id })
  if (current.active === next.id) navigate(['dash'], next.query)
}

/** The open dashboards; each is a link to its address. */
export function TabStrip({ query, title }: { query: Query; title: string }) {
  const { tabs, active } = useTabs()
  useEffect(() => follow(query, title), [query, title])
  return (
    <div className="tabs">
      <nav className="dash-tabs" aria-label="Open dashboards">
        {tabs.map((tab) => (
          <span key={tab.id} className={tab.id === active ? 'tab is-open' : 'tab'}>
            <button
              type="button"
              className="dash-tab"
              aria-current={tab.id === active ? 'page' : undefined}
              onClick={() => {
                publish({ ...current, active: tab.id })
                navigate(['dash'], tab.query)
              }}
            >
              <Icon name="dash" small />
              {tab.title}
            </button>
            {tabs.length > 1 && (
              <button
                type="button"
                className="btn quiet icon s"
                aria-label={`Close ${tab.title}`}
                onClick={() => closeTab(tab.id)}
              >
                <Icon name="x" small />
              </button>
            )}
          </span>
        ))}
      </nav>
      <div className="end">
        <IconButton icon="plus" label="Open this dashboard once more" onClick={openTab} />
      </div>
    </div>
  )
}
