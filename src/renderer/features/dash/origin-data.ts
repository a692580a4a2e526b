import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ThreadStart } from '../../../shared/thread.ts'
import type { ThreadView, TraceLedger } from '../../../shared/trace.ts'
import { readOrigin, readTrace, sampleOf } from '../../api/trace.ts'
import { useRead } from '../../ui/read.ts'
import type { Sample } from './read.ts'

/** Offsets that are read for a message without being asked to. */
const AT_ONCE = 20_000n

/** The values by which a sample is found again among raw's files. */
export function startOf(
  { user, type }: { readonly user: string; readonly type: string },
  sample: Pick<Sample, 'id' | 'start'>,
): ThreadStart {
  const start_date = sample.start.replace(' ', 'T')
  return { table: 'raw', keys: { sample_id: sample.id, user_id: user, data_type: type, start_date } }
}

/** Where a sample lies and which commit brought it. */
export function useTrace(start: ThreadStart, snapshot: string | undefined) {
  return useRead({
    queryKey: ['dash', 'trace', snapshot, start],
    queryFn: async ({ signal }): Promise<ThreadView | null> => {
      const view = await readTrace({ start, pick: 0, order: 'highest', all: false }, signal)
      return view.kind === 'thread' ? view : null
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
}

/** How many offsets a commit took. */
export function offsetsOf(ledger: TraceLedger): bigint {
  return ledger.ranges.reduce((sum, { from, to }) => sum + BigInt(to) - BigInt(from), 0n)
}

/** The first message found that holds the row; `gone` where retention has deleted some of what the commit took. */
export interface FoundMessage {
  readonly place: { readonly topic: string; readonly partition: number; readonly offset: string } | null
  readonly gone: boolean
}

/** Looks for the row's message in what its commit took: at once where that is little, else when asked to. */
export function useMessage(view: ThreadView) {
  const { rows, chosen } = view
  const ledger = view.origin?.ledger ?? null
  const sample = sampleOf(rows[chosen]?.cells ?? [])
  const offsets = ledger === null ? 0n : offsetsOf(ledger)
  const [asked, setAsked] = useState(false)
  const query = useQuery({
    queryKey: ['dash', 'message', ledger?.topic, ledger?.topicId, ledger?.ranges, sample],
    enabled: ledger !== null && sample !== null && (asked || offsets <= AT_ONCE),
    queryFn: async ({ signal }): Promise<FoundMessage> => {
      if (ledger === null || sample === null) return { place: null, gone: false }
      let gone = false
      for await (const line of readOrigin(ledger, sample, signal)) {
        if (line.kind === 'topic') gone = line.gone.length > 0
        else if (line.kind === 'message') {
          const { topic, partition, offset } = line.message
          return { place: { topic, partition, offset }, gone }
        }
      }
      return { place: null, gone }
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return { ...query, ledger, offsets, ask: () => setAsked(true) }
}
