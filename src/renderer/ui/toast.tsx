import { Toast } from '@base-ui/react/toast'
import { useEffect, useState } from 'react'
import { IconButton } from './button.tsx'
import { Icon } from './icon.tsx'
import { type State, Status } from './status.tsx'

interface Notice {
  readonly state?: State
  readonly word?: string
  readonly action?: { readonly name: string; readonly run: () => void }
  readonly undo?: () => void
  readonly until?: number
}

const manager = Toast.createToastManager<Notice>()

/** How long an undo is offered, in ms. */
export const UNDO_MS = 10_000
const SHOWN_MS = 6_000

/** Tells what happened and what it touched. Faults never come as a toast: they stay where they happened. */
export function notify(text: string, options: Pick<Notice, 'state' | 'word' | 'action'> = {}): void {
  manager.add({ description: text, timeout: SHOWN_MS, data: options })
}

/** Tells what was done and offers to take it back for ten seconds. */
export function notifyUndo(text: string, undo: () => void): void {
  manager.add({ description: text, timeout: UNDO_MS, data: { undo, until: Date.now() + UNDO_MS } })
}

function UndoButton({ until, onUndo }: { until: number; onUndo: () => void }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <button type="button" className="btn s" onClick={onUndo}>
      Undo, {Math.max(0, Math.round((until - now) / 1000))} s
    </button>
  )
}

function List() {
  const { toasts, close } = Toast.useToastManager<Notice>()
  return toasts.map((toast) => {
    const { state, word, action, undo, until } = toast.data ?? {}
    const take = (run: () => void) => () => {
      run()
      close(toast.id)
    }
    return (
      <Toast.Root
        key={toast.id}
        toast={toast}
        className="toast fill"
        swipeDirection="right"
        aria-label={undo ? 'Notice with undo' : 'Notice'}
      >
        {state && word ? <Status state={state} word={word} bare /> : undo && <Icon name="undo" />}
        <Toast.Content className="grow">
          <Toast.Description render={<span />} />
        </Toast.Content>
        {action && (
          <button type="button" className="btn s quiet" onClick={take(action.run)}>
            {action.name}
          </button>
        )}
        {undo && until !== undefined && <UndoButton until={until} onUndo={take(undo)} />}
        <Toast.Close render={<IconButton icon="x" label="Close" />} />
      </Toast.Root>
    )
  })
}

/** Where notices appear: bottom right, over the page; F6 moves the focus there. Once in the window. */
export function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="toasts over">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}
