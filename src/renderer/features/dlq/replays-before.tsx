import { fixText, type ReplayView } from '../../../shared/letters.ts'
import { saveFile } from '../../chart/save-file.ts'
import { Button } from '../../ui/button.tsx'
import { type DataColumn, DataTable } from '../../ui/data-table.tsx'
import { count } from '../../ui/format.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { replaysCsv, replaysJson } from './replay-file.ts'
import { FailedLink, ReplayStatus, SnapshotLink } from './replay-list.tsx'

const COLUMNS: readonly DataColumn<ReplayView>[] = [
  { name: 'Ended', cell: (replay) => replay.endedAt !== null && <Time at={replay.endedAt} /> },
  {
    name: 'Group',
    cell: (replay) => (
      <a
        className="replay-link cut"
        href={href(['letters'], {
          ...(replay.filter.group ? { group: replay.filter.group } : {}),
          view: 'replay',
          replay: replay.id,
        })}
      >
        <PlainText>{replay.title}</PlainText>
      </a>
    ),
  },
  { name: 'Fix', cell: (replay) => <PlainText>{fixText(replay.fix)}</PlainText> },
  { name: 'Landed', numeric: true, cell: (replay) => count(replay.landed) },
  {
    name: 'Failed again',
    numeric: true,
    cell: (replay) => <FailedLink replay={replay} failed={replay.failed} />,
  },
  { name: 'Snapshot', cell: (replay) => <SnapshotLink table="raw" id={replay.snapshotId} /> },
  { name: 'State', cell: (replay) => <ReplayStatus replay={replay} /> },
]

const save = (ending: 'csv' | 'json', text: string) =>
  saveFile(
    `replays.${ending}`,
    new Blob([text], { type: ending === 'csv' ? 'text/csv' : 'application/json' }),
  )

/** Every other replay that the marks tell of, whoever ran it. */
export function ReplaysBefore({ replays }: { replays: readonly ReplayView[] }) {
  return (
    <>
      <div className="head" style={{ borderTop: '1px solid var(--line)' }}>
        <h3>
          Other replays <span className="t3">{count(replays.length)}</span>
        </h3>
        <span className="grow" />
        {replays.length > 0 && (
          <>
            <Button small kind="quiet" icon="dn" onClick={() => save('csv', replaysCsv(replays))}>
              CSV
            </Button>
            <Button small kind="quiet" icon="dn" onClick={() => save('json', replaysJson(replays))}>
              JSON
            </Button>
          </>
        )}
      </div>
      {replays.length === 0 ? (
        <p className="dense t2" style={{ padding: 12 }}>
          This is the only replay of this lake so far.
        </p>
      ) : (
        <DataTable label="Other replays" columns={COLUMNS} rows={replays} rowKey={(replay) => replay.id} />
      )}
    </>
  )
}
