import { readdir, rm, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createLimiter } from './limiter.ts'

/** Calls to the file system at a time. */
const LANES = 16

/**
 * Deletes a folder and all in it, without blocking the thread; `onFile` is told how many files are gone. Links are
 * deleted, not followed. A folder that is absent is no error; what cannot be deleted is, after all else is gone.
 */
export async function removeFolder(path: string, onFile?: (deleted: number) => void): Promise<void> {
  const limiter = createLimiter(LANES)
  let deleted = 0

  async function empty(folder: string): Promise<void> {
    const entries = await limiter.run(() => readdir(folder, { withFileTypes: true }))
    const results = await Promise.allSettled(
      entries.map(async (entry) => {
        const inner = join(folder, entry.name)
        if (entry.isDirectory()) {
          await empty(inner)
          return
        }
        await limiter.run(() => unlink(inner))
        deleted += 1
        onFile?.(deleted)
      }),
    )
    for (const result of results) if (result.status === 'rejected') throw result.reason
    await limiter.run(() => rmdir(folder))
  }

  try {
    await empty(path)
  } catch {
    // Windows keeps a file that another program looks at for a moment; this waits for it.
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
  }
}
