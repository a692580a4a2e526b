/**
 * The embedded catalog: what its REST server does, over a folder of pointers and the warehouse's storage. All changes go
 * one after another; a commit writes its metadata file first and then swaps the pointer, so that a crash leaves the old
 * table or the new one. A file is deleted only after a definite result.
 */
import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { isLakeError, LakeError } from '../../shared/errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { CreateTable, Namespace, TableCommit, TableIdentifier } from '../iceberg/catalog.ts'
import { checkRequirements, newMetadata, parseMetadata, serializeMetadata } from '../iceberg/metadata.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import { applyUpdates } from '../iceberg/update.ts'
import type { Storage } from '../storage/storage.ts'
import { type Lock, lockOwner, takeLock } from './lock.ts'
import {
  type CatalogState,
  type NamespaceEntry,
  preparePointers,
  readPointers,
  swapPointers,
  sweepPointers,
  type TableEntry,
} from './pointers.ts'
import { isInside, localPath } from './trust.ts'

export interface StoreOptions {
  /** Folder of the catalog's own state, on a local disk. */
  readonly folder: string
  /** Where tables are made: a URI without trailing slash. */
  readonly warehouse: string
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Logger
  /** Whether clients may put tables outside the warehouse. Default false. */
  readonly anyLocation?: boolean
}

export interface StoredTable {
  readonly metadata: TableMetadata
  readonly metadataLocation: string
}

/** How long a used idempotency key is remembered. */
export const KEY_LIFETIME_MS = 30 * 60_000
const MAX_KEYS = 500
const MAX_CACHED = 32

export type Store = Awaited<ReturnType<typeof openStore>>

const keyOf = (namespace: Namespace, name?: string): string =>
  JSON.stringify(name === undefined ? namespace : [namespace, name])
const dotted = (namespace: Namespace): string => namespace.join('.')
const nameOf = (id: TableIdentifier): string => `${dotted(id.namespace)}.${id.name}`
const isBelow = (levels: Namespace, parent: Namespace): boolean =>
  levels.length > parent.length && parent.every((level, i) => levels[i] === level)

/**
 * Opens the catalog of a folder, making it where absent. Where another instance has it open, this one reads only, and
 * takes over when that one has gone. Errors are `LakeError`; LOCKED for a change while reading only.
 */
