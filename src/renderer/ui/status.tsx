import { Icon } from './icon.tsx'

export type State = 'passed' | 'attention' | 'failed' | 'running' | 'waiting'

/** The one component that wears a state's colour: always icon, word and colour together. */
export function Status({ state, word, bare = false }: { state: State; word: string; bare?: boolean }) {
  return (
    <span className={`chip ${state}${bare ? ' bare' : ''}`}>
      <Icon name={state} />
      {word}
    </span>
  )
}
