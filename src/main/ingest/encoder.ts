import { Worker } from 'node:worker_threads'
import { isLakeError, LakeError } from '../../shared/errors.ts'
import { workerUrl } from '../base/worker-url.ts'
import type { MessageBatch } from '../source/source.ts'
import type { AddResult, EncodedFile, FirstOffsets, TableShape } from './accumulator.ts'
import { type Answer, type Request, toError, type WorkerOptions } from './protocol.ts'

/**
 * Decoding and encoding in a thread of its own. Requests are answered in order, so the caller may send the next
 * batch before the last one is done; how many are under way is for the caller's byte budget to decide.
 */
export interface Encoder {
  /**
   * Decodes `batch` in the thread and keeps its rows there; rows of messages below `from` are left out of that
   * table. The batch's buffers are transferred: they are empty afterwards.
   */
  add(batch: MessageBatch, from: FirstOffsets): Promise<AddResult>
  /**
   * Encodes what was added so far, errors before raw, one file per touched partition; files arrive one by one, a few
   * ahead of the reader. Batches added meanwhile belong to the next flush. Leaving the loop early drops the rest.
   */
  flush(): AsyncGenerator<EncodedFile, void>
  /** Ends the thread; what was not flushed is gone. */
  close(): Promise<void>
}

export interface EncoderOptions {
  readonly raw: TableShape
  readonly errors: TableShape
  readonly topic: string
  readonly validation: WorkerOptions['validation']
  readonly maxMessageBytes: number
  /** Confluent Schema Registry, for Avro messages. */
  readonly registryUrl?: string
  /** Gives the processing time; ms since the epoch. */
  readonly clock?: () => number
}

/** Files asked for ahead of the reader, so that encoding and uploading run side by side. */
const AHEAD = 3

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Starts the thread. A crash in it ends every call, under way and later, with a `LakeError`. */
export async function createEncoder(options: EncoderOptions): Promise<Encoder> {
  const { raw, errors, topic, validation, maxMessageBytes, clock = Date.now } = options
  const registryUrl = options.registryUrl ?? null
  const data: WorkerOptions = { raw, errors, topic, validation, maxMessageBytes, registryUrl }
  const worker = new Worker(workerUrl(import.meta.url, './worker'), {
    workerData: data,
    // Decoding makes short-lived garbage only; V8 would let it grow to 48 MiB.
    resourceLimits: { maxYoungGenerationSizeMb: 24 },
  })
  const waiting: Waiting[] = []
  let failure: LakeError | null = null
  let flushing = false

  const fail = (error: LakeError): void => {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(failure)
  }
  worker.on('message', (answer: Answer) => {
    // After a failure the thread may hold half a batch: nothing of it may be flushed.
    if (answer.kind === 'failed') fail(toError(answer.fault))
    else waiting.shift()?.resolve(answer)
  })
  worker.on('messageerror', (error) => fail(ended(error)))
  worker.on('error', (error) => fail(ended(error)))
  worker.on('exit', (code) => fail(ended(`exit code ${code}`)))

  const expect = (): Promise<Answer> => {
    const promise = new Promise<Answer>((resolve, reject) => waiting.push({ resolve, reject }))
    // Answers asked for ahead may fail before anybody awaits them.
    promise.catch(() => {})
    return promise
  }
  const ask = (request: Request, transfer: ArrayBuffer[] = []): Promise<Answer> => {
    if (failure !== null) return Promise.reject(failure)
    worker.postMessage(request, transfer)
    return expect()
  }
  const close = async (): Promise<void> => {
    fail(new LakeError('CANCELLED', 'the encoder was closed'))
    await worker.terminate()
  }

  try {
    await expect()
  } catch (error) {
    await worker.terminate()
    throw error
  }

  return {
    async add(batch, from) {
      const answer = await ask({ kind: 'add', batch, from, now: clock() }, buffersOf(batch))
      if (answer.kind !== 'added') throw unexpected(answer)
      return { ...answer.result, decodeMs: answer.ms }
    },
    async *flush() {
      if (flushing) throw new LakeError('INTERNAL', 'a flush is under way already')
      flushing = true
      const ahead: Promise<Answer>[] = []
      let ended = false
      try {
        await ask({ kind: 'flush' })
        while (!ended) {
          while (ahead.length < AHEAD) ahead.push(ask({ kind: 'next' }))
          const answer = await ahead.shift()!
          if (answer.kind !== 'file') throw unexpected(answer)
          if (answer.file === null) ended = true
          else yield { ...answer.file, encodeMs: answer.ms }
        }
      } finally {
        await Promise.allSettled(ahead)
        if (!ended && failure === null) await ask({ kind: 'drop' })
        flushing = false
      }
    },
    close,
  }
}

/** The different buffers behind a batch; views of one buffer share it. */
function buffersOf(batch: MessageBatch): ArrayBuffer[] {
  const views = [batch.offsets, batch.timestamps, batch.values, batch.ends, batch.isNull]
  return [...new Set(views.map((view) => view.buffer))].filter((buffer) => buffer instanceof ArrayBuffer)
}

function ended(cause: unknown): LakeError {
  if (isLakeError(cause)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  const memory = cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return new LakeError(memory ? 'MEMORY' : 'INTERNAL', `the encoding thread ended: ${why}`, {
    cause,
    ...(memory ? { remedy: 'Lower TARN_COMMIT_BYTES or raise TARN_MEMORY_BYTES.' } : {}),
  })
}

function unexpected(answer: Answer): LakeError {
  return new LakeError('INTERNAL', `the encoding thread answered ${answer.kind}`)
}
