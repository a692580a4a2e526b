import { useState } from 'react'
import type { TopicView } from '../../../shared/setup.ts'
import { bytes, count, duration } from '../../ui/format.ts'
import { Time } from '../../ui/time.tsx'
import type { Wizard } from './wizard.ts'

/** Topics with what they hold; one is chosen. */
export function Topics({
  topics,
  chosen,
  wizard,
}: {
  topics: readonly TopicView[]
  chosen: string
  wizard: Wizard
}) {
  const fixed = wizard.settings.find((one) => one.key === 'kafka.topic')?.fixed ?? false
  // Fixed while the list is open, so that rows stay where they are when another topic is chosen.
  const [first] = useState(chosen)
  const rank = (one: TopicView) => (one.name === first ? 0 : one.holds?.payload ? 1 : 2)
  const ordered = topics.toSorted((a, b) => rank(a) - rank(b))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
    <section className="topics" tabIndex={0} aria-label="Topics">
      <table className="grid">
        <thead>
          <tr>
            <th>Topic</th>
            <th>Holds</th>
            <th className="num">Partitions</th>
            <th className="num">Messages</th>
            <th className="num">Size</th>
            <th title="The youngest message at the end of up to 8 partitions: one small read a topic">
              Newest
            </th>
            <th>Kept for</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((one) => (
            <tr key={one.name} aria-selected={one.name === chosen}>
              <td>
                <label className="check">
                  <input
                    type="radio"
                    className="visually-hidden"
                    name="setup-topic"
                    checked={one.name === chosen}
                    disabled={fixed}
                    onChange={() => void wizard.edit({ 'kafka.topic': one.name }).catch(() => {})}
                  />
                  <span className={one.name === chosen ? 'box radio on' : 'box radio'} aria-hidden="true" />
                  <span className="mono">{one.name}</span>
                </label>
              </td>
              <td className={one.holds?.payload ? '' : 't2'}>{holdsWords(one)}</td>
              <td className="num">{count(one.partitions)}</td>
              <td className="num">{count(one.messages)}</td>
              <td className="num">
                {one.bytes === null ? <span className="t3">not told</span> : bytes(one.bytes)}
              </td>
              <td className="t2">
                <Newest topic={one} />
              </td>
              <td className="t2">{kept(one.retentionMs)}</td>
            </tr>
          ))}
          {topics.length === 0 && (
            <tr>
              <td colSpan={7} className="t2">
                The brokers answer and hold no topic yet: nothing has produced to them.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  )
}

function holdsWords({ holds, messages }: TopicView): string {
  if (messages === '0') return 'empty'
  if (holds === null) return 'not looked into'
  if (holds.payload) return 'JSON payloads'
  if (holds.encoding === 'avro') return `Avro, schema ${holds.schemaId ?? 'unknown'}`
  if (holds.encoding === 'json') return 'JSON, no payloads'
  return holds.encoding === 'empty' ? 'no values' : 'other bytes'
}

function Newest({ topic: { newestAt, messages } }: { topic: TopicView }) {
  if (newestAt !== null) return <Time at={newestAt} as="ago" />
  return messages === '0' ? 'none' : <span className="t3">not told</span>
}

function kept(ms: number | null): string {
  if (ms === null) return 'not told'
  return ms < 0 ? 'without limit' : duration(ms)
}
