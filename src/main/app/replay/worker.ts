import { parentPort, workerData } from 'node:worker_threads'
import { toFault } from '../../../shared/errors.ts'
import type { Fix } from '../../../shared/letters.ts'
import { type EncodedFile, flushTable } from '../../ingest/accumulator.ts'
import { errorBuffer, rawBuffer } from '../../ingest/append.ts'
import { createJudge, type Judge, type Letter } from '../../replay/judge.ts'
import type { Answer, BenchOptions, Request } from './protocol.ts'

/** The thread behind bench.ts. It answers every request, a failure included; it never ends by itself. */

const port = parentPort
if (port === null) throw new Error('worker.ts runs as a worker thread only')

const options = workerData as BenchOptions
let judge: Judge
let files: Generator<EncodedFile, void> | null = null

function answer(request: Request): Answer {
  switch (request.kind) {
    case 'judge':
      return { kind: 'verdicts', verdicts: request.letters.map((letter) => judge.judge(letter)) }
    case 'try':
      return { kind: 'tried', lands: request.fixes.map((fix) => landing(fix, request.letters)) }
    case 'encode':
      files = encode(request)
      return { kind: 'ready' }
    case 'next': {
      const next = files?.next()
      return { kind: 'file', file: next === undefined || next.done ? null : next.value }
    }
  }
}

function landing(fix: Fix, letters: readonly Letter[]): number {
  const other = createJudge({ ...options, fix, avro: null })
  return letters.filter((letter) => other.judge(letter).lands).length
}

/** Rows by the loader's own columns, partitions and encoding. */
function* encode({
  letters,
  split,
  tables,
  now,
}: Extract<Request, { kind: 'encode' }>): Generator<EncodedFile, void> {
  const errors = errorBuffer(tables.errors.schema)
  for (const { row, letter } of split) errors.append(row, letter.topic, letter.partition, letter.offset, now)
  yield* flushTable('errors', tables.errors, errors)
  const raw = rawBuffer(tables.raw.schema)
  for (const letter of letters) judge.rows(letter, (envelope, sample) => raw.append(envelope, sample, now))
  yield* flushTable('raw', tables.raw, raw)
}

function respond(work: () => Answer): void {
  let reply: Answer
  try {
    reply = work()
  } catch (error) {
    reply = { kind: 'failed', fault: toFault(error) }
  }
  const transfer = reply.kind === 'file' && reply.file !== null ? [reply.file.parquet.bytes.buffer] : []
  port?.postMessage(reply, transfer)
}

respond(() => {
  judge = createJudge({ ...options, avro: null })
  return { kind: 'ready' }
})
port.on('message', (request: Request) => respond(() => answer(request)))
