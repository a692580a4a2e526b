import type { KeyboardEvent } from 'react'
import type { SnapshotView } from '../../../shared/inspect.ts'
import { counted, instant, shortId } from '../../ui/format.ts'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'

/** Depth in px of each stem, 3 to 26, in proportion to the rows that its commit added. */
function depths(snapshots: readonly Pick<SnapshotView, 'addedRows'>[]): number[] {
  const most = snapshots.reduce((sum, one) => Math.max(sum, one.addedRows ?? 0), 1)
  return snapshots.map((one) => 3 + Math.round(((one.addedRows ?? 0) / most) * 23))
}

/** Percent from the left of the `i`th of `of` commits. */
const place = (i: number, of: number) => (of < 2 ? 50 : 0.7 + (i / (of - 1)) * 98.3)

interface Props {
  /** Newest first. */
  readonly snapshots: readonly SnapshotView[]
  /** The two ends of a comparison; `b` alone is what is looked at. */
  readonly a: string | null
  readonly b: string | null
  readonly onPick: (id: string) => void
}

/**
 * Each commit a sounding: a stem under the waterline as deep as the rows it added; a square where it did not append. One
 * control: arrows, Home and End move over the commits, a press picks the nearest.
 */
export function Soundings({ snapshots, a, b, onPick }: Props) {
  const { zone } = useView()
  const shown = snapshots.toReversed()
  const first = shown[0]
  const last = shown.at(-1)
  if (first === undefined || last === undefined) return null
  const deep = depths(shown)
  const indexOf = (id: string | null) => shown.findIndex((one) => one.id === id)
  const [atA, atB] = [indexOf(a), indexOf(b)]
  const at = atB < 0 ? shown.length - 1 : atB
  const words = (one: SnapshotView) =>
    `${instant(one.at, zone)}, ${one.operation}, ${counted(one.addedRows ?? 0, 'row')} added, snapshot ${shortId(one.id)}`
  const move = (event: KeyboardEvent): void => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: shown.length - 1 }[event.key]
    const one = to === undefined ? undefined : shown[Math.max(0, Math.min(shown.length - 1, to))]
    if (one === undefined) return
    event.preventDefault()
    onPick(one.id)
  }
  const [from, to] = [Math.min(atA, atB), Math.max(atA, atB)]
  return (
    <div className="soundings">
      <div
        role="slider"
        tabIndex={0}
        aria-label={`Rows added by ${counted(shown.length, 'commit')}`}
        aria-valuemin={1}
        aria-valuemax={shown.length}
        aria-valuenow={at + 1}
        aria-valuetext={words(shown[at] ?? last)}
        onKeyDown={move}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect()
          const share = ((event.clientX - box.left) / box.width) * 100
          const i = Math.round(((share - 0.7) / 98.3) * (shown.length - 1))
          const one = shown[Math.max(0, Math.min(shown.length - 1, i))]
          if (one) onPick(one.id)
        }}
      >
        <svg aria-hidden="true" className="ch">
          {from >= 0 && from < to && (
            <rect
              x={`${place(from, shown.length)}%`}
              width={`${place(to, shown.length) - place(from, shown.length)}%`}
              y="14"
              height="32"
              fill="var(--accent)"
              opacity=".1"
            />
          )}
          <line x1="0" x2="100%" y1="14.5" y2="14.5" className="ax" />
          {shown.map((one, i) => (
            <Stem
              key={one.id}
              one={one}
              x={place(i, shown.length)}
              depth={deep[i] ?? 3}
              strong={i === at}
              title={words(one)}
            />
          ))}
          {atA >= 0 && <End at={place(atA, shown.length)} letter="A" />}
          {atB >= 0 && <End at={place(atB, shown.length)} letter={a === null ? '' : 'B'} />}
        </svg>
      </div>
      <div className="ends">
        <Time at={first.at} as="iso" />
        <span className="key">
          <svg width="10" height="10" aria-hidden="true">
            <rect x="4" width="2" height="10" fill="var(--c1)" />
          </svg>
          append, depth is rows
          <svg width="10" height="10" aria-hidden="true">
            <rect x="1.5" y="1.5" width="7" height="7" fill="none" stroke="var(--c2)" strokeWidth="1.75" />
          </svg>
          replace, overwrite, delete
        </span>
        <span>
          <Time at={last.at} as="iso" />
          {last.current && ', newest'}
        </span>
      </div>
    </div>
  )
}

function Stem({
  one,
  x,
  depth,
  strong,
  title,
}: {
  one: SnapshotView
  x: number
  depth: number
  strong: boolean
  title: string
}) {
  const at = `${x.toFixed(2)}%`
  return one.operation === 'append' ? (
    <rect x={at} y="15" width={strong ? 3 : 2} height={depth} fill={strong ? 'var(--text)' : 'var(--c1)'}>
      <title>{title}</title>
    </rect>
  ) : (
    <rect
      x={at}
      y="10"
      width="8"
      height="8"
      transform="translate(-4 0)"
      fill={strong ? 'var(--text)' : 'var(--work)'}
      stroke="var(--c2)"
      strokeWidth="1.75"
    >
      <title>{title}</title>
    </rect>
  )
}

function End({ at, letter }: { at: number; letter: string }) {
  const left = at > 50
  return (
    <>
      <line x1={`${at}%`} x2={`${at}%`} y1="0" y2="46" stroke="var(--line-2)" transform="translate(1 0)" />
      {letter && (
        <text x={`${at}%`} y="9" dx={left ? -5 : 7} textAnchor={left ? 'end' : 'start'} className="b">
          {letter}
        </text>
      )}
    </>
  )
}
