import { threadPath } from '../../../shared/thread.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { count, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Stat, Stats } from '../../ui/stat.tsx'
import { Time } from '../../ui/time.tsx'
import { hrefTo } from './commit-level.tsx'
import { LevelBar } from './level-bar.tsx'
import type { LevelProps } from './level-detail.tsx'

const NAMES: Readonly<Record<string, string>> = {
  error_type: 'Type',
  error_message: 'Why',
  user_id: 'User',
  sample_id: 'Sample',
  data_type: 'Data type',
}
const REASON = Object.keys(NAMES)

/** The dead letter of an errors row, with where its replays landed; or the letter that a replayed row came from. */
export function LetterLevel({ view, heading }: LevelProps) {
  const letter = view.letter ?? (view.end?.kind === 'letter' ? view.end.letter : null)
  if (letter === null)
    return (
      <>
        <LevelBar title="Dead letter" heading={heading}>
          <a className="btn s" href={href(['letters'], { group: 'all', state: 'landed' })}>
            <Icon name="letters" />
            Letters that landed
          </a>
        </LevelBar>
        <p className="dense t2 thread-prose pad">
          A replay wrote this row. Its marks name no letter with this sample: a fix may have changed the id,
          or the table of marks was removed.
        </p>
      </>
    )
  return (
    <>
      <LevelBar title="Dead letter" about={<span className="mono">{letter.id}</span>} heading={heading}>
        <a className="btn s" href={href(['letters'], { group: 'all', letter: letter.id })}>
          <Icon name="letters" />
          Open the letter
        </a>
      </LevelBar>
      <Stats label="Kafka coordinates">
        <Stat name="Topic" value={letter.topic}>
          as the letter keeps it
        </Stat>
        <Stat name="Partition" value={letter.partition} />
        <Stat name="Offset" value={count(letter.offset)} />
        {view.letter && (
          <Stat name="Landed" value={count(view.letter.landed.length)}>
            {view.letter.landed.length === 0 ? 'never replayed with success' : 'by replay'}
          </Stat>
        )}
      </Stats>
      {view.letter && (
        <div className="sect">
          <dl className="kv thread-facts">
            {REASON.flatMap((name) => {
              const text = view.rows[view.chosen]?.cells.find((one) => one.name === name)?.text
              return text == null
                ? []
                : [
                    <dt key={`${name} name`}>{NAMES[name]}</dt>,
                    <dd key={name}>
                      <PlainText>{text}</PlainText>
                    </dd>,
                  ]
            })}
          </dl>
        </div>
      )}
      {view.letter && view.letter.landed.length > 0 && (
        <DataTable<{ snapshotId: string; at: number }>
          label="Where replays of it landed"
          rowKey={({ snapshotId }) => snapshotId}
          rows={view.letter.landed}
          columns={[
            { name: 'Landed', cell: ({ at }) => <Time at={at} as="iso" /> },
            {
              name: 'Snapshot of raw',
              mono: true,
              cell: ({ snapshotId }) => (
                <a className="cell-link" href={hrefTo(threadPath({ table: 'raw', snapshot: snapshotId }))}>
                  {shortId(snapshotId)}, its rows
                </a>
              ),
            },
            {
              name: 'In tables',
              cell: ({ snapshotId }) => (
                <a
                  className="cell-link"
                  href={href(['tables', 'raw'], { tab: 'snapshots', snapshot: snapshotId })}
                >
                  Open snapshot
                </a>
              ),
            },
          ]}
        />
      )}
    </>
  )
}
