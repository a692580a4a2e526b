/**
 * The embedded catalog: what its REST server does, over a folder of pointers and the warehouse's storage. All changes go
 * one after another; a commit writes its metadata file first and then swaps the pointer, so that a crash leaves the old
 * table or the new one. A file is deleted only after a definite result.
 */
import { randomUUID } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { CreateTable, Namespace, TableCommit, TableIdentifier } from '../iceberg/catalog.ts'
import { checkRequirements, newMetadata } from '../iceberg/metadata.ts'
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
import { droppedFiles, type StoredTable, tableFiles } from './table-files.ts'
import { isInside } from './trust.ts'

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

/** How long a used idempotency key is remembered. */
export const KEY_LIFETIME_MS = 30 * 60_000
const MAX_KEYS = 500

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
  const files = tableFiles({ storage, warehouse, anyLocation: options.anyLocation ?? false, log })
  await preparePointers(folder)
  let lock: Lock | null = null
  let tail: Promise<unknown> = Promise.resolve()

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
        await files.remove(written.map((t) => t.metadataLocation))
      throw error
    }
    for (const table of written) files.remember(table.metadataLocation, table.metadata)
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
            : { metadata: await files.read(entry.metadataLocation), metadataLocation: entry.metadataLocation }
        checkRequirements(base?.metadata ?? null, requirements)
        bases.push(base)
        changed.push(applyUpdates(base?.metadata ?? null, updates, clock))
      }
      const written: StoredTable[] = []
      try {
        for (const [i, metadata] of changed.entries()) {
          const base = bases[i] ?? null
          written.push(base !== null && metadata === base.metadata ? base : await files.write(metadata, base))
        }
      } catch (error) {
        await files.remove(
          written.filter((table, i) => table !== bases[i]).map((table) => table.metadataLocation),
        )
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
        if (base !== null) await files.remove(droppedFiles(base.metadata, written[i]!.metadata))
      }
      return written
    })
  }

  async function load(id: TableIdentifier): Promise<StoredTable> {
    const { metadataLocation } = tableOf(await state(), id)
    try {
      return { metadata: await files.read(metadataLocation), metadataLocation }
    } catch (error) {
      // a commit of the writing instance may have removed the file meanwhile
      const again = tableOf(await state(), id).metadataLocation
      if (again === metadataLocation) throw error
      return { metadata: await files.read(again), metadataLocation: again }
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
        const location =
          request.location?.replace(/\/+$/, '') ??
          (await files.freeLocation(
            at.tables.map((entry) => entry.metadataLocation),
            id,
          ))
        files.checkLocation(location)
        const metadata = newMetadata({ ...request, uuid: randomUUID(), location }, clock)
        if (stage) return metadata
        const written = await files.write(metadata, null)
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
        files.checkLocation(metadataLocation)
        const metadata = await files.read(metadataLocation)
        files.checkLocation(metadata.location)
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
        const location = purge ? await files.ownLocation(entry.metadataLocation) : null
        await publish(at, { ...withKey(at, null), tables }, [])
        files.forget(entry.metadataLocation)
        if (location === null || tables.some((other) => isInside(other.metadataLocation, location))) return
        await files.clear(location)
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
}

/** Refuses names that a folder or a REST path cannot carry unambiguously. */
function checkName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (name === '' || name === '.' || name === '..' || name.length > 200 || /[\u0000-\u001f\\]/.test(name)) {
    throw new LakeError('INVALID', `${JSON.stringify(name)} cannot be the name of a table or namespace`)
  }
}
