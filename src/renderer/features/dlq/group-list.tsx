import { useRef, useState } from 'react'
import type { LetterGroup, LetterGroups, ReplayView } from '../../../shared/letters.ts'
import { Button } from '../../ui/button.tsx'
import { NoMatch } from '../../ui/empty.tsx'
import { TextField } from '../../ui/field.tsx'
import { count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Meter } from '../../ui/meter.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

const BARS = 12
const ORDERS = { newest: 'Newest', most: 'Most open' } as const

/** The group's letters over all of the time shown, in twelve steps. */
function Bars({ counts }: { counts: readonly number[] }) {
  // The mean of each step: with few buckets some steps have one more of them than others.
  const sums = Array.from({ length: BARS }, (_, bar) => {
    const at = (step: number) => Math.floor((step * counts.length) / BARS)
    const part = counts.slice(at(bar), Math.max(at(bar) + 1, at(bar + 1)))
    return part.reduce((sum, n) => sum + n, 0) / Math.max(1, part.length)
  })
  const most = Math.max(1, ...sums)
  return (
    <svg className="ch" width="60" height="14" aria-hidden="true">
      {sums.map((sum, bar) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
          key={bar}
          x={bar * 5}
          y={sum === 0 ? 13 : 14 - Math.max(1, (sum / most) * 14)}
          width="4"
          height={sum === 0 ? 1 : Math.max(1, (sum / most) * 14)}
          fill={sum === 0 ? 'var(--line-2)' : 'var(--c3)'}
        />
      ))}
    </svg>
  )
}

function Row({
  group,
  selected,
  replay,
}: {
  group: LetterGroup
  selected: boolean
  replay: ReplayView | null
}) {
  const done = replay === null ? 0 : replay.landed + replay.failed
  return (
    <a
      className="letter-group"
      href={href(['letters'], { group: group.key })}
      aria-current={selected ? 'page' : undefined}
    >
      <b className="cut">
        <PlainText>{group.title}</PlainText>
      </b>
      <span className="num">
        {count(replay ? replay.letters : group.open === 0 ? group.count : group.open)}
      </span>
      {replay ? (
        <>
          <Status state="running" word={`${count(replay.landed)} landed`} bare />
          <span className="num t2">{Math.floor((done / Math.max(1, replay.letters)) * 100)} %</span>
          <Meter label={`Replay of ${group.title}`} value={done} of={replay.letters} thin />
        </>
      ) : (
        <>
          <span className="row">
            {group.open === 0 && <Status state="passed" word="Landed" bare />}
            {group.open > 0 && group.failed > 0 && (
              <Status state="attention" word={`${count(group.failed)} failed again`} bare />
            )}
            <span className="t3">
              <Time
                at={group.open === 0 && group.landedAt ? group.landedAt : Date.parse(group.lastSeen)}
                as="ago"
              />
            </span>
          </span>
          <Bars counts={group.counts} />
        </>
      )}
    </a>
  )
}

/** One stretch of the list: reasons of an error type, or what landed. */
const partOf = (group: LetterGroup) => (group.open > 0 ? group.errorType : 'Replayed')

/**
 * Reasons in the order asked for, as it was when it was asked for: what comes in while the list is read, and what lands
 * in a replay, keeps its place, and new reasons come last in their part.
 */
function useSteady(
  groups: readonly LetterGroup[],
  order: string,
): (readonly [string, readonly LetterGroup[]])[] {
  const kept = useRef({ order: '', places: new Map<string, { part: string; place: number }>() })
  if (kept.current.order !== order) kept.current = { order, places: new Map() }
  const { places } = kept.current
  for (const group of groups) {
    if (!places.has(group.key)) places.set(group.key, { part: partOf(group), place: places.size })
  }
  const place = (group: LetterGroup) => places.get(group.key)?.place ?? 0
  const parts = Map.groupBy(
    groups.toSorted((a, b) => place(a) - place(b)),
    (group) => places.get(group.key)?.part ?? '',
  )
  return [...parts].toSorted(([a], [b]) => Number(a === 'Replayed') - Number(b === 'Replayed'))
}

/** Reasons, not messages: those seen last first, what landed below. */
export function GroupList({
  data,
  selected,
  running,
}: {
  data: LetterGroups
  selected: string | null
  running: ReplayView | null
}) {
  const [text, setText] = useState('')
  const [order, setOrder] = useState<'newest' | 'most'>('newest')
  const wanted = text.trim().toLowerCase()
  const ordered = data.groups.toSorted((a, b) =>
    order === 'newest' ? 0 : b.open - a.open || b.count - a.count,
  )
  const parts = useSteady(ordered, order).map(
    ([name, groups]) =>
      [
        name,
        groups.filter((group) =>
          [group.title, group.path, group.errorType, ...group.dataTypes].some((one) =>
            one.toLowerCase().includes(wanted),
          ),
        ),
      ] as const,
  )
  const replaying = (group: LetterGroup) => running !== null && running.filter.group === group.key
  return (
    <>
      <div className="head">
        <h3 className="nw">
          Dead letters <span className="t3">{count(data.open)} open</span>
        </h3>
        <span className="grow" />
        <Menu
          trigger={
            <Button small kind="quiet" aria-label={`Order of reasons: ${ORDERS[order]}`}>
              {ORDERS[order]}
              <Icon name="down" small />
            </Button>
          }
          entries={(['newest', 'most'] as const).map((one) => ({
            name: ORDERS[one],
            onChoose: () => setOrder(one),
          }))}
        />
      </div>
      <div className="find-group">
        <TextField
          label="Filter reasons"
          hideLabel
          icon="filter"
          placeholder="Reason, path or data type"
          value={text}
          onChange={setText}
          small
        />
      </div>
      <nav className="scroll" aria-label="Reasons">
        {parts.map(
          ([name, found]) =>
            found.length > 0 && (
              <section key={name} aria-label={name}>
                <div className={name === 'Replayed' ? 'groups-note' : 'groups-note mono'}>
                  <PlainText>{name}</PlainText>
                </div>
                {found.map((group) => (
                  <Row
                    key={group.key}
                    group={group}
                    selected={group.key === selected}
                    replay={replaying(group) ? running : null}
                  />
                ))}
              </section>
            ),
        )}
        {parts.every(([, found]) => found.length === 0) && (
          <NoMatch onClear={() => setText('')}>
            None of {counted(data.groups.length, 'reason')} holds <span className="mono">{text}</span>.
          </NoMatch>
        )}
      </nav>
    </>
  )
}
