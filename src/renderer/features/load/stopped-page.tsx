import type { Fault } from '../../../shared/errors.ts'
import type { LoadView } from '../../../shared/model.ts'
import type { RefusalView } from '../../../shared/monitor.ts'
import { Balance } from '../../ui/balance.tsx'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { count, counted, instant } from '../../ui/format.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'
import { refusalCsv, sumRefusal } from './refusal.ts'

/** The load refused to go on: exactly what is missing, and what each way out costs. */
export function StoppedWork({ load, refusal }: { load: LoadView; refusal: RefusalView }) {
  const { zone } = useView()
  const sums = sumRefusal(refusal)
  const gap = refusal.code === 'GAP'
  const rolledBack = refusal.code === 'TABLE_ROLLED_BACK'
  return (
    <>
      {load.fault && <FaultBlock fault={told(load.fault, refusal, zone)} />}
      {(gap || rolledBack) && !refusal.endless && (
        <section className="ledger" aria-label="Ledger">
          <div className="row balance-head">
            <h3>Ledger</h3>
            <span className="t2 dense cut">
              messages, first offset to newest, asked <Time at={refusal.askedAt} as="ago" />
            </span>
            <span className="grow" />
            <Status state="failed" word={`Gap of ${counted(sums.missing, 'message')}`} />
          </div>
          <Balance
            unit="messages"
            name="Produced"
            total={Number(sums.produced)}
            parts={[
              { name: 'Loaded', value: Number(sums.loaded - (gap ? 0n : sums.missing)), color: 'var(--c1)' },
              {
                name: gap ? 'Missing, gone from Kafka' : 'Missing, no longer in the table',
                value: Number(sums.missing),
                kind: 'gone',
              },
              { name: 'Waiting in Kafka', value: Number(sums.waiting), kind: 'pending' },
            ]}
          />
        </section>
      )}
      <div className="head">
        <h3>By partition</h3>
        <Button kind="quiet" small icon="download" onClick={() => save('refusal.csv', refusalCsv(refusal))}>
          Export
        </Button>
      </div>
      <Scroll label="By partition">
        <PartitionTable refusal={refusal} />
      </Scroll>
    </>
  )
}

/** The fault as evidence: the exact ranges stand in the table, the ways out beside it. */
function told(fault: Fault, refusal: RefusalView, zone: 'utc' | 'local'): Fault {
  const { missing, partitions } = sumRefusal(refusal)
  if (refusal.code === 'TABLE_ROLLED_BACK')
    return {
      ...fault,
      title: `${counted(missing, 'message')} of ${counted(partitions, 'partition')} were loaded and are no longer in the table`,
      remedy: undefined,
      context: {
        'Our positions': 'named by a commit that is in the table’s history no longer',
        'The table': 'was set back to an older snapshot, not by Tarn',
      },
    }
  if (refusal.code !== 'GAP') return { ...fault, remedy: undefined }
  return {
    ...fault,
    title: `${counted(missing, 'message')} in ${counted(partitions, 'partition')} were deleted by Kafka before they were loaded`,
    remedy: undefined,
    context: {
      'Oldest kept offset': `above our position in ${count(partitions)} of ${counted(refusal.partitions.length, 'partition')}`,
      'Our positions': `from the table's ledger${refusal.positionsAt === null ? '' : `, ${instant(refusal.positionsAt, zone)}`}`,
    },
  }
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

const WIDTH = 150

function PartitionTable({ refusal }: { refusal: RefusalView }) {
  const rows = refusal.partitions.toSorted(
    (a, b) => Number(BigInt(b.missing) - BigInt(a.missing)) || a.partition - b.partition,
  )
  const sums = sumRefusal(refusal)
  const scale =
    WIDTH / Math.max(1, ...rows.map(({ missing, waiting }) => Number(BigInt(missing) + BigInt(waiting))))
  return (
    <table className="grid">
      <caption className="visually-hidden">
        Positions, what the source keeps and what waits, by partition
        <svg width="0" height="0" aria-hidden="true">
          <pattern
            id="hatch-waiting"
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="1.6" height="5" fill="var(--text-2)" />
          </pattern>
        </svg>
      </caption>
      <thead>
        <tr>
          <th scope="col" className="num">
            Partition
          </th>
          <th scope="col" className="num">
            Our position
          </th>
          <th scope="col" className="num">
            Oldest kept
          </th>
          <th scope="col" className="num">
            Newest
          </th>
          <th scope="col">Missing</th>
          <th scope="col" className="num">
            Messages
          </th>
          <th scope="col" className="num">
            Waiting
          </th>
          <th scope="col" className="opt">
            From our position on
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.partition}>
            <td className="num mono">{one.partition}</td>
            <td className="num mono">{one.position ?? 'none'}</td>
            <td className="num mono">{one.low}</td>
            <td className="num mono">{refusal.endless ? 'none' : one.high}</td>
            <td className={one.missing === '0' ? 'mono t3' : 'mono'}>
              {one.missing === '0'
                ? 'none'
                : `${one.missingFrom} to ${BigInt(one.missingFrom ?? 0) + BigInt(one.missing)}`}
            </td>
            <td className={one.missing === '0' ? 'num' : 'num named'}>{count(one.missing)}</td>
            <td className="num">{refusal.endless ? 'endless' : count(one.waiting)}</td>
            <td className="opt" style={{ width: WIDTH + 16 }}>
              <svg width={WIDTH} height="10" aria-hidden="true" className="ch">
                {one.missing !== '0' && (
                  <rect
                    className="gone"
                    x=".75"
                    y="1.25"
                    width={Math.max(2, Number(one.missing) * scale - 1.5)}
                    height="7.5"
                  />
                )}
                {!refusal.endless && (
                  <rect
                    x={Number(one.missing) * scale + 1}
                    y="1"
                    width={Math.max(0, Number(one.waiting) * scale - 1)}
                    height="8"
                    fill="url(#hatch-waiting)"
                  />
                )}
              </svg>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td className="num">{count(rows.length)}</td>
          <td className="num">{count(sums.loaded)}</td>
          <td />
          <td className="num">{refusal.endless ? '' : count(sums.produced)}</td>
          <td>{counted(sums.partitions, 'partition')}</td>
          <td className="num">{count(sums.missing)}</td>
          <td className="num">{refusal.endless ? '' : count(sums.waiting)}</td>
          <td className="opt" />
        </tr>
      </tfoot>
    </table>
  )
}
