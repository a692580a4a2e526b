import { useEffect, useSyncExternalStore } from 'react'
import type { IconName } from './icon.tsx'

/** Where a chord holds: `everywhere`, or on the area's page alone. */
export type Scope =
  | 'everywhere'
  | 'welcome'
  | 'load'
  | 'letters'
  | 'sql'
  | 'tables'
  | 'dash'
  | 'setup'
  | 'doctor'
  | 'settings'

export interface CommandDefinition {
  readonly name: string
  readonly icon: IconName
  readonly scope: Scope
  /** `Ctrl K`, `Ctrl Shift D`, `?`. Ctrl is Command on a Mac. */
  readonly chord?: string
  /** Heard by the part itself (the editor, a grid), so that the window does not listen for it. */
  readonly own?: true
}

/**
 * Every command and chord of the app: what the palette lists, the shortcut sheet shows and the window listens for. A
 * test holds that no chord is bound twice in one scope.
 */
export const COMMANDS = {
  'go.load': { name: 'Go to Load', icon: 'load', scope: 'everywhere', chord: 'Ctrl 1' },
  'go.letters': { name: 'Go to Dead letters', icon: 'letters', scope: 'everywhere', chord: 'Ctrl 2' },
  'go.sql': { name: 'Go to SQL', icon: 'sql', scope: 'everywhere', chord: 'Ctrl 3' },
  'go.tables': { name: 'Go to Tables', icon: 'tables', scope: 'everywhere', chord: 'Ctrl 4' },
  'go.dash': { name: 'Go to Dashboards', icon: 'dash', scope: 'everywhere', chord: 'Ctrl 5' },
  'go.setup': { name: 'Go to Set-up', icon: 'setup', scope: 'everywhere' },
  'go.doctor': { name: 'Go to Doctor', icon: 'doctor', scope: 'everywhere' },
  'go.settings': { name: 'Go to Settings', icon: 'settings', scope: 'everywhere', chord: 'Ctrl ,' },
  'go.thread': { name: 'Where does a row come from', icon: 'tree', scope: 'everywhere' },
  'go.messages': { name: 'Find messages of the topic', icon: 'search', scope: 'everywhere' },
  palette: { name: 'Find a command or table', icon: 'search', scope: 'everywhere', chord: 'Ctrl K' },
  shortcuts: { name: 'Show all shortcuts', icon: 'keyboard', scope: 'everywhere', chord: '?' },
  'view.theme': {
    name: 'Change between light and dark',
    icon: 'sun',
    scope: 'everywhere',
    chord: 'Ctrl Shift L',
  },
  'view.density': { name: 'Change between compact and comfortable', icon: 'settings', scope: 'everywhere' },
  'view.zone': { name: 'Change between UTC and local time', icon: 'clock', scope: 'everywhere' },
  'view.pane': {
    name: 'Change between list and inspector (narrow window)',
    icon: 'tree',
    scope: 'everywhere',
    chord: 'Ctrl B',
  },
  'sample.start': { name: 'Try with sample lake', icon: 'play', scope: 'welcome', chord: 'S' },
  'setup.connect': { name: 'Connect mine', icon: 'setup', scope: 'welcome', chord: 'C' },
  'sample.leave': { name: 'Leave the sample', icon: 'leave', scope: 'everywhere' },
  'load.start': { name: 'Start loading', icon: 'play', scope: 'load' },
  'load.pause': { name: 'Pause the load', icon: 'pause', scope: 'load' },
  'load.resume': { name: 'Resume the load', icon: 'play', scope: 'load' },
  'load.stop': { name: 'Stop the load (commits first)', icon: 'stop', scope: 'load' },
  'letters.dry': { name: 'Dry run of the fix', icon: 'check', scope: 'letters', chord: 'Ctrl Enter' },
  'letters.suggested': { name: 'Use the suggested fix', icon: 'check', scope: 'letters', chord: 'U' },
  'letters.replay': {
    name: 'Replay what the dry run judged',
    icon: 'play',
    scope: 'letters',
    chord: 'Ctrl Shift Enter',
  },
  'letters.back': { name: 'Back to the letters', icon: 'back', scope: 'letters', chord: 'B' },
  'letters.filter': { name: 'Filter dead letters', icon: 'filter', scope: 'letters', chord: 'F' },
  'letters.cancel': { name: 'Cancel the replay', icon: 'stop', scope: 'letters', chord: 'Ctrl .' },
  'tables.reload': {
    name: 'Read the catalog again',
    icon: 'refresh',
    scope: 'tables',
    chord: 'Ctrl Shift R',
  },
  'sql.run': {
    name: 'Run the selection, or the statement at the cursor',
    icon: 'play',
    scope: 'sql',
    chord: 'Ctrl Enter',
  },
  'sql.all': { name: 'Run all statements in order', icon: 'play', scope: 'sql', chord: 'Ctrl Shift Enter' },
  'sql.cancel': { name: 'Cancel the statement', icon: 'stop', scope: 'sql', chord: 'Ctrl .' },
  'sql.explain': { name: 'Explain the statement', icon: 'tree', scope: 'sql', chord: 'Ctrl Shift E' },
  'sql.format': { name: 'Format the text', icon: 'code', scope: 'sql', chord: 'Ctrl Shift F' },
  'sql.save': { name: 'Save the query', icon: 'file', scope: 'sql', chord: 'Ctrl S' },
  'sql.find': { name: 'Find in the answer', icon: 'search', scope: 'sql', chord: 'Ctrl F' },
  'sql.export': { name: 'Export the answer', icon: 'download', scope: 'sql' },
  'sql.compare': { name: 'Compare two snapshots with this query', icon: 'compare', scope: 'sql' },
  'sql.snippet': { name: 'Save the selection as a snippet', icon: 'plus', scope: 'sql' },
  'sql.new': { name: 'Open a new query', icon: 'plus', scope: 'sql', chord: 'Ctrl Alt N' },
  'sql.close': { name: 'Close the query', icon: 'x', scope: 'sql', chord: 'Ctrl Alt W' },
  'sql.next': { name: 'Go to the next query', icon: 'next', scope: 'sql', chord: 'Ctrl Alt Right' },
  'sql.before': { name: 'Go to the query before', icon: 'back', scope: 'sql', chord: 'Ctrl Alt Left' },
  'sql.editor': { name: 'Go to the editor', icon: 'edit', scope: 'sql', chord: 'Ctrl Alt E' },
  'sql.grid': { name: 'Go to the answer', icon: 'tables', scope: 'sql', chord: 'Ctrl Alt A' },
  'grid.copy': { name: 'Copy the cells', icon: 'copy', scope: 'sql', chord: 'Ctrl C', own: true },
  'grid.sort': { name: 'Sort by the column', icon: 'dn', scope: 'sql', chord: 'S', own: true },
  'grid.pin': { name: 'Pin the column', icon: 'lock', scope: 'sql', chord: 'P', own: true },
  'grid.hide': { name: 'Hide the column', icon: 'minus', scope: 'sql', chord: 'H', own: true },
  'grid.wide': { name: 'Make the column wider', icon: 'plus', scope: 'sql', chord: '+', own: true },
  'grid.narrow': { name: 'Make the column narrower', icon: 'minus', scope: 'sql', chord: '-', own: true },
  'grid.menu': { name: 'Open the menu of the column', icon: 'more', scope: 'sql', chord: 'M', own: true },
  'grid.left': {
    name: 'Move the column to the left',
    icon: 'back',
    scope: 'sql',
    chord: 'Ctrl Shift Left',
    own: true,
  },
  'grid.right': {
    name: 'Move the column to the right',
    icon: 'next',
    scope: 'sql',
    chord: 'Ctrl Shift Right',
    own: true,
  },
  'sql.complete': { name: 'Complete a name', icon: 'code', scope: 'sql', chord: 'Ctrl Space', own: true },
  'dash.day': { name: 'Statistics by day', icon: 'dash', scope: 'dash', chord: 'D' },
  'dash.week': { name: 'Statistics by week', icon: 'dash', scope: 'dash', chord: 'W' },
  'dash.month': { name: 'Statistics by month', icon: 'dash', scope: 'dash', chord: 'M' },
  'dash.check': { name: 'Check what is shown against raw', icon: 'check', scope: 'dash', chord: 'C' },
} as const satisfies Record<string, CommandDefinition>

