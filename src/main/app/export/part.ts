import { open } from 'node:fs/promises'
import { LakeError } from '../../../shared/errors.ts'
import type { ExportFormat } from '../../../shared/export.ts'
import { streamArrow } from '../../parquet/stream.ts'

/** A file that grows by chunks. Each call waits until what it gave is written, which is the sender's back-pressure. */
export interface Part {
  write(chunk: Uint8Array): Promise<void>
  /** Completes the file and gives its size in bytes. INVALID where nothing was written that a file could be made of. */
  finish(): Promise<number>
  /** Closes the file as it is. */
  abandon(): Promise<void>
}

/** Makes the file at `path`, which must not exist. */
export async function openPart(path: string, format: ExportFormat): Promise<Part> {
  const file = await open(path, 'wx', 0o600).catch(diskError)
  let bytes = 0
  const append = async (piece: Uint8Array): Promise<void> => {
    await file.writeFile(piece).catch(diskError)
    bytes += piece.length
  }
  const close = async (): Promise<number> => {
    await file.sync().catch(diskError)
    await file.close()
    return bytes
  }
  if (format !== 'parquet') {
    return { write: append, finish: close, abandon: () => file.close() }
  }
  const queue = createQueue()
  const written = (async () => {
    for await (const piece of streamArrow(queue)) await append(piece)
  })()
  written.catch(queue.fail)
  return {
    write: queue.put,
    finish: async () => {
      queue.end()
      await written
      return close()
    },
    abandon: async () => {
      queue.fail(new LakeError('CANCELLED', 'the export was given up'))
      await written.catch(() => undefined)
      await file.close()
    },
  }
}

/** Hands items over one by one: `put` is done when the next one is asked for. */
function createQueue() {
  let item: {
    readonly value: Uint8Array
    readonly taken: () => void
    readonly failed: (error: unknown) => void
  } | null = null
  let wake: (() => void) | null = null
  let ended = false
  let failure: { readonly error: unknown } | null = null
  const fail = (error: unknown): void => {
    failure ??= { error }
    item?.failed(error)
    wake?.()
  }
  async function* items(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (failure !== null) throw (failure as { error: unknown }).error
      if (item !== null) {
        const { value, taken } = item
        yield value
        item = null
        taken()
      } else if (ended) return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  }
  return {
    [Symbol.asyncIterator]: items,
    put: (value: Uint8Array): Promise<void> =>
      new Promise((taken, failed) => {
        if (failure !== null) return failed(failure.error)
        item = { value, taken, failed }
        wake?.()
      }),
    end: () => {
      ended = true
      wake?.()
    },
    fail,
  }
}

function diskError(cause: NodeJS.ErrnoException): never {
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') {
    throw new LakeError('DISK', 'the disk is full', {
      cause,
      remedy: 'Make room, or export fewer rows or columns.',
    })
  }
  throw new LakeError('DISK', 'the export cannot be written', { cause, likely: cause.message })
}
