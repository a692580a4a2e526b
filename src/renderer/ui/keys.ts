import { useSyncExternalStore } from 'react'
import { COMMANDS, type CommandDefinition, type CommandId, type Scope } from './commands.ts'
import { keep, keptJson } from './kept.ts'

/**
 * The chord of each command: that of `COMMANDS`, unless it was changed on this computer. Null: none. Every tip, palette,
 * sheet and listener asks here, so that a changed chord holds everywhere at once.
 */
type Changes = Readonly<Partial<Record<CommandId, string | null>>>

const NAME = 'shortcuts'
const IDS = Object.keys(COMMANDS) as CommandId[]
const listeners = new Set<() => void>()
let changes: Changes | null = null

function now(): Changes {
  changes ??= read()
  return changes
}

function read(): Changes {
  const stored = keptJson(NAME)
  if (typeof stored !== 'object' || stored === null) return {}
  return Object.fromEntries(
    Object.entries(stored).filter(
      ([id, chord]) => Object.hasOwn(COMMANDS, id) && (chord === null || typeof chord === 'string'),
    ),
  )
}

function set(next: Changes): void {
  changes = next
  keep(NAME, Object.keys(next).length === 0 ? null : JSON.stringify(next))
  for (const listener of listeners) listener()
}

const shipped = (id: CommandId): string | null => (COMMANDS[id] as CommandDefinition).chord ?? null

/** The chord that runs the command now: `Ctrl K`; null where it has none. */
export function chordFor(id: CommandId): string | null {
  const changed = now()[id]
  return changed === undefined ? shipped(id) : changed
}

/** True where the chord is not the one the app came with. */
export function isChanged(id: CommandId): boolean {
  return now()[id] !== undefined
}

/** Gives the command a chord, or none. The one it came with counts as no change. */
export function setChord(id: CommandId, chord: string | null): void {
  const { [id]: _, ...rest } = now()
  set(chord === shipped(id) ? rest : { ...rest, [id]: chord })
}

/** All changes, to put them back with `restoreChords`. */
export function chordChanges(): Changes {
  return now()
}

export function restoreChords(to: Changes): void {
  set(to)
}

/** Forgets what was kept in memory, for tests. */
export function forgetChords(): void {
  changes = null
}

const meet = (a: Scope, b: Scope) => a === b || a === 'everywhere' || b === 'everywhere'

/** The other command that `chord` would run where `id` holds too, or null. */
export function clashOf(id: CommandId, chord: string): CommandId | null {
  const { scope } = COMMANDS[id]
  return (
    IDS.find((other) => other !== id && chordFor(other) === chord && meet(scope, COMMANDS[other].scope)) ??
    null
  )
}

/** Keys that lists, fields and menus need for themselves, alone or with Shift. */
const OF_PARTS =
  /^(Shift )?(Esc|Tab|Enter|Space|Up|Down|Left|Right|Home|End|PageUp|PageDown|Backspace|Delete)$/
/** What every field and the system do with Ctrl. */
const OF_FIELDS: ReadonlySet<string> = new Set(
  ['A', 'C', 'V', 'X', 'Y', 'Z', 'Shift Z'].map((key) => `Ctrl ${key}`),
)
/** What a browser does not leave to its page. */
const OF_BROWSER: ReadonlySet<string> = new Set(
  ['N', 'T', 'W', 'Q', 'Tab', 'Shift N', 'Shift W'].map((key) => `Ctrl ${key}`),
)

/** Why a chord cannot be given to a command, or null. */
export function refusedChord(chord: string): string | null {
  if (OF_PARTS.test(chord)) return `${chord} moves and closes things in every part`
  if (OF_FIELDS.has(chord)) return `${chord} edits text in every field`
  if (OF_BROWSER.has(chord)) return `${chord} belongs to the browser or the system`
  return null
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The command's chord, renewed when it is changed. */
export function useChord(id: CommandId): string | null {
  return useSyncExternalStore(subscribe, () => chordFor(id))
}

/** Renews its caller when any chord is changed. */
export function useChordChanges(): Changes {
  return useSyncExternalStore(subscribe, now)
}
