import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

const INDENT = ['a', 'b', 'c', 'd', 'e', 'f']

/**
 * A row of a tree. Opening and choosing are two things: the arrow opens (also by arrow keys), the row chooses. Rows
 * stand in a `Tree`, which moves the focus by arrow keys and is one tab stop.
 */
export function TreeRow({
  depth = 0,
  icon,
  open,
  selected = false,
  end,
  onOpen,
  onChoose,
  children,
}: {
  /** 0 to 6. */
  depth?: number
  icon?: IconName
  /** Undefined: nothing below it. */
  open?: boolean
  selected?: boolean
  end?: ReactNode
  onOpen?: (open: boolean) => void
  onChoose?: () => void
  children: ReactNode
}) {
  return (
    <div
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={selected}
      {...(open === undefined ? {} : { 'aria-expanded': open })}
      tabIndex={-1}
      onClick={() => (onChoose ? onChoose() : open !== undefined && onOpen?.(!open))}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault()
          if (onChoose) onChoose()
          else if (open !== undefined) onOpen?.(!open)
        } else if (event.key === 'ArrowRight' && open === false) {
          event.preventDefault()
          onOpen?.(true)
        } else if (event.key === 'ArrowLeft' && open === true) {
          event.preventDefault()
          onOpen?.(false)
        }
      }}
    >
      {INDENT.slice(0, depth).map((key) => (
        <span key={key} className="ind" />
      ))}
      {open !== undefined && (
        // biome-ignore lint/a11y/noStaticElementInteractions: a larger target for the mouse; keys have the row
        // biome-ignore lint/a11y/useKeyWithClickEvents: arrow keys open the row
        <span
          className="twist"
          onClick={(event) => {
            event.stopPropagation()
            onOpen?.(!open)
          }}
        >
          <Icon name={open ? 'down' : 'right'} small />
        </span>
      )}
      {icon && <Icon name={icon} small />}
      <span className="cut">{children}</span>
      {end !== undefined && <span className="end">{end}</span>}
    </div>
  )
}

/** One tab stop; Up, Down, Home and End move between its rows. */
export function Tree({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div
      className="tree scroll"
      role="tree"
      aria-label={label}
      tabIndex={0}
      onFocus={(event) => {
        if (event.target !== event.currentTarget) return
        const rows = rowsOf(event.currentTarget)
        ;(rows.find((row) => row.ariaSelected === 'true') ?? rows[0])?.focus()
      }}
      onKeyDown={(event) => {
        const rows = rowsOf(event.currentTarget)
        const at = rows.indexOf(document.activeElement as HTMLElement)
        const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
        if (event.key === 'Tab' && event.shiftKey) event.currentTarget.tabIndex = -1
        if (next === undefined) return
        event.preventDefault()
        rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus()
      }}
      onBlur={(event) => {
        event.currentTarget.tabIndex = 0
      }}
    >
      {children}
    </div>
  )
}

const rowsOf = (tree: HTMLElement): HTMLElement[] => [
  ...tree.querySelectorAll<HTMLElement>('[role="treeitem"]'),
]
