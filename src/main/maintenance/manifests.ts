import { randomUUID } from 'node:crypto'
import type { LoadedTable } from '../iceberg/catalog.ts'
import { readManifestList } from '../iceberg/manifest-list.ts'
import { manifestKind, mergePolicy, regroupedCount } from '../iceberg/merge.ts'
import { headSnapshot } from '../iceberg/metadata.ts'
import { hasLive } from '../iceberg/snapshot.ts'
import { commitSnapshot, type LakeIo } from '../iceberg/transaction.ts'
import type { ManifestFile } from '../iceberg/types.ts'
import { MAINTENANCE_KEY } from './compact.ts'
import { assertOurs } from './refuse.ts'

export interface ManifestPlan {
  readonly kind: 'manifests'
  readonly table: LoadedTable
  /** What is written anew. */
  readonly manifests: readonly ManifestFile[]
  /** How many they become. */
  readonly after: number
  /** Sizes in bytes of all manifests. */
  readonly sizes: readonly number[]
}

/**
 * What rewriting manifests would join: of each kind (content, partition spec) all, where they become fewer. No data file
 * is read or written. UNSUPPORTED for a table not ours to write.
 */
export async function planManifests(
  io: LakeIo,
  table: LoadedTable,
  signal?: AbortSignal,
): Promise<ManifestPlan> {
  const { metadata } = table
  assertOurs(metadata)
  const head = headSnapshot(metadata)
  const all = head === null ? [] : (await readManifestList(io.storage, head, signal)).filter(hasLive)
  const { targetBytes } = mergePolicy(metadata.properties)
  const kinds = [...Map.groupBy(all, manifestKind).values()]
    .map((manifests) => ({ manifests, after: regroupedCount(manifests, targetBytes) }))
    .filter(({ manifests, after }) => after < manifests.length)
  return {
    kind: 'manifests',
    table,
    manifests: kinds.flatMap((kind) => kind.manifests),
    after: kinds.reduce((sum, kind) => sum + kind.after, 0),
    sizes: all.map((manifest) => manifest.length),
  }
}

/**
 * Writes the entries of the planned manifests anew, sorted by partition, in one `replace` snapshot that changes no file.
 * The snapshot; null where there was nothing to do. CONFLICT where another commit joined one of them since.
 */
export async function runManifests(
  io: LakeIo,
  plan: ManifestPlan,
  signal: AbortSignal,
): Promise<bigint | null> {
  if (plan.manifests.length === 0) return null
  const { snapshot } = await commitSnapshot(
    io,
    plan.table,
    {
      commitId: randomUUID(),
      operation: 'replace',
      add: [],
      regroupManifests: new Set(plan.manifests.map((manifest) => manifest.path)),
      summary: { [MAINTENANCE_KEY]: plan.kind },
    },
    signal,
  )
  return snapshot['snapshot-id']
}
