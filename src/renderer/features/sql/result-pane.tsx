import { memo } from 'react'
import type { RunOutcome } from '../../query/session.ts'
import { Button } from '../../ui/button.tsx'
import { runCommand } from '../../ui/commands.ts'
import { bytes, clock, counted, duration } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'
import { Arranged, type Shown } from './arranged.tsx'
import { ExportMenu } from './export-menu.tsx'
import type { CellPlace } from './grid-keys.ts'
import { RunError } from './run-error.tsx'
import type { Tab } from './tab.ts'

interface ResultPaneProps {
  readonly tab: Tab
  readonly onCell: (cell: CellPlace) => void
  readonly onReplace: (from: number, to: number, text: string) => void
}

/** What became of the last run, and the rows of the last answer. Drawn again when those change, not with the text. */
export const ResultPane = memo(
  ResultPaneNow,
  (a, b) =>
    a.tab.id === b.tab.id &&
    a.tab.run.state === b.tab.run.state &&
    a.tab.runs === b.tab.runs &&
    a.tab.outcome === b.tab.outcome &&
    a.tab.title === b.tab.title &&
    stillStands(a.tab) === stillStands(b.tab) &&
    (a.tab.outcomeOf?.text ?? '') === (b.tab.outcomeOf?.text ?? '') &&
    a.tab.text.includes(a.tab.outcomeOf?.text ?? '') === b.tab.text.includes(b.tab.outcomeOf?.text ?? ''),
)

function ResultPaneNow({ tab, onCell, onReplace }: ResultPaneProps) {
  const { zone } = useView()
  const { run, outcome } = tab
  const edited = tab.outcomeOf !== null && !tab.text.includes(tab.outcomeOf.text)
  const lead = outcome !== null && (
    <>
      {run.state === 'done' && !edited ? (
        <>
          <Status state="passed" word={counted(outcome.result.rows, 'row')} bare />
          <span className="t2 dense cut">{readText(outcome)}</span>
        </>
      ) : (
        <>
          <Status state="waiting" word={`From the run of ${clock(tab.outcomeAt, zone)}`} bare />
          <span className="t2 dense cut">
            {counted(outcome.result.rows, 'row')}
            {run.state === 'cancelled' ? `; the last run was cancelled after ${duration(run.ms)}` : ''}
            {run.state === 'running' ? ', until the new ones come' : ''}
            {edited ? ', before the last edit' : ''}
          </span>
        </>
      )}
      {outcome.result.cut && <Status state="attention" word="Cut at 512 MiB: the answer is larger" bare />}
    </>
  )
  const end = (shown: Shown) =>
    outcome !== null &&
    tab.outcomeOf !== null && (
      <ExportMenu tab={tab} answer={outcome.result} of={tab.outcomeOf} shown={shown} />
    )
  return (
    <>
      {run.state === 'failed' && (
        <RunError error={run.error} of={run.of} ms={run.ms} stands={stillStands(tab)} onReplace={onReplace} />
      )}
      {outcome === null ? (
        <div className="empty grow">
          {run.state !== 'running' && (
            <>
              <p>
                {run.state === 'cancelled'
                  ? `Cancelled after ${duration(run.ms)}. Nothing was kept of it.`
                  : 'The answer of the statement at the cursor appears here.'}
              </p>
              <Button small icon="play" command="sql.run" onClick={() => runCommand('sql.run')}>
                Run the statement
              </Button>
            </>
          )}
        </div>
      ) : outcome.result.rows === 0 ? (
        <>
          <div className="bar sql-result-bar">{lead}</div>
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
          old={run.state !== 'done' || edited}
          lead={lead}
          end={end}
          onCell={onCell}
        />
      )}
    </>
  )
}

/** Whether the statement of the last run is in the text where it was. */
function stillStands({ run, text }: Tab): boolean {
  return 'of' in run && text.slice(run.of.start, run.of.start + run.of.text.length) === run.of.text
}

function readText({ forecast, read, ms }: RunOutcome): string {
  const took = `in ${duration(ms)}`
  if (forecast.files === 0) return `${took}, no data file read`
  if (read.requests === 0) return `${took}, ${counted(read.cachedFiles, 'file')} from memory`
  const kept = read.cachedFiles > 0 ? `, ${counted(read.cachedFiles, 'file')} from memory` : ''
  return `${took}, read ${bytes(read.readBytes)} from ${counted(read.files - read.cachedFiles, 'file')}${kept}`
}
