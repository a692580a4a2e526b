import type { KeyboardEvent } from 'react'
import { threadStart } from '../../../shared/thread.ts'
import { Icon } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import type { Level, LevelKey } from './levels.ts'

/** The letter of a level over its waterline. */
function LevelMark({ mark, colour }: Pick<Level, 'mark' | 'colour'>) {
  return (
    <span className="lv" style={{ '--lv': `var(--${colour})` } as React.CSSProperties} aria-hidden="true">
      {mark}
    </span>
  )
}

/** The levels from the top down. Arrow keys go through them, Enter goes to what the level shows. */
export function LevelList({
  levels,
  current,
  above,
  onLevel,
  onOpen,
}: {
  levels: readonly Level[]
  current: string
  above: string | undefined
  onLevel: (key: LevelKey) => void
  onOpen: () => void
}) {
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const at = levels.findIndex(({ key }) => key === current)
    const target =
      event.key === 'ArrowDown'
        ? at + 1
        : event.key === 'ArrowUp'
          ? at - 1
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? levels.length - 1
              : null
    const next = target === null ? undefined : levels[target]
    if (next === undefined) return
    event.preventDefault()
    onLevel(next.key)
    event.currentTarget.querySelectorAll<HTMLButtonElement>('button')[target ?? 0]?.focus()
  }
  return (
    <div className="scroll thread-levels">
      {above && <Above address={above} />}
      <nav aria-label="Levels" onKeyDown={onKey}>
        {levels.map((level) => (
          <button
            key={level.key}
            type="button"
            className="thread-level"
            aria-current={level.key === current ? 'step' : undefined}
            tabIndex={level.key === current ? 0 : -1}
            onClick={() => (level.key === current ? onOpen() : onLevel(level.key))}
          >
            <LevelMark {...level} />
            <b className="cut">{level.name}</b>
            <span className="t3 end">{level.at ? <Time at={level.at} /> : level.end}</span>
            <span className="t2 cut mono">{level.line}</span>
            {level.state && <Status state={level.state[0]} word={level.state[1]} bare />}
          </button>
        ))}
      </nav>
    </div>
  )
}

const ABOVE: Readonly<Record<string, string>> = {
  daily: 'Daily point',
  weekly: 'Weekly point',
  monthly: 'Monthly point',
  errors: 'Dead letter',
}

/** The point that this row was reached from. */
function Above({ address }: { address: string }) {
  const query = Object.fromEntries(new URLSearchParams(address))
  const start = threadStart(query)
  if (start === null) return null
  const words = Object.values(start.keys ?? {})
    .map(String)
    .join(' ')
  return (
    <a className="thread-level above" href={`#/thread?${new URLSearchParams(query)}`}>
      <LevelMark mark="A" colour="c6" />
      <b className="cut">{ABOVE[start.table] ?? 'Row'}</b>
      <span className="t3 end">
        <Icon name="back" small />
      </span>
      <span className="t2 cut mono">{words}</span>
    </a>
  )
}
