import { randomBytes } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  fsync,
  lstat,
  open,
  rename,
  stat,
  write,
  writeSync,
} from 'node:fs'
import { link, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { LakeError } from '../../shared/errors.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import { fileError, isMissing } from './local-errors.ts'
import type { Folders } from './local-folders.ts'
import { parseFileLocation, preconditionFailed } from './location.ts'
import type { ObjectInfo, WriteOptions } from './storage.ts'

const openFile = promisify(open)
const sync = promisify(fsync)
const moveFile = promisify(rename)
const writeFrom = promisify(write)
const look = promisify(lstat)
const examine = promisify(stat)

/** Up to this many bytes go to the system's cache in one call that is not worth a thread's. */
const SMALL_BYTES = 65_536
const WRITE_CHUNK = 64 * 2 ** 20

/** Conditional writes of this process, per path: check and rename must not interleave. */
const queues = new Map<string, Promise<unknown>>()

const prefix = randomBytes(4).toString('hex')
let temporaries = 0

export function isTemporary(name: string): boolean {
  return /^\.tarn-[0-9a-f]{16}\.tmp$/.test(name)
}

function temporaryName(): string {
  temporaries = (temporaries + 1) >>> 0
  return `.tarn-${prefix}${temporaries.toString(16).padStart(8, '0')}.tmp`
}

/**
 * An object in one step: a temporary file is synced and then takes the name, which is synced too, so that the object is
 * there whole or not at all, after a loss of power as well.
 */
export async function writeFile(
  folders: Folders,
  location: string,
  bytes: Uint8Array,
  options: WriteOptions,
): Promise<ObjectInfo> {
  const path = parseFileLocation(location)
  try {
    try {
      return await writeInto(folders, path, location, bytes, options)
    } catch (error) {
      // The folder may have been removed since it was looked at.
      if (!isMissing(error)) throw error
      folders.forget()
      return await writeInto(folders, path, location, bytes, options)
    }
  } catch (error) {
    throw fileError(error, location)
  }
}

async function writeInto(
  folders: Folders,
  path: string,
  location: string,
  bytes: Uint8Array,
  { only, signal }: WriteOptions,
): Promise<ObjectInfo> {
  const folder = dirname(path)
  const isNew = await folders.make(folder, location)
  if (!isNew && (await isLink(path))) await folders.resolve(path, location)
  const temp = join(folder, temporaryName())
  let info: ObjectInfo
  try {
    info = await writeSynced(temp, location, bytes, signal)
    if (only === undefined) await moveFile(temp, path)
    else if (only === 'absent') await takeName(temp, path, location)
    else await inTurn(path, () => replace(temp, path, location, only))
  } catch (error) {
    await unlink(temp).catch(() => {})
    throw error
  }
  await folders.sync(folder)
  return info
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await look(path)).isSymbolicLink()
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Writes a new file and brings its bytes to the disk; what it says of the file holds under its later name too. */
async function writeSynced(
  path: string,
  location: string,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo> {
  const descriptor = await openFile(path, 'wx', 0o600)
  try {
    for (let done = 0; done < bytes.byteLength; ) {
      throwIfCancelled(signal)
      const length = Math.min(WRITE_CHUNK, bytes.byteLength - done)
      done +=
        length <= SMALL_BYTES
          ? writeSync(descriptor, bytes, done, length)
          : (await writeFrom(descriptor, bytes, done, length)).bytesWritten
    }
    await sync(descriptor)
    const found = fstatSync(descriptor, { bigint: true })
    if (Number(found.size) === bytes.byteLength) return infoOf(found, location)
    throw new LakeError('CORRUPT', `${path} holds ${found.size} bytes instead of ${bytes.byteLength}`, {
      outcome: 'retry',
    })
  } finally {
    closeSync(descriptor)
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
  await moveFile(temp, path)
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

/** Null where there is no file of that name. */
export async function statFile(path: string, location: string): Promise<ObjectInfo | null> {
  try {
    const found = await examine(path, { bigint: true })
    return found.isFile() ? infoOf(found, location) : null
  } catch (error) {
    if (isMissing(error)) return null
    throw fileError(error, location)
  }
}

function infoOf({ mtimeNs, mtimeMs, ino, size }: BigIntStats, location: string): ObjectInfo {
  const etag = `${mtimeNs.toString(36)}-${ino.toString(36)}-${size.toString(36)}`
  return { location, size: Number(size), modified: Number(mtimeMs), etag }
}
