import { type ReactNode, useEffect, useRef } from 'react'
import { toFault } from '../../shared/errors.ts'
import { Button } from './button.tsx'
import { FaultBlock } from './fault.tsx'
import { type Amount, Loading } from './loading.tsx'
import type { Read } from './read.ts'

/**
 * What was asked for, once it is there; until then its wait, which can be cancelled, or that it was, or the fault. Each
 * that is no answer offers to read again.
 */
export function Awaiting<T>({
  of,
  what,
  again = 'Read it again',
  amount = null,
  shape,
  plain = false,
  children,
}: {
  of: Pick<Read<T>, 'data' | 'error' | 'cancelled' | 'cancel'> & { readonly refetch: () => unknown }
  /** `Reading manifests`. */
  what: string
  /** What the button does that asks anew. */
  again?: string
  amount?: Amount | null
  /** The skeleton of what is read; rows unless told. */
  shape?: ReactNode
  /** The fault stands in a pane rather than on a page. */
  plain?: boolean
  children?: (data: T) => ReactNode
}) {
  const pressed = useRef(false)
  const ask = () => {
    pressed.current = false
    void of.refetch()
  }
  if (of.error && !of.cancelled)
    return (
      <FaultBlock fault={toFault(of.error)} plain={plain}>
        <Button small onClick={ask}>
          {again}
        </Button>
      </FaultBlock>
    )
  if (of.cancelled) return <CancelledWait again={again} focused={pressed.current} onAgain={ask} />
  if (of.data !== undefined) return children?.(of.data)
  return (
    <Loading
      what={what}
      amount={amount}
      {...(shape === undefined ? {} : { shape })}
      onCancel={() => {
        pressed.current = true
        of.cancel()
      }}
    />
  )
}

/** A wait that was ended by who waited. `focused`: the button that ended it had the focus. */
function CancelledWait({
  again,
  focused,
  onAgain,
}: {
  again: string
  focused: boolean
  onAgain: () => void
}) {
  const button = useRef<HTMLButtonElement>(null)
  // Once: what is drawn again later takes the focus from nobody.
  useEffect(() => {
    if (focused) button.current?.focus()
  }, [focused])
  return (
    <div className="empty">
      <p role="status">Cancelled: nothing was read further.</p>
      <button ref={button} type="button" className="btn s" onClick={onAgain}>
        {again}
      </button>
    </div>
  )
}
