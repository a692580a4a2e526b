import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useLive } from './api/live.ts'
import { Bell } from './bell.tsx'
import { DeadLettersPage } from './features/dlq/dead-letters-page.tsx'
import { useOpenLetters } from './features/dlq/queries.ts'
import { DoctorPage } from './features/doctor/doctor-page.tsx'
import { LoadArea } from './features/load/load-area.tsx'
import { SettingsPage } from './features/settings/settings-page.tsx'
import { SetupPage } from './features/setup/setup-page.tsx'
import { TablesPage } from './features/tables/tables-page.tsx'
import { SampleBar } from './features/welcome/sample-bar.tsx'
import { SampleHasNone } from './features/welcome/sample-has-none.tsx'
import { WelcomePage } from './features/welcome/welcome-page.tsx'
import { Lake } from './lake.tsx'
import { PageName } from './page-name.tsx'
import { usePaletteEntries } from './palette-entries.ts'
import { theEngine } from './query/start.ts'
import { useAppCommands } from './ui/app-commands.ts'
import { PageBoundary } from './ui/page-boundary.tsx'
import { Palette } from './ui/palette.tsx'
import { usePane } from './ui/pane.ts'
import { useRoute } from './ui/route.ts'
import { Rail, TitleBar } from './ui/shell.tsx'
import { ShortcutSheet } from './ui/shortcuts.tsx'
import { Splitter } from './ui/splitter.tsx'
import { StatusBar } from './ui/status-bar.tsx'
import { Toasts } from './ui/toast.tsx'

/** Areas that ask the query engine. */
const ENGINE_AREAS: ReadonlySet<string> = new Set(['dash', 'sql'])

/** Starts the query engine where it is likely to be asked soon: it takes longer than what the page asks of main first. */
function warmUp(): void {
  void theEngine()
    .warmUp()
    .catch(() => undefined)
}

/** Loaded when it is opened: the editor is most of it. */
const SqlPage = lazy(async () => {
  warmUp()
  return { default: (await import('./features/sql/sql-page.tsx')).SqlPage }
})
const DashPage = lazy(async () => {
  warmUp()
  return { default: (await import('./features/dash/dash-page.tsx')).DashPage }
})
const Gallery = lazy(async () => ({ default: (await import('./features/gallery/gallery.tsx')).Gallery }))

const ThreadPage = lazy(async () => ({
  default: (await import('./features/thread/thread-page.tsx')).ThreadPage,
}))
const MessagesPage = lazy(async () => ({
  default: (await import('./features/thread/messages-page.tsx')).MessagesPage,
}))

/** The page of each area; `load` for an address that names none. */
const PAGES: Readonly<Record<string, () => ReactNode>> = {
  load: () => <LoadArea />,
  letters: () => <DeadLettersPage />,
  sql: () => <SqlPage />,
  tables: () => <TablesPage />,
  dash: () => <DashPage />,
  setup: () => <SetupPage />,
  doctor: () => <DoctorPage />,
  settings: () => <SettingsPage />,
  welcome: () => <WelcomePage />,
  thread: () => <ThreadPage />,
  messages: () => <MessagesPage />,
}

/** Areas that lead somewhere while no lake is open. */
const BEFORE_A_LAKE: ReadonlySet<string> = new Set(['setup', 'doctor', 'settings'])
/** Areas that are about the user's own services, which the sample has none of. */
const NOT_IN_THE_SAMPLE: ReadonlySet<string> = new Set(['setup'])

/** Every part in every state; for those who build the app (`?dev` in the address, or the development server). */
const GALLERY = import.meta.env.DEV || new URLSearchParams(location.search).has('dev')

function pageOf(area: string, fresh: boolean, leavable: boolean): ReactNode {
  if (fresh && !BEFORE_A_LAKE.has(area)) return <WelcomePage />
  if (leavable && NOT_IN_THE_SAMPLE.has(area)) return <SampleHasNone />
  return (PAGES[area] ?? PAGES.load)?.()
}

export function App() {
  const route = useRoute()
  const { app, connected } = useLive()
  const pane = usePane()
  const [leaving, setLeaving] = useState(false)
  const named = route.path[0] ?? 'load'
  const area = Object.hasOwn(PAGES, named) ? named : 'load'
  const fresh = app?.fresh ?? false
  const welcome = leaving || area === 'welcome' || (fresh && !BEFORE_A_LAKE.has(area))
  const shown = welcome ? 'welcome' : area
  const { data: letters } = useOpenLetters(app !== null && !fresh && !leaving)
  const { palette, sheet, close } = useAppCommands(shown)
  usePaletteEntries(palette, app)
  if (GALLERY && named === 'gallery')
    return (
      <Suspense fallback={null}>
        <Gallery />
      </Suspense>
    )
  return (
    <div className="app no-insp" data-pane={pane}>
      <TitleBar lake={app && !leaving && <Lake app={app} />} bell={<Bell app={app} />} />
      <Rail
        current={welcome ? '' : area}
        letters={letters ?? null}
        off={fresh || leaving}
        onNear={(near) => !fresh && ENGINE_AREAS.has(near) && warmUp()}
      />
      {app?.sample && <SampleBar app={app} left={leaving} onLeaving={setLeaving} />}
      <PageName path={app && [shown, ...(shown === area ? route.path.slice(1) : [])]}>
        <PageBoundary key={shown} at={route}>
          <Suspense fallback={<main className="work" aria-busy="true" />}>
            {leaving ? <WelcomePage leaving /> : app && pageOf(area, fresh, app.leavable)}
          </Suspense>
        </PageBoundary>
      </PageName>
      <Splitter name="list-w" label="Width of the list" least={200} most={420} usual={256} />
      <Splitter name="insp-w" label="Width of the inspector" from="end" least={280} most={480} usual={320} />
      <StatusBar
        facts={app && !fresh && !leaving ? { load: app.load, jobs: app.jobs } : null}
        connected={connected}
        version={app?.version ?? null}
      />
      <Palette open={palette} onClose={close} />
      <ShortcutSheet open={sheet} onClose={close} />
      <Toasts />
    </div>
  )
}
