import { LakeError } from '../../shared/errors.ts'
import { LEAST_ORPHAN_DAYS } from '../../shared/maintenance.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import type { LakeIo } from '../iceberg/transaction.ts'
import { type Deleted, deletePlanned } from './expire.ts'
import { locationKey, type Reached, reachOf } from './reach.ts'
import { assertMayDelete, assertOurs } from './refuse.ts'

const DAY = 86_400_000

export interface OrphanWish {
  /** At least LEAST_ORPHAN_DAYS. */
  readonly days: number
  /** Ids of commits whose end is not known: files whose names begin with one stay. */
  readonly pending: readonly string[]
  /** Location of another table that lies in the same folder. */
  readonly others: readonly string[]
}

export interface Orphan extends Reached {
  readonly bytes: number
  /** Ms since the epoch. */
  readonly modified: number
}

export interface OrphanPlan {
  readonly kind: 'orphans'
  readonly table: LoadedTable
  readonly files: readonly Orphan[]
  /** Files listed, and those without a reference that stay because they are too young or belong to an open commit. */
  readonly listed: number
  readonly spared: { readonly young: number; readonly pending: number; readonly foreign: number }
}

/**
 * Files under the table's location that no snapshot and no metadata file refers to, and that are old enough. Places are
 * compared, not spellings. Folders of other tables below it are left out. INVALID for less than the least age;
 * UNSUPPORTED for a table not ours to write.
 */
export async function planOrphans(
  io: LakeIo,
  table: LoadedTable,
  { days, pending, others }: OrphanWish,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (listed: number) => void } = {},
): Promise<OrphanPlan> {
  const { metadata } = table
  assertOurs(metadata)
  assertMayDelete(metadata)
  if (!(days >= LEAST_ORPHAN_DAYS)) {
    throw new LakeError('INVALID', `files younger than ${LEAST_ORPHAN_DAYS} day are never orphans`, {
      context: { days },
    })
  }
  const { signal, onProgress } = options
  const call = signal === undefined ? {} : { signal }
  // Listed first: what a commit adds meanwhile is not in the list, or is referred to by then.
  const root = `${metadata.location.replace(/\/+$/, '')}/`
  const found: { key: string; path: string; bytes: number; modified: number }[] = []
  let listed = 0
  for await (const { location, size, modified } of io.storage.list(root, call)) {
    listed += 1
    onProgress?.(listed)
    found.push({ key: locationKey(location), path: location, bytes: size, modified })
  }
  const held = (await reachOf(io.storage, metadata, metadata.snapshots, call)).files
  const metadataFiles = new Set(
    [table.metadataLocation, ...metadata['metadata-log'].map((one) => one['metadata-file'])]
      .filter((path) => path !== null)
      .map(locationKey),
  )
  const foreign = foreignFolders(root, found, others)
  const before = io.clock() - days * DAY
  const files: Orphan[] = []
  const spared = { young: 0, pending: 0, foreign: 0 }
  for (const { key, path, bytes, modified } of found) {
    const name = path.split('/').at(-1) ?? ''
    if (held.has(key) || metadataFiles.has(key) || name === 'version-hint.text') continue
    if (foreign.some((folder) => key.startsWith(folder))) spared.foreign += 1
    else if (pending.some((id) => name.startsWith(id))) spared.pending += 1
    else if (modified >= before) spared.young += 1
    else files.push({ path, bytes, modified, kind: kindOf(name) })
  }
  return { kind: 'orphans', table, files, listed, spared }
}

/** Folders below the table's that hold another table: known ones, and any with metadata files of its own. */
function foreignFolders(
  root: string,
  found: readonly { readonly key: string }[],
  others: readonly string[],
): string[] {
  const keyOf = (folder: string): string => `${locationKey(folder).replace(/\/+$/, '')}/`
  const own = keyOf(root)
  const told = others.map(keyOf)
  const seen = found.flatMap(({ key }) => {
    const folder = /^(.*\/)metadata\/[^/]+\.metadata\.json$/.exec(key)?.[1]
    return folder === undefined ? [] : [folder]
  })
  return [...new Set([...told, ...seen])].filter((folder) => folder.startsWith(own) && folder !== own)
}

function kindOf(name: string): Reached['kind'] {
  if (name.endsWith('.metadata.json')) return 'metadata'
  if (name.endsWith('.avro')) return name.startsWith('snap-') ? 'manifest-list' : 'manifest'
  return name.endsWith('.puffin') || name.endsWith('.stats') ? 'statistics' : 'data'
}

/** Deletes exactly the planned files, but for those that a commit has taken up since. */
export async function runOrphans(
  io: LakeIo,
  plan: OrphanPlan,
  options: { readonly signal: AbortSignal; readonly onProgress?: (done: number, total: number) => void },
): Promise<Deleted> {
  const { metadata } = await io.catalog.loadTable(plan.table.identifier, options.signal)
  if (metadata['table-uuid'] !== plan.table.metadata['table-uuid']) {
    throw new LakeError('TABLE_REPLACED', `table ${plan.table.identifier.name} is another table now`, {
      remedy: 'Plan the change again.',
    })
  }
  const planned = new Set(plan.table.metadata.snapshots.map((one) => one['snapshot-id']))
  const fresh = metadata.snapshots.filter((one) => !planned.has(one['snapshot-id']))
  return deletePlanned(io, metadata, plan.files, fresh, options)
}
