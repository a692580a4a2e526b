/**
 * The state of the embedded catalog on disk: namespaces and the metadata location of every table, as numbered whole
 * versions in one folder. A version is written beside its place, synced, and put there by `link`, which fails if
 * another writer was first: that is the compare-and-swap, for one table or several at once. The highest version that
 * reads well is the state; what a crash left half-written is never it.
 */
import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { LakeError } from '../../shared/errors.ts'
import type { Namespace } from '../iceberg/catalog.ts'
import { isRecord, optional, records, string, strings } from '../iceberg/fields.ts'
import { parseJson, stringifyJson } from '../iceberg/json.ts'

export interface NamespaceEntry {
  readonly levels: Namespace
  readonly properties: Readonly<Record<string, string>>
}

export interface TableEntry {
  readonly levels: Namespace
  readonly name: string
  readonly metadataLocation: string
}

/** An idempotency key whose request succeeded. */
export interface UsedKey {
  readonly key: string
  /** Ms since the epoch. */
  readonly at: number
}

export interface CatalogState {
  /** 0 before the first write. */
  readonly version: number
  readonly namespaces: readonly NamespaceEntry[]
  readonly tables: readonly TableEntry[]
  readonly keys: readonly UsedKey[]
}

const EMPTY: CatalogState = { version: 0, namespaces: [], tables: [], keys: [] }
/** Raised when an older Tarn would misread what is written. */
const FORMAT = 1
const KEPT_VERSIONS = 3
const FILE = /^(\d{12})\.json$/
/** Left by a write that was interrupted; removed by the next writer. */
const TEMPORARY = '.writing'

const fileOf = (folder: string, version: number): string =>
  join(folder, `${String(version).padStart(12, '0')}.json`)

/** Makes the folder (owner only) where it is absent. DISK where it cannot be used. */
export async function preparePointers(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw diskError(`The catalog folder ${folder} cannot be made`, folder, cause)
  }
}

async function versions(folder: string): Promise<number[]> {
  try {
    const names = await readdir(folder)
    const found = names.flatMap((name) => FILE.exec(name)?.[1] ?? []).map(Number)
    return found.sort((a, b) => b - a)
  } catch (cause) {
    throw diskError(`The catalog folder ${folder} cannot be read`, folder, cause)
  }
}

/**
 * The latest state. @throws LakeError CORRUPT where versions exist and none reads well, UNSUPPORTED where a later Tarn
 *   wrote it, DISK where the folder cannot be read.
 */
export async function readPointers(folder: string): Promise<CatalogState> {
  // a version read from the list can be pruned before it is opened: the list is then read again
  for (let attempt = 0; ; attempt++) {
    const found = await versions(folder)
    let vanished = false
    for (const version of found) {
      const text = await readFile(fileOf(folder, version), 'utf8').catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== 'ENOENT') throw diskError('The catalog state cannot be read', folder, cause)
        vanished = true
        return null
      })
      const state = text === null ? null : decode(text, version)
      if (state !== null) return state
    }
    if (found.length === 0) return EMPTY
    if (!vanished || attempt >= 10) {
      throw new LakeError('CORRUPT', `None of the ${found.length} catalog states in ${folder} reads well`, {
        context: { folder },
        likely: 'The files were changed or damaged by something other than Tarn.',
        remedy: 'Restore the folder from a backup, or register the tables again from their metadata files.',
      })
    }
  }
}

/**
 * Puts `next` in the place of version `expected`; returns the state written.
 * @throws LakeError CONFLICT (retry) where another writer was first: nothing was written. DISK with outcome `reject`
 *   where surely nothing was written, `unknown` where it may have been.
 */
