import { useCallback, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { useCommand } from '../../ui/commands.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { CommandKey } from '../../ui/key.tsx'
import { Menu } from '../../ui/menu.tsx'
import { notify } from '../../ui/toast.tsx'
import { useSaved, useSavedFiles } from './saved.ts'
import { isUnsaved, type Tab } from './tab.ts'
import { setFile } from './workbench.ts'

/** Keeps the tab's text as a file; the first time and for *Save as* it asks for a name. Says whether it is kept. */
export function SaveQuery({ tab }: { tab: Tab }) {
  const files = useSavedFiles()
  const [asking, setAsking] = useState<'save' | 'rename' | null>(null)
  const same = tab.file !== null && !isUnsaved(tab)
  const { id, file, text } = tab
  const keep = async (name: string) => {
    await files.save(name, text)
    setFile(id, { name, sql: text })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: `keep` is made of these
  const save = useCallback(() => {
    if (file === null) setAsking('save')
    else if (!same)
      void keep(file.name).then(
        () => notify(`Saved ${file.name}.sql`),
        () => setAsking('save'),
      )
  }, [id, file, text, same])
  useCommand('sql.save', save)
  return (
    <>
      <span className="btns">
        <button type="button" className="btn s" onClick={save} aria-disabled={same}>
          <Icon name={same ? 'check' : 'file'} />
          {same ? 'Saved' : 'Save'}
          {!same && <CommandKey id="sql.save" />}
        </button>
        <Menu
          trigger={
            <button type="button" className="btn s icon" aria-label="More ways to save">
              <Icon name="down" />
            </button>
          }
          entries={[
            { name: 'Save as', icon: 'file', onChoose: () => setAsking('save') },
            {
              name: 'Rename the file',
              icon: 'edit',
              ...(file === null ? { off: 'it is no file yet' } : {}),
              onChoose: () => setAsking('rename'),
            },
          ]}
        />
      </span>
      {asking !== null && (
        <NameDialog
          title={asking === 'rename' ? `Rename ${file?.name}` : 'Save as a file'}
          first={file?.name ?? tab.title}
          mine={file?.name ?? null}
          replace={asking === 'save'}
          onClose={() => setAsking(null)}
          onName={async (name) => {
            if (asking === 'rename' && file !== null) await files.rename(file.name, name)
            else await keep(name)
            setAsking(null)
          }}
        />
      )}
    </>
  )
}

/** Asks for the name of a file; says what it would replace and where it goes. */
export function NameDialog({
  title,
  first,
  mine,
  replace,
  onClose,
  onName,
}: {
  title: string
  first: string
  /** The name that it has now; null where it has none. */
  mine: string | null
  /** Whether a file of that name may give way. */
  replace: boolean
  onClose: () => void
  onName: (name: string) => Promise<void>
}) {
  const { data } = useSaved()
  const [name, setName] = useState(first)
  const [trouble, setTrouble] = useState<string | null>(null)
  const wanted = name.trim()
  const taken = wanted !== mine && data?.queries.some((one) => one.name === wanted) === true
  const keep = () => {
    if (wanted === '' || (taken && !replace)) return
    onName(wanted).catch((error: unknown) => setTrouble(toFault(error).title))
  }
  return (
    <Dialog
      open
      title={title}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            form="name-of-query"
            className="btn primary"
            disabled={wanted === '' || (taken && !replace)}
          >
            {replace ? (taken ? `Replace ${wanted}` : 'Save') : 'Rename'}
          </button>
        </>
      }
    >
      <form
        id="name-of-query"
        onSubmit={(event) => {
          event.preventDefault()
          keep()
        }}
      >
        <TextField
          label="Name of the query"
          value={name}
          onChange={(next) => {
            setName(next)
            setTrouble(null)
          }}
          bad={trouble ?? (taken && !replace ? `${wanted}.sql is there already` : null)}
          help={`${taken ? 'In place of the file' : 'As the file'} ${wanted === '' ? 'NAME' : wanted}.sql in ${data?.folder ?? 'the folder of queries'}`}
        />
      </form>
    </Dialog>
  )
}
