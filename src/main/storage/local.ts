import { randomBytes } from 'node:crypto'
import { constants, type Dirent } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { LakeError } from '../../shared/errors.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import { fileError, isMissing } from './local-errors.ts'
import { cutRange, notFound, parseFileLocation, preconditionFailed } from './location.ts'
import type { ObjectInfo, Storage, WriteOptions } from './storage.ts'

export interface LocalOptions {
  /** Path or file location that nothing read or written may lie outside of, through symlinks neither. */
  readonly root?: string
}

const temporary = /^\.tarn-[0-9a-f]{16}\.tmp$/
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Conditional writes of this process, per path: check and rename must not interleave. */
const queues = new Map<string, Promise<unknown>>()

/**
 * Files of this machine. A write goes to a temporary file, is synced and takes its name in one step, so an object is
 * there whole or not at all, after a loss of power too; temporary files left by a crash are never listed. Folders and
 * files are for the owner only. `only: 'absent'` holds between processes (a hard link); `only: {etag}` within this
 * process, so a warehouse has one writing process.
 */
export function localStorage(options: LocalOptions = {}): Storage {
  const root = options.root === undefined ? null : parseFileLocation(options.root)
  let realRoot: string | null = null

  /** The path itself; INVALID unless it, with every symlink on its way followed, lies inside the root. */
  async function check(location: string): Promise<string> {
    const path = parseFileLocation(location)
    if (root === null) return path
    if (!isInside(root, path)) throw outside(location)
    realRoot ??= await realpath(root).catch((error: unknown) => {
      if (isMissing(error)) return null
      throw fileError(error, location, 'retry')
    })
    if (realRoot !== null && !isInside(realRoot, await resolveExisting(path, location)))
      throw outside(location)
    return path
  }

  return {
    async read(location, { range, signal } = {}) {
      const path = await check(location)
      throwIfCancelled(signal)
      if (range !== undefined && cutRange(range, Number.MAX_SAFE_INTEGER)[0] === range.end)
        return new Uint8Array(0)
      const file = await openFile(await followed(path, location), location)
      try {
        const { size } = await file.stat()
        const [start, end] = range === undefined ? [0, size] : cutRange(range, size)
        return await readFully(file, start, end, location, signal)
      } finally {
        await file.close()
      }
    },

    async write(location, bytes, writeOptions = {}) {
      const path = await check(location)
      throwIfCancelled(writeOptions.signal)
      await makeFolder(dirname(path), location)
      await check(location)
      return writeFile(path, location, bytes, writeOptions)
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

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^[a-z]:/i.test(way))
}

/** `path` with symlinks followed as far as it exists. */
async function resolveExisting(path: string, location: string): Promise<string> {
  const missing: string[] = []
  for (let existing = path; ; existing = dirname(existing)) {
    try {
      return join(await realpath(existing), ...missing.reverse())
    } catch (error) {
      if (!isMissing(error) || dirname(existing) === existing) throw fileError(error, location)
      missing.push(existing.slice(dirname(existing).length))
    }
  }
}

async function followed(path: string, location: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    throw isMissing(error) ? notFound(location) : fileError(error, location)
  }
}

async function openFile(path: string, location: string): Promise<FileHandle> {
  let file: FileHandle
  try {
    file = await open(path, readFlags)
  } catch (error) {
    throw isMissing(error) ? notFound(location) : fileError(error, location)
  }
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw notFound(location)
}

const readChunk = 64 * 2 ** 20

async function readFully(
  file: FileHandle,
  start: number,
  end: number,
  location: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start)
  for (let done = 0; done < bytes.byteLength; ) {
    throwIfCancelled(signal)
    const length = Math.min(readChunk, bytes.byteLength - done)
    const { bytesRead } = await file.read(bytes, done, length, start + done).catch((error: unknown) => {
      throw fileError(error, location, 'retry')
    })
    if (bytesRead === 0)
      throw new LakeError('CORRUPT', `${location} became shorter while it was read`, {
        context: { location },
      })
    done += bytesRead
  }
  return bytes
}

/** Creates what is missing of `folder`, each new name synced in its parent. */
async function makeFolder(folder: string, location: string): Promise<void> {
  try {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
  } catch (error) {
    throw fileError(error, location)
  }
}

async function writeFile(
  path: string,
  location: string,
  bytes: Uint8Array,
  { only, signal }: WriteOptions,
): Promise<ObjectInfo> {
  const temp = join(dirname(path), `.tarn-${randomBytes(8).toString('hex')}.tmp`)
  try {
    await writeSynced(temp, bytes, signal)
    if (only === undefined) await rename(temp, path)
    else if (only === 'absent') await takeName(temp, path, location)
    else await inTurn(path, () => replace(temp, path, location, only))
    await syncFolder(dirname(path))
  } catch (error) {
    await unlink(temp).catch(() => {})
    throw error instanceof LakeError ? error : fileError(error, location)
  }
  const info = await statFile(path, location)
  if (info !== null) return info
  throw new LakeError('CORRUPT', `${location} vanished while it was written`, {
    outcome: 'unknown',
    context: { location },
  })
}

async function writeSynced(path: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    for (let done = 0; done < bytes.byteLength; ) {
      throwIfCancelled(signal)
      done += (await file.write(bytes, done, Math.min(readChunk, bytes.byteLength - done))).bytesWritten
    }
    await file.sync()
    const { size } = await file.stat()
    if (size !== bytes.byteLength) {
      throw new LakeError('CORRUPT', `${path} holds ${size} bytes instead of ${bytes.byteLength}`, {
        outcome: 'retry',
      })
    }
  } finally {
    await file.close()
  }
}

/** Gives the temporary file its name unless another has it: a hard link never replaces. */
async function takeName(temp: string, path: string, location: string): Promise<void> {
  try {
    await link(temp, path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw preconditionFailed(location, 'absent')
    throw error
  }
  await unlink(temp)
}

async function replace(
  temp: string,
  path: string,
  location: string,
  only: { readonly etag: string },
): Promise<void> {
  if ((await statFile(path, location))?.etag !== only.etag) throw preconditionFailed(location, only)
  await rename(temp, path)
}

async function inTurn<T>(path: string, fn: () => Promise<T>): Promise<T> {
  const turn = (queues.get(path) ?? Promise.resolve()).then(fn, fn)
  queues.set(path, turn)
  try {
    return await turn
  } finally {
    if (queues.get(path) === turn) queues.delete(path)
  }
}

/** Makes a new name in `folder` last. Windows syncs no folders, and needs none to be. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function statFile(path: string, location: string): Promise<ObjectInfo | null> {
  try {
    const found = await stat(path, { bigint: true })
    if (!found.isFile()) return null
    const etag = `${found.mtimeNs.toString(36)}-${found.ino.toString(36)}-${found.size.toString(36)}`
    return { location, size: Number(found.size), modified: Number(found.mtimeMs), etag }
  } catch (error) {
    if (isMissing(error)) return null
    throw fileError(error, location)
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
    .filter((entry) => entry.isDirectory() || (entry.isFile() && !temporary.test(entry.name)))
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

function outside(location: string): LakeError {
  return new LakeError('INVALID', `${location} lies outside the warehouse`, {
    context: { location },
    likely: 'The location, or a symlink on its way, points elsewhere.',
  })
}