export async function swapPointers(
  folder: string,
  expected: CatalogState,
  next: Omit<CatalogState, 'version'>,
): Promise<CatalogState> {
  const found = await versions(folder)
  // a damaged file keeps its number taken
  const version = Math.max(expected.version, ...found) + 1
  if ((await readPointers(folder)).version !== expected.version) throw lostRace(folder)
  const state: CatalogState = { ...next, version }
  const temporary = join(folder, `${TEMPORARY}-${randomUUID()}`)
  try {
    await writeSynced(temporary, encode(state))
  } catch (cause) {
    await unlink(temporary).catch(() => {})
    throw diskError('The catalog state cannot be written', folder, cause)
  }
  try {
    await place(temporary, fileOf(folder, version), encode(state))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw lostRace(folder)
    throw diskError('The catalog state may not have been written', folder, cause, 'unknown')
  } finally {
    await unlink(temporary).catch(() => {})
  }
  try {
    await syncFolder(folder)
  } catch (cause) {
    throw diskError('The catalog state may not outlive a power failure', folder, cause, 'unknown')
  }
  await prune(folder, found)
  return state
}

/** `link` is atomic and fails where the name is taken. File systems without links get an exclusive create. */
async function place(temporary: string, target: string, text: string): Promise<void> {
  try {
    await link(temporary, target)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOSPC' || code === 'EIO' || code === 'EROFS') throw error
    await writeSynced(target, text)
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file: FileHandle = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Old versions are only a safety net: failing to remove one is no failure of the commit. */
async function prune(folder: string, before: readonly number[]): Promise<void> {
  const old = before.slice(KEPT_VERSIONS - 1).map((version) => fileOf(folder, version))
  await Promise.allSettled(old.map((path) => unlink(path)))
}

/** Removes what interrupted writes left. Only for the one writer of the folder. */
export async function sweepPointers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const left = names.filter((name) => name.startsWith(TEMPORARY)).map((name) => join(folder, name))
  await Promise.allSettled(left.map((path) => unlink(path)))
}

const checksum = (body: string): string => createHash('sha256').update(body).digest('hex')

function encode({ version, namespaces, tables, keys }: CatalogState): string {
  const body = stringifyJson({ format: FORMAT, version, namespaces, tables, keys })
  return `{"sha256":"${checksum(body)}","state":${body}}\n`
}

/** Null for a damaged file. */
function decode(text: string, version: number): CatalogState | null {
  const match = /^\{"sha256":"([0-9a-f]{64})","state":(.*)\}\n$/s.exec(text)
  if (match === null || checksum(match[2]!) !== match[1]) return null
  const raw = parseJson(match[2]!)
  if (!isRecord(raw)) return null
  if (raw.format !== FORMAT) {
    throw new LakeError('UNSUPPORTED', `The catalog state has format ${String(raw.format)}`, {
      likely: 'A later version of Tarn wrote it.',
      remedy: 'Use that version, or a later one.',
    })
  }
  const levels = (entry: unknown): Namespace => (Array.isArray(entry) ? entry.map(String) : [])
  return {
    version,
    namespaces: records(raw, 'namespaces').map((entry) => ({
      levels: levels(entry.levels),
      properties: strings(entry, 'properties'),
    })),
    tables: records(raw, 'tables').map((entry) => ({
      levels: levels(entry.levels),
      name: string(entry, 'name'),
      metadataLocation: string(entry, 'metadataLocation'),
    })),
    keys: optional(raw, 'keys', records, []).map((entry) => ({
      key: string(entry, 'key'),
      at: Number(entry.at),
    })),
  }
}

function lostRace(folder: string): LakeError {
  return new LakeError('CONFLICT', 'Another writer changed the catalog at the same time', {
    outcome: 'retry',
    context: { folder },
  })
}

function diskError(
  title: string,
  folder: string,
  cause: unknown,
  outcome: 'reject' | 'unknown' = 'reject',
): LakeError {
  const { code, message } = cause as NodeJS.ErrnoException
  const likely: Record<string, string> = {
    ENOSPC: 'The disk is full.',
    EDQUOT: 'The disk quota is used up.',
    EACCES: 'This user may not write there.',
    EPERM: 'This user may not write there.',
    EROFS: 'The disk is mounted read-only.',
  }
  return new LakeError('DISK', `${title}: ${message}`, {
    outcome,
    context: { folder, reason: code ?? 'UNKNOWN' },
    ...(code !== undefined && likely[code] !== undefined ? { likely: likely[code] } : {}),
    cause,
  })
}
