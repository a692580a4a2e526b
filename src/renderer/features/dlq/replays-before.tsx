import { fixText, type ReplayView } from '../../../shared/letters.ts'
import { count, instant } from '../../ui/format.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { useView } from '../../ui/view.ts'
import { ReplayStatus, SnapshotLink } from './replay-list.tsx'

/** Every other replay that the marks tell of, whoever ran it. */
export function ReplaysBefore({ replays }: { replays: readonly ReplayView[] }) {
  const { zone } = useView()
  return (
    <>
      <div className="head" style={{ borderTop: '1px solid var(--line)' }}>
        <h3>
          Other replays <span className="t3">{count(replays.length)}</span>
        </h3>
      </div>
      {replays.length === 0 ? (
        <p className="dense t2" style={{ padding: 12 }}>
          This is the only replay of this lake so far.
        </p>
      ) : (
        <Scroll label="Other replays">
          <table className="grid">
            <thead>
              <tr>
                <th scope="col">Ended</th>
                <th scope="col">Group</th>
                <th scope="col">Fix</th>
                <th scope="col" className="num">
                  Landed
                </th>
                <th scope="col" className="num">
                  Failed again
                </th>
                <th scope="col">Snapshot</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {replays.map((replay) => (
                <tr key={replay.id}>
                  <td>{replay.endedAt === null ? '' : instant(replay.endedAt, zone)}</td>
                  <td className="cut" style={{ width: '100%', maxWidth: 0 }}>
                    <a
                      href={href(['letters'], {
                        ...(replay.filter.group ? { group: replay.filter.group } : {}),
                        view: 'replay',
                        replay: replay.id,
                      })}
                    >
                      <PlainText>{replay.title}</PlainText>
                    </a>
                  </td>
                  <td className="t2">{fixText(replay.fix)}</td>
                  <td className="num">{count(replay.landed)}</td>
                  <td className="num">{count(replay.failed)}</td>
                  <td>
                    <SnapshotLink table="raw" id={replay.snapshotId} />
                  </td>
                  <td>
                    <ReplayStatus replay={replay} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  )
}
