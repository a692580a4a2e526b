import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../../../shared/export.ts'
import { fileName } from '../../chart/save-file.ts'
import { RequestFailed } from '../../query/api.ts'
import { AS_IT_CAME } from '../../query/arrange.ts'
import type { QueryResult } from '../../query/result.ts'
import { Check } from '../../ui/check.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { TextField } from '../../ui/field.tsx'
import { bytes, count, counted, duration } from '../../ui/format.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'
import type { Shown } from './arranged.tsx'
import { type ExportState, forgetExport, startExport, stopExport } from './exporting.ts'
import type { RunText, Tab } from './tab.ts'
import { useSeconds } from './use-seconds.ts'

const WORDS: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV',
  jsonl: 'JSON lines',
  parquet: 'Parquet',
}
const ABOUT: Readonly<Record<ExportFormat, string>> = {
  csv: 'For spreadsheets: UTF-8 with a header. A text that a spreadsheet would run as a formula gets an apostrophe in front.',
  jsonl: 'One object a line; numbers beyond 53 bits are written as they are.',
  parquet: 'For DuckDB, Spark or pandas: types are kept, 64-bit numbers, microseconds and maps too.',
}

/** What of the answer goes into which kind of file; then how far it is, and where the file is. */
export function ExportDialog({
  tab,
  answer,
  of,
  shown,
  state,
  onClose,
}: {
  tab: Tab
  answer: QueryResult
  of: RunText
  shown: Shown | null
  state: ExportState | null
  onClose: () => void
}) {
  const [format, setFormat] = useState<ExportFormat>('csv')
  const [asShown, setAsShown] = useState(true)
  const [name, setName] = useState(fileName(tab.title))
  const { sort, filters } = shown?.arrangement ?? AS_IT_CAME
  const hidden = shown === null ? 0 : answer.columns.length - shown.columns.length
  const arranged =
    shown !== null &&
    (sort !== null || filters.length > 0 || hidden > 0 || shown.columns.some((column, at) => column !== at))
  const wanted = asShown && arranged ? shown : null
  const rows = (answer.cut ? answer : (wanted?.rows ?? answer)).rows
  const start = () => {
    void startExport(tab, of, answer, {
      format,
      name: name.trim() || 'answer',
      shown: wanted?.rows ?? null,
      arrangement: wanted?.arrangement ?? AS_IT_CAME,
      columns: wanted?.columns ?? null,
    })
  }
  if (state?.state === 'running') {
    return (
      <Dialog
        open
        title="Exporting the answer"
        onClose={onClose}
        footer={
          <>
            <button type="button" className="btn" onClick={() => stopExport(tab.id)}>
              Cancel the export
            </button>
            <button type="button" className="btn" onClick={onClose}>
              Go on in the background
            </button>
          </>
        }
      >
        <Progress state={state} />
      </Dialog>
    )
  }
  if (state?.state === 'done') {
    const { file } = state
    return (
      <Dialog
        open
        title="Exported"
        onClose={onClose}
        footer={
          <>
            <button type="button" className="btn" onClick={() => forgetExport(tab.id)}>
              Export again
            </button>
            <a className="btn primary" href={file.href} download={file.name}>
              Save a copy
            </a>
          </>
        }
      >
        <Status
          state="passed"
          word={`${counted(file.rows, 'row')}, ${bytes(file.bytes)} of ${WORDS[file.format]}`}
          bare
        />
        <div className="row">
          <code className="grow sql-path">{file.path}</code>
          <CopyButton text={file.path} label="Copy the path" />
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      title="Export the answer"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form="export-answer" className="btn primary">
            Export {answer.cut ? 'all rows' : counted(rows, 'row')} as {WORDS[format]}
          </button>
        </>
      }
    >
      <form
        id="export-answer"
        className="sql-export"
        onSubmit={(event) => {
          event.preventDefault()
          start()
        }}
      >
        {state?.state === 'failed' && <Trouble error={state.error} />}
        <Segmented
          label="Kind of file"
          value={format}
          choices={EXPORT_FORMATS.map((value) => ({ value, word: WORDS[value] }))}
          onChange={setFormat}
        />
        <p className="t2 dense">{ABOUT[format]}</p>
        <TextField label="Name of the file" value={name} onChange={setName} unit={`.${format}`} />
        {arranged ? (
          <Check
            label="What I see is what I get: order, filters and columns as in the grid"
            checked={asShown}
            onChange={setAsShown}
          />
        ) : (
          <p className="t2 dense">All rows and columns as they came.</p>
        )}
        {wanted !== null && (
          <p className="t3 dense">
            {count(wanted.rows.rows)} of {counted(answer.rows, 'row')}
            {hidden > 0 && `, without ${counted(hidden, 'hidden column')}`}
            {sort !== null && `, by ${answer.columns[sort.column]?.name}`}
          </p>
        )}
        {answer.cut && (
          <p className="t2 dense">
            The grid holds the first {counted(answer.rows, 'row')} only: the statement runs again and all its
            rows go to the file{asShown && hidden > 0 ? ', hidden columns too' : ''}.
          </p>
        )}
      </form>
    </Dialog>
  )
}

function Progress({ state }: { state: Extract<ExportState, { state: 'running' }> }) {
  const elapsed = useSeconds(state.since)
  const { rows, of } = state
  return (
    <>
      <div className="row">
        <Status state="running" word={duration(elapsed)} />
        <span>
          <b className="named">
            {count(rows)}
            {of !== null && ` of ${counted(of, 'row')}`}
          </b>
          , {bytes(state.bytes)} written
        </span>
      </div>
      <span className={of === null ? 'meter endless' : 'meter'}>
        <i style={{ width: of === null ? '100%' : `${of === 0 ? 100 : Math.round((100 * rows) / of)}%` }} />
      </span>
      <p className="t2 dense">Cancel leaves no file behind. The tab can be used meanwhile.</p>
    </>
  )
}

function Trouble({ error }: { error: unknown }) {
  return <FaultBlock fault={error instanceof RequestFailed ? error.fault : toFault(error)} />
}
