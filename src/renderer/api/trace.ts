import { LakeError } from '../../shared/errors.ts'
import type { ThreadStart } from '../../shared/thread.ts'
import type {
  CommitThread,
  OriginLine,
  RawOrder,
  ThreadView,
  TraceCell,
  TraceLedger,
  TraceProgress,
} from '../../shared/trace.ts'
import { api } from './client.ts'
import { linesOf } from './lines.ts'

export interface TraceAsk {
  readonly start: ThreadStart
  /** Which of the rows found, from 0. */
  readonly pick: number
  readonly order: RawOrder
  /** Beyond the bound of the search too. */
  readonly all: boolean
}

/** The thread of a row, or of a commit where no row is named. */
export async function readTrace(
  { start, pick, order, all }: TraceAsk,
  signal: AbortSignal,
  onProgress?: (progress: TraceProgress) => void,
): Promise<ThreadView | CommitThread> {
  const query = {
    table: start.table,
    ...(start.snapshot === undefined ? {} : { snapshot: start.snapshot }),
    ...(start.file === undefined ? {} : { file: start.file }),
    ...(start.keys === undefined ? {} : { row: JSON.stringify(start.keys) }),
    pick: String(pick),
    order,
    all: all ? ('1' as const) : ('0' as const),
  }
  const asked = api.thread.$get({ query }, { init: { signal } })
  for await (const line of linesOf<ThreadView | CommitThread>(asked, onProgress)) return line
  throw new LakeError('BAD_RESPONSE', 'the answer has no thread')
}

/** What is found of a row's messages, as it is found, in the offsets that a commit took. */
export function readOrigin(
  { topic, cluster, topicId, ranges }: TraceLedger,
  sample: TraceSample,
  signal: AbortSignal,
  onProgress?: (progress: TraceProgress) => void,
): AsyncGenerator<Exclude<OriginLine, { kind: 'progress' | 'fault' }>> {
  const json = { topic, cluster, topicId, ranges: ranges.map((range) => ({ ...range })), sample }
  return linesOf(api.thread.origin.$post({ json }, { init: { signal } }), onProgress)
}

/** What the messages of a topic are compared with. */
export type TraceSample = NonNullable<ReturnType<typeof sampleOf>>

/** The sample that a row of raw is; null for any other row. */
export function sampleOf(cells: readonly TraceCell[]) {
  const key = (name: string) => cells.find((cell) => cell.name === name)?.key
  const [sampleId, userId, dataType, start, value] = [
    key('sample_id'),
    key('user_id'),
    key('data_type'),
    key('start_date'),
    key('value'),
  ]
  if (typeof sampleId !== 'string' || typeof userId !== 'string' || typeof dataType !== 'string') return null
  if (typeof start !== 'string' || typeof value !== 'number') return null
  return { sampleId, userId, dataType, start, value }
}
