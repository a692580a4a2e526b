import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { type Fix, fixText, type SavedFix } from '../../../shared/letters.ts'
import { answer, api } from '../../api/client.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Popover } from '../../ui/popover.tsx'
import { notify, notifyUndo } from '../../ui/toast.tsx'
import { useSavedFixes } from './queries.ts'

const keepFix = (name: string, fix: Fix) =>
  answer(api['dead-letters'].fixes.$put({ json: { name, fix: fix as never } }))

/** Fixes kept by name: to take one up again, to keep this one, to forget one. */
export function SavedFixes({ fix, onUse }: { fix: Fix | null; onUse: (fix: Fix) => void }) {
  const client = useQueryClient()
  const saved = useSavedFixes().data?.fixes ?? []
  const [name, setName] = useState('')
  const [bad, setBad] = useState<string | null>(null)
  const renew = () => client.invalidateQueries({ queryKey: ['saved-fixes'] })
  const keep = async () => {
    if (fix === null) return
    try {
      await keepFix(name.trim(), fix)
      setName('')
      setBad(null)
      await renew()
      notify(`Fix ${name.trim()} kept. tarn replay --fix takes it by this name.`)
    } catch (error) {
      setBad(toFault(error).title)
    }
  }
  const forget = async (one: SavedFix) => {
    await answer(api['dead-letters'].fixes.$delete({ json: { name: one.name } }))
    await renew()
    notifyUndo(`Fix ${one.name} forgotten.`, () => void keepFix(one.name, one.fix).then(renew))
  }
  return (
    <Popover
      title="Saved fixes"
      width={320}
      trigger={
        <Button kind="quiet" small icon="file">
          Saved
        </Button>
      }
    >
      {saved.length === 0 && <p className="dense t2">None yet. A fix kept here can be used for any group.</p>}
      {saved.length > 0 && (
        <ul className="plain-list saved">
          {saved.map((one) => (
            <li key={one.name}>
              <button type="button" className="linkish cut" onClick={() => onUse(one.fix)}>
                <PlainText>{one.name}</PlainText>
              </button>
              <span className="grow t2 cut">
                <PlainText>{fixText(one.fix)}</PlainText>
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
        <TextField label="Keep this fix as" value={name} small bad={bad} onChange={setName} />
        <button type="submit" className="btn s" disabled={fix === null || name.trim() === ''}>
          Keep
        </button>
      </form>
      <p className="micro t3">
        {fix === null
          ? 'Off: what is written is no fix yet.'
          : 'A file of JSON in the folder fixes of Tarn, which the command line takes too.'}
      </p>
    </Popover>
  )
}
