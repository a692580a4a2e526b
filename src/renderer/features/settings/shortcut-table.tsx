import { type KeyboardEvent, useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { chordOf, isHolding } from '../../ui/chord.ts'
import { COMMANDS, type CommandId, type Scope } from '../../ui/commands.ts'
import { Icon } from '../../ui/icon.tsx'
import { Key } from '../../ui/key.tsx'
import {
  chordChanges,
  chordFor,
  clashOf,
  isChanged,
  refusedChord,
  restoreChords,
  setChord,
  useChordChanges,
} from '../../ui/keys.ts'
import { SCOPES, scopeName } from '../../ui/scopes.ts'
import { Status } from '../../ui/status.tsx'
import { notifyUndo } from '../../ui/toast.tsx'

/** By where they hold, in the order of the areas. */
const IDS = SCOPES.flatMap(({ scope }) =>
  (Object.keys(COMMANDS) as CommandId[]).filter((id) => COMMANDS[id].scope === scope),
)

/** Commands whose name, place or keys hold the text. */
export function commandsLike(text: string): CommandId[] {
  const looked = text.trim().toLowerCase()
  return IDS.filter((id) =>
    `${COMMANDS[id].name} ${scopeName(COMMANDS[id].scope)} ${chordFor(id) ?? ''}`
      .toLowerCase()
      .includes(looked),
  )
}

export const COMMAND_COUNT = IDS.length

/** Changes chords and offers the way back. */
function change(words: string, run: () => void): void {
  const before = chordChanges()
  run()
  notifyUndo(words, () => restoreChords(before))
}

export function resetChords(count: string): void {
  change(`${count} reset`, () => restoreChords({}))
}

/**
 * Every command with its chord, folded by where it holds: changed in its row, and a clash is settled there too. `all`
 * opens every place, as what was looked for may be in any.
 */
export function ShortcutTable({ ids, all }: { ids: readonly CommandId[]; all: boolean }) {
  useChordChanges()
  const [editing, setEditing] = useState<CommandId | null>(null)
  /** What the user opened or closed. */
  const [opened, setOpened] = useState<Readonly<Partial<Record<Scope, boolean>>>>({})
  return (
    <table className="grid keys" aria-label="Shortcuts">
      <thead>
        <tr>
          <th scope="col">Command</th>
          <th scope="col">Keys</th>
          <th scope="col">Source</th>
          <th scope="col">
            <span className="visually-hidden">Change</span>
          </th>
        </tr>
      </thead>
      {SCOPES.map(({ scope, name }) => {
        const here = ids.filter((id) => COMMANDS[id].scope === scope)
        if (here.length === 0) return null
        const open = all || (opened[scope] ?? scope === 'everywhere')
        const changed = here.filter(isChanged).length
        return (
          <tbody key={scope}>
            <tr className="keys-where">
              <th scope="rowgroup" colSpan={4}>
                <button
                  type="button"
                  aria-expanded={open}
                  disabled={all}
                  onClick={() => setOpened({ ...opened, [scope]: !open })}
                >
                  <Icon name={open ? 'down' : 'right'} small />
                  {name}{' '}
                  <span className="t3">
                    {here.length}
                    {changed > 0 && `, ${changed} changed`}
                  </span>
                </button>
              </th>
            </tr>
            {open &&
              here.map((id) =>
                editing === id ? (
                  <Recording key={id} id={id} onDone={() => setEditing(null)} />
                ) : (
                  <ShortcutRow key={id} id={id} onEdit={() => setEditing(id)} />
                ),
              )}
          </tbody>
        )
      })}
    </table>
  )
}

function ShortcutRow({ id, onEdit }: { id: CommandId; onEdit: () => void }) {
  const chord = chordFor(id)
  const { name } = COMMANDS[id]
  return (
    <tr>
      <td>{name}</td>
      <td>{chord === null ? <span className="t3">none</span> : <Key>{chord}</Key>}</td>
      <td>
        <Badge>{isChanged(id) ? 'this computer' : 'default'}</Badge>
      </td>
      <td className="num">
        {isChanged(id) && (
          <Button small kind="quiet" aria-label={`Reset the keys of ${name}`} onClick={() => reset(id)}>
            Reset
          </Button>
        )}
        <Button small kind="quiet" aria-label={`Change the keys of ${name}`} onClick={onEdit}>
          Change
        </Button>
      </td>
    </tr>
  )
}

function reset(id: CommandId): void {
  const shipped = (COMMANDS[id] as { chord?: string }).chord ?? null
  const other = shipped === null ? null : clashOf(id, shipped)
  change(`Keys of ${COMMANDS[id].name} reset`, () => {
    if (other !== null) setChord(other, null)
    setChord(id, shipped)
  })
}

/** Takes the next chord that is pressed. Enter keeps it, Esc leaves it, Backspace takes the chord away. */
function Recording({ id, onDone }: { id: CommandId; onDone: () => void }) {
  const [chord, setPressed] = useState<string | null | undefined>(undefined)
  const { name } = COMMANDS[id]
  const refused = typeof chord === 'string' ? refusedChord(chord) : null
  const clash = typeof chord === 'string' && refused === null ? clashOf(id, chord) : null
  const keep = (taken: CommandId | null) => {
    if (chord === undefined || refused !== null) return onDone()
    change(chord === null ? `${name} has no keys now` : `${chord} runs ${name} now`, () => {
      if (taken !== null) setChord(taken, null)
      setChord(id, chord)
    })
    onDone()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Tab') return
    // What is pressed here is recorded, not run.
    event.stopPropagation()
    event.preventDefault()
    if (event.key === 'Escape') return onDone()
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey)
      return clash === null ? keep(null) : undefined
    if (event.key === 'Backspace') return setPressed(null)
    if (!isHolding(event)) setPressed(chordOf(event))
  }
  const keys = chord === undefined ? chordFor(id) : chord
  return (
    <>
      <tr aria-selected="true">
        <td>{name}</td>
        <td>
          <button
            type="button"
            className="input s record"
            // biome-ignore lint/a11y/noAutofocus: Change was pressed to press keys here
            autoFocus
            aria-label={`Press the new keys of ${name}; now ${keys ?? 'none'}`}
            onKeyDown={onKey}
          >
            {keys === null ? (
              <span className="t3">none</span>
            ) : (
              keys.split(' ').map((key) => <Key key={key}>{key}</Key>)
            )}
          </button>
        </td>
        <td className="t2 micro" colSpan={2}>
          Enter keeps, Esc leaves, Backspace clears
        </td>
      </tr>
      {(refused ?? clash) && (
        <tr className="clash">
          <td colSpan={4}>
            <div className="fault attention row" role="alert">
              <Status
                state="attention"
                word={refused === null ? `${chord} is taken` : `${chord} cannot be given`}
                bare
              />
              <span className="grow">
                {refused ??
                  (clash !== null &&
                    `${COMMANDS[clash].name}, ${scopeName(COMMANDS[clash].scope)}. One of the two keeps it.`)}
              </span>
              {clash !== null && (
                <Button small onClick={() => keep(clash)}>
                  Give it to {name}
                </Button>
              )}
              <Button small kind="quiet" onClick={() => setPressed(undefined)}>
                Choose other keys
              </Button>
            </div>
          </td>
        </tr>
      )}
    </>
  )
}
