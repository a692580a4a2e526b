import { useEffect, useMemo, useState } from 'react'
import type { AppState } from '../../../shared/model.ts'
import { Icon } from '../../ui/icon.tsx'
import { href, navigate } from '../../ui/route.ts'
import { knownOf, pathOf, type TableKey, tableAt } from './address.ts'

const KEY = 'tarn.tables.open'
const MOST = 8

/** Addresses of tables that were opened, kept on this computer. */
function read(): string[][] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]') as unknown
    if (!Array.isArray(kept)) return []
    return kept.filter(
      (one): one is string[] => Array.isArray(one) && one.every((part) => typeof part === 'string'),
    )
  } catch {
    return []
  }
}

const same = (a: readonly string[], b: readonly string[]) => a.join('\0') === b.join('\0')

/** The tables that are open, as tabs; the newest takes its place at the end, and closing one goes to its neighbour. */
export function OpenTables({
  app,
  selected,
  there = true,
}: {
  app: AppState
  selected: TableKey
  /** False where there is no such table: then it is shown, and not kept. */
  there?: boolean
}) {
  const here = useMemo(() => pathOf(selected), [selected])
  const [open, setOpen] = useState(read)
  useEffect(() => {
    setOpen((before) => {
      if (!there || before.some((one) => same(one, here))) return before
      const next = [...before, here].slice(-MOST)
      localStorage.setItem(KEY, JSON.stringify(next))
      return next
    })
  }, [here, there])
  const close = (path: readonly string[]): void => {
    const at = open.findIndex((one) => same(one, path))
    const next = open.filter((one) => !same(one, path))
    localStorage.setItem(KEY, JSON.stringify(next))
    setOpen(next)
    const neighbour = next[Math.min(at, next.length - 1)]
    if (same(path, here) && neighbour) navigate(neighbour)
  }
  return (
    <nav className="tabs" aria-label="Open tables">
      {(open.some((one) => same(one, here)) ? open : [...open, here]).map((path) => {
        const { name } = tableAt(path, knownOf(app))
        const on = same(path, here)
        return (
          <span key={path.join('\0')} className={on ? 'tab is-on' : 'tab'}>
            <Icon name="tables" />
            <a href={href(path)} aria-current={on ? 'page' : undefined}>
              {name}
            </a>
            {open.length > 1 && (
              <button type="button" className="x" aria-label={`Close ${name}`} onClick={() => close(path)}>
                <Icon name="x" small />
              </button>
            )}
          </span>
        )
      })}
    </nav>
  )
}
