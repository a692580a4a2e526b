import type { CommitView } from '../../../shared/model.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { bytes, clock, count, counted, duration, shortId } from '../../ui/format.ts'
import { href } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'

const COLOR: Readonly<Record<TableRole, string>> = {
  raw: 'var(--c1)',
  errors: 'var(--c3)',
  daily: 'var(--c6)',
  weekly: 'var(--c6)',
  monthly: 'var(--c6)',
}

function taken(commit: CommitView): string {
  if (commit.ranges.length === 0) return 'follows raw'
  const messages = commit.ranges.reduce((sum, range) => sum + BigInt(range.end) - BigInt(range.start), 0n)
  return `${counted(commit.ranges.length, 'partition')}, ${counted(messages, 'message')}`
}

/** Commits as they land, newest first. */
export function CommitTable({ commits }: { commits: readonly CommitView[] }) {
  const { zone } = useView()
  return (
    <>
      <div className="head">
        <h3>
          Commits <span className="t3">{count(commits.length)} newest</span>
        </h3>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-label="Commits">
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
              <th scope="col" className="num">
                Files
              </th>
              <th scope="col" className="num">
                Size
              </th>
              <th scope="col" className="num">
                Took
              </th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {commits.map((commit) => (
              <tr key={`${commit.role}-${commit.snapshotId}`}>
                <td>{clock(commit.at, zone)}</td>
                <td>
                  <span className="key" style={{ color: 'inherit' }}>
                    <i style={{ background: COLOR[commit.role] }} />
                    {commit.role}
                  </span>
                </td>
                <td className="mono">
                  <a href={href(['tables', commit.role], { tab: 'snapshots' })} title={commit.snapshotId}>
                    {shortId(commit.snapshotId)}
                  </a>
                </td>
                <td className="t2">{taken(commit)}</td>
                <td className="num">{count(commit.rows)}</td>
                <td className="num">{count(commit.files)}</td>
                <td className="num">{bytes(commit.bytes)}</td>
                <td className="num">{duration(commit.ms)}</td>
                <td>
                  <Status state="passed" word="Landed" bare />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}
