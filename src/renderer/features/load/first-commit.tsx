import type { LoadPartition, LoadView } from '../../../shared/model.ts'
import { useLive } from '../../api/live.ts'
import { bytes, count, counted } from '../../ui/format.ts'
import { Section } from '../../ui/inspector.tsx'

/** The first commit while it is gathered: what it will bring, where it begins, where it lands. */
export function FirstCommit({ load }: { load: LoadView }) {
  return (
    <>
      <Gathered load={load} />
      <Begins partitions={load.partitions} />
      <Lands />
    </>
  )
}

function Gathered({ load }: { load: LoadView }) {
  const { nextCommitInMs: next, commitSeconds = 0, commitBytes = 0 } = load
  return (
    <Section title="The first commit">
      <dl className="kv">
        <dt>Messages read</dt>
        <dd>{count(load.messages)}</dd>
        <dt>Samples for raw</dt>
        <dd>{count(load.rows)}</dd>
        <dt>Dead letters for errors</dt>
        <dd>{count(load.rejected)}</dd>
        <dt>Buffered</dt>
        <dd>{bytes(load.bufferedBytes)}</dd>
        <dt>Due</dt>
        <dd>
          {next === null
            ? `${count(commitSeconds)} s after the first message`
            : next === 0
              ? 'now: files are stored, then committed'
              : `in ${count(Math.ceil(next / 1000))} s, or at ${bytes(commitBytes)}`}
        </dd>
      </dl>
    </Section>
  )
}

const SHOWN = 8

/** Where each partition is read from: the position that the tables hold, or the first message where they hold none. */
function Begins({ partitions }: { partitions: readonly LoadPartition[] }) {
  const ordered = partitions.toSorted((a, b) => a.partition - b.partition)
  const rest = ordered.length - SHOWN
  return (
    <Section title="Where it begins">
      {ordered.length === 0 ? (
        <p className="dense t2">The source is being asked for its partitions.</p>
      ) : (
        <table className="grid offs">
          <thead>
            <tr>
              <th scope="col" className="num">
                Partition
              </th>
              <th scope="col" className="num">
                From
              </th>
              <th scope="col" className="num">
                Read up to
              </th>
              <th scope="col" className="num">
                Messages
              </th>
            </tr>
          </thead>
          <tbody>
            {ordered.slice(0, SHOWN).map((one) => (
              <tr key={one.partition}>
                <td className="mono num">{one.partition}</td>
                <td className={one.committed === null ? 'num t2' : 'mono num'}>
                  {one.committed ?? 'the first'}
                </td>
                <td className="mono num">{one.position}</td>
                <td className="num">{count(one.messages)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rest > 0 && (
        <p className="dense t2 commit-ways">{counted(rest, 'more partition')}, listed at the left.</p>
      )}
    </Section>
  )
}

function Lands() {
  const { app } = useLive()
  if (app === null) return null
  const { tables, catalog } = app
  const rows = [
    ['Samples', tables.raw],
    ['Dead letters', tables.errors],
    ['Statistics', tables.daily],
    ['', tables.weekly],
    ['', tables.monthly],
  ] as const
  return (
    <Section title={`Where it lands, in ${catalog.database}`}>
      <dl className="kv">
        {rows.map(([name, table]) => (
          <div key={table} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd className="mono">{table}</dd>
          </div>
        ))}
      </dl>
      <p className="dense t2 commit-ways">
        Dead letters are committed first, then the rows with the position to go on from, then statistics: a
        load that is cut in between neither loses nor doubles anything.
      </p>
    </Section>
  )
}
