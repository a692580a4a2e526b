import { useCallback, useEffect, useState } from 'react'
import { chordOf, commandOf, writes } from './chord.ts'
import { COMMANDS, type CommandId, runCommand, useCommand } from './commands.ts'
import { showPane, togglePane } from './pane.ts'
import { navigate } from './route.ts'
import { AREAS, LOW_AREAS } from './shell.tsx'
import { setView, useView } from './view.ts'

/** What is over the page and a place of its own; a toast is neither. */
const PLACES = '[role=dialog]:not(.toast), [role=alertdialog]:not(.toast)'

const areaOf = (id: CommandId) => id.slice('go.'.length)
/** Pages without a place in the rail are reached by links and by these. */
const there = new Set([...[...AREAS, ...LOW_AREAS].map((area) => area.key), 'thread', 'messages'])

/** Commands that hold on every page, and the one listener for all chords. `area` is the page that is open. */
export function useAppCommands(area: string): { palette: boolean; sheet: boolean; close: () => void } {
  const [over, setOver] = useState<'palette' | 'sheet' | null>(null)
  const view = useView()
  const close = useCallback(() => setOver(null), [])
  useCommand(
    'palette',
    useCallback(() => setOver('palette'), []),
  )
  useCommand(
    'shortcuts',
    useCallback(() => setOver('sheet'), []),
  )
  useCommand(
    'view.theme',
    useCallback(() => setView({ theme: view.theme === 'dark' ? 'light' : 'dark' }), [view.theme]),
  )
  useCommand(
    'view.density',
    useCallback(
      () => setView({ density: view.density === 'compact' ? 'comfortable' : 'compact' }),
      [view.density],
    ),
  )
  useCommand(
    'view.zone',
    useCallback(() => setView({ zone: view.zone === 'utc' ? 'local' : 'utc' }), [view.zone]),
  )
  useCommand('view.pane', togglePane)
  useGo('go.load')
  useGo('go.letters')
  useGo('go.sql')
  useGo('go.tables')
  useGo('go.dash')
  useGo('go.setup')
  useGo('go.doctor')
  useGo('go.settings')
  useGo('go.thread')
  useGo('go.messages')
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      if (event.key === 'Escape') return void showPane('list')
      const chord = chordOf(event)
      if (!chord.startsWith('Ctrl') && writes(event.target)) return
      const id = commandOf(chord, area)
      // A dialog is a place of its own: only closing it leads on.
      if (id === null || (document.querySelector(PLACES) && COMMANDS[id])) return
      if (runCommand(id)) event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [area])
  return { palette: over === 'palette', sheet: over === 'sheet', close }
}

function useGo(id: CommandId): void {
  const key = areaOf(id)
  const go = useCallback(() => navigate([key]), [key])
  useCommand(id, there.has(key) ? go : null)
}
