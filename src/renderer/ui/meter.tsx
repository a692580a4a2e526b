import type { ReactNode } from 'react'

/** A value of a whole as a thin bar; both in one unit. The words beside it tell the numbers. */
export function Meter({
  label,
  value,
  of,
  thin = false,
}: {
  label: string
  value: number
  of: number
  thin?: boolean
}) {
  const part = Math.min(1, Math.max(0, value / Math.max(1, of)))
  return (
    // biome-ignore lint/a11y/useSemanticElements: the browser's own meter cannot be styled alike everywhere
    <div
      className={thin ? 'meter thin' : 'meter'}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
    >
      <i style={{ width: `${part * 100}%` }} />
    </div>
  )
}

/** Work under way: words first, then how much of how much, then time. `of` null: the end is not known. */
export function Progress({
  what,
  amount,
  done,
  of,
  rest,
  children,
}: {
  /** `Reading 402 files`. */
  what: string
  /** `7.1 of 11.4 MiB, 4 s`. */
  amount: string
  done: number
  of: number | null
  /** `about 2 s more`. */
  rest?: string
  /** Cancel. */
  children?: ReactNode
}) {
  const part = of === null ? null : Math.min(1, Math.max(0, done / Math.max(1, of)))
  return (
    <div className="prog">
      <div className="row">
        <b className="named">{what}</b>
        <span className="t2">{amount}</span>
      </div>
      <div
        className={part === null ? 'meter endless' : 'meter'}
        role="progressbar"
        aria-label={what}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={amount}
        {...(part === null ? {} : { 'aria-valuenow': Math.round(part * 100) })}
      >
        <i style={{ width: part === null ? '100%' : `${part * 100}%` }} />
      </div>
      {(rest || children) && (
        <div className="row">
          <span className="t3">{rest}</span>
          {children}
        </div>
      )}
    </div>
  )
}
