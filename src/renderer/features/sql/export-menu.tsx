import { useCallback, useState } from 'react'
import type { QueryResult } from '../../query/result.ts'
import { useCommand } from '../../ui/commands.ts'
import { Icon } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
import type { Shown } from './arranged.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { useExport } from './exporting.ts'
import type { RunText, Tab } from './tab.ts'

/** The answer as a file; while one is written, the button says how far it is. */
export function ExportMenu({
  tab,
  answer,
  of,
  shown,
}: {
  tab: Tab
  answer: QueryResult
  /** The statement that it answers. */
  of: RunText
  /** What the grid shows of it; null where that is all. */
  shown: Shown | null
}) {
  const [open, setOpen] = useState(false)
  const state = useExport(tab.id)
  const show = useCallback(() => setOpen(true), [])
  useCommand('sql.export', show)
  const running = state?.state === 'running' ? state : null
  const done = running?.of ? Math.floor((100 * running.rows) / running.of) : null
  return (
    <>
      <button type="button" className="btn quiet s" onClick={show}>
        {running === null ? (
          <>
            <Icon name="download" />
            Export
          </>
        ) : (
          <Status state="running" word={done === null ? 'Exporting' : `Exporting, ${done} %`} bare />
        )}
      </button>
      {open && (
        <ExportDialog
          tab={tab}
          answer={answer}
          of={of}
          shown={shown}
          state={state}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}
