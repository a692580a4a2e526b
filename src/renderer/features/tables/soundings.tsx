import type { SnapshotView } from '../../../shared/model.ts'
import { count, counted, instant } from '../../ui/format.ts'
import { useView } from '../../ui/view.ts'

/** Commits on the line; more than these would touch. */
const SHOWN = 118

/** Depth in px of each stem, 3 to 26, in proportion to the rows that its commit added. */
export function depths(snapshots: readonly Pick<SnapshotView, 'addedRows'>[]): number[] {
  const most = snapshots.reduce((sum, one) => Math.max(sum, one.addedRows ?? 0), 1)
  return snapshots.map((one) => 3 + Math.round(((one.addedRows ?? 0) / most) * 23))
}

/** Each commit a sounding: a stem under the waterline as deep as the rows it added; a square where it did not append. */
export function Soundings({ snapshots }: { snapshots: readonly SnapshotView[] }) {
  const { zone } = useView()
  const shown = snapshots.slice(0, SHOWN).toReversed()
  const first = shown[0]
  const last = shown.at(-1)
  if (first === undefined || last === undefined || shown.length < 2) return null
  const deep = depths(shown)
  const place = (i: number) => `${(0.5 + (i / (shown.length - 1)) * 98.5).toFixed(2)}%`
  return (
    <div className="soundings">
      <svg role="img" aria-label={`Rows added by the last ${counted(shown.length, 'commit')}`}>
        <line x1="0" x2="100%" y1="9.5" y2="9.5" stroke="var(--line-2)" />
        {shown.map((one, i) => {
          const words = `${instant(one.at, zone)}: ${one.operation}, ${count(one.addedRows ?? 0)} rows added`
          return one.operation === 'append' ? (
            <rect
              key={one.id}
              x={place(i)}
              y="10"
              width={one.current ? 3 : 2}
              height={deep[i]}
              fill={one.current ? 'var(--text)' : 'var(--c1)'}
            >
              <title>{words}</title>
            </rect>
          ) : (
            <rect
              key={one.id}
              x={place(i)}
              y="5"
              width="8"
              height="8"
              fill="var(--work)"
              stroke="var(--c2)"
              strokeWidth="1.75"
            >
              <title>{words}</title>
            </rect>
          )
        })}
      </svg>
      <div className="ends">
        <span>{instant(first.at, zone)}</span>
        <span>{instant(last.at, zone)}, newest</span>
      </div>
    </div>
  )
}
