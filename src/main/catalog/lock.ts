/**
 * The one-writer lock of a warehouse folder. An exclusive SQLite transaction is held open: the operating system drops
 * it with the process, however that ends, so no stale lock can be left behind.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Lock {
  release(): void
}

const SQLITE_BUSY = 5

/** The lock of `folder`, or null where another instance holds it. It leaves no lock where it throws. */
export function takeLock(folder: string): Lock | null {
  const database = new DatabaseSync(join(folder, 'lock.db'), { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, host: hostname() }), {
      mode: 0o600,
    })
  } catch (error) {
    database.close()
    if (Reflect.get(error as object, 'errcode') === SQLITE_BUSY) return null
    throw error
  }
  return { release: () => database.close() }
}

/** Who holds the lock, as far as it left its name: `process 42 on host`. */
export function lockOwner(folder: string): string {
  try {
    const owner = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as {
      pid?: unknown
      host?: unknown
    }
    return `process ${String(owner.pid)} on ${String(owner.host)}`
  } catch {
    return 'another process'
  }
}
