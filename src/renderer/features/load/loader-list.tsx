import type { LoadView } from '../../../shared/model.ts'
import type { RefusalView } from '../../../shared/monitor.ts'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { href } from '../../ui/route.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Status } from '../../ui/status.tsx'
import { PartitionList } from './partition-list.tsx'
import { STATE } from './states.ts'

/** The loader and its partitions; below them what is read. */
export function LoaderList({
  load,
  host,
  refusal,
}: {
  load: LoadView
  host: string
  refusal: RefusalView | null
}) {
  const word = STATE[load.state]
  const kind = load.asked?.kind ?? load.source?.kind
  return (
    <aside className="list" aria-label="Loader and partitions">
      <div className="head">
        <h3>Load</h3>
      </div>
      <div className="tree">
        <div className="grp">Loader</div>
        <div aria-current="page">
          <Icon name={kind === 'file' ? 'file' : 'load'} small />
          <span className="cut">{load.pipeline}</span>
          <span className="end">
            <Status {...word} bare />
          </span>
        </div>
      </div>
      <p className="t3 micro one-loader">
        One loader a window of Tarn. Others of this table have pipeline names of their own, and their own
        ledger.
      </p>
      {refusal ? (
        <Refused refusal={refusal} />
      ) : load.state === 'idle' ? (
        <span className="grow" />
      ) : (
        <PartitionList partitions={load.partitions} />
      )}
      <div className="sect dense t2" style={{ borderTop: '1px solid var(--line)' }}>
        {load.source ? (
          <>
            <a className="cell-link mono micro cut" href={href(['messages'])} title="Messages of this topic">
              {load.source.topic}
            </a>
            {load.source.kind === 'kafka' && load.source.cluster && (
              <div className="cut">
                Cluster <span className="mono micro">{load.source.cluster}</span>
              </div>
            )}
            {load.source.kind === 'file' && <div>A file; times count from reading it</div>}
            {load.source.kind === 'generator' && <div>Made up by the generator</div>}
          </>
        ) : (
          <div>Nothing is read yet</div>
        )}
        {host === 'server' && <div>Goes on when this tab is closed; ends with the program</div>}
      </div>
    </aside>
  )
}

/** Partitions of a refusal in the list; the table has all of them. */
const LISTED = 200

function Refused({ refusal }: { refusal: RefusalView }) {
  const rows = refusal.partitions.toSorted(
    (a, b) =>
      Number(BigInt(b.missing) - BigInt(a.missing)) ||
      Number(BigInt(b.waiting) - BigInt(a.waiting)) ||
      a.partition - b.partition,
  )
  return (
    <>
      <div className="head parts-head">
        <h3>
          Partitions <span className="t3">{count(rows.length)}</span>
        </h3>
      </div>
      <Scroll label="Partitions, most missing first">
        <ul className="tree">
          {rows.slice(0, LISTED).map((one) => (
            <li key={one.partition} className="part refused">
              <span className="mono micro t2">{one.partition}</span>
              <span className="t2 cut">{refusal.endless ? 'endless' : `${count(one.waiting)} waiting`}</span>
              <span className={one.missing === '0' ? 'num t3' : 'num named'}>
                {one.missing === '0' ? 'none missing' : `${count(one.missing)} missing`}
              </span>
            </li>
          ))}
        </ul>
        {rows.length > LISTED && (
          <p className="t3 micro one-loader">{count(rows.length - LISTED)} more stand in the table.</p>
        )}
      </Scroll>
    </>
  )
}