export async function openStore(options: StoreOptions) {
  const { folder, storage, clock, log } = options
  const warehouse = options.warehouse.replace(/\/+$/, '')
  await preparePointers(folder)
  let lock: Lock | null = null
  let tail: Promise<unknown> = Promise.resolve()
  const cache = new Map<string, TableMetadata>()

  async function ensureLock(): Promise<boolean> {
    if (lock !== null) return true
    lock = takeLock(folder)
    if (lock !== null) await sweepPointers(folder)
    return lock !== null
  }

  /** Runs changes one after another, each on the state that the one before it left. */
  function change<T>(work: (state: CatalogState) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      if (!(await ensureLock())) {
        throw new LakeError('LOCKED', `The warehouse is open in ${lockOwner(folder)}; here it is read-only`, {
          context: { folder },
          likely: 'Another instance of Tarn has opened this warehouse.',
          remedy: 'Close the other instance, or use that one.',
        })
      }
      return work(await readPointers(folder))
    }
    const result = tail.then(run)
    tail = result.catch(() => {})
    return result
  }

  const state = (): Promise<CatalogState> => readPointers(folder)

  function namespaceOf(at: CatalogState, namespace: Namespace): NamespaceEntry {
    const found = at.namespaces.find((entry) => keyOf(entry.levels) === keyOf(namespace))
    if (found === undefined)
      throw new LakeError('NO_NAMESPACE', `Namespace does not exist: ${dotted(namespace)}`)
    return found
  }

  function entryOf(at: CatalogState, id: TableIdentifier): TableEntry | null {
    return at.tables.find((entry) => keyOf(entry.levels, entry.name) === keyOf(id.namespace, id.name)) ?? null
  }

  function tableOf(at: CatalogState, id: TableIdentifier): TableEntry {
    const found = entryOf(at, id)
    if (found === null) throw new LakeError('NO_TABLE', `Table does not exist: ${nameOf(id)}`)
    return found
  }

  function refuseExisting(at: CatalogState, id: TableIdentifier): void {
    if (entryOf(at, id) !== null) throw new LakeError('ALREADY_EXISTS', `Table already exists: ${nameOf(id)}`)
  }

  async function read(metadataLocation: string): Promise<TableMetadata> {
    const cached = cache.get(metadataLocation)
    if (cached !== undefined) return cached
    const metadata = parseMetadata(await storage.read(metadataLocation))
    remember(metadataLocation, metadata)
    return metadata
  }

  function remember(location: string, metadata: TableMetadata): void {
    cache.delete(location)
    cache.set(location, metadata)
    const oldest = cache.keys().next().value
    if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest)
  }

  /** Refuses what a client must not choose: files outside the warehouse, other schemes, dot segments. */
  function checkLocation(location: string): void {
    if (options.anyLocation) return
    const path = localPath(location)
    const root = localPath(warehouse)
    if (path !== null && root !== null ? isInside(path, root) : isInside(location, warehouse)) return
    throw new LakeError('FORBIDDEN', `The location ${location} is outside the warehouse ${warehouse}`)
  }

  /** A location of its own: a table renamed away keeps its old one, which must not be shared. */
  async function freeLocation(at: CatalogState, id: TableIdentifier): Promise<string> {
    const folders = [...id.namespace, id.name].map(folderName).join('/')
    const wanted = `${warehouse}/${folders}`
    const taken =
      at.tables.some((entry) => isInside(entry.metadataLocation, wanted)) || (await holdsData(wanted))
    return taken ? `${wanted}-${randomUUID().slice(0, 8)}` : wanted
  }

  /** True for the location of a table that was dropped and not purged. */
  async function holdsData(location: string): Promise<boolean> {
    for await (const _object of storage.list(`${location}/data/`)) return true
    return false
  }

  /** Writes the metadata file that follows `base`; the pointer still names the old one. */
  async function writeMetadata(metadata: TableMetadata, base: StoredTable | null): Promise<StoredTable> {
    const logged = base === null ? metadata : withLog(metadata, base)
    const gzip = logged.properties['write.metadata.compression-codec']?.toLowerCase() === 'gzip'
    const folderOf =
      logged.properties['write.metadata.path']?.replace(/\/+$/, '') ?? `${logged.location}/metadata`
    checkLocation(logged.location)
    checkLocation(folderOf)
    const version = String(base === null ? 0 : versionOf(base.metadataLocation) + 1).padStart(5, '0')
    const metadataLocation = `${folderOf}/${version}-${randomUUID()}${gzip ? '.gz' : ''}.metadata.json`
    const text = serializeMetadata(logged)
    await storage.write(metadataLocation, gzip ? gzipSync(text) : new TextEncoder().encode(text), {
      only: 'absent',
    })
    return { metadata: logged, metadataLocation }
  }

  /** Swaps the pointers; on a definite failure the new metadata files are removed, on an unclear one they stay. */
  async function publish(
    at: CatalogState,
    next: Omit<CatalogState, 'version'>,
    written: readonly StoredTable[],
  ) {
    try {
      await swapPointers(folder, at, next)
    } catch (error) {
      if (error instanceof LakeError && error.outcome !== 'unknown')
        await remove(written.map((t) => t.metadataLocation))
      throw error
    }
    for (const table of written) remember(table.metadataLocation, table.metadata)
  }

  /** Best effort: a file that cannot be removed costs space only. */
  async function remove(locations: readonly string[]): Promise<void> {
    const results = await Promise.allSettled(locations.map((location) => storage.delete(location)))
    const failed = results.filter((result) => result.status === 'rejected').length
    if (failed > 0)
      log.warn({ failed, of: locations.length }, 'old files of the catalog could not be removed')
  }

  const withKey = (at: CatalogState, key: string | null) => ({
    namespaces: at.namespaces,
    tables: at.tables,
    keys: [
      ...at.keys.filter((used) => clock() - used.at < KEY_LIFETIME_MS).slice(-MAX_KEYS),
      ...(key === null ? [] : [{ key, at: clock() }]),
    ],
  })

  async function commit(commits: readonly TableCommit[], key: string | null): Promise<StoredTable[]> {
    const names = new Set(commits.map(({ identifier: id }) => keyOf(id.namespace, id.name)))
    if (names.size < commits.length) throw new LakeError('INVALID', 'A table may appear once in a commit')
    return change(async (at) => {
      if (key !== null && at.keys.some((used) => used.key === key)) {
        return Promise.all(commits.map(({ identifier }) => load(identifier)))
      }
      const bases: (StoredTable | null)[] = []
      const changed: TableMetadata[] = []
      for (const { identifier, requirements, updates } of commits) {
        const entry = requirements.some((r) => r.type === 'assert-create')
          ? entryOf(at, identifier)
          : tableOf(at, identifier)
        if (entry === null) namespaceOf(at, identifier.namespace)
        const base =
          entry === null
            ? null
            : { metadata: await read(entry.metadataLocation), metadataLocation: entry.metadataLocation }
        checkRequirements(base?.metadata ?? null, requirements)
        bases.push(base)
        changed.push(applyUpdates(base?.metadata ?? null, updates, clock))
      }
      const written: StoredTable[] = []
      try {
        for (const [i, metadata] of changed.entries()) {
          const base = bases[i] ?? null
          written.push(
            base !== null && metadata === base.metadata ? base : await writeMetadata(metadata, base),
          )
        }
      } catch (error) {
        await remove(written.filter((table, i) => table !== bases[i]).map((table) => table.metadataLocation))
        throw error
      }
      if (written.every((table, i) => table === bases[i])) return written
      const keys = new Map(
        commits.map(({ identifier: id }, i) => [keyOf(id.namespace, id.name), written[i]!]),
      )
      const others = at.tables.filter((entry) => !keys.has(keyOf(entry.levels, entry.name)))
      const entries = commits.map(({ identifier: id }, i) => ({
        levels: id.namespace,
        name: id.name,
        metadataLocation: written[i]!.metadataLocation,
      }))
      await publish(
        at,
        { ...withKey(at, key), tables: [...others, ...entries] },
        written.filter((t, i) => t !== bases[i]),
      )
      for (const [i, base] of bases.entries()) {
        if (base !== null) await remove(droppedFiles(base.metadata, written[i]!.metadata))
      }
      return written
    })
  }

  async function load(id: TableIdentifier): Promise<StoredTable> {
    const { metadataLocation } = tableOf(await state(), id)
    try {
      return { metadata: await read(metadataLocation), metadataLocation }
    } catch (error) {
      // a commit of the writing instance may have removed the file meanwhile
      const again = tableOf(await state(), id).metadataLocation
      if (again === metadataLocation) throw error
      return { metadata: await read(again), metadataLocation: again }
    }
  }

  await ensureLock()

  return {
    warehouse,
    /** True where another instance may write and this one may not. */
    readOnly: (): boolean => lock === null,

    async listNamespaces(parent: Namespace): Promise<Namespace[]> {
      const at = await state()
      if (parent.length > 0) namespaceOf(at, parent)
      const below = at.namespaces.filter((entry) => isBelow(entry.levels, parent))
      const next = new Map(
        below.map((entry) => entry.levels.slice(0, parent.length + 1)).map((l) => [keyOf(l), l]),
      )
      return [...next.values()]
    },

    loadNamespace: async (namespace: Namespace) => namespaceOf(await state(), namespace).properties,

    createNamespace(namespace: Namespace, properties: Readonly<Record<string, string>>): Promise<void> {
      return change(async (at) => {
        if (namespace.length === 0) throw new LakeError('INVALID', 'A namespace needs a name')
        for (const level of namespace) checkName(level)
        if (at.namespaces.some((entry) => keyOf(entry.levels) === keyOf(namespace))) {
          throw new LakeError('ALREADY_EXISTS', `Namespace already exists: ${dotted(namespace)}`)
        }
        await publish(
          at,
          { ...withKey(at, null), namespaces: [...at.namespaces, { levels: namespace, properties }] },
          [],
        )
      })
    },

    /** Null-prototype safe: keys are data. Returns what was changed, removed and not found. */
    updateNamespace(
      namespace: Namespace,
      removals: readonly string[],
      updates: Readonly<Record<string, string>>,
    ): Promise<{ updated: string[]; removed: string[]; missing: string[] }> {
      return change(async (at) => {
        const before = new Map(Object.entries(namespaceOf(at, namespace).properties))
        const removed = removals.filter((key) => before.delete(key))
        for (const [key, value] of Object.entries(updates)) before.set(key, value)
        const properties = Object.fromEntries(before)
        const namespaces = at.namespaces.map((entry) =>
          keyOf(entry.levels) === keyOf(namespace) ? { ...entry, properties } : entry,
        )
        await publish(at, { ...withKey(at, null), namespaces }, [])
        return {
          updated: Object.keys(updates),
          removed,
          missing: removals.filter((key) => !removed.includes(key)),
        }
      })
    },

    dropNamespace(namespace: Namespace): Promise<void> {
      return change(async (at) => {
        namespaceOf(at, namespace)
        const holds =
          at.tables.some((entry) => keyOf(entry.levels) === keyOf(namespace)) ||
          at.namespaces.some((entry) => isBelow(entry.levels, namespace))
        if (holds) throw new LakeError('CONFLICT', `Namespace ${dotted(namespace)} is not empty.`)
        const namespaces = at.namespaces.filter((entry) => keyOf(entry.levels) !== keyOf(namespace))
        await publish(at, { ...withKey(at, null), namespaces }, [])
      })
    },

    async listTables(namespace: Namespace): Promise<TableIdentifier[]> {
      const at = await state()
      namespaceOf(at, namespace)
      const here = at.tables.filter((entry) => keyOf(entry.levels) === keyOf(namespace))
      return here.map((entry) => ({ namespace, name: entry.name }))
    },

    load,
    commit,

    /** With `stage` the table is only prepared: its metadata is returned, nothing is written. */
    create(namespace: Namespace, request: CreateTable, stage: boolean): Promise<StoredTable | TableMetadata> {
      const id = { namespace, name: request.name }
      return change(async (at) => {
        namespaceOf(at, namespace)
        checkName(request.name)
        refuseExisting(at, id)
        const location = request.location?.replace(/\/+$/, '') ?? (await freeLocation(at, id))
        checkLocation(location)
        const metadata = newMetadata({ ...request, uuid: randomUUID(), location }, clock)
        if (stage) return metadata
        const written = await writeMetadata(metadata, null)
        const entry = { levels: namespace, name: request.name, metadataLocation: written.metadataLocation }
        await publish(at, { ...withKey(at, null), tables: [...at.tables, entry] }, [written])
        return written
      })
    },

    register(id: TableIdentifier, metadataLocation: string, overwrite: boolean): Promise<StoredTable> {
      return change(async (at) => {
        namespaceOf(at, id.namespace)
        checkName(id.name)
        if (!overwrite) refuseExisting(at, id)
        checkLocation(metadataLocation)
        const metadata = await read(metadataLocation)
        checkLocation(metadata.location)
        const others = at.tables.filter(
          (entry) => keyOf(entry.levels, entry.name) !== keyOf(id.namespace, id.name),
        )
        const entry = { levels: id.namespace, name: id.name, metadataLocation }
        await publish(at, { ...withKey(at, null), tables: [...others, entry] }, [])
        return { metadata, metadataLocation }
      })
    },

    /** With `purge` the files under the table's location go too, unless another table lies there. */
    drop(id: TableIdentifier, purge: boolean): Promise<void> {
      return change(async (at) => {
        const entry = tableOf(at, id)
        const tables = at.tables.filter((other) => other !== entry)
        const location = purge ? await locationOf(entry) : null
        await publish(at, { ...withKey(at, null), tables }, [])
        cache.delete(entry.metadataLocation)
        if (location === null || tables.some((other) => isInside(other.metadataLocation, location))) return
        for await (const object of storage.list(`${location}/`)) await remove([object.location])
      })
    },

    rename(from: TableIdentifier, to: TableIdentifier): Promise<void> {
      return change(async (at) => {
        const entry = tableOf(at, from)
        namespaceOf(at, to.namespace)
        checkName(to.name)
        refuseExisting(at, to)
        const moved = { levels: to.namespace, name: to.name, metadataLocation: entry.metadataLocation }
        const tables = at.tables.map((other) => (other === entry ? moved : other))
        await publish(at, { ...withKey(at, null), tables }, [])
      })
    },

    /** Waits for running changes and gives the lock back. */
    async close(): Promise<void> {
      await tail
      lock?.release()
      lock = null
    },
  }

  /** Null where the table's files are not surely its own: unreadable metadata, or a location outside the warehouse. */
  async function locationOf(entry: TableEntry): Promise<string | null> {
    try {
      const { location } = await read(entry.metadataLocation)
      const path = localPath(location)
      const root = localPath(warehouse)
      const inside =
        path !== null && root !== null ? isInside(path, root) && path !== root : isInside(location, warehouse)
      return inside && location !== warehouse ? location : null
    } catch (error) {
      if (!isLakeError(error)) throw error
      log.warn(
        { table: nameOf({ namespace: entry.levels, name: entry.name }), error },
        'a dropped table could not be purged',
      )
      return null
    }
  }
}

