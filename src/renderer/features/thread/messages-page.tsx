import { useState } from 'react'
import { type MessageFilter, messageFilter, messagesPath } from '../../../shared/thread.ts'
import type { TopicView } from '../../../shared/trace.ts'
import { amountOf } from '../../api/lines.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Empty, NoMatch } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Inspector } from '../../ui/inspector.tsx'
import { Loading } from '../../ui/loading.tsx'
import { navigate, useRoute } from '../../ui/route.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'
import { filterWords } from './filter-words.ts'
import { MessageFacts, PayloadText, RawBytes } from './message-detail.tsx'
import { MessageFilters } from './message-filters.tsx'
import { Gone } from './message-level.tsx'
import { MessageList, placeOf } from './message-list.tsx'
import { useMessage } from './queries.ts'
import { type Messages, type Order, useMessages } from './use-messages.ts'
import './thread.css'

/** The messages of a topic: found by text, key, partition, offset or time, each with the rows that came of it. */
export function MessagesPage() {
  const { query } = useRoute()
  const filter = messageFilter(query)
  const order: Order = query.order === 'oldest' ? 'oldest' : 'newest'
  const { messages, more, stop, again } = useMessages(filter, order)
  const [paused, setPaused] = useState(false)
  const { rows, topic } = messages
  const [first] = rows
  // Until one is picked the first is shown, so that the pane keeps its place and has something to say.
  const at = query.at ?? (first ? placeOf(first) : null)
  const place = at === null ? null : /^(\d+):(\d+)$/.exec(at)
  const name = topic?.topic ?? filter.topic
  const show = (next: MessageFilter, place?: string) => {
    const { path, query: words } = messagesPath(next, place)
    navigate(path, order === 'oldest' ? { ...words, order } : words)
  }
  const { zone } = useView()
  const narrow = filterWords(filter, zone)
  const held = topic?.partitions.reduce((sum, { low, high }) => sum + BigInt(high) - BigInt(low), 0n) ?? 0n
  return (
    <>
      <main className="work" aria-label="Messages">
        <div className="bar thread-bar message-bar">
          <h2 className="nw">Messages</h2>
          <span className="t2 dense cut grow" title={topic ? about(topic, held) : undefined}>
            {topic && about(topic, held)}
          </span>
          <Segmented
            label="Order"
            value={order}
            choices={[
              { value: 'newest', word: 'Newest first' },
              { value: 'oldest', word: 'Oldest first' },
            ]}
            onChange={(next) =>
              navigate(['messages'], { ...query, order: next === 'oldest' ? next : undefined })
            }
          />
          <CopyButton text={location.href} label="Copy link" />
          <ExportLink filter={filter} format="jsonl" />
          <ExportLink filter={filter} format="csv" />
        </div>
        <MessageFilters
          key={`${zone} ${JSON.stringify(filter)}`}
          filter={filter}
          topic={topic}
          onFilter={(next) => show(next)}
        />
        {messages.gone.length > 0 && <Gone gone={messages.gone} topic={name ?? 'the topic'} />}
        {messages.fault && (
          <FaultBlock fault={messages.fault}>
            <button type="button" className="btn s" onClick={again}>
              Read again
            </button>
          </FaultBlock>
        )}
        {rows.length > 0 ? (
          <MessageList
            rows={rows}
            selected={at}
            keyed={rows.some(({ key }) => key !== null)}
            onSelect={(next) => show(filter, next)}
            onEnd={paused ? () => {} : more}
          />
        ) : messages.state === 'running' ? (
          <Loading
            what={narrow === '' ? 'Reading the newest messages' : 'Looking through the topic'}
            amount={amountOf(messages.progress)}
            onCancel={stop}
          />
        ) : messages.state === 'failed' ? null : held === 0n ? (
          <Empty
            title="The topic holds no messages"
            action={
              <Button small icon="refresh" onClick={again}>
                Read again
              </Button>
            }
          >
            {name} has {counted(topic?.partitions.length ?? 0, 'partition')} and 0 messages: nothing was
            produced yet, or retention has deleted all of it.
          </Empty>
        ) : messages.state === 'paused' ? (
          <div className="grow" />
        ) : (
          <div className="grow">
            <NoMatch onClear={() => show(filter.topic === undefined ? {} : { topic: filter.topic })}>
              No message matches {narrow}
              {messages.state === 'stopped' ? ' in what was read before the search was stopped' : ''}.
            </NoMatch>
          </div>
        )}
        <Foot
          messages={messages}
          narrow={narrow}
          onMore={more}
          onStop={stop}
          paused={paused}
          onPaused={setPaused}
        />
      </main>
      <Side
        place={
          place && name !== undefined
            ? { topic: name, partition: place[1] ?? '', offset: place[2] ?? '' }
            : null
        }
        onStep={(by) => {
          const next = rows[rows.findIndex((row) => placeOf(row) === at) + by]
          if (next) show(filter, placeOf(next))
        }}
      />
    </>
  )
}

