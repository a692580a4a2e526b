import { fileName, saveFile } from '../../chart/save-file.ts'
import { csvPieces } from '../../query/csv.ts'
import type { RunOutcome } from '../../query/session.ts'
import { bytes, clock, counted, duration } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'
import { Arranged } from './arranged.tsx'
import type { CellPlace } from './result-grid.tsx'
import { RunError } from './run-error.tsx'
import type { Tab } from './workbench.ts'

interface ResultPaneProps {
  readonly tab: Tab
  readonly onCell: (cell: CellPlace) => void
  readonly onReplace: (from: number, to: number, text: string) => void
}

/** What became of the last run, and the rows of the last answer. */
export function ResultPane({ tab, onCell, onReplace }: ResultPaneProps) {
  const { zone } = useView()
  const { run, outcome } = tab
  const lead = outcome !== null && (
    <>
      {run.state === 'done' ? (
        <>
          <Status state="passed" word={counted(outcome.result.rows, 'row')} bare />
          <span className="t2 dense">{readText(outcome)}</span>
        </>
      ) : (
        <span className="t2 dense">
          {run.state === 'cancelled' ? `Cancelled after ${duration(run.ms)}. ` : ''}
          From the run of {clock(tab.outcomeAt, zone)}, {counted(outcome.result.rows, 'row')}
        </span>
      )}
      {outcome.result.cut && <Status state="attention" word="Cut at 512 MiB: the answer is larger" bare />}
    </>
  )
  const end = outcome !== null && (
    <button type="button" className="btn quiet s" onClick={() => download(outcome, tab.title)}>
      <Icon name="download" />
      Export CSV
    </button>
  )
  return (
    <>
      {run.state === 'failed' && <RunError error={run.error} of={run.of} ms={run.ms} onReplace={onReplace} />}
      {outcome === null ? (
        <div className="empty grow">
          <p>
            {run.state === 'cancelled'
              ? `Cancelled after ${duration(run.ms)}.`
              : 'The answer appears here. Ctrl Enter runs the statement at the cursor.'}
          </p>
        </div>
      ) : outcome.result.rows === 0 ? (
        <>
          <div className="bar sql-result-bar">
            {lead}
            <span className="grow" />
            {end}
          </div>
          <div className="empty grow">
            <p>
              {outcome.result.columns.length === 0
                ? 'Done.'
                : `No row matches. The answer has ${counted(outcome.result.columns.length, 'column')}.`}
            </p>
          </div>
        </>
      ) : (
        <Arranged
          key={`${tab.id}-${tab.outcomeAt}`}
          tab={tab}
          result={outcome.result}
          lead={lead}
          end={end}
          onCell={onCell}
        />
      )}
    </>
  )
}

function readText({ forecast, read, ms }: RunOutcome): string {
  const took = `in ${duration(ms)}`
  if (forecast.files === 0) return `${took}, no data file read`
  if (read.requests === 0) return `${took}, ${counted(read.cachedFiles, 'file')} from memory`
  const kept = read.cachedFiles > 0 ? `, ${counted(read.cachedFiles, 'file')} from memory` : ''
  return `${took}, read ${bytes(read.readBytes)} from ${counted(read.files - read.cachedFiles, 'file')}${kept}`
}

/** The whole answer as a CSV file, not only the rows in sight. */
function download({ result }: RunOutcome, title: string): void {
  saveFile(`${fileName(title)}.csv`, new Blob([...csvPieces(result)], { type: 'text/csv;charset=utf-8' }))
}