export type CommandId = keyof typeof COMMANDS

/** Something the palette offers beside commands: a table, a saved query, a group of dead letters. */
export interface Entry {
  readonly group: string
  readonly name: string
  /** Said in grey beside the name. */
  readonly note?: string
  readonly icon: IconName
  /** The command that it is: its chord is shown. */
  readonly command?: CommandId
  readonly run: () => void
}

const handlers = new Map<CommandId, (() => void)[]>()
const sources = new Map<string, readonly Entry[]>()
const listeners = new Set<() => void>()
let version = 0

function changed(): void {
  version += 1
  for (const listener of listeners) listener()
}

/** Runs the command if some part that is there now handles it. */
export function runCommand(id: CommandId): boolean {
  const run = handlers.get(id)?.at(-1)
  run?.()
  return run !== undefined
}

/** Whether some part that is there now handles the command. */
export function isHandled(id: CommandId): boolean {
  return (handlers.get(id)?.length ?? 0) > 0
}

/** Handles a command while the calling part is there; null while it is of no use. */
export function useCommand(id: CommandId, run: (() => void) | null): void {
  useEffect(() => {
    if (run === null) return
    handlers.set(id, [...(handlers.get(id) ?? []), run])
    changed()
    return () => {
      handlers.set(
        id,
        (handlers.get(id) ?? []).filter((one) => one !== run),
      )
      changed()
    }
  }, [id, run])
}

/** Offers entries in the palette while the calling part is there. `entries` should keep its identity. */
export function useEntries(source: string, entries: readonly Entry[]): void {
  useEffect(() => {
    sources.set(source, entries)
    changed()
    return () => {
      sources.delete(source)
      changed()
    }
  }, [source, entries])
}

/** All that can be done now: what pages offer, then the commands that have a handler. */
export function entriesNow(): Entry[] {
  const commands = (Object.keys(COMMANDS) as CommandId[]).flatMap((id): Entry[] => {
    const definition: CommandDefinition = COMMANDS[id]
    if (id === 'palette' || !isHandled(id)) return []
    const { name, icon } = definition
    const group = id.startsWith('go.') ? 'Areas' : 'Commands'
    return [{ group, name, icon, command: id, run: () => void runCommand(id) }]
  })
  return [
    ...commands.filter((one) => one.group === 'Areas'),
    ...[...sources.values()].flat(),
    ...commands.filter((one) => one.group !== 'Areas'),
  ]
}

/** Renews its caller when handlers or entries change. */
export function useCommandVersion(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => version,
  )
}
