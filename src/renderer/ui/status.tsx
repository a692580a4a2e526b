import { Icon } from './icon.tsx'

export type State = 'passed' | 'attention' | 'failed' | 'running' | 'waiting'

/**
 * The icon of a state alone, for steps whose words stand beside it; a screen reader is told the state. Its size is that
 * of the place.
 */
export function StatusIcon({ state, word }: { state: State; word: string }) {
  return (
    <span className={`st-icon ${state}`}>
      <Icon name={state} />
      <span className="visually-hidden">{word}</span>
    </span>
  )
}

/** The one component that wears a state's colour: always icon, word and colour together. */
export function Status({ state, word, bare = false }: { state: State; word: string; bare?: boolean }) {
  return (
    <span className={`chip ${state}${bare ? ' bare' : ''}`}>
      <Icon name={state} />
      {word}
    </span>
  )
}
