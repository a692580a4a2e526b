import { useCallback, useEffect, useRef, useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import type { MessageFilter } from '../../../shared/thread.ts'
import type {
  MessageLine,
  MessageRow,
  MissingRange,
  TopicView,
  TraceProgress,
} from '../../../shared/trace.ts'
import { api } from '../../api/client.ts'
import { linesOf } from '../../api/lines.ts'

export type Order = 'newest' | 'oldest'

export interface Messages {
  readonly topic: TopicView | null
  readonly gone: readonly MissingRange[]
  readonly rows: readonly MessageRow[]
  readonly progress: TraceProgress | null
  readonly read: { readonly messages: number; readonly bytes: number }
  /** Where to go on; null where all was read. */
  readonly more: string | null
  readonly state: 'running' | 'paused' | 'done' | 'stopped' | 'failed'
  readonly fault: Fault | null
}

const BEGUN: Messages = {
  topic: null,
  gone: [],
  rows: [],
  progress: null,
  read: { messages: 0, bytes: 0 },
  more: null,
  state: 'running',
  fault: null,
}
/** Messages after which the search waits until it is asked on. */
const PAGE = 500

/** Messages that match, as they are found: begun anew with another filter, gone on with `more`, ended by `stop`. */
export function useMessages(filter: MessageFilter, order: Order) {
  const [messages, setMessages] = useState(BEGUN)
  const running = useRef<AbortController | null>(null)
  const key = JSON.stringify([filter, order])

  const begin = useCallback(
    async (more: string | null, before: Messages): Promise<void> => {
      running.current?.abort()
      const control = new AbortController()
      running.current = control
      let now: Messages = { ...before, state: 'running', more: null, progress: null, fault: null }
      const show = (next: Messages): void => {
        now = next
        if (running.current === control) setMessages(next)
      }
      show(now)
      const [wanted, wantedOrder] = JSON.parse(key) as [MessageFilter, Order]
      const query = {
        ...(wanted as Record<string, string>),
        order: wantedOrder,
        limit: String(PAGE),
        ...(more === null ? {} : { more }),
      }
      try {
        for await (const line of linesOf<Exclude<MessageLine, { kind: 'progress' | 'fault' }>>(
          api.messages.$get({ query }, { init: { signal: control.signal } }),
          (progress) => show({ ...now, progress }),
        )) {
          if (line.kind === 'topic') show({ ...now, topic: line.topic, gone: line.gone })
          else if (line.kind === 'messages') show({ ...now, rows: [...now.rows, ...line.messages] })
          else
            show({
              ...now,
              more: line.more,
              read: { messages: now.read.messages + line.read, bytes: now.read.bytes + line.bytes },
              state: line.more === null ? 'done' : 'paused',
            })
        }
      } catch (error) {
        if (!control.signal.aborted) show({ ...now, state: 'failed', fault: toFault(error) })
      }
    },
    [key],
  )

  useEffect(() => {
    void begin(null, BEGUN)
    return () => running.current?.abort()
  }, [begin])

  const more = useCallback(() => {
    if (messages.more !== null && messages.state === 'paused') void begin(messages.more, messages)
  }, [begin, messages])
  const stop = useCallback(() => {
    running.current?.abort()
    setMessages((last) => ({ ...last, state: 'stopped' }))
  }, [])
  const again = useCallback(() => void begin(null, BEGUN), [begin])
  return { messages, more, stop, again }
}
