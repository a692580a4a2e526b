import { COMMANDS, type CommandDefinition, type CommandId } from './commands.ts'
import { chordFor } from './keys.ts'

/** The part of a key press that a chord looks at. */
export interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

/** Keys whose name on the keyboard is not the browser's. */
const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  Escape: 'Esc',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
}

/** A press as a chord is written: `Ctrl Shift L`, `?`, `S`. Command counts as Ctrl. */
export function chordOf(press: Press): string {
  const named = NAMES[press.key] ?? (press.key.length === 1 ? press.key.toUpperCase() : press.key)
  const held = press.ctrlKey || press.metaKey
  // Which character a key gives already tells Shift, save for letters and beside Ctrl.
  const shift = press.shiftKey && (held || press.key.length > 1 || /[a-z]/i.test(press.key))
  return [held && 'Ctrl', press.altKey && 'Alt', shift && 'Shift', named].filter(Boolean).join(' ')
}

/** True for a press of a key that only holds others: it is no chord yet. */
export function isHolding(press: Press): boolean {
  return /^(Control|Shift|Alt|AltGraph|Meta|OS|CapsLock|NumLock|Dead|Process|Unidentified)$/.test(press.key)
}

/** For parts that listen themselves (the editor, a grid): whether a press is the chord that the command has now. */
export function pressed(press: Press, id: CommandId): boolean {
  return chordOf(press) === chordFor(id)
}

/** The command that the window runs for a chord on the page of `area`; a page's own comes before a general one. */
export function commandOf(chord: string, area: string): CommandId | null {
  const bound = (Object.entries(COMMANDS) as [CommandId, CommandDefinition][]).filter(
    ([id, command]) => chordFor(id) === chord && !command.own,
  )
  const here =
    bound.find(([, { scope }]) => scope === area) ?? bound.find(([, { scope }]) => scope === 'everywhere')
  return here?.[0] ?? null
}

/** True where a key press writes: chords without Ctrl must let it be. */
export function writes(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox],[type=radio]), textarea, select'))
  )
}
