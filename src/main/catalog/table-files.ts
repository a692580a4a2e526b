/** The metadata files of the embedded catalog's tables: where they lie, writing, reading, and removing what nothing names. */

import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { isLakeError, LakeError } from '../../shared/errors.ts'
import type { Logger } from '../base/log.ts'
import type { TableIdentifier } from '../iceberg/catalog.ts'
import { parseMetadata, serializeMetadata } from '../iceberg/metadata.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import type { Storage } from '../storage/storage.ts'
import { isInside, localPath } from './trust.ts'

export interface StoredTable {
  readonly metadata: TableMetadata
  readonly metadataLocation: string
}

const MAX_CACHED = 32

/** `warehouse` is a URI without trailing slash; with `anyLocation` clients may put tables outside it. */
export function tableFiles(options: {
  readonly storage: Storage
  readonly warehouse: string
  readonly anyLocation: boolean
  readonly log: Logger
}) {
  const { storage, warehouse, anyLocation, log } = options
  const cache = new Map<string, TableMetadata>()

  /** The last few stay parsed: they never change. */
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
    if (anyLocation) return
    const path = localPath(location)
    const root = localPath(warehouse)
    if (path !== null && root !== null ? isInside(path, root) : isInside(location, warehouse)) return
    throw new LakeError('FORBIDDEN', `The location ${location} is outside the warehouse ${warehouse}`)
  }

  /** A location of its own: a table renamed away keeps its old one, which must not be shared. */
  async function freeLocation(used: readonly string[], id: TableIdentifier): Promise<string> {
    const folders = [...id.namespace, id.name].map(folderName).join('/')
    const wanted = `${warehouse}/${folders}`
    const taken =
      used.some((metadataLocation) => isInside(metadataLocation, wanted)) || (await holdsData(wanted))
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

  /** Best effort: a file that cannot be removed costs space only. */
  async function remove(locations: readonly string[]): Promise<void> {
    const results = await Promise.allSettled(locations.map((location) => storage.delete(location)))
    const failed = results.filter((result) => result.status === 'rejected').length
    if (failed > 0)
      log.warn({ failed, of: locations.length }, 'old files of the catalog could not be removed')
  }

  /** Null where the table's files are not surely its own: unreadable metadata, or a location outside the warehouse. */
  async function ownLocation(metadataLocation: string): Promise<string | null> {
    try {
      const { location } = await read(metadataLocation)
      const path = localPath(location)
      const root = localPath(warehouse)
      const inside =
        path !== null && root !== null ? isInside(path, root) && path !== root : isInside(location, warehouse)
      return inside && location !== warehouse ? location : null
    } catch (error) {
      if (!isLakeError(error)) throw error
      log.warn({ metadataLocation, error }, 'a dropped table could not be purged')
      return null
    }
  }
  return {
    read,
    remember,
    forget: (metadataLocation: string) => void cache.delete(metadataLocation),
    checkLocation,
    freeLocation,
    write: writeMetadata,
    remove,
    /** Removes all below the table's location that `purge` found to be its own. */
    async clear(location: string) {
      for await (const object of storage.list(`${location}/`)) await remove([object.location])
    },
    ownLocation,
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
export function droppedFiles(before: TableMetadata, after: TableMetadata): string[] {
  if (after.properties['write.metadata.delete-after-commit.enabled'] !== 'true') return []
  const kept = new Set(after['metadata-log'].map((entry) => entry['metadata-file']))
  return before['metadata-log'].map((entry) => entry['metadata-file']).filter((file) => !kept.has(file))
}

/** The number in front of a metadata file's name, -1 for other names. */
function versionOf(location: string): number {
  const match = /\/(\d{1,12})-[^/]*$/.exec(location)
  return match === null ? -1 : Number(match[1])
}

/** A name as one folder: other than letters, digits, `_`, `.` and `-`, and a leading dot, is percent-encoded. */
function folderName(name: string): string {
  return encodeURIComponent(name)
    .replace(/^\./, '%2E')
    .replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
