import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import { useSave, useSaved } from './library.tsx'
import { renameTab, type Tab } from './workbench.ts'

/** Keeps the tab's text as a file under a name; says whether it is kept as it stands. */
export function SaveQuery({ tab }: { tab: Tab }) {
  const saved = useSaved()
  const save = useSave()
  const [name, setName] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const kept = saved.data?.queries.find((one) => one.name === tab.title)
  const same = kept !== undefined && kept.sql.trimEnd() === tab.text.trimEnd()
  const wanted = (name ?? tab.title).trim()
  const replaces = saved.data?.queries.some((one) => one.name === wanted) === true
  const keep = async () => {
    try {
      await save(wanted, tab.text)
      renameTab(tab.id, wanted)
      setName(null)
      setTrouble(null)
    } catch (error) {
      setTrouble(toFault(error).title)
    }
  }
  return (
    <Popover
      title="Save as a file"
      trigger={
        <button type="button" className="btn quiet s">
          <Icon name={same ? 'check' : 'file'} />
          {same ? 'Saved' : 'Save'}
        </button>
      }
    >
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault()
          void keep()
        }}
      >
        <input
          className="input s"
          aria-label="Name of the query"
          value={name ?? tab.title}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="btn s" disabled={wanted === '' || (same && wanted === tab.title)}>
          {replaces ? 'Replace' : 'Save'}
        </button>
      </form>
      <p className="t3 micro">
        {trouble ?? (same ? 'Kept as it stands here' : `As ${wanted}.sql in Tarn's folder`)}
      </p>
    </Popover>
  )
}