function about(topic: TopicView, held: bigint): string {
  const where = topic.source === 'kafka' ? 'Kafka' : topic.source
  const low = topic.partitions.some(({ low: least }) => least !== '0')
  return `${topic.topic}, ${where}: ${counted(held, 'offset')} in ${counted(topic.partitions.length, 'partition')}${low ? ', the oldest deleted by retention' : ''}`
}

function ExportLink({ filter, format }: { filter: MessageFilter; format: 'jsonl' | 'csv' }) {
  const query = new URLSearchParams({ ...filter, format })
  const word = format === 'csv' ? 'CSV' : 'JSON lines'
  return (
    <a
      className="btn s quiet"
      href={`/api/messages/export?${query}`}
      download
      title={`All messages that match, as ${word}; not only those listed`}
    >
      <Icon name="download" />
      {word}
    </a>
  )
}

/** How far the search has come; it waits at every few hundred messages so that a page never holds a whole topic. */
function Foot({
  messages,
  narrow,
  paused,
  onMore,
  onStop,
  onPaused,
}: {
  messages: Messages
  narrow: string
  paused: boolean
  onMore: () => void
  onStop: () => void
  onPaused: (paused: boolean) => void
}) {
  const { state, rows, progress, read } = messages
  const done = progress ? `${count(progress.done)} of ${count(progress.of ?? 0)} offsets read` : ''
  return (
    <div className="bar thread-sub" role="status">
      <span className="dense">
        {counted(rows.length, 'message')}
        {narrow !== '' && ' that match'}
      </span>
      <span className="t2 dense cut grow">
        {state === 'done'
          ? `all of ${counted(read.messages, 'message')} read, ${bytes(read.bytes)}`
          : state === 'paused'
            ? `${done}; scroll on, or`
            : state === 'stopped'
              ? `stopped, ${done}`
              : done}
      </span>
      {state === 'running' && (
        <>
          <Status state="running" word="Reading" bare />
          <button
            type="button"
            className="btn s"
            onClick={() => {
              onPaused(true)
              onStop()
            }}
          >
            Cancel
          </button>
        </>
      )}
      {state === 'paused' && (
        <Button
          small
          onClick={() => {
            if (paused) onPaused(false)
            onMore()
          }}
        >
          Read on
        </Button>
      )}
    </div>
  )
}

function Side({
  place,
  onStep,
}: {
  place: { topic: string; partition: string; offset: string } | null
  onStep: (by: 1 | -1) => void
}) {
  const message = useMessage(place)
  const title = place === null ? 'Message' : `Message ${place.partition} @ ${place.offset}`
  return (
    <Inspector title={title} subject={title}>
      <div className="message-side">
        {place === null && (
          <div className="sect">
            <p className="dense t2">
              The message that is picked is shown here: its payload, key and headers, and the rows and dead
              letters that came of it.
            </p>
          </div>
        )}
        {place && !message.data && <Awaiting of={message} what="Reading the message" plain />}
        {message.data && (
          <>
            <div className="sect">
              <dl className="kv">
                <dt>Produced</dt>
                <dd>
                  <Time at={message.data.at} as="iso" />
                </dd>
                <dt>Payload</dt>
                <dd>{message.data.bytes === null ? 'none' : bytes(message.data.bytes)}</dd>
              </dl>
              <div className="row" style={{ marginTop: 10 }}>
                <button type="button" className="btn s" onClick={() => onStep(-1)}>
                  Before
                </button>
                <button type="button" className="btn s" onClick={() => onStep(1)}>
                  Next
                </button>
                <RawBytes message={message.data} />
              </div>
            </div>
            <PayloadText message={message.data} />
            <MessageFacts message={message.data} />
          </>
        )}
      </div>
    </Inspector>
  )
}
