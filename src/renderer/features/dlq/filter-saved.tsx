import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { LetterFilterView, SavedFilter } from '../../../shared/letters.ts'
import { answer, api } from '../../api/client.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Popover } from '../../ui/popover.tsx'
import { notifyUndo } from '../../ui/toast.tsx'
import { useView } from '../../ui/view.ts'
import { filterWords } from './filter-words.ts'
import { useSavedFilters } from './queries.ts'

const keepFilter = (name: string, filter: LetterFilterView) =>
  answer(api['dead-letters'].filters.$put({ json: { name, filter } }))

/** Filters kept by name, for any group: to use, to keep the present one, to forget. */
export function SavedFilters({
  filter,
  onUse,
}: {
  /** Without the group. */
  filter: LetterFilterView
  onUse: (filter: LetterFilterView) => void
}) {
  const { zone } = useView()
  const client = useQueryClient()
  const saved = useSavedFilters().data?.filters ?? []
  const [name, setName] = useState('')
  const [bad, setBad] = useState<string | null>(null)
  const some = Object.keys(filter).length > 0
  const renew = () => client.invalidateQueries({ queryKey: ['saved-filters'] })
  const keep = async () => {
    try {
      await keepFilter(name.trim(), filter)
      setName('')
      setBad(null)
      await renew()
    } catch (error) {
      setBad(toFault(error).title)
    }
  }
  const forget = async (one: SavedFilter) => {
    await answer(api['dead-letters'].filters.$delete({ json: { name: one.name } }))
    await renew()
    notifyUndo(`Filter ${one.name} forgotten.`, () => void keepFilter(one.name, one.filter).then(renew))
  }
  return (
    <Popover
      title="Saved filters"
      width={320}
      align="start"
      trigger={
        <Button kind="quiet" small icon="file">
          Saved
        </Button>
      }
    >
      {saved.length === 0 && <p className="dense t2">None yet. A filter kept here fits any group.</p>}
      {saved.length > 0 && (
        <ul className="plain-list saved">
          {saved.map((one) => (
            <li key={one.name}>
              <button type="button" className="linkish cut" onClick={() => onUse(one.filter)}>
                <PlainText>{one.name}</PlainText>
              </button>
              <span className="grow t2 cut">
                <PlainText>{filterWords(one.filter, zone).join(', ')}</PlainText>
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
          if (some && name.trim() !== '') void keep()
        }}
      >
        <TextField label="Keep this filter as" value={name} small bad={bad} onChange={setName} />
        <button type="submit" className="btn s" disabled={!some || name.trim() === ''}>
          Keep
        </button>
      </form>
      {!some && <p className="micro t3">Off: nothing is filtered now.</p>}
    </Popover>
  )
}
