import { useState } from 'react'
import type { ReplayBatch, ReplayView } from '../../../shared/letters.ts'
import { Button } from '../../ui/button.tsx'
import { type DataColumn, DataTable } from '../../ui/data-table.tsx'
import { count, duration } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import { type Line, linesOf } from './batch-lines.ts'
import { FailedLink, SnapshotLink } from './replay-list.tsx'

const known = (line: Line): ReplayBatch | null =>
  line.state === 'waiting' || line.state === 'writing' ? null : line

const columnsOf = (replay: ReplayView): readonly DataColumn<Line>[] => [
  { name: 'Batch', numeric: true, cell: (line) => line.number + 1 },
  { name: 'Letters', numeric: true, cell: (line) => count(line.letters) },
  { name: 'Landed', numeric: true, cell: (line) => known(line) && count(known(line)?.landed ?? 0) },
  {
    name: 'Failed again',
    numeric: true,
    cell: (line) => known(line) && <FailedLink replay={replay} failed={known(line)?.failed ?? 0} />,
  },
  {
    name: 'Rows in snapshot',
    cell: (line) => <SnapshotLink table="raw" id={known(line)?.rawSnapshot ?? null} />,
  },
  {
    name: 'Marks in snapshot',
    cell: (line) => <SnapshotLink table="replays" id={known(line)?.marksSnapshot ?? null} />,
  },
  {
    name: 'Took',
    numeric: true,
    cell: (line) => (line.state !== 'waiting' && line.ms !== null ? duration(line.ms) : ''),
  },
  { name: 'State', cell: (line) => <BatchStatus line={line} /> },
]

function BatchStatus({ line }: { line: Line }) {
  if (line.state === 'waiting') return <Status state="waiting" word="Waiting" bare />
  if (line.state === 'writing') return <Status state="running" word="Writing" bare />
  if (line.state === 'pending') return <Status state="attention" word="End not known" bare />
  return line.landed > 0 ? (
    <Status state="passed" word="Landed" bare />
  ) : (
    <Status state="failed" word="Failed again" bare />
  )
}

/** The batches of a replay as the commits that they are. While it runs the list can be held still. */
export function ReplayBatches({ replay }: { replay: ReplayView }) {
  const [held, setHeld] = useState<ReplayView | null>(null)
  const running = replay.state === 'running'
  const shown = running ? (held ?? replay) : replay
  return (
    <>
      <div className="head">
        <h3>Batches</h3>
        <span className="grow" />
        <span className="t2 dense cut">
          {held && running
            ? 'held; the replay goes on'
            : `at most ${count(replay.batchSize)} letters each; after a crash it goes on with those that have no mark`}
        </span>
        {running && (
          <Button
            small
            kind="quiet"
            icon={held ? 'play' : 'pause'}
            aria-pressed={held !== null}
            onClick={() => setHeld(held ? null : replay)}
          >
            {held ? 'Go on' : 'Hold list'}
          </Button>
        )}
      </div>
      <DataTable
        label="Batches"
        columns={columnsOf(replay)}
        rows={linesOf(shown)}
        rowKey={(line) => line.number}
        isSelected={(line) => line.state === 'writing'}
      />
    </>
  )
}
