/** A load's state in the app's one set of states, with its word. */
export const STATE = {
  idle: { state: 'waiting', word: 'Not started' },
  starting: { state: 'running', word: 'Starting' },
  running: { state: 'running', word: 'Running' },
  paused: { state: 'attention', word: 'Paused' },
  stopping: { state: 'running', word: 'Committing' },
  done: { state: 'passed', word: 'Stopped' },
  failed: { state: 'failed', word: 'Stopped by itself' },
} as const
