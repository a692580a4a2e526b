import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'
import { COMMANDS, type CommandId, runCommand } from './commands.ts'
import { counted } from './format.ts'
import { Icon, type IconName } from './icon.tsx'
import { CommandKey } from './key.tsx'
import { chordFor, useChordChanges } from './keys.ts'
import { href } from './route.ts'
import { Segmented } from './segmented.tsx'
import { Tip } from './tooltip.tsx'
import { setView, useView } from './view.ts'

export interface Area {
  readonly key: string
  readonly name: string
  readonly icon: IconName
}

export const AREAS: readonly Area[] = [
  { key: 'load', name: 'Load', icon: 'load' },
  { key: 'letters', name: 'Dead letters', icon: 'letters' },
  { key: 'sql', name: 'SQL', icon: 'sql' },
  { key: 'tables', name: 'Tables', icon: 'tables' },
  { key: 'dash', name: 'Dashboards', icon: 'dash' },
]
export const LOW_AREAS: readonly Area[] = [
  { key: 'setup', name: 'Set-up', icon: 'setup' },
  { key: 'doctor', name: 'Doctor', icon: 'doctor' },
  { key: 'settings', name: 'Settings', icon: 'settings' },
]

/** A peak and what the water gives back. */
function Mark() {
  return (
    <span className="mark">
      <svg viewBox="0 0 22 22" aria-hidden="true">
        <path
          d="M2.5 10.5 8 3.2l3 3.9 2-2.3 6.5 5.7"
          fill="none"
          stroke="var(--text)"
          strokeWidth="1.6"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
        <path d="M2.6 13.4h16.8L13.2 18l-2-1.7L8 19.6z" fill="var(--accent)" />
      </svg>
    </span>
  )
}

const ZONES = [
  { value: 'utc', word: 'UTC' },
  { value: 'local', word: 'Local' },
] as const

/** `lake`: which lake is open, with its tag; `bell`: what happened. In the desktop window the bar is what one drags. */
export function TitleBar({ lake, bell }: { lake: ReactNode; bell: ReactNode }) {
  const view = useView()
  const dark = view.theme === 'dark'
  return (
    <header className="title">
      <div>
        <Mark />
        {lake}
      </div>
      <div>
        <button type="button" className="find" onClick={() => runCommand('palette')}>
          <Icon name="search" small />
          <span className="grow cut">Go to a table, command, query or dead letter</span>
          <CommandKey id="palette" />
        </button>
      </div>
      <div>
        <Segmented
          label="Time zone"
          value={view.zone}
          choices={ZONES}
          onChange={(zone) => setView({ zone })}
        />
        <span className="two-panes">
          <IconButton
            icon="tree"
            label="Change between list and inspector"
            onClick={() => runCommand('view.pane')}
          />
        </span>
        <IconButton
          icon={dark ? 'moon' : 'sun'}
          label={dark ? 'Use the light theme' : 'Use the dark theme'}
          onClick={() => setView({ theme: dark ? 'light' : 'dark' })}
        />
        <IconButton icon="keyboard" label="Show all shortcuts" onClick={() => runCommand('shortcuts')} />
        {bell}
      </div>
    </header>
  )
}

/** `off`: no lake is open yet, so only what sets one up leads anywhere. */
export function Rail({
  current,
  letters,
  off,
  onNear,
}: {
  current: string
  /** Reasons with dead letters that are open: the badge; and how many letters those are. */
  letters: { readonly reasons: number; readonly open: number | null } | null
  off: boolean
  /** The pointer came over an area: it is likely to be opened. */
  onNear: (area: string) => void
}) {
  const waiting = letters !== null && letters.reasons > 0 ? letters : null
  useChordChanges()
  const link = (area: Area, high: boolean) => (
    <Tip key={area.key} side="right" text={tipOf(area)}>
      <a
        className="nav"
        href={href([area.key])}
        onPointerEnter={() => onNear(area.key)}
        aria-label={
          area.key === 'letters' && waiting
            ? `${area.name}, ${counted(waiting.open ?? 0, 'open letter')} for ${counted(waiting.reasons, 'reason')}`
            : area.name
        }
        aria-current={current === area.key ? 'page' : undefined}
        aria-disabled={off && high ? true : undefined}
      >
        <Icon name={area.icon} />
        {area.key === 'letters' && waiting && (
          <span className="count" aria-hidden="true">
            {waiting.reasons > 99 ? '99+' : waiting.reasons}
          </span>
        )}
      </a>
    </Tip>
  )
  return (
    <nav className={off ? 'rail is-off' : 'rail'} aria-label="Areas">
      {AREAS.map((area) => link(area, true))}
      <hr />
      {LOW_AREAS.map((area) => link(area, false))}
    </nav>
  )
}

function tipOf(area: Area): string {
  const id = `go.${area.key}`
  const chord = Object.hasOwn(COMMANDS, id) ? chordFor(id as CommandId) : null
  return chord === null ? area.name : `${area.name} (${chord})`
}
