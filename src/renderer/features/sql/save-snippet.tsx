import { useCallback, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { useCommand } from '../../ui/commands.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { notify } from '../../ui/toast.tsx'
import { inEditor } from './editor.tsx'
import { saveSnippet, useSnippets } from './snippets.ts'
import { chosenStatement } from './tab.ts'

/** Keeps the selection, or the statement at the cursor, as a snippet; opened by its command. */
export function SaveSnippet() {
  const own = useSnippets()
  const [text, setText] = useState<string | null>(null)
  const [name, setName] = useState('')
  const [trouble, setTrouble] = useState<string | null>(null)
  useCommand(
    'sql.snippet',
    useCallback(() => {
      const editor = inEditor()
      if (editor === null) return
      const { from, to } = editor.selection
      setText(
        from < to ? editor.text.slice(from, to) : (chosenStatement(editor.text, from, to)?.text ?? null),
      )
      setName('')
    }, []),
  )
  if (text === null) return null
  const wanted = name.trim()
  const taken = own.some((one) => one.name === wanted)
  const close = () => setText(null)
  const keep = () =>
    saveSnippet({ name: wanted, text }).then(
      () => {
        close()
        notify(`Saved the snippet ${wanted}; completion offers it by its name`)
      },
      (error: unknown) => setTrouble(toFault(error).title),
    )
  return (
    <Dialog
      open
      title="Save as a snippet"
      onClose={close}
      footer={
        <>
          <button type="button" className="btn" onClick={close}>
            Cancel
          </button>
          <button type="submit" form="name-of-snippet" className="btn primary" disabled={wanted === ''}>
            {taken ? `Replace ${wanted}` : 'Save'}
          </button>
        </>
      }
    >
      <form
        id="name-of-snippet"
        onSubmit={(event) => {
          event.preventDefault()
          if (wanted !== '') void keep()
        }}
      >
        <TextField
          label="Name of the snippet"
          value={name}
          onChange={setName}
          bad={trouble}
          help={`A part written as #{name} becomes a place to fill in. Completion offers the snippet by its name.`}
        />
        <pre className="env">{text}</pre>
      </form>
    </Dialog>
  )
}
