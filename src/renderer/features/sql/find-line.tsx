import { useEffect, useRef, useState } from 'react'
import type { Arrangement } from '../../query/arrange.ts'
import type { QueryResult } from '../../query/result.ts'
import { theEngine } from '../../query/start.ts'
import { IconButton } from '../../ui/button.tsx'
import { count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { placesOf } from './filters.ts'
import type { CellPlace } from './grid-keys.ts'

/** How long the text rests before it is looked for, in ms. */
const REST_MS = 200

/** Looks for a text in every row of the answer, in the engine, and goes from one row that has it to the next. */
export function FindLine({
  session,
  result,
  shown,
  arrangement,
  columns,
  text,
  onText,
  onTarget,
  onClose,
}: {
  session: string
  result: QueryResult
  /** The rows of the grid, in its order. */
  shown: QueryResult
  arrangement: Arrangement
  /** Places of the columns in sight, from left to right. */
  columns: readonly number[]
  text: string
  onText: (text: string) => void
  onTarget: (cell: CellPlace) => void
  onClose: () => void
}) {
  const [found, setFound] = useState<Uint32Array | null>(null)
  const [at, setAt] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const seen = columns.join()
  const go = (places: Uint32Array, to: number) => {
    const row = places[to]
    if (row === undefined) return
    setAt(to)
    const wanted = text.toLowerCase()
    const column = columns.find((one) => shown.cell(row, one)?.toLowerCase().includes(wanted))
    onTarget({ row, column: column ?? columns[0] ?? 0 })
  }
  useEffect(() => input.current?.focus(), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `go` is made of these
  useEffect(() => {
    let on = true
    setFound(null)
    if (text === '') return
    const timer = setTimeout(async () => {
      const filters = [...arrangement.filters, { column: columns, op: 'has' as const, text }]
      const rows = await theEngine()
        .session(session)
        .arrange(result, { ...arrangement, filters })
        .catch(() => new Uint32Array())
      if (!on) return
      const places = placesOf(rows, shown)
      setFound(places)
      go(places, 0)
    }, REST_MS)
    return () => {
      on = false
      clearTimeout(timer)
    }
  }, [text, session, result, shown, arrangement, seen])
  const step = (by: number) => {
    if (found !== null && found.length > 0) go(found, (at + by + found.length) % found.length)
  }
  return (
    <search className="sql-find" aria-label="Find in the answer">
      <label className="input s">
        <Icon name="search" />
        <input
          ref={input}
          type="search"
          aria-label="Find in the answer"
          placeholder="Find in all rows"
          value={text}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)
            else if (event.key === 'Escape') {
              event.stopPropagation()
              onClose()
            } else return
            event.preventDefault()
          }}
        />
      </label>
      <span className="t2 dense" role="status">
        {text === ''
          ? `in ${counted(shown.rows, 'row')}, also those out of sight`
          : found === null
            ? 'looking'
            : found.length === 0
              ? 'in no row'
              : `row ${count(at + 1)} of ${counted(found.length, 'row')} that have it`}
      </span>
      <span className="grow" />
      <button type="button" className="btn quiet s" disabled={!found?.length} onClick={() => step(-1)}>
        <Icon name="up" />
        Previous
      </button>
      <button type="button" className="btn quiet s" disabled={!found?.length} onClick={() => step(1)}>
        <Icon name="dn" />
        Next
      </button>
      <IconButton icon="x" label="Close find" onClick={onClose} />
    </search>
  )
}