/** The table with the file it replaces in its log, cut to `write.metadata.previous-versions-max`. */
function withLog(metadata: TableMetadata, base: StoredTable): TableMetadata {
  const configured = Number(metadata.properties['write.metadata.previous-versions-max'] ?? 100)
  const limit = Math.max(1, Number.isSafeInteger(configured) ? configured : 100)
  const entry = { 'timestamp-ms': base.metadata['last-updated-ms'], 'metadata-file': base.metadataLocation }
  return { ...metadata, 'metadata-log': [...metadata['metadata-log'], entry].slice(-limit) }
}

/** Metadata files that fell off the log, where the table asks for their removal. */
function droppedFiles(before: TableMetadata, after: TableMetadata): string[] {
  if (after.properties['write.metadata.delete-after-commit.enabled'] !== 'true') return []
  const kept = new Set(after['metadata-log'].map((entry) => entry['metadata-file']))
  return before['metadata-log'].map((entry) => entry['metadata-file']).filter((file) => !kept.has(file))
}

/** The number in front of a metadata file's name, -1 for other names. */
function versionOf(location: string): number {
  const match = /\/(\d{1,12})-[^/]*$/.exec(location)
  return match === null ? -1 : Number(match[1])
}

/** Refuses names that a folder or a REST path cannot carry unambiguously. */
function checkName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (name === '' || name === '.' || name === '..' || name.length > 200 || /[\u0000-\u001f\\]/.test(name)) {
    throw new LakeError('INVALID', `${JSON.stringify(name)} cannot be the name of a table or namespace`)
  }
}

/** A name as one folder: other than letters, digits, `_`, `.` and `-`, and a leading dot, is percent-encoded. */
function folderName(name: string): string {
  return encodeURIComponent(name)
    .replace(/^\./, '%2E')
    .replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
