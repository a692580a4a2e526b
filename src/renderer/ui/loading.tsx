import { type ReactNode, useEffect, useState } from 'react'
import { bytes } from './format.ts'
import { Status } from './status.tsx'

/** Before this many ms nothing shows; after the next two the time, and the amount, are told. */
const QUIET_MS = 300
export const TIME_MS = 2_000
const AMOUNT_MS = 10_000

export interface Amount {
  readonly done: number
  /** Null where the whole is not known. */
  readonly of: number | null
  /** `bytes` are written in KiB and MiB. */
  readonly unit: string
}

/** What a wait of `ms` says (rule 7 of the guidelines). */
export function waitWords(what: string, ms: number, amount: Amount | null): string | null {
  if (ms < TIME_MS) return null
  const seconds = `${what}, ${Math.floor(ms / 1000)} s`
  if (ms < AMOUNT_MS || amount === null) return seconds
  const say = (value: number) => (amount.unit === 'bytes' ? bytes(value) : `${value.toLocaleString('en-US')}`)
  const whole = amount.of === null ? '' : ` of ${say(amount.of)}`
  return `${seconds}, ${say(amount.done)}${whole}${amount.unit === 'bytes' ? '' : ` ${amount.unit}`}`
}

/** Ms since the part appeared, renewed with the second. */
function useElapsed(): number {
  const [elapsed, setElapsed] = useState(0)
  useEffect(() => {
    const started = performance.now()
    const tick = () => setElapsed(performance.now() - started)
    const first = setTimeout(tick, QUIET_MS)
    const timer = setInterval(tick, 500)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
    }
  }, [])
  return elapsed
}

const ROWS = [70, 52, 64, 48, 72, 58, 66, 44, 61, 55]

/** Bars in the shape of rows: one column per width given, in the grid's row height. */
export function Skeleton({ rows = 7, columns = 3 }: { rows?: number; columns?: number }) {
  return (
    <div aria-hidden="true">
      {ROWS.slice(0, rows).map((width, row) => (
        <div
          key={width}
          className="skel-row"
          style={{ gridTemplateColumns: `1fr ${'100px '.repeat(Math.max(0, columns - 1))}` }}
        >
          {Array.from({ length: columns }, (_, column) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
              key={column}
              className="skel"
              style={{ width: column === 0 ? `${width}%` : `${50 + ((row * 7 + column * 13) % 40)}%` }}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

/** The shape of what waits for another view, which tells of the wait: nothing for 300 ms. */
export function Shape({ children }: { children: ReactNode }) {
  return useElapsed() < QUIET_MS ? null : children
}

/**
 * A view on its way: nothing for 300 ms, then the shape of the content; over 2 s how long it takes and Cancel; over 10 s
 * how much of how much. `shape` is the skeleton; rows unless told.
 */
export function Loading({
  what,
  shape,
  amount = null,
  onCancel,
}: {
  /** `Reading manifests`. */
  what: string
  shape?: ReactNode
  amount?: Amount | null
  onCancel?: () => void
}) {
  const elapsed = useElapsed()
  if (elapsed < QUIET_MS) return <div aria-busy="true" className="grow" />
  const words = waitWords(what, elapsed, amount)
  return (
    <div aria-busy="true" className="grow wait">
      <div className="wait-line">
        {words !== null && (
          <>
            <Status state="running" word={words} bare />
            <span className="grow" />
            {onCancel && (
              <button type="button" className="btn s" onClick={onCancel}>
                Cancel
              </button>
            )}
          </>
        )}
      </div>
      <span className="visually-hidden" role="status">
        {what}
      </span>
      {shape ?? <Skeleton columns={1} />}
    </div>
  )
}
