import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, useSyncExternalStore } from 'react'
import { LakeError } from '../../../shared/errors.ts'
import type { ThreadStart } from '../../../shared/thread.ts'
import type {
  CommitThread,
  MessageView,
  MissingRange,
  RawOrder,
  ThreadView,
  TopicView,
  TraceCell,
  TraceLedger,
  TraceProgress,
} from '../../../shared/trace.ts'
import { answer, api } from '../../api/client.ts'
import { readOrigin, readTrace, sampleOf } from '../../api/trace.ts'
import { useRead } from '../../ui/read.ts'
import type { MessagePlace } from './levels.ts'

/** A query whose answer is streamed, with how far it has come. */
function useStreamed<T>(key: readonly unknown[], enabled: boolean, search: Search<T>) {
  const [progress, setProgress] = useState<TraceProgress | null>(null)
  const query = useRead({
    queryKey: key,
    enabled,
    queryFn: ({ signal }) => search(signal, setProgress),
    staleTime: 60_000,
    retry: false,
  })
  return { ...query, progress }
}
type Search<T> = (signal: AbortSignal, onProgress: (progress: TraceProgress) => void) => Promise<T>

export interface ThreadAsk {
  readonly start: ThreadStart | null
  readonly pick: number
  readonly order: RawOrder
  readonly all: boolean
}

/** The thread of a row, or of a commit where no row is named. */
export function useThread({ start, pick, order, all }: ThreadAsk) {
  return useStreamed<ThreadView | CommitThread>(
    ['thread', start, pick, order, all],
    start !== null,
    (signal, onProgress) => {
      if (start === null) throw new LakeError('INVALID', 'a thread begins at a row, a file or a commit')
      return readTrace({ start, pick, order, all }, signal, onProgress)
    },
  )
}

/** What was found of the messages behind a row so far. */
export interface Origin {
  readonly topic: TopicView | null
  readonly gone: readonly MissingRange[]
  readonly messages: readonly { readonly message: MessageView; readonly index: number }[]
  readonly end: { readonly found: number; readonly read: number; readonly bytes: number } | null
}

const NOTHING: Origin = { topic: null, gone: [], messages: [], end: null }

/** Reads what a commit took until the message of a row is found, and on to its end: a topic can hold it twice. */
export function useOrigin(ledger: TraceLedger | null, cells: readonly TraceCell[], enabled: boolean) {
  const sample = sampleOf(cells)
  const [soFar, setSoFar] = useState<{ key: string; origin: Origin }>({ key: '', origin: NOTHING })
  const key = originKey(ledger, sample)
  const search = useCallback<Search<Origin>>(
    async (signal, onProgress) => {
      if (ledger === null || sample === null) return NOTHING
      let origin = NOTHING
      for await (const line of readOrigin(ledger, sample, signal, onProgress)) {
        if (line.kind === 'topic') origin = { ...origin, topic: line.topic, gone: line.gone }
        else if (line.kind === 'end') origin = { ...origin, end: line }
        else origin = { ...origin, messages: [...origin.messages, line] }
        setSoFar({ key, origin })
      }
      return origin
    },
    [key, ledger, sample],
  )
  const query = useStreamed<Origin>(['thread', 'origin', key], enabled && sample !== null, search)
  return { ...query, origin: query.data ?? (soFar.key === key ? soFar.origin : NOTHING) }
}

const originKey = (ledger: TraceLedger | null, sample: unknown): string =>
  JSON.stringify([ledger?.topic, ledger?.topicId, ledger?.ranges, sample])

/** What a search that has ended found first, without beginning one or keeping one going. */
export function useFound(ledger: TraceLedger | null, cells: readonly TraceCell[]): MessagePlace | null {
  const cache = useQueryClient().getQueryCache()
  const key = originKey(ledger, sampleOf(cells))
  const origin = useSyncExternalStore(
    (listener) => cache.subscribe(listener),
    () => cache.find<Origin>({ queryKey: ['thread', 'origin', key] })?.state.data,
  )
  const [first] = origin?.messages ?? []
  if (ledger === null || first === undefined) return null
  const { partition, offset } = first.message
  return { topic: ledger.topic, partition: String(partition), offset }
}

/** One message with what the decoder makes of it. */
export function useMessage(place: { topic: string; partition: string; offset: string } | null) {
  return useRead({
    queryKey: ['message', place],
    enabled: place !== null,
    queryFn: async ({ signal }): Promise<MessageView> => {
      const query = place ?? { topic: '', partition: '0', offset: '0' }
      return (await answer(api.messages.one.$get({ query }, { init: { signal } }))) as MessageView
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
}
