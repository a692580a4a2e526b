import { useState } from 'react'
import type { LoadView } from '../../../shared/model.ts'
import { Button } from '../../ui/button.tsx'
import { bytes, count, counted, duration, shortId } from '../../ui/format.ts'
import { href } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { type CommitRow, commitRows, messagesOf } from './commit-rows.ts'

const COLOR = {
  raw: 'var(--c1)',
  errors: 'var(--c3)',
  daily: 'var(--c6)',
  weekly: 'var(--c6)',
  monthly: 'var(--c6)',
}

/** Commits as they land, newest first. Held, the list stays as it is and tells how many came since. */
export function CommitTable({
  load,
  past,
  picked,
  onPick,
}: {
  load: LoadView
  /** Commits of earlier runs, where this one has not begun. */
  past?: readonly CommitRow[]
  picked: string | null
  onPick: (row: CommitRow) => void
}) {
  const [held, setHeld] = useState<readonly CommitRow[] | null>(null)
  const live = past ?? commitRows(load)
  const rows = held ?? live
  const newer = held === null ? 0 : live.filter((row) => row.at > (held[0]?.at ?? 0)).length
  const { raw, errors, daily, weekly, monthly } = load.commits
  return (
    <>
      <div className="head">
        <h3>
          Commits{' '}
          <span className="t3">
            {past
              ? `the newest ${count(past.length)}, read back from the tables`
              : `${count(raw + errors + daily + weekly + monthly)} in this run`}
          </span>
        </h3>
        <Key color="var(--c1)" name="raw" />
        <Key color="var(--c3)" name="errors" />
        {!past && <Key color="var(--c6)" name="daily, weekly, monthly" />}
        {past ? null : held === null ? (
          <Button kind="quiet" small icon="pause" onClick={() => setHeld(live)}>
            Hold list
          </Button>
        ) : (
          <Button kind="quiet" small icon="play" onClick={() => setHeld(null)}>
            Let it run, {count(newer)} newer
          </Button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="commits" tabIndex={0} aria-label="Commits">
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">Committed</th>
              <th scope="col">Table</th>
              <th scope="col">Snapshot</th>
              <th scope="col">Offsets taken</th>
              <th scope="col" className="num">
                Rows
              </th>
              <th scope="col" className="num opt">
                Files
              </th>
              <th scope="col" className="num">
                Size
              </th>
              {!past && (
                <th scope="col" className="num opt">
                  Took
                </th>
              )}
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row
                key={row.key}
                row={row}
                dated={past !== undefined}
                picked={row.key === picked}
                onPick={() => onPick(row)}
              />
            ))}
            {rows.length === 0 && (
              <tr>
                <td colSpan={9} className="t2" style={{ padding: '0 var(--cell-x)' }}>
                  None yet: the first is due {count(load.commitSeconds ?? 10)} s after the first message.
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </section>
    </>
  )
}

function Key({ color, name }: { color: string; name: string }) {
  return (
    <span className="key">
      <i style={{ background: color }} />
      {name}
    </span>
  )
}

function Row({
  row,
  dated,
  picked,
  onPick,
}: {
  row: CommitRow
  /** With its date, as it may be of any day. */
  dated: boolean
  picked: boolean
  onPick: () => void
}) {
  const { commit, rollup } = row
  return (
    <tr className={picked ? 'is-picked' : ''}>
      <td>
        <button type="button" className="letter-open" aria-pressed={picked} onClick={onPick}>
          <Time at={row.at} as={dated ? 'iso' : 'clock'} />
        </button>
      </td>
      {commit ? (
        <>
          <td>
            <Key color={COLOR[commit.role]} name={commit.role} />
          </td>
          <td className="mono">
            <a
              href={href(['tables', commit.role], { tab: 'snapshots', snapshot: commit.snapshotId })}
              title={commit.snapshotId}
            >
              {shortId(commit.snapshotId)}
            </a>
          </td>
          <td className="t2">
            {commit.role === 'errors'
              ? 'same range'
              : `${counted(commit.taken?.partitions ?? commit.ranges.length, 'partition')}, ${count(messagesOf(commit))} msg`}
          </td>
          <td className="num">{count(commit.rows)}</td>
          <td className="num opt">{count(commit.files)}</td>
          <td className="num">{bytes(commit.bytes)}</td>
          {commit.ms !== undefined && <td className="num opt">{duration(commit.ms)}</td>}
          <td>
            {commit.found ? (
              <Status state="passed" word="Found, landed once" bare />
            ) : (
              <Status
                state="passed"
                word={(commit.attempts ?? 1) > 1 ? `Landed at attempt ${commit.attempts}` : 'Landed'}
                bare
              />
            )}
          </td>
        </>
      ) : (
        <>
          <td>
            <Key color="var(--c6)" name="daily, weekly, monthly" />
          </td>
          <td className="mono t3">{counted(rollup.snapshots, 'snapshot')}</td>
          <td className="t2">follows raw</td>
          <td className="num">{count(rollup.rows)}</td>
          <td className="num opt" />
          <td className="num" />
          <td className="num opt">{duration(rollup.ms)}</td>
          <td>
            <Status state="passed" word="Matches raw" bare />
          </td>
        </>
      )}
    </tr>
  )
}
