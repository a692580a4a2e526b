import { Component, type ReactNode } from 'react'
import { toFault } from '../../shared/errors.ts'
import { FaultBlock } from './fault.tsx'
import { Icon, type IconName } from './icon.tsx'
import { href } from './route.ts'
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
]
export const LOW_AREAS: readonly Area[] = [{ key: 'setup', name: 'Set-up', icon: 'setup' }]

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

export function TitleBar({ lake }: { lake: ReactNode }) {
  const view = useView()
  const dark = view.theme === 'dark'
  return (
    <header className="title">
      <div>
        <Mark />
        {lake}
      </div>
      <div />
      <div>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend to a two-button switch */}
        <span className="seg" role="group" aria-label="Time zone">
          {(['utc', 'local'] as const).map((zone) => (
            <button
              key={zone}
              type="button"
              aria-pressed={view.zone === zone}
              onClick={() => setView({ zone })}
            >
              {zone === 'utc' ? 'UTC' : 'Local'}
            </button>
          ))}
        </span>
        <button
          type="button"
          className="btn quiet icon s"
          aria-label={dark ? 'Use the light theme' : 'Use the dark theme'}
          onClick={() => setView({ theme: dark ? 'light' : 'dark' })}
        >
          <Icon name={dark ? 'moon' : 'sun'} />
        </button>
      </div>
    </header>
  )
}

export function Rail({ current, letters }: { current: string; letters: number }) {
  const link = (area: Area, shortcut?: number) => (
    <a
      key={area.key}
      className="nav"
      href={href([area.key])}
      title={shortcut ? `${area.name} (Ctrl ${shortcut})` : area.name}
      aria-label={area.name}
      aria-current={current === area.key ? 'page' : undefined}
    >
      <Icon name={area.icon} />
      {area.key === 'letters' && letters > 0 && (
        <span className="count">{letters > 99 ? '99+' : letters}</span>
      )}
    </a>
  )
  return (
    <nav className="rail" aria-label="Areas">
      {AREAS.map((area, index) => link(area, index + 1))}
      <hr />
      {LOW_AREAS.map((area) => link(area))}
    </nav>
  )
}

/** Keeps the failure of one page to that page. */
export class PageBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error }
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children
    return (
      <main className="work">
        <FaultBlock fault={toFault(this.state.error)}>
          <button type="button" className="btn s" onClick={() => this.setState({ error: null })}>
            Show the page again
          </button>
        </FaultBlock>
      </main>
    )
  }
}
