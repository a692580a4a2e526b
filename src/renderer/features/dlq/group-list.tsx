import { useState } from 'react'
import type { LetterGroup, LetterGroups, ReplayView } from '../../../shared/letters.ts'
import { TextField } from '../../ui/field.tsx'
import { ago, count } from '../../ui/format.ts'
import { Meter } from '../../ui/meter.tsx'
import { useNow } from '../../ui/now.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'

const BARS = 12

/** The group's letters over all of the time shown, in twelve steps. */
function Bars({ counts }: { counts: readonly number[] }) {
  const width = Math.max(1, Math.ceil(counts.length / BARS))
  const sums = Array.from({ length: BARS }, (_, bar) =>
    counts.slice(bar * width, (bar + 1) * width).reduce((sum, n) => sum + n, 0),
  )
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
  const now = useNow(5000)
  const done = replay === null ? 0 : replay.landed + replay.failed
  const seen = ago(Date.parse(group.lastSeen), now)
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
            <span className="t3">{group.open === 0 && group.landedAt ? ago(group.landedAt, now) : seen}</span>
          </span>
          <Bars counts={group.counts} />
        </>
      )}
    </a>
  )
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
  const groups = data.groups
    .filter((group) =>
      [group.title, group.path, group.errorType, ...group.dataTypes].some((one) =>
        one.toLowerCase().includes(wanted),
      ),
    )
    .toSorted((a, b) => (order === 'newest' ? 0 : b.open - a.open || b.count - a.count))
  const replaying = (group: LetterGroup) => running !== null && running.filter.group === group.key
  const open = groups.filter((group) => group.open > 0 && !replaying(group))
  const parts: (readonly [string, boolean, readonly LetterGroup[]])[] = [
    ['Replaying', false, groups.filter(replaying)],
    ...[...Map.groupBy(open, (group) => group.errorType)].map(
      ([type, found]) => [type, true, found] as const,
    ),
    ['Replayed', false, groups.filter((group) => group.open === 0 && !replaying(group))],
  ]
  return (
    <>
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
        <div className="row between" style={{ marginTop: 6 }}>
          <span className="micro t3">{count(data.groups.length)} reasons</span>
          <Segmented
            label="Order of reasons"
            value={order}
            choices={[
              { value: 'newest', word: 'Newest' },
              { value: 'most', word: 'Most' },
            ]}
            onChange={setOrder}
          />
        </div>
      </div>
      <nav className="scroll" aria-label="Reasons">
        {parts.map(
          ([name, mono, found]) =>
            found.length > 0 && (
              <section key={name} aria-label={name}>
                <div className={mono ? 'groups-note mono' : 'groups-note'}>
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
        {groups.length === 0 && <p className="groups-note">No reason holds {JSON.stringify(text)}.</p>}
      </nav>
    </>
  )
}
