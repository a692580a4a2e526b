import { LakeError } from '../../shared/errors.ts'
import type { Storage } from './storage.ts'

export type StorageOperation = 'read' | 'write' | 'stat' | 'list' | 'delete'

/** Something that goes wrong with the `nth` matching call (from 1), and the `times - 1` after it. */
export interface StorageFault {
  readonly operation: StorageOperation
  /** Calls to locations without a match do not count. */
  readonly match?: RegExp
  readonly nth?: number
  readonly times?: number
  /**
   * - `fail`: nothing happens and `error` is thrown.
   * - `lose-reply`: the call has its effect, then `error` is thrown.
   * - `late`: the call has its effect and answers once `until` is done.
   * - `truncate`: a write stores, a read gives only the first `bytes` bytes, and nobody says so.
   */
  readonly kind: 'fail' | 'lose-reply' | 'late' | 'truncate'
  readonly error?: LakeError
  readonly until?: Promise<unknown>
  readonly bytes?: number
}

/** `storage` with the faults of a list, which may grow meanwhile. Counting starts with the first call after the push. */
export function withFaults(storage: Storage, faults: readonly StorageFault[]): Storage {
  const seen = new Map<StorageFault, number>()

  function pick(operation: StorageOperation, location: string): StorageFault | null {
    let picked: StorageFault | null = null
    for (const fault of faults) {
      if (fault.operation !== operation || !(fault.match?.test(location) ?? true)) continue
      const count = (seen.get(fault) ?? 0) + 1
      seen.set(fault, count)
      const first = fault.nth ?? 1
      if (count >= first && count < first + (fault.times ?? 1)) picked ??= fault
    }
    return picked
  }

  async function through<T>(
    operation: StorageOperation,
    location: string,
    call: (fault: StorageFault | null) => Promise<T>,
  ) {
    const fault = pick(operation, location)
    if (fault?.kind === 'fail') throw fault.error ?? failure(location, 'retry')
    const result = await call(fault)
    if (fault?.kind === 'lose-reply') throw fault.error ?? failure(location, 'unknown')
    if (fault?.kind === 'late') await fault.until
    return result
  }

  const kept = (fault: StorageFault | null) =>
    fault?.kind === 'truncate' ? (fault.bytes ?? 0) : Number.MAX_SAFE_INTEGER

  return {
    read: (location, options) =>
      through('read', location, async (fault) =>
        (await storage.read(location, options)).subarray(0, kept(fault)),
      ),
    write: (location, bytes, options) =>
      through('write', location, async (fault) => {
        const info = await storage.write(location, bytes.subarray(0, kept(fault)), options)
        return { ...info, size: bytes.byteLength }
      }),
    stat: (location, options) => through('stat', location, () => storage.stat(location, options)),
    async *list(prefix, options) {
      await through('list', prefix, async () => {})
      yield* storage.list(prefix, options)
    },
    delete: (location, options) => through('delete', location, () => storage.delete(location, options)),
    close: () => storage.close(),
  }
}

function failure(location: string, outcome: 'retry' | 'unknown'): LakeError {
  return new LakeError('NETWORK', `The connection was cut at ${location}`, { outcome, context: { location } })
}
