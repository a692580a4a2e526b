import type { StorageOperation } from './faults.ts'
import type { Storage } from './storage.ts'

export interface StorageCounts {
  reads: number
  writes: number
  stats: number
  lists: number
  deletes: number
  /** Bytes that came back. */
  bytesRead: number
  /** Bytes sent, of failed writes too. */
  bytesWritten: number
}

export interface CountedRequest {
  readonly operation: StorageOperation
  readonly location: string
}

export interface CountingStorage extends Storage {
  /** Calls made so far, failed ones included. */
  readonly counts: StorageCounts
  /** The same calls in their order. */
  readonly requests: CountedRequest[]
  /** Starts counting anew. */
  reset(): void
}

/** `storage`, with calls and bytes counted: what a test asserts of the cost of an operation. */
export function countingStorage(storage: Storage): CountingStorage {
  const counts: StorageCounts = zero()
  const requests: CountedRequest[] = []
  return {
    counts,
    requests,
    reset() {
      Object.assign(counts, zero())
      requests.length = 0
    },
    async read(location, options) {
      counts.reads++
      requests.push({ operation: 'read', location })
      const bytes = await storage.read(location, options)
      counts.bytesRead += bytes.byteLength
      return bytes
    },
    write(location, bytes, options) {
      counts.writes++
      counts.bytesWritten += bytes.byteLength
      requests.push({ operation: 'write', location })
      return storage.write(location, bytes, options)
    },
    stat(location, options) {
      counts.stats++
      requests.push({ operation: 'stat', location })
      return storage.stat(location, options)
    },
    list(prefix, options) {
      counts.lists++
      requests.push({ operation: 'list', location: prefix })
      return storage.list(prefix, options)
    },
    delete(location, options) {
      counts.deletes++
      requests.push({ operation: 'delete', location })
      return storage.delete(location, options)
    },
    close: () => storage.close(),
  }
}

function zero(): StorageCounts {
  return { reads: 0, writes: 0, stats: 0, lists: 0, deletes: 0, bytesRead: 0, bytesWritten: 0 }
}
