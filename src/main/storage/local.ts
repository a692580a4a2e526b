import { closeSync, constants, type Dirent, fstatSync, open, read } from 'node:fs'
import { readdir, realpath, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LakeError } from '../../shared/errors.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import { fileError, isMissing } from './local-errors.ts'
import { createFolders } from './local-folders.ts'
import { isTemporary, statFile, writeFile } from './local-write.ts'
import { cutRange, notFound, parseFileLocation } from './location.ts'
import type { ObjectInfo, ReadOptions, Storage } from './storage.ts'

export interface LocalOptions {
  /** Path or file location that nothing read or written may lie outside of, through symlinks neither. */
  readonly root?: string
  /** Clock that never goes back, ms; tells how long ago a folder was looked at. */
  readonly now?: () => number
}

const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const openFile = promisify(open)
const readInto = promisify(read)

/**
 * Files of this machine. A write goes to a temporary file, is synced and takes its name in one step, so an object is
 * there whole or not at all, after a loss of power too; temporary files left by a crash are never listed. Folders and
 * files are for the owner only. `only: 'absent'` holds between processes (a hard link); `only: {etag}` within this
 * process, so a warehouse has one writing process.
 */
export function localStorage(options: LocalOptions = {}): Storage {
  const folders = createFolders(options.root, options.now ?? (() => performance.now()))

  /** The path itself; INVALID unless it, with every symlink on its way followed, lies inside the root. */
  async function check(location: string): Promise<string> {
    const path = parseFileLocation(location)
    await folders.resolve(path, location)
    return path
  }

  return {
    async read(location, { range, signal } = {}) {
      const path = parseFileLocation(location)
      const real =
        options.root === undefined ? await followed(path, location) : await folders.resolve(path, location)
      throwIfCancelled(signal)
      if (range !== undefined && cutRange(range, Number.MAX_SAFE_INTEGER)[0] === range.end)
        return new Uint8Array(0)
      return readFile(real, range, location, signal)
    },

    async write(location, bytes, writeOptions = {}) {
      throwIfCancelled(writeOptions.signal)
      return writeFile(folders, location, bytes, writeOptions)
    },

    async stat(location, { signal } = {}) {
      const path = await check(location)
      throwIfCancelled(signal)
      return statFile(path, location)
    },

    async *list(prefix, { signal } = {}) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      const path = await check(folder)
      yield* listFolder(path, folder, prefix, signal)
    },

    async delete(location, { signal } = {}) {
      const path = await check(location)
      throwIfCancelled(signal)
      try {
        await unlink(path)
      } catch (error) {
        if (!isMissing(error)) throw fileError(error, location)
      }
    },

    async close() {},
  }
}

async function followed(path: string, location: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    throw isMissing(error) ? notFound(location) : fileError(error, location)
  }
}

const readChunk = 64 * 2 ** 20

async function readFile(
  path: string,
  range: ReadOptions['range'],
  location: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const descriptor = await openFile(path, readFlags).catch((error: unknown) => {
    throw isMissing(error) ? notFound(location) : fileError(error, location)
  })
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile()) throw notFound(location)
    const [start, end] = range === undefined ? [0, found.size] : cutRange(range, found.size)
    const bytes = new Uint8Array(end - start)
    for (let done = 0; done < bytes.byteLength; ) {
      throwIfCancelled(signal)
      const length = Math.min(readChunk, bytes.byteLength - done)
      const { bytesRead } = await readInto(descriptor, bytes, done, length, start + done).catch(
        (error: unknown) => {
          throw fileError(error, location, 'retry')
        },
      )
      if (bytesRead === 0)
        throw new LakeError('CORRUPT', `${location} became shorter while it was read`, {
          context: { location },
        })
      done += bytesRead
    }
    return bytes
  } finally {
    closeSync(descriptor)
  }
}

/** Walks in the order of whole names in UTF-8, as S3 lists; symlinks and temporary files are left out. */
async function* listFolder(
  path: string,
  folder: string,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectInfo> {
  throwIfCancelled(signal)
  let entries: Dirent[]
  try {
    entries = await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return
    throw fileError(error, folder)
  }
  const names = entries
    .filter((entry) => entry.isDirectory() || (entry.isFile() && !isTemporary(entry.name)))
    .map((entry) => ({ entry, name: entry.isDirectory() ? `${entry.name}/` : entry.name }))
    .map(({ entry, name }) => ({ entry, name, order: Buffer.from(name) }))
    .sort((a, b) => a.order.compare(b.order))
  for (const { entry, name } of names) {
    throwIfCancelled(signal)
    const location = folder + name
    if (entry.isDirectory()) {
      const wanted = location.startsWith(prefix) || prefix.startsWith(location)
      if (wanted) yield* listFolder(join(path, entry.name), location, prefix, signal)
    } else if (location.startsWith(prefix)) {
      const info = await statFile(join(path, entry.name), location)
      if (info !== null) yield info
    }
  }
}
