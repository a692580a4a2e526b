import { Dialog } from '@base-ui/react/dialog'
import { type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react'
import { entriesNow, useCommandVersion } from './commands.ts'
import { Icon } from './icon.tsx'
import { keep, keptJson } from './kept.ts'
import { CommandKey, Key } from './key.tsx'
import { beforeTyping, type Found, findEntries, grouped, keyOf } from './search.ts'

/** Most results shown of one search; the foot tells how many there are. */
const MOST = 60
/** What was chosen last, by key. */
const RECENT = 'palette.recent'
const KEPT = 12

function recentKeys(): string[] {
  const stored = keptJson(RECENT)
  return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string') : []
}

/** Everything by name: areas, tables, what the open page offers, commands. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  // Not the field's own autofocus: that would come before the opener is remembered.
  const field = useRef<HTMLInputElement>(null)
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup className="pal over palette" aria-label="Find a command or table" initialFocus={field}>
          {open && <Search field={field} onClose={onClose} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Search({ field, onClose }: { field: RefObject<HTMLInputElement | null>; onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const version = useCommandVersion()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what can be done now
  const all = useMemo(entriesNow, [version])
  const [recent] = useState(recentKeys)
  const found = useMemo(
    () => findEntries(text.trim() === '' ? beforeTyping(all, recent) : all, text),
    [all, text, recent],
  )
  const groups = useMemo(() => grouped(found.slice(0, MOST)), [found])
  const order = groups.flatMap((group) => group.found)
  const current = order[Math.min(at, order.length - 1)]
  const choose = (one: Found | undefined) => {
    if (!one) return
    // A recent one is a copy that runs the same.
    const whole = all.find(({ run }) => run === one.entry.run)
    if (whole) keep(RECENT, JSON.stringify([...new Set([keyOf(whole), ...recent])].slice(0, KEPT)))
    onClose()
    // After the dialog gave the focus back, so that the command may move it.
    setTimeout(one.entry.run, 0)
  }
  const onKey = (event: KeyboardEvent) => {
    const last = order.length - 1
    const next = { ArrowDown: at >= last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last }[
      event.key
    ]
    if (event.key === 'Enter') choose(current)
    else if (next !== undefined) setAt(next)
    else return
    event.preventDefault()
  }
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  })
  return (
    <>
      <div className="q">
        <Icon name="search" />
        <input
          ref={field}
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={current ? optionId(id, order.indexOf(current)) : undefined}
          aria-label="Name of a table or command"
          placeholder="Table, command, query or dead letter"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKey}
        />
        <Key>Esc</Key>
      </div>
      <div className="found" id={id} role="listbox" aria-label="Results" ref={list} tabIndex={-1}>
        {groups.map(({ group, found: of }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
          <div key={group} role="group" aria-label={group}>
            <div className="g" aria-hidden="true">
              {group}
            </div>
            {of.map((one) => (
              <PaletteOption
                key={`${keyOf(one.entry)} ${order.indexOf(one)}`}
                id={optionId(id, order.indexOf(one))}
                one={one}
                selected={one === current}
                onChoose={() => choose(one)}
                onPoint={() => setAt(order.indexOf(one))}
              />
            ))}
          </div>
        ))}
        {order.length === 0 && (
          <p className="none t2">
            Nothing is named like <span className="mono">{text}</span>.
          </p>
        )}
      </div>
      <footer>
        <span>
          <Key>Up</Key>
          <Key>Down</Key> move
        </span>
        <span>
          <Key>Enter</Key> open
        </span>
        <span className="grow" />
        <span role="status">
          {Math.min(MOST, found.length)} of {all.length}
        </span>
      </footer>
    </>
  )
}

const optionId = (id: string, index: number) => `${id}-${index}`

/** One result: what matched is marked, its chord stands at the right. */
export function PaletteOption({
  id,
  one,
  selected,
  onChoose,
  onPoint,
}: {
  id: string
  one: Found
  selected: boolean
  onChoose: () => void
  onPoint: () => void
}) {
  const { entry, pieces } = one
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard by the field that owns the list
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
    <div
      className="o"
      id={id}
      role="option"
      aria-selected={selected}
      onClick={onChoose}
      onPointerMove={onPoint}
    >
      <Icon name={entry.icon} />
      <span>
        {pieces.map((piece) =>
          piece.hit ? <mark key={piece.at}>{piece.text}</mark> : <span key={piece.at}>{piece.text}</span>,
        )}
      </span>
      {entry.note && <span className="sub cut">{entry.note}</span>}
      <span className="grow" />
      {entry.command && <CommandKey id={entry.command} />}
      {selected && <Key>Enter</Key>}
    </div>
  )
}
