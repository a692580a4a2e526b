import { closeSync, constants, fsync, mkdir, open, realpath } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { LakeError } from '../../shared/errors.ts'
import { fileError, isMissing } from './local-errors.ts'
import { parseFileLocation } from './location.ts'

// The callback forms are used: per call they cost the main thread half of what those of node:fs/promises do.
const openFile = promisify(open)
const sync = promisify(fsync)
const makeDirectory = promisify(mkdir)
const resolveReal = promisify(realpath.native)

/** For how long a folder that was looked at counts as looked at, ms. */
const TRUSTED_MS = 1000
const TRUSTED_FOLDERS = 4096

/** The folders of a local storage: kept inside its root, made where missing, their new names brought to the disk. */
export interface Folders {
  /**
   * `path` with every symlink on its way followed, as far as it exists. INVALID unless path and result lie inside the
   * root.
   */
  resolve(path: string, location: string): Promise<string>
  /** Makes what is missing of `folder`; INVALID if a symlink leads out of the root. True if the folder is new. */
  make(folder: string, location: string): Promise<boolean>
  /** Makes the names in `folder`, and those of the folders above that `make` gave, last. */
  sync(folder: string): Promise<void>
  /** Folders may have vanished: look at each again. */
  forget(): void
}

/** `now` is a clock that never goes back, ms. */
export function createFolders(rootLocation: string | undefined, now: () => number): Folders {
  const root = rootLocation === undefined ? null : parseFileLocation(rootLocation)
  let realRoot: string | null = null
  const trusted = new Map<string, number>()
  const making = new Map<string, Promise<boolean>>()
  /** Folders with names that `make` gave and that are not synced yet, and which the last of them was. */
  const unsynced = new Map<string, number>()
  let names = 0
  const syncs = new Map<string, { running: Promise<void> | null; next: Promise<void> | null }>()

  async function resolve(path: string, location: string): Promise<string> {
    if (root === null) return path
    if (!isInside(root, path)) throw outside(location)
    realRoot ??= await resolveReal(root).catch((error: unknown) => {
      if (isMissing(error)) return null
      throw fileError(error, location, 'retry')
    })
    if (realRoot === null) return path
    const real = await resolveExisting(path, location)
    if (isInside(realRoot, real)) return real
    throw outside(location)
  }

  const trust = (folder: string): void => {
    if (trusted.size >= TRUSTED_FOLDERS) trusted.clear()
    trusted.set(folder, now() + TRUSTED_MS)
  }

  async function make(folder: string, location: string): Promise<boolean> {
    const until = trusted.get(folder)
    if (until !== undefined && until > now()) return false
    const underWay = making.get(folder)
    if (underWay !== undefined) {
      await underWay
      return false
    }
    const made = makeUntrusted(folder, location).finally(() => making.delete(folder))
    making.set(folder, made)
    return made
  }

  async function makeUntrusted(folder: string, location: string): Promise<boolean> {
    const parent = dirname(folder)
    if (root === null || folder === root || !isInside(root, parent)) {
      await resolve(folder, location)
      const first = await makeDirectory(folder, { recursive: true, mode: 0o700 })
      for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made))
        gave(dirname(made))
      trust(folder)
      return first !== undefined
    }
    await make(parent, location)
    try {
      await makeDirectory(folder, 0o700)
      gave(parent)
      trust(folder)
      return true
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    await resolve(folder, location)
    trust(folder)
    return false
  }

  const gave = (folder: string): void => {
    unsynced.set(folder, ++names)
  }

  /** One sync at a time for a folder; who comes while it runs shares the next one. */
  function syncShared(folder: string): Promise<void> {
    let turns = syncs.get(folder)
    if (turns === undefined) {
      turns = { running: null, next: null }
      syncs.set(folder, turns)
    }
    const own = turns
    own.next ??= (own.running ?? Promise.resolve())
      .catch(() => {})
      .then(async () => {
        own.running = own.next
        own.next = null
        try {
          await syncFolder(folder)
        } finally {
          own.running = null
          if (own.next === null) syncs.delete(folder)
        }
      })
    return own.next
  }

  return {
    resolve,
    make,
    async sync(folder) {
      for (let above = folder; above === folder || unsynced.size > 0; above = dirname(above)) {
        const last = unsynced.get(above)
        if (above === folder || last !== undefined) await syncShared(above)
        if (last !== undefined && unsynced.get(above) === last) unsynced.delete(above)
        if (dirname(above) === above) return
      }
    },
    forget: () => trusted.clear(),
  }
}

/** Windows syncs no folders, and needs none to be. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const descriptor = await openFile(folder, constants.O_RDONLY)
  try {
    await sync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function isInside(root: string, path: string): boolean {
  if (path.startsWith(root) && (path.length === root.length || path[root.length] === sep)) return true
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^[a-z]:/i.test(way))
}

/** `path` with symlinks followed as far as it exists. */
async function resolveExisting(path: string, location: string): Promise<string> {
  const missing: string[] = []
  for (let existing = path; ; existing = dirname(existing)) {
    try {
      return join(await resolveReal(existing), ...missing.reverse())
    } catch (error) {
      if (!isMissing(error) || dirname(existing) === existing) throw fileError(error, location)
      missing.push(existing.slice(dirname(existing).length))
    }
  }
}

function outside(location: string): LakeError {
  return new LakeError('INVALID', `${location} lies outside the warehouse`, {
    context: { location },
    likely: 'The location, or a symlink on its way, points elsewhere.',
  })
}
