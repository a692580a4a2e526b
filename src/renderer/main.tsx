import './ui/app.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import * as z from 'zod'
import { App } from './App.tsx'
import { connect } from './api/live.ts'
import { keepWindow, keptValues } from './api/window.ts'
import { bringBack, onKeep } from './ui/kept.ts'
import { onViewChange } from './ui/view.ts'

// The page's policy forbids compiling code, which zod would otherwise try.
z.config({ jitless: true })

const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false } },
})

interface Desktop {
  setTheme(theme: 'system' | 'light' | 'dark'): void
}

/** What the desktop host adds to the page; null in a browser. */
const desktop = (): Desktop | null => (globalThis as { tarnDesktop?: Desktop }).tarnDesktop ?? null

/** Opens where the window was left, unless its address already says where. */
async function start(root: HTMLElement): Promise<void> {
  const [state, values] = await Promise.all([connect(), keptValues()])
  bringBack(values)
  onKeep((name, value) => keepWindow({ kept: { [name]: value } }))
  const left = state?.window.route
  if (location.hash === '' && left) history.replaceState(null, '', left)
  addEventListener('hashchange', () => keepWindow({ route: location.hash }))
  onViewChange((change) => {
    keepWindow(change)
    if (change.theme !== undefined) desktop()?.setTheme(change.theme ?? 'system')
  })
  createRoot(root).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queries}>
          <Tooltip.Provider>
            <App />
          </Tooltip.Provider>
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  )
}

const root = document.getElementById('root')
if (root) void start(root)
