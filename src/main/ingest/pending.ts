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
  /** What an earlier run left behind; null where it ended cleanly, or the file is damaged. DISK where it cannot be read. */
  read(): Promise<Pending | null>
  write(pending: Pending): Promise<void>
  clear(): Promise<void>
}

export function pendingFile(path: string): PendingFile {
  return {
    read: async () => {
      try {
        return parse(await readFile(path, 'utf8'))
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw new LakeError('DISK', `${path} cannot be read: ${(cause as Error).message}`, {
          context: { path },
          likely: 'it belongs to another user, or the disk fails',
          remedy: 'let this user read the file; it names the files of a commit whose end is not known',
          cause,
        })
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

/** Null for a damaged file. */
function parse(text: string): Pending | null {
  try {
    const parsed = JSON.parse(text) as Pending
    const { raw, errors } = parsed.commits
    return parsed.version === 1 && typeof raw === 'string' && typeof errors === 'string' ? parsed : null
  } catch {
    return null
  }
}
