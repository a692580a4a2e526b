import type { CommandId } from './commands.ts'
import { useChord } from './keys.ts'

const MAC = typeof navigator !== 'undefined' && /Mac/.test(navigator.platform)

/** A key or a chord as a hint: `Ctrl K`; `Cmd K` on a Mac. */
export function Key({ children }: { children: string }) {
  return <kbd>{MAC ? children.replace(/\bCtrl\b/, 'Cmd') : children}</kbd>
}

/** The chord that the command has now; nothing where it has none. */
export function CommandKey({ id }: { id: CommandId }) {
  const chord = useChord(id)
  return chord === null ? null : <Key>{chord}</Key>
}
