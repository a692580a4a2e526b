import { mapConcurrent } from '../../base/concurrent.ts'
import type { LoadedTable } from '../../iceberg/catalog.ts'
import { readManifestList } from '../../iceberg/manifest-list.ts'
import { headSnapshot } from '../../iceberg/metadata.ts'
import { liveFiles } from '../../iceberg/snapshot.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Differences } from './differences.ts'

const LANES = 16

/**
 * Checks that everything the head of a table refers to is there with its recorded length: metadata file, manifest list,
 * manifests, data and delete files; that no path is live twice; and that the rows of live files are as many as the
 * snapshot says. One listing instead of a request a file. Returns the files checked.
 */
export async function verifyFiles(
  io: { readonly storage: Storage },
  table: LoadedTable,
  differences: Differences,
  signal?: AbortSignal,
): Promise<number> {
  const { metadata, identifier } = table
  const expected = new Map<string, number | null>()
  if (table.metadataLocation !== null) expected.set(table.metadataLocation, null)
  const head = headSnapshot(metadata)
  if (head !== null) {
    if (head['manifest-list'] !== undefined) expected.set(head['manifest-list'], null)
    for (const manifest of await readManifestList(io.storage, head, signal))
      expected.set(manifest.path, manifest.length)
    let rows = 0
    for (const { file } of await liveFiles(
      io.storage,
      metadata,
      head['snapshot-id'],
      signal ? { signal } : {},
    )) {
      if (expected.has(file.path)) differences.add(`${identifier.name}: ${file.path} is live twice`)
      expected.set(file.path, file.fileSize)
      if (file.content === 'data') rows += file.recordCount
    }
    const total = head.summary['total-records']
    if (total !== undefined && total !== String(rows)) {
      differences.add(`${identifier.name}: the snapshot says ${total} rows, its files hold ${rows}`)
    }
  }
  const sizes = await sizesUnder(io.storage, `${metadata.location}/`, expected, signal)
  for (const [path, length] of expected) {
    const size = sizes.get(path)
    if (size === undefined) differences.add(`${identifier.name}: ${path} is missing`)
    else if (length !== null && size !== length) {
      differences.add(`${identifier.name}: ${path} has ${size} bytes, recorded are ${length}`)
    }
  }
  return expected.size
}

/** Sizes of the wanted objects: from a listing, and one by one for those that lie elsewhere. */
async function sizesUnder(
  storage: Storage,
  prefix: string,
  wanted: ReadonlyMap<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const options = signal === undefined ? {} : { signal }
  const sizes = new Map<string, number>()
  for await (const { location, size } of storage.list(prefix, options)) {
    if (wanted.has(location)) sizes.set(location, size)
  }
  const missing = [...wanted.keys()].filter((path) => !sizes.has(path))
  await mapConcurrent(
    missing,
    LANES,
    async (path, _, stop) => {
      const info = await storage.stat(path, { signal: stop })
      if (info !== null) sizes.set(path, info.size)
    },
    signal,
  )
  return sizes
}
