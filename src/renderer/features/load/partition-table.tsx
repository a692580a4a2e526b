import type { LoadPartition } from '../../../shared/model.ts'
import { count } from '../../ui/format.ts'

/** Per Kafka partition: messages, rows, rejected and lag, the most lag first. */
export function PartitionTable({ partitions }: { partitions: readonly LoadPartition[] }) {
  const byLag = [...partitions].sort(
    (a, b) => Number(BigInt(b.lag ?? '0') - BigInt(a.lag ?? '0')) || a.partition - b.partition,
  )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
    <section className="scroll" tabIndex={0} aria-label="Partitions by lag">
      <table className="grid">
        <thead>
          <tr>
            <th scope="col" className="num">
              <abbr title="Partition">P</abbr>
            </th>
            <th scope="col" className="num">
              Messages
            </th>
            <th scope="col" className="num">
              Rejected
            </th>
            <th scope="col" className="num">
              Lag
            </th>
          </tr>
        </thead>
        <tbody>
          {byLag.map((p) => (
            <tr
              key={p.partition}
              title={`${count(p.rows)} rows written, committed up to offset ${p.committed ?? 'none'}`}
            >
              <td className="num mono">{p.partition}</td>
              <td className="num">{count(p.messages)}</td>
              <td className="num">{count(p.rejected)}</td>
              <td className="num">
                {p.lag === null ? <span className="null" title="null" /> : count(p.lag)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
