import { useState } from 'react'
import type { SnapshotComparison, ValueChange } from '../../../shared/inspect.ts'
import { bytes, count } from '../../ui/format.ts'
import { Null } from '../../ui/null.tsx'
import { Scroll } from '../../ui/scroll.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { plusMinus } from './words.ts'

const KINDS = 5
const LABEL = 138

/** Rows added by kind: the first five, the rest as one. */
export function Kinds({ data }: { data: SnapshotComparison }) {
  const all = data.kinds.filter((one) => one.added.rows > 0)
  const rest = all.slice(KINDS)
  const rows = [
    ...all.slice(0, KINDS).map((one) => ({ name: one.name, rows: one.added.rows, other: false })),
    ...(rest.length > 0
      ? [
          {
            name: `${count(rest.length)} others`,
            rows: rest.reduce((sum, one) => sum + one.added.rows, 0),
            other: true,
          },
        ]
      : []),
  ]
  const most = rows.reduce((sum, one) => Math.max(sum, one.rows), 1)
  const words = rows.map((one) => `${one.name} ${count(one.rows)}`).join(', ')
  return (
    <figure className="fig">
      <figcaption>
        <b>Rows added</b>
        <span>by {data.kind}</span>
      </figcaption>
      {rows.length === 0 ? (
        <p className="dense t2">No row was added.</p>
      ) : (
        <svg
          className="ch"
          width="248"
          height={rows.length * 23}
          role="img"
          aria-label={`Rows added: ${words}`}
        >
          {rows.map((one, i) => (
            <g key={one.name}>
              <text x={LABEL - 6} y={i * 23 + 15} textAnchor="end">
                {one.name.length > 23 ? `${one.name.slice(0, 22)}\u2026` : one.name}
              </text>
              <rect
                x={LABEL}
                y={i * 23 + 5}
                width={Math.max(1, (one.rows / most) * 62)}
                height="13"
                fill={one.other ? 'var(--c-other)' : 'var(--c1)'}
              />
              <text x={LABEL + 4 + (one.rows / most) * 62} y={i * 23 + 15}>
                {count(one.rows)}
              </text>
            </g>
          ))}
        </svg>
      )}
    </figure>
  )
}

const PARTS = ['partitions', 'properties', 'summary'] as const
type Part = (typeof PARTS)[number]

/** What changed, part by part. */
export function Changes({ data }: { data: SnapshotComparison }) {
  const [part, setPart] = useState<Part>('partitions')
  return (
    <div className="cmp-parts">
      <SubTabs
        label="What changed"
        value={part}
        tabs={[
          { value: 'partitions', word: 'Partitions touched', count: count(data.partitionsInAll) },
          {
            value: 'properties',
            word: 'Table properties',
            ...(data.properties ? { count: count(data.properties.changes.length) } : {}),
          },
          { value: 'summary', word: 'Summaries', count: count(data.summary.length) },
        ]}
        onChange={setPart}
      >
        {part === 'partitions' ? (
          <Touched data={data} />
        ) : part === 'summary' ? (
          <Values label="Values of the summaries that differ" changes={data.summary} />
        ) : data.properties ? (
          <Values label="Table properties that differ" changes={data.properties.changes} />
        ) : (
          <p className="dense t2 tables-note">
            The metadata file of that time is no longer kept, so the properties of then are not known.
          </p>
        )}
      </SubTabs>
    </div>
  )
}

function Touched({ data }: { data: SnapshotComparison }) {
  if (data.partitions.length === 0)
    return <p className="dense t2 tables-note">No file was added or removed.</p>
  return (
    <Scroll label="Partitions touched">
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col" className="num">
              Files
            </th>
            <th scope="col" className="num">
              Delete files
            </th>
            <th scope="col" className="num">
              Rows
            </th>
            <th scope="col" className="num">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {data.partitions.map(({ partition, added, removed }) => (
            <tr key={partition}>
              <td className="mono">{partition}</td>
              <td className="num">{plusMinus(added.files, removed.files)}</td>
              <td className="num">{plusMinus(added.deleteFiles, removed.deleteFiles)}</td>
              <td className="num">{plusMinus(added.rows, removed.rows)}</td>
              <td className="num">{plusMinus(added.bytes, removed.bytes, bytes)}</td>
            </tr>
          ))}
          {data.partitionsInAll > data.partitions.length && (
            <tr>
              <td colSpan={5} className="t2">
                {count(data.partitionsInAll - data.partitions.length)} more, with fewer bytes each
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </Scroll>
  )
}

/** Values before and after: not red and green, but inset and accent. */
export function Values({ label, changes }: { label: string; changes: readonly ValueChange[] }) {
  if (changes.length === 0) return <p className="dense t2 tables-note">Nothing differs.</p>
  return (
    <Scroll label={label}>
      <table className="grid values">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ name, a, b }) => (
            <tr key={name}>
              <td className="mono">{name}</td>
              <td className="mono cut was" title={a ?? ''}>
                {a ?? <Null />}
              </td>
              <td className="mono cut now" title={b ?? ''}>
                {b ?? <Null />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
