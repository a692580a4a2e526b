import { parentPort, workerData } from 'node:worker_threads'
import { LakeError, toFault } from '../../shared/errors.ts'
import { type Accumulator, createAccumulator, type EncodedFile } from './accumulator.ts'
import type { Answer, Request, WorkerOptions } from './protocol.ts'

/** The thread behind encoder.ts. It answers every request, a failure included; it never ends by itself. */

const port = parentPort
if (port === null) throw new Error('worker.ts runs as a worker thread only')

let accumulator: Accumulator
let flushing: Generator<EncodedFile, void> | null = null

function answer(request: Request): Answer {
  switch (request.kind) {
    case 'add': {
      const started = performance.now()
      const result = accumulator.add(request.batch, request.from, request.now)
      release(request.batch.values)
      return { kind: 'added', result, ms: performance.now() - started }
    }
    case 'flush':
      flushing = accumulator.flush()
      return { kind: 'done' }
    case 'next': {
      const started = performance.now()
      const next = flushing?.next()
      const ms = performance.now() - started
      if (next === undefined || next.done) {
        flushing = null
        return { kind: 'file', file: null, ms }
      }
      return { kind: 'file', file: next.value, ms }
    }
    case 'drop':
      flushing = null
      return { kind: 'done' }
  }
}

/** With a registry configured an Avro message is no error of its sender: the load stops, nothing is dead-lettered. */
function refuseAvro(): never {
  throw new LakeError('UNSUPPORTED', 'this version of Tarn cannot decode Avro messages', {
    remedy: 'Unset SCHEMA_REGISTRY_URL to dead-letter Avro messages and load the others.',
  })
}

/** Frees the bytes of messages now: as garbage they would pile up between collections. */
function release({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
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
  const options = workerData as WorkerOptions
  accumulator = createAccumulator({ ...options, avro: options.registryUrl === null ? null : refuseAvro })
  return { kind: 'done' }
})
port.on('message', (request: Request) => respond(() => answer(request)))
