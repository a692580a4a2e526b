import { useEffect, useRef } from 'react'
import type { PayloadView } from '../../../shared/letters.ts'
import { threadPath } from '../../../shared/thread.ts'
import type { MessageView } from '../../../shared/trace.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Null } from '../../ui/null.tsx'
import { Payload, PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Stat, Stats } from '../../ui/stat.tsx'
import { Time } from '../../ui/time.tsx'
import { hrefTo } from './commit-level.tsx'

/** One message: where it stands, its payload, and the rows that it gave. */
export function MessageDetail({ message, sample }: { message: MessageView; sample?: string }) {
  return (
    <>
      <Stats label="Kafka coordinates">
        <Stat name="Produced" value={<Time at={message.at} />}>
          the timestamp of the message
        </Stat>
        <Stat name="Partition" value={count(message.partition)}>
          of {message.topic}
        </Stat>
        <Stat name="Offset" value={count(message.offset)} />
        <Stat name="Payload" value={message.bytes === null ? 'none' : bytes(message.bytes)}>
          {message.bytes === null ? 'a tombstone' : `${counted(message.headers.length, 'header')}`}
        </Stat>
        <Stat name="Rows" value={count(message.rows.acceptedInAll)}>
          {counted(message.rows.rejected.length, 'dead letter')}
        </Stat>
      </Stats>
      <div className="thread-message">
        <section aria-label="Payload" className="thread-payload">
          <div className="bar thread-sub">
            <h3>Payload</h3>
            <span className="t2 dense grow cut">{message.cut && 'its first 256 KiB'}</span>
            {message.text !== null && <CopyButton text={message.text} label="Copy" />}
            <RawBytes message={message} />
          </div>
          <PayloadText message={message} />
        </section>
        <section aria-label="What came of it" className="thread-rows">
          <MessageFacts message={message} sample={sample} />
        </section>
      </div>
    </>
  )
}

export function RawBytes({ message: { topic, partition, offset } }: { message: MessageView }) {
  const query = new URLSearchParams({ topic, partition: String(partition), offset })
  return (
    <a className="btn s quiet" href={`/api/messages/bytes?${query}`} download>
      <Icon name="download" />
      Raw bytes
    </a>
  )
}

export function PayloadText({ message }: { message: MessageView }) {
  if (message.bytes === null) return <p className="dense t2 pad">The message has no value: a tombstone.</p>
  if (message.payload === null)
    return (
      <p className="dense t2 pad">
        These {bytes(message.bytes)} are no UTF-8 text: <span className="mono">{message.preview}</span>
      </p>
    )
  return <MarkedPayload view={message.payload} />
}

/** The payload, the sample that was looked for brought into sight. */
function MarkedPayload({ view }: { view: PayloadView }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const area = place.current?.querySelector<HTMLElement>('.diff')
    const first = area?.querySelector<HTMLElement>('.now')
    if (area && first) area.scrollTop = first.offsetTop - area.offsetTop - area.clientHeight / 4
  }, [])
  return (
    <div ref={place} className="thread-marked">
      <Payload view={view} label="Payload" />
    </div>
  )
}

/** Key, headers, rows and dead letters of a message, each leading on. */
export function MessageFacts({ message, sample }: { message: MessageView; sample?: string | undefined }) {
  const { rows } = message
  return (
    <>
      <div className="sect">
        <dl className="kv message-facts">
          <dt>Key</dt>
          <dd className="mono">{message.key === null ? <Null /> : <PlainText>{message.key}</PlainText>}</dd>
          {message.headers.map(({ name, value }, index) => [
            // biome-ignore lint/suspicious/noArrayIndexKey: a header may stand twice
            <dt key={`${index} name`}>
              Header <PlainText>{name}</PlainText>
            </dt>,
            // biome-ignore lint/suspicious/noArrayIndexKey: a header may stand twice
            <dd key={index} className="mono">
              {value === null ? <Null /> : <PlainText>{value}</PlainText>}
            </dd>,
          ])}
          {message.headers.length === 0 && (
            <>
              <dt>Headers</dt>
              <dd>none</dd>
            </>
          )}
        </dl>
      </div>
      <div className="sect">
        <h3>{counted(rows.acceptedInAll, 'row')} of raw</h3>
        {rows.acceptedInAll === 0 && <p className="dense t2">The decoder accepts no sample of it.</p>}
        <ul className="thread-links">
          {rows.accepted.map((one) => (
            <li key={`${one.sampleId} ${one.startDate}`} aria-current={one.sampleId === sample || undefined}>
              <a className="cell-link" href={hrefTo(threadPath({ table: 'raw', keys: one.keys }))}>
                <span className="mono cut">
                  <PlainText>{one.sampleId}</PlainText>
                </span>
                <span className="t2 nw">
                  <PlainText>{one.dataType}</PlainText> {one.value.toLocaleString('en-US')}{' '}
                  <PlainText>{one.unit}</PlainText>
                </span>
              </a>
            </li>
          ))}
        </ul>
        {rows.acceptedInAll > rows.accepted.length && (
          <p className="micro t3">and {count(rows.acceptedInAll - rows.accepted.length)} more</p>
        )}
      </div>
      {rows.rejected.length > 0 && (
        <div className="sect">
          <h3>{counted(rows.rejected.length, 'dead letter')}</h3>
          <ul className="thread-links">
            {rows.rejected.map((one) => (
              <li key={one.letter}>
                <a className="cell-link" href={href(['letters'], { group: 'all', letter: one.letter })}>
                  <span className="message-trouble">
                    <PlainText>{one.message}</PlainText>
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}
