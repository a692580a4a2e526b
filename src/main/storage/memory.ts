import { throwIfCancelled } from '../base/cancel.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { type CountingStorage, countingStorage } from './counting.ts'
import { type StorageFault, withFaults } from './faults.ts'
import { cutRange, notFound, preconditionFailed } from './location.ts'
import type { ObjectInfo, Storage } from './storage.ts'

export interface MemoryOptions {
  /** Watched while the storage lives: more may be pushed at any time. */
  readonly faults?: readonly StorageFault[]
  readonly clock?: Clock
}

interface Stored {
  readonly bytes: Uint8Array
  readonly modified: number
  readonly etag: string
}

export interface MemoryStorage extends CountingStorage {
  /** What is stored, by location, whatever the faults say. Bytes may be replaced to damage an object. */
  readonly objects: Map<string, Stored>
}

/** The twin of the real storages for tests: any location, in memory, with requests counted and faults at will. */
export function memoryStorage(options: MemoryOptions = {}): MemoryStorage {
  const objects = new Map<string, Stored>()
  const store = plainMemory(objects, options.clock ?? systemClock)
  const counting = countingStorage(withFaults(store, options.faults ?? []))
  return Object.assign(counting, { objects })
}

function plainMemory(objects: Map<string, Stored>, clock: Clock): Storage {
  let versions = 0
  const describe = (location: string, { bytes, modified, etag }: Stored): ObjectInfo => ({
    location,
    size: bytes.byteLength,
    modified,
    etag,
  })

  return {
    async read(location, { range, signal } = {}) {
      throwIfCancelled(signal)
      const found = objects.get(location)
      const [start, end] = cutRange(
        range ?? { start: 0, end: Number.MAX_SAFE_INTEGER },
        found?.bytes.byteLength ?? 0,
      )
      if (found === undefined && range !== undefined && range.start === range.end) return new Uint8Array(0)
      if (found === undefined) throw notFound(location)
      return found.bytes.slice(start, end)
    },
    async write(location, bytes, { only, signal } = {}) {
      throwIfCancelled(signal)
      const found = objects.get(location)
      const holds =
        only === undefined || (only === 'absent' ? found === undefined : found?.etag === only.etag)
      if (!holds) throw preconditionFailed(location, only)
      const stored = { bytes: bytes.slice(), modified: clock(), etag: `v${++versions}` }
      objects.set(location, stored)
      return describe(location, stored)
    },
    async stat(location, { signal } = {}) {
      throwIfCancelled(signal)
      const found = objects.get(location)
      return found === undefined ? null : describe(location, found)
    },
    async *list(prefix, { signal } = {}) {
      const locations = [...objects.keys()].filter((location) => location.startsWith(prefix))
      const ordered = locations.map((location) => ({ location, order: Buffer.from(location) }))
      for (const { location } of ordered.sort((a, b) => a.order.compare(b.order))) {
        throwIfCancelled(signal)
        const found = objects.get(location)
        if (found !== undefined) yield describe(location, found)
      }
    },
    async delete(location, { signal } = {}) {
      throwIfCancelled(signal)
      objects.delete(location)
    },
    async close() {},
  }
}
