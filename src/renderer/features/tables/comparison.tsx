import type { ReactNode } from 'react'
import type { SnapshotComparison, SnapshotView, TableDetail } from '../../../shared/inspect.ts'
import { Balance } from '../../ui/balance.tsx'
import { Button } from '../../ui/button.tsx'
import { bytes, count, counted, duration, instant } from '../../ui/format.ts'
import { Null } from '../../ui/null.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'
import { amend, tabHref } from './address.ts'
import { Answered } from './answered.tsx'
import { Changes, Kinds } from './changes.tsx'
import { type TableAt, useComparison } from './requests.ts'
import { plusMinus } from './words.ts'

interface Props {
  readonly table: TableAt
  readonly detail: TableDetail
  readonly from: string
  readonly a: string
  readonly b: string
}

/** What changed from A to B: rows as a sum, figures side by side, then partitions, properties and summaries. */
export function Comparison({ table, a, b }: Props) {
  const answered = useComparison(table, a, b)
  return (
    <section className="comparison" aria-label="From A to B">
      <Answered answered={answered} what="Reading the manifests that differ" table={table}>
        {(data) => <Compared table={table} data={data} />}
      </Answered>
    </section>
  )
}

const sign = (value: number, say: (value: number) => string) =>
  value === 0 ? 'same' : `${value > 0 ? '+' : '\u2212'}${say(Math.abs(value))}`

function Compared({ table, data }: { table: TableAt; data: SnapshotComparison }) {
  const { zone } = useView()
  const { a, b, added, removed } = data
  const span = b.at - a.at
  const known = a.totalRows !== null && b.totalRows !== null
  const kept = known ? (a.totalRows ?? 0) - removed.rows : 0
  const balanced = known && kept + added.rows === b.totalRows
  return (
    <>
      <div className="bar">
        <End letter="A" one={a} />
        <End letter="B" one={b} />
        <Button small kind="quiet" icon="updown" onClick={() => amend({ snapshot: a.id, compare: b.id })}>
          Swap
        </Button>
        <span className="grow" />
        <span className="t3 dense cut" title={`${instant(a.at, zone)} to ${instant(b.at, zone)}`}>
          {data.commits === null ? 'on different branches' : counted(data.commits, 'commit')},{' '}
          {duration(Math.abs(span))} apart; {counted(data.manifests.read, 'manifest')} read,{' '}
          {count(data.manifests.shared)} shared
        </span>
      </div>
      {known && (
        <div className="ledger">
          <div className="row balance-head">
            <h3>From A to B</h3>
            <span className="grow" />
            {balanced ? (
              <Status state="passed" word="Adds up" />
            ) : (
              <Status
                state="attention"
                word={`${sign((b.totalRows ?? 0) - kept - added.rows, count)} rows, by deletes`}
              />
            )}
          </div>
          <Balance
            name="Rows in B"
            total={b.totalRows ?? 0}
            unit="rows"
            parts={[
              { name: 'in A, in files still there', value: Math.max(0, kept), color: 'var(--c-other)' },
              { name: 'added since', value: added.rows, color: 'var(--c1)' },
            ]}
          />
          <p className="t3 dense gone-rows">
            {counted(removed.rows, 'row')} of A were in files that B no longer has.
          </p>
        </div>
      )}
      <div className="cmp2">
        <Figures data={data} table={table} />
        {data.kinds.length > 0 && <Kinds data={data} />}
      </div>
      <Changes data={data} />
    </>
  )
}

function End({ letter, one }: { letter: string; one: SnapshotView }) {
  return (
    <span className="row end-of">
      <span className="ab is-on" aria-hidden="true">
        {letter}
      </span>
      <b className="named nw">
        <Time at={one.at} as="iso" />
      </b>
      <span className="t2 dense">{one.current ? 'newest' : one.operation}</span>
    </span>
  )
}

function Figures({ data, table }: { data: SnapshotComparison; table: TableAt }) {
  const { a, b } = data
  const line = (name: string, of: (one: SnapshotView) => number | null, say: (value: number) => string) => {
    const [x, y] = [of(a), of(b)]
    return {
      name,
      a: x === null ? <Null /> : say(x),
      b: y === null ? <Null /> : say(y),
      change: x === null || y === null ? '' : sign(y - x, say),
    }
  }
  const mean = (one: SnapshotView) =>
    one.totalFiles && one.totalBytes !== null ? one.totalBytes / one.totalFiles : null
  const schemas = a.schemaId !== null && b.schemaId !== null && a.schemaId !== b.schemaId
  const rows: readonly { name: string; a: ReactNode; b: ReactNode; change: ReactNode }[] = [
    line('Files', (one) => one.totalFiles, count),
    line('Size', (one) => one.totalBytes, bytes),
    line('Mean file', mean, bytes),
    {
      name: 'Files added, removed',
      a: '',
      b: '',
      change: plusMinus(data.added.files, data.removed.files),
    },
    { name: 'Partitions touched', a: '', b: '', change: count(data.partitionsInAll) },
    {
      name: 'Schema',
      a: a.schemaId ?? <Null />,
      b: b.schemaId ?? <Null />,
      change: schemas ? (
        <a href={tabHref(table, 'schema', { schema: String(b.schemaId), with: String(a.schemaId) })}>
          differs
        </a>
      ) : (
        'same'
      ),
    },
    data.properties
      ? {
          name: 'Properties',
          a: count(data.properties.inAll[0]),
          b: count(data.properties.inAll[1]),
          change:
            data.properties.changes.length === 0 ? 'same' : `${count(data.properties.changes.length)} differ`,
        }
      : { name: 'Properties', a: '', b: '', change: <span className="t3">metadata file not kept</span> },
  ]
  return (
    <table className="grid">
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col" className="num">
            A
          </th>
          <th scope="col" className="num">
            B
          </th>
          <th scope="col" className="num">
            Change
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td className="t2">{row.name}</td>
            <td className="num">{row.a}</td>
            <td className="num">{row.b}</td>
            <td className="num named">{row.change}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
