import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { LakeError } from '../../../shared/errors.ts'
import type { Fix } from '../../../shared/letters.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import type { Clock } from '../../base/clock.ts'
import { workerUrl } from '../../base/worker-url.ts'
import { fixId } from '../../decode/fix.ts'
import { dataFolder } from '../../iceberg/folders.ts'
import { currentSchema, currentSpec } from '../../iceberg/metadata.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import type { EncodedFile, TableShape } from '../../ingest/accumulator.ts'
import { toError } from '../../ingest/protocol.ts'
import { type UploadTarget, uploadFiles } from '../../ingest/upload.ts'
import { type Bench, type OpenBench, SLICE } from '../../replay/bench.ts'
import type { Letter, Verdict } from '../../replay/judge.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Answer, BenchOptions, Request } from './protocol.ts'

const UPLOADS = 8
const UPLOAD_BYTES = 64 * 1024 * 1024
const PATIENCE_MS = 60_000
/** Files asked for ahead of the upload, so that encoding and uploading run side by side. */
const AHEAD = 3

type Rules = Omit<BenchOptions, 'fix'>

/** Benches for the letters of a lake: each a thread, to be closed by who opened it. */
export function openBenches(
  storage: Storage,
  clock: Clock,
  { validation, maxMessageBytes }: Rules,
): OpenBench {
  return async (fix) => {
    const thread = await startThread({ fix, validation, maxMessageBytes })
    return {
      fixId: fixId(fix),
      async judge(letters, signal) {
        const verdicts: Verdict[] = []
        for (let from = 0; from < letters.length; from += SLICE) {
          throwIfCancelled(signal)
          const answer = await thread.ask({ kind: 'judge', letters: letters.slice(from, from + SLICE) })
          if (answer.kind !== 'verdicts') throw unexpected(answer)
          verdicts.push(...answer.verdicts)
        }
        return verdicts
      },
      async store(commits, tables, letters, split) {
        const shapes = { raw: shapeOf(tables.raw), errors: shapeOf(tables.errors) }
        await thread.ask({ kind: 'encode', letters, split, tables: shapes, now: clock() })
        return uploadFiles(filesOf(thread), {
          storage,
          targets: { raw: target(tables.raw, commits.raw), errors: target(tables.errors, commits.errors) },
          concurrency: UPLOADS,
          maxBytes: UPLOAD_BYTES,
          patienceMs: PATIENCE_MS,
        })
      },
      close: thread.close,
    } satisfies Bench
  }
}

/** Runs `use` with a bench that is closed after it, come what may. */
export async function withBench<T>(open: OpenBench, fix: Fix, use: (bench: Bench) => Promise<T>): Promise<T> {
  const bench = await open(fix)
  try {
    return await use(bench)
  } finally {
    await bench.close()
  }
}

/** How many of `letters` land under each of `fixes`, all of which make sense. */
export async function tryFixes(
  { validation, maxMessageBytes }: Rules,
  letters: readonly Letter[],
  fixes: readonly Fix[],
): Promise<readonly number[]> {
  const thread = await startThread({ fix: { kind: 'none' }, validation, maxMessageBytes })
  try {
    const answer = await thread.ask({ kind: 'try', letters, fixes })
    return answer.kind === 'tried' ? answer.lands : unexpected(answer)
  } finally {
    await thread.close()
  }
}

interface Thread {
  ask(request: Request): Promise<Answer>
  close(): Promise<void>
}

/** A crash in the thread ends every call, under way and later, with a `LakeError`. */
async function startThread(options: BenchOptions): Promise<Thread> {
  const worker = new Worker(workerUrl(import.meta.url, './worker'), { workerData: options })
  const waiting: { resolve(answer: Answer): void; reject(error: unknown): void }[] = []
  let failure: LakeError | null = null
  const fail = (error: LakeError): void => {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(failure)
  }
  const ended = (cause: unknown): LakeError =>
    new LakeError('INTERNAL', `the thread that judges letters ended: ${String(cause)}`, { cause })
  worker.on('message', (answer: Answer) => {
    const one = waiting.shift()
    if (answer.kind === 'failed') one?.reject(toError(answer.fault))
    else one?.resolve(answer)
  })
  worker.on('messageerror', (error) => fail(ended(error)))
  worker.on('error', (error) => fail(ended(error)))
  worker.on('exit', (code) => fail(ended(`exit code ${code}`)))
  const expected = (): Promise<Answer> => {
    const promise = new Promise<Answer>((resolve, reject) => waiting.push({ resolve, reject }))
    // Answers asked for ahead may fail before anybody awaits them.
    promise.catch(() => {})
    return promise
  }
  try {
    await expected()
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return {
    ask(request) {
      if (failure !== null) return Promise.reject(failure)
      worker.postMessage(request)
      return expected()
    },
    async close() {
      fail(new LakeError('CANCELLED', 'the bench was closed'))
      await worker.terminate()
    },
  }
}

async function* filesOf(thread: Thread): AsyncGenerator<EncodedFile> {
  const ahead: Promise<Answer>[] = []
  while (true) {
    while (ahead.length < AHEAD) ahead.push(thread.ask({ kind: 'next' }))
    const answer = await (ahead.shift() as Promise<Answer>)
    if (answer.kind !== 'file') throw unexpected(answer)
    if (answer.file === null) return
    yield answer.file
  }
}

function unexpected(answer: Answer): never {
  throw new LakeError('INTERNAL', `the thread that judges letters answered ${answer.kind}`)
}

function shapeOf(metadata: TableMetadata): TableShape {
  return { schema: currentSchema(metadata), spec: currentSpec(metadata) }
}

/** A batch that is settled later is stored anew, never under the names of files that its first attempt may have used. */
function target(metadata: TableMetadata, commitId: string): UploadTarget {
  return {
    ...shapeOf(metadata),
    dataFolder: dataFolder(metadata),
    commitId: `${commitId}-${randomUUID().slice(0, 8)}`,
  }
}
