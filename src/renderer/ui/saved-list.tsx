import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../shared/errors.ts'
import { Button, IconButton } from './button.tsx'
import { TextField } from './field.tsx'
import { PlainText } from './plain-text.tsx'
import { Popover } from './popover.tsx'
import { notifyUndo } from './toast.tsx'

interface Saved<T> {
  readonly name: string
  readonly value: T
}

/** What is kept by name of one kind: where, and the words for it. */
export interface Shelf<T> {
  readonly key: string
  readonly list: () => Promise<readonly Saved<T>[]>
  readonly put: (name: string, value: T) => Promise<unknown>
  readonly remove: (name: string) => Promise<unknown>
  readonly title: string
  readonly none: string
  readonly keepAs: string
  readonly forgotten: (name: string) => string
}

/** Things kept by name: to use one, to keep `present` (null: nothing to keep now), to forget one with a way back. */
export function SavedList<T>({
  shelf,
  present,
  words,
  note,
  align = 'end',
  onUse,
  onKept,
}: {
  shelf: Shelf<T>
  present: T | null
  words: (value: T) => string
  note: string | null
  align?: 'start' | 'end'
  onUse: (value: T) => void
  onKept?: (name: string) => void
}) {
  const client = useQueryClient()
  const saved = useQuery({ queryKey: [shelf.key], queryFn: shelf.list }).data ?? []
  const [name, setName] = useState('')
  const [bad, setBad] = useState<string | null>(null)
  const off = present === null || name.trim() === ''
  const put = async (as: string, value: T) => {
    await shelf.put(as, value)
    await client.invalidateQueries({ queryKey: [shelf.key] })
  }
  const keep = async () => {
    if (present === null || off) return
    try {
      await put(name.trim(), present)
      setName('')
      setBad(null)
      onKept?.(name.trim())
    } catch (error) {
      setBad(toFault(error).title)
    }
  }
  const forget = async (one: Saved<T>) => {
    await shelf.remove(one.name)
    await client.invalidateQueries({ queryKey: [shelf.key] })
    notifyUndo(shelf.forgotten(one.name), () => void put(one.name, one.value))
  }
  return (
    <Popover
      title={shelf.title}
      width={320}
      align={align}
      trigger={
        <Button kind="quiet" small icon="file">
          Saved
        </Button>
      }
    >
      {saved.length === 0 && <p className="dense t2">{shelf.none}</p>}
      {saved.length > 0 && (
        <ul className="plain-list saved">
          {saved.map((one) => (
            <li key={one.name}>
              <button type="button" className="linkish cut" onClick={() => onUse(one.value)}>
                <PlainText>{one.name}</PlainText>
              </button>
              <span className="grow t2 cut">
                <PlainText>{words(one.value)}</PlainText>
              </span>
              <IconButton icon="trash" label={`Forget ${one.name}`} onClick={() => void forget(one)} />
            </li>
          ))}
        </ul>
      )}
      <form
        className="keep-form"
        onSubmit={(event) => {
          event.preventDefault()
          void keep()
        }}
      >
        <TextField label={shelf.keepAs} value={name} small bad={bad} onChange={setName} />
        <button type="submit" className="btn s" disabled={off}>
          Keep
        </button>
      </form>
      {note !== null && <p className="micro t3">{note}</p>}
    </Popover>
  )
}
