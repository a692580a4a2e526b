import { Status } from '../../ui/status.tsx'
import { useOnDisk, useSavedFiles } from './saved.ts'
import type { Tab } from './tab.ts'
import { setFile, setText, update } from './workbench.ts'

/** One line over the editor when the tab's file is not what it was, with both ways out. */
export function OnDiskLine({ tab }: { tab: Tab }) {
  const state = useOnDisk(tab)
  const files = useSavedFiles()
  if (state === null || tab.file === null) return null
  const { name } = tab.file
  const keep = () => void files.save(name, tab.text).then(() => setFile(tab.id, { name, sql: tab.text }))
  return (
    <div className="strip" role="status">
      <Status
        state="attention"
        word={
          state.is === 'gone'
            ? `${name}.sql is no longer in the folder`
            : `${name}.sql was changed on disk while it was edited here`
        }
        bare
      />
      <span className="grow" />
      {state.is === 'changed' ? (
        <>
          <button
            type="button"
            className="btn s"
            onClick={() => {
              setText(tab.id, state.sql.trimEnd())
              setFile(tab.id, { name, sql: state.sql })
            }}
          >
            Take the file's text
          </button>
          <button type="button" className="btn quiet s" onClick={keep}>
            Replace the file by this
          </button>
        </>
      ) : (
        <>
          <button type="button" className="btn s" onClick={keep}>
            Save it again
          </button>
          <button
            type="button"
            className="btn quiet s"
            onClick={() => update(tab.id, { file: null, base: '' })}
          >
            Keep it in the tab alone
          </button>
        </>
      )}
    </div>
  )
}
