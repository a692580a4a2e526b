import { Menu as Base } from '@base-ui/react/menu'
import { Fragment, type ReactElement } from 'react'
import type { CommandId } from './commands.ts'
import { Icon, type IconName } from './icon.tsx'
import { CommandKey, Key } from './key.tsx'

export interface MenuEntry {
  readonly name: string
  /** Said in grey beside the name. */
  readonly note?: string
  /** Names this entry and those after it. */
  readonly heading?: string
  readonly icon?: IconName
  /** A key that the menu itself has no part in. */
  readonly chord?: string
  /** The command that it runs too: its chord is shown. */
  readonly command?: CommandId
  readonly danger?: boolean
  /** Why it cannot be chosen now; said beside it. */
  readonly off?: string
  /** Parted from the entry before it by a line. */
  readonly apart?: boolean
  readonly onChoose: () => void
}

/** `trigger` is the button that opens it. */
export function Menu({
  trigger,
  entries,
  align = 'end',
  onOpen,
}: {
  trigger: ReactElement
  entries: readonly MenuEntry[]
  align?: 'start' | 'end'
  onOpen?: () => void
}) {
  return (
    <Base.Root modal={false} onOpenChange={(open) => open && onOpen?.()}>
      <Base.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Entries entries={entries} align={align} />
    </Base.Root>
  )
}

/** A menu of something that is no button, such as a column of a grid: it opens at `anchor`, and is closed without one. */
export function MenuAt({
  anchor,
  label,
  entries,
  onClose,
}: {
  anchor: Element | null
  label: string
  entries: readonly MenuEntry[]
  onClose: () => void
}) {
  return (
    <Base.Root modal={false} open={anchor !== null} onOpenChange={(next) => !next && onClose()}>
      <Entries entries={entries} align="start" anchor={anchor} label={label} />
    </Base.Root>
  )
}

function Entries({
  entries,
  align,
  anchor,
  label,
}: {
  entries: readonly MenuEntry[]
  align: 'start' | 'end'
  anchor?: Element | null
  label?: string
}) {
  // Names keep one left edge where some entries have an icon.
  const iconed = entries.some((entry) => entry.icon !== undefined)
  return (
    <Base.Portal>
      <Base.Positioner className="over" sideOffset={4} align={align} {...(anchor && { anchor })}>
        <Base.Popup className={iconed ? 'pop iconed' : 'pop'} aria-label={label}>
          {entries.map((entry) => (
            <Fragment key={entry.name}>
              {entry.heading && <div className="menu-heading">{entry.heading}</div>}
              {entry.apart && <Base.Separator className="rule" />}
              <Base.Item
                className={entry.danger ? 'item danger' : 'item'}
                disabled={entry.off !== undefined}
                onClick={entry.onChoose}
              >
                {entry.icon && <Icon name={entry.icon} />}
                {entry.name}
                {entry.note && <span className="t3 dense cut">{entry.note}</span>}
                {entry.off && <span className="end t3 dense">{entry.off}</span>}
                {entry.chord && <Key>{entry.chord}</Key>}
                {entry.command && <CommandKey id={entry.command} />}
              </Base.Item>
            </Fragment>
          ))}
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  )
}
