/** The commit under way, kept on disk from before its first request until it landed. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LakeError } from '../../shared/errors.ts'

export interface Pending {
  readonly version: 1
  /** UUIDs: `tarn.commit` of the snapshots, and the start of the names of their data files. */
  readonly commits: { readonly raw: string; readonly errors: string }
  readonly ranges: Readonly<Record<string, readonly [string, string]>>
  /** ms since the epoch. */
  readonly at: number
}

export interface PendingFile {
  /** What an earlier run left behind; null where it ended cleanly, or the file is damaged. */
  read(): Promise<Pending | null>
  write(pending: Pending): Promise<void>
  clear(): Promise<void>
}

export function pendingFile(path: string): PendingFile {
  return {
    read: async () => {
      try {
        const parsed = JSON.parse(await readFile(path, 'utf8')) as Pending
        return parsed.version === 1 && typeof parsed.commits?.raw === 'string' ? parsed : null
      } catch {
        return null
      }
    },
    write: async (pending) => {
      try {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(`${path}.new`, JSON.stringify(pending), { flush: true })
        await rename(`${path}.new`, path)
      } catch (cause) {
        throw new LakeError('DISK', `${path} cannot be written: ${(cause as Error).message}`, {
          context: { path },
          remedy: 'make room on the disk, or let TARN_HOME name a folder that can be written',
          cause,
        })
      }
    },
    clear: async () => {
      await rm(path, { force: true })
    },
  }
}
