import { lazy, Suspense, useEffect } from 'react'
import { useLive } from './api/live.ts'
import { DeadLettersPage } from './features/dlq/dead-letters-page.tsx'
import { LoadArea } from './features/load/load-area.tsx'
import { SetupPage } from './features/setup/setup-page.tsx'
import { TablesPage } from './features/tables/tables-page.tsx'
import { Icon } from './ui/icon.tsx'
import { navigate, useRoute } from './ui/route.ts'
import { AREAS, PageBoundary, Rail, TitleBar } from './ui/shell.tsx'
import { StatusBar } from './ui/status-bar.tsx'

/** Loaded when it is opened: the editor is most of it. */
const SqlPage = lazy(async () => ({ default: (await import('./features/sql/sql-page.tsx')).SqlPage }))

function Page({ area }: { area: string }) {
  switch (area) {
    case 'letters':
      return <DeadLettersPage />
    case 'sql':
      return (
        <Suspense fallback={<main className="work" aria-busy="true" />}>
          <SqlPage />
        </Suspense>
      )
    case 'tables':
      return <TablesPage />
    case 'setup':
      return <SetupPage />
    default:
      return <LoadArea />
  }
}

/** Ctrl 1 to 4 go to the areas. */
function useAreaKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      const area = AREAS[Number(event.key) - 1]
      if (!area) return
      event.preventDefault()
      navigate([area.key])
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

export function App() {
  const route = useRoute()
  const { app, connected } = useLive()
  useAreaKeys()
  const area = route.path[0] ?? 'load'
  return (
    <div className="app no-insp">
      <TitleBar
        lake={
          app && (
            <span className="lake">
              <Icon name="db" small />
              <b>{app.catalog.name}</b>
              <span className="t3">/</span>
              {app.catalog.database}
              {app.sample && <span className="badge solid">Sample</span>}
            </span>
          )
        }
      />
      <Rail current={area} letters={app?.load.rejected ?? 0} />
      <PageBoundary key={area}>{app && <Page area={area} />}</PageBoundary>
      <StatusBar load={app?.load ?? null} connected={connected} />
    </div>
  )
}
