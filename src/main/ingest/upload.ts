/** Encoded files into the store, several at a time, under a bound of bytes in memory. */
import { isLakeError } from '../../shared/errors.ts'
import { createLimiter } from '../base/limiter.ts'
import { retry } from '../base/retry.ts'
import { partitionPath } from '../iceberg/partition.ts'
import type { DataFile, PartitionSpec, Schema } from '../iceberg/types.ts'
import type { Storage } from '../storage/storage.ts'
import type { EncodedFile } from './accumulator.ts'

export interface UploadTarget {
  readonly schema: Schema
  readonly spec: PartitionSpec
  /** Without a slash at its end. */
  readonly dataFolder: string
  readonly commitId: string
}

export interface UploadOptions {
  readonly storage: Storage
  readonly targets: Readonly<Record<'raw' | 'errors', UploadTarget>>
  readonly concurrency: number
  /** Bytes of encoded files held at a time. */
  readonly maxBytes: number
  /** ms for which a store that is away is tried again. */
  readonly patienceMs: number
  readonly signal?: AbortSignal
  /** Told when a store fails and is tried again, and when one went through. */
  readonly onRetry?: (error: unknown) => void
  readonly onThrough?: () => void
  readonly onStored?: (count: number) => void
  readonly onEncoded?: (count: number) => void
}

export interface Uploaded {
  readonly raw: DataFile[]
  readonly errors: DataFile[]
  /** Time that encoding the files took. */
  encodeMs: number
}

/**
 * Stores every file that `files` yields. Names start with the commit id, so that what a crash leaves is told apart. After the
 * first failure, of a store or of `files`, nothing more is started, the stores under way are cut, and it is thrown once
 * all of them have ended.
 */
export async function uploadFiles(
  files: AsyncIterable<EncodedFile>,
  options: UploadOptions,
): Promise<Uploaded> {
  const limiter = createLimiter(options.concurrency)
  const uploaded: Uploaded = { raw: [], errors: [], encodeMs: 0 }
  const running = new Set<Promise<void>>()
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  const failures: unknown[] = []
  let held = 0
  let encoded = 0
  let stored = 0
  const fail = (error: unknown): void => {
    failures.push(error)
    stop.abort()
  }
  const begin = (file: EncodedFile): void => {
    encoded += 1
    uploaded.encodeMs += file.encodeMs ?? 0
    options.onEncoded?.(encoded)
    const data = describe(file, options.targets[file.table], encoded)
    const { bytes } = file.parquet
    held += bytes.byteLength
    const store = () => options.storage.write(data.path, bytes, { signal })
    const upload = limiter
      .run(() => {
        const deadline = performance.now() + options.patienceMs
        return patiently(store, options.patienceMs, {
          ...options,
          signal,
          // A store that was cut may have happened: the same bytes under the same name are stored once more.
          also: (error) => isLakeError(error) && error.outcome === 'unknown' && performance.now() < deadline,
        })
      })
      .then(() => {
        uploaded[file.table].push(data)
        stored += 1
        options.onThrough?.()
        options.onStored?.(stored)
      })
      .catch(fail)
      .finally(() => {
        held -= bytes.byteLength
        running.delete(upload)
      })
    running.add(upload)
  }

  try {
    for await (const file of files) {
      begin(file)
      while (failures.length === 0 && (held > options.maxBytes || running.size > options.concurrency * 2)) {
        await Promise.race(running)
      }
      if (failures.length > 0) break
    }
  } catch (error) {
    fail(error)
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
  return uploaded
}

/** Tries again what had no effect, for `patienceMs` altogether; `also` names what else may be tried again, however long it took. */
export function patiently<T>(
  fn: () => Promise<T>,
  patienceMs: number,
  options: {
    readonly signal?: AbortSignal
    readonly onRetry?: (error: unknown) => void
    readonly also?: (error: unknown) => boolean
  } = {},
): Promise<T> {
  const deadline = performance.now() + patienceMs
  const { signal, onRetry, also } = options
  return retry(fn, {
    attempts: 1_000,
    baseMs: 500,
    maxMs: 10_000,
    signal,
    when: (error) =>
      (performance.now() < deadline && isLakeError(error) && error.outcome === 'retry') ||
      also?.(error) === true,
    ...(onRetry === undefined ? {} : { onRetry }),
  })
}

function describe(file: EncodedFile, target: UploadTarget, number: number): DataFile {
  const folder = partitionPath(target.spec, target.schema, file.partition)
  const name = `${target.commitId}-${String(number).padStart(5, '0')}.parquet`
  return {
    content: 'data',
    path: [target.dataFolder, folder, name].filter((part) => part !== '').join('/'),
    format: 'parquet',
    specId: target.spec['spec-id'],
    partition: file.partition,
    fileSize: file.parquet.bytes.byteLength,
    ...file.parquet.metrics,
  }
}
