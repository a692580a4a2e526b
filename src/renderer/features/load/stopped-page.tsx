import { useState } from 'react'
import type { Fault } from '../../../shared/errors.ts'
import type { LoadView } from '../../../shared/model.ts'
import type { RefusalView } from '../../../shared/monitor.ts'
import { Balance } from '../../ui/balance.tsx'
import { Button } from '../../ui/button.tsx'
import { RadioChoice } from '../../ui/check.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { clock, count, counted, instant } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { Scroll } from '../../ui/scroll.tsx'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'
import { acceptOf, flagOf, refusalCsv, sumRefusal } from './refusal.ts'

type Choice = 'accept' | 'wait'

/** The load refused to go on: exactly what is missing, and what each way out costs. */
export function StoppedWork({ load, refusal }: { load: LoadView; refusal: RefusalView }) {
  const { zone } = useView()
  const sums = sumRefusal(refusal)
  const gap = refusal.code === 'GAP'
  return (
    <>
      {load.fault && <FaultBlock fault={told(load.fault, refusal, zone)} />}
      {gap && (
        <section className="ledger" aria-label="Ledger">
          <div className="row balance-head">
            <h3>Ledger</h3>
            <span className="t2 dense cut">
              messages, first offset to newest, asked at {clock(refusal.askedAt, zone)}
            </span>
            <span className="grow" />
            <Status state="failed" word={`Gap of ${counted(sums.missing, 'message')}`} />
          </div>
          <Balance
            unit="messages"
            name="Produced"
            total={Number(sums.produced)}
            parts={[
              { name: 'Loaded', value: Number(sums.loaded), color: 'var(--c1)' },
              { name: 'Missing, gone from Kafka', value: Number(sums.missing), kind: 'gone' },
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
  if (refusal.code !== 'GAP') return { ...fault, remedy: undefined }
  const { missing, partitions } = sumRefusal(refusal)
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
            <td className="num mono">{one.high}</td>
            <td className={one.missing === '0' ? 'mono t3' : 'mono'}>
              {one.missing === '0' ? 'none' : `${one.position} to ${one.low}`}
            </td>
            <td className={one.missing === '0' ? 'num' : 'num named'}>{count(one.missing)}</td>
            <td className="num">{count(one.waiting)}</td>
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
                <rect
                  x={Number(one.missing) * scale + 1}
                  y="1"
                  width={Math.max(0, Number(one.waiting) * scale - 1)}
                  height="8"
                  fill="url(#hatch)"
                />
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
          <td className="num">{count(sums.produced)}</td>
          <td>{counted(sums.partitions, 'partition')}</td>
          <td className="num">{count(sums.missing)}</td>
          <td className="num">{count(sums.waiting)}</td>
          <td className="opt" />
        </tr>
      </tfoot>
    </table>
  )
}

interface Words {
  readonly accept: string
  readonly cost: string
  readonly wait: string
  readonly waitCost: string
  readonly primary: string
}

function wordsOf(refusal: RefusalView): Words {
  const { missing, waiting, partitions } = sumRefusal(refusal)
  switch (refusal.code) {
    case 'GAP':
      return {
        accept: 'Go on after the gap',
        cost: `Starts at the oldest kept offset of ${counted(partitions, 'partition')} and records ${counted(missing, 'message')} as skipped by you. They are in no table and no dead letter.`,
        wait: 'Bring the messages back first',
        waitCost:
          'Nothing is read or changed. Restore them into the topic, or lengthen its retention, and ask again; meanwhile more may be deleted.',
        primary: `Go on, record ${count(missing)} as skipped`,
      }
    case 'TOPIC_REPLACED':
    case 'CLUSTER_REPLACED': {
      const what = refusal.code === 'TOPIC_REPLACED' ? 'topic' : 'cluster'
      return {
        accept: `Load this ${what} from its beginning`,
        cost: `Offsets begin anew: ${counted(waiting, 'message')} are loaded. Rows of the former ${what} stay; a message that is in both is loaded twice.`,
        wait: 'Leave it, and look at the settings first',
        waitCost: `Nothing is read or changed. To keep both, give this ${what} a pipeline name of its own.`,
        primary: `Load ${counted(waiting, 'message')} of the new ${what}`,
      }
    }
    case 'TABLE_REPLACED':
      return {
        accept: 'Load everything into the new table',
        cost: `The new table remembers nothing: ${counted(waiting, 'message')} that are still kept are loaded into it, from the first on.`,
        wait: 'Leave it, and bring the former table back',
        waitCost: 'Nothing is read or changed. Register the former table again and ask again.',
        primary: `Load ${counted(waiting, 'message')} into the new table`,
      }
  }
}

/** The ways out of a refusal; the primary names what it records. */
export function StoppedInspector({
  refusal,
  onStart,
}: {
  refusal: RefusalView
  onStart: (accept: Record<string, string>) => void
}) {
  const [choice, setChoice] = useState<Choice>('accept')
  const words = wordsOf(refusal)
  const { missing, waiting } = sumRefusal(refusal)
  return (
    <Inspector title="What to do" subject={`${refusal.code} ${refusal.askedAt}`}>
      <RadioChoice<Choice>
        label="What to do"
        value={choice}
        onChange={setChoice}
        picks={[
          { value: 'accept', word: words.accept, consequence: words.cost },
          { value: 'wait', word: words.wait, consequence: words.waitCost },
        ]}
      />
      <Section title="What the first choice does">
        <dl className="kv">
          {refusal.code === 'GAP' ? (
            <>
              <dt>Recorded as skipped</dt>
              <dd>{counted(missing, 'message')}</dd>
            </>
          ) : (
            <>
              <dt>Was</dt>
              <dd className="mono">{refusal.was ?? 'not known'}</dd>
              <dt>Is now</dt>
              <dd className="mono">{refusal.now ?? 'not known'}</dd>
            </>
          )}
          <dt>Then loaded</dt>
          <dd>{counted(waiting, 'message')}</dd>
          <dt>Kept in the ledger</dt>
          <dd>for good</dd>
        </dl>
      </Section>
      <Section>
        <div className="row wrap">
          {choice === 'accept' ? (
            <Button kind="primary" onClick={() => onStart(acceptOf(refusal))}>
              {words.primary}
            </Button>
          ) : (
            <Button kind="primary" onClick={() => onStart({})}>
              Ask again, accept nothing
            </Button>
          )}
        </div>
        <p className="micro t2" style={{ marginTop: 8 }}>
          Nothing is changed until then. What you accept is listed by{' '}
          <code className="micro">tarn verify</code>.
        </p>
      </Section>
      <Section title="From a terminal">
        <pre className="env">{flagOf(refusal)}</pre>
        <div className="row" style={{ marginTop: 6 }}>
          <CopyButton text={flagOf(refusal)} label="Copy" />
        </div>
        <p className="micro t2">Ends with 3 without the flag, and if it is another number by then.</p>
      </Section>
    </Inspector>
  )
}
