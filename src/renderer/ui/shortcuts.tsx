import { COMMANDS, type CommandId, isHandled } from './commands.ts'
import { Dialog } from './dialog.tsx'
import { Key } from './key.tsx'
import { chordFor, useChordChanges } from './keys.ts'
import { SCOPES } from './scopes.ts'

/** Keys that every list, grid, menu and line between panes takes. */
const PARTS = [
  ['Move in lists, grids and menus', 'Arrows'],
  ['First and last', 'Home, End'],
  ['Close, and back to where it was opened', 'Esc'],
  ['Move a line between panes', 'Arrows'],
  ['Reach the newest notice', 'F6'],
] as const

/** All shortcuts by where they hold, from the one table of commands. */
export function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  // What holds everywhere and has no handler leads to a page that this build has not.
  useChordChanges()
  const all = (Object.keys(COMMANDS) as CommandId[])
    .filter((id) => COMMANDS[id].scope !== 'everywhere' || isHandled(id))
    .map((id) => ({ ...COMMANDS[id], chord: chordFor(id) }))
  return (
    <Dialog open={open} title="Shortcuts" width={940} onClose={onClose}>
      <div className="sheet-of-keys">
        {SCOPES.map(({ scope, name }) => {
          const bound = all.filter((one) => one.scope === scope && one.chord !== null)
          if (bound.length === 0) return null
          return (
            <section key={scope}>
              <h3>{name}</h3>
              <dl>
                {bound.map((one) => (
                  <div key={one.name}>
                    <dt>{one.name}</dt>
                    <dd>
                      <Key>{one.chord ?? ''}</Key>
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          )
        })}
        <section>
          <h3>In every part</h3>
          <dl>
            {PARTS.map(([what, keys]) => (
              <div key={what}>
                <dt>{what}</dt>
                <dd>
                  <Key>{keys}</Key>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  )
}
