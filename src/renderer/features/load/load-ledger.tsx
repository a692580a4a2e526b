import { useState } from 'react'
import type { LoadView } from '../../../shared/model.ts'
import type { LedgerPartition, LedgerSums, LedgerView } from '../../../shared/monitor.ts'
import { answer, api } from '../../api/client.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Balance } from '../../ui/balance.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { clock, count, counted, instant } from '../../ui/format.ts'
import { useRead } from '../../ui/read.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'

function useLedger(enabled: boolean, key: unknown) {
  return useRead({
    queryKey: ['ledger', key],
    queryFn: async ({ signal }) => (await answer(api.load.ledger.$get({}, { init: { signal } }))).ledger,
    enabled,
    staleTime: 5_000,
    gcTime: 30_000,
  })
}

/** The sums as the tables tell them, with what this load has read beyond. */
function sumsOf(ledger: LedgerView | null | undefined): LedgerSums | null {
  return ledger ? { ...ledger, pending: 0, problems: ledger.problems.length } : null
}

/**
 * Conservation: all that was consumed since the first offset is written, dead-lettered, skipped or pending, or the exact
 * gap is named. Read back from the tables, not from the loader's memory.
 */
export function LoadLedger({ load }: { load: LoadView }) {
  const { zone } = useView()
  const [open, setOpen] = useState(false)
  const idle = load.ledger === null || load.ledger === undefined
  const read = useLedger(idle || load.state === 'idle', `${load.state} ${load.lastCommitAt}`)
  const sums = load.ledger ?? sumsOf(read.data)
  // Before the first commit all that was read is pending.
  const pending = sums?.pending ?? load.rows + load.rejected + load.skipped
  const topic = load.source?.topic ?? read.data?.topic
  const share = sums && sums.consumed > 0 ? (sums.deadLettered / sums.consumed) * 100 : 0
  return (
    <section className="ledger" aria-label="Ledger">
      <Balance
        title="Ledger"
        note={
          sums === null
            ? 'samples; the tables hold no commit of this loader yet'
            : `samples since ${sums.whole || sums.since === null ? `the first offset${topic ? ` of ${topic}` : ''}` : `${instant(sums.since, zone)}, older snapshots expired`}, read back from the tables at ${clock(sums.at, zone)}`
        }
        unit="samples"
        name="Consumed"
        total={sums?.consumed ?? pending}
        parts={[
          { name: 'Written', value: sums?.written ?? 0, color: 'var(--c1)' },
          {
            name: share > 0 ? `Dead-lettered, ${share.toFixed(1)} %` : 'Dead-lettered',
            value: sums?.deadLettered ?? 0,
            color: 'var(--c3)',
          },
          { name: 'Skipped', value: sums?.skipped ?? 0, color: 'var(--c-other)' },
          { name: 'Pending', value: pending, kind: 'pending' },
        ]}
      >
        <Button kind="quiet" small onClick={() => setOpen(true)}>
          By partition
        </Button>
      </Balance>
      <Dialog open={open} title="Ledger by partition" width={680} onClose={() => setOpen(false)}>
        {open && <ByPartition />}
      </Dialog>
    </section>
  )
}

function ByPartition() {
  const read = useLedger(true, 'by partition')
  const ledger = read.data
  if (ledger === undefined) return <Awaiting of={read} what="Reading the ledger" plain />
  if (ledger === null) return <p className="t2">The tables hold no commit of this loader yet.</p>
  return (
    <>
      <p className="dense t2">
        {counted(ledger.messages, 'message')} in {counted(ledger.commits, 'commit')}
        {ledger.since !== null && (
          <>
            {' '}
            since <Time at={ledger.since} />
          </>
        )}
        . Offsets are half-open; raw rows hold no partition, so samples are balanced over all of them.
      </p>
      {ledger.problems.length > 0 && (
        <ul className="dense">
          {ledger.problems.slice(0, 20).map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      <div style={{ display: 'flex', maxHeight: '44vh' }}>
        <Scroll label="Ledger by partition">
          <PartitionLedger partitions={ledger.partitions} />
        </Scroll>
      </div>
    </>
  )
}

function PartitionLedger({ partitions }: { partitions: readonly LedgerPartition[] }) {
  const sum = (key: 'consumed' | 'missing' | 'accepted') =>
    count(partitions.reduce((total, one) => total + BigInt(one[key]), 0n))
  return (
    <table className="grid">
      <thead>
        <tr>
          <th scope="col" className="num">
            Partition
          </th>
          <th scope="col">Offsets</th>
          <th scope="col" className="num">
            Consumed
          </th>
          <th scope="col" className="num">
            Given up by you
          </th>
          <th scope="col" className="num">
            Missing
          </th>
        </tr>
      </thead>
      <tbody>
        {partitions.map((one) => (
          <tr key={one.partition}>
            <td className="num mono">{one.partition}</td>
            <td className="mono">
              {one.from} to {one.to}
            </td>
            <td className="num">{count(one.consumed)}</td>
            <td className="num">{count(one.accepted)}</td>
            <td className="num">{count(one.missing)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td className="num">{count(partitions.length)}</td>
          <td />
          <td className="num">{sum('consumed')}</td>
          <td className="num">{sum('accepted')}</td>
          <td className="num">{sum('missing')}</td>
        </tr>
      </tfoot>
    </table>
  )
}
