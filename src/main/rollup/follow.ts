import { bothFacts, columnTypes, metricFacts, partitionFacts } from '../iceberg/facts.ts'
import { ancestors, currentSchema, headSnapshot, specById } from '../iceberg/metadata.ts'
import { snapshotChanges } from '../iceberg/snapshot.ts'
import type { LiveFile, Snapshot, TableMetadata } from '../iceberg/types.ts'
import type { Storage } from '../storage/storage.ts'

/** Instants `from` to `to`, both inclusive, microseconds since the epoch. */
export interface Span {
  readonly from: bigint
  readonly to: bigint
}

/** What happened to raw since a snapshot, and hence what the rollup has to do. */
export type Followed =
  | { readonly kind: 'nothing' }
  /** `appended`: files whose rows are new. `changed`: times in which rows were removed or replaced. */
  | { readonly kind: 'changes'; readonly appended: readonly LiveFile[]; readonly changed: readonly Span[] }
  /** The past cannot be told from here: everything has to be read. */
  | { readonly kind: 'rebuild'; readonly reason: string }

/**
 * Compares raw's head with the snapshot `watermark`. Only manifests of the snapshots in between are read. An append adds
 * its files; a `replace` says the same in other files (spec: Snapshots, operation); anything else changes the times that
 * the files it added and removed may hold.
 */
export async function followRaw(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  watermark: bigint,
  timeFieldId: number,
  signal?: AbortSignal,
): Promise<Followed> {
  const head = headSnapshot(metadata)
  if (head?.['snapshot-id'] === watermark) return { kind: 'nothing' }
  const between = head && snapshotsSince(metadata, head, watermark)
  if (!between) {
    return {
      kind: 'rebuild',
      reason: 'the snapshot last rolled up is no longer in the history of the raw table',
    }
  }
  const appended: LiveFile[] = []
  const changed: Span[] = []
  for (const snapshot of between) {
    const operation = snapshot.summary.operation ?? 'overwrite'
    if (operation === 'replace') continue
    const { added, removed } = await snapshotChanges(io.storage, metadata, snapshot['snapshot-id'], signal)
    if (
      operation === 'append' &&
      removed.length === 0 &&
      added.every((live) => live.file.content === 'data')
    ) {
      appended.push(...added)
      continue
    }
    for (const live of [...added, ...removed]) {
      const span = spanOf(metadata, live, timeFieldId)
      if (span === null) {
        return {
          kind: 'rebuild',
          reason: `snapshot ${snapshot['snapshot-id']} (${operation}) changed rows of unknown time`,
        }
      }
      changed.push(span)
    }
  }
  return { kind: 'changes', appended, changed }
}

/**
 * Snapshots after `watermark` up to the head, oldest first; null where the head does not descend from it. A table may
 * have been set back from a compaction to the snapshot before it: the rows are those of both.
 */
function snapshotsSince(metadata: TableMetadata, head: Snapshot, watermark: bigint): Snapshot[] | null {
  const same = new Set(sameRows(metadata, watermark))
  const between: Snapshot[] = []
  for (const snapshot of ancestors(metadata, head['snapshot-id'])) {
    if (same.has(snapshot['snapshot-id'])) return between.reverse()
    between.push(snapshot)
  }
  return null
}

/** A snapshot, and those before it that hold the same rows in other files. */
function* sameRows(metadata: TableMetadata, id: bigint): Generator<bigint> {
  yield id
  for (const snapshot of ancestors(metadata, id)) {
    yield snapshot['snapshot-id']
    if (snapshot.summary.operation !== 'replace') return
  }
}

/** The times that rows of a file, or rows it deletes, may have. Null where neither partition nor bounds tell. */
function spanOf(metadata: TableMetadata, { file }: LiveFile, timeFieldId: number): Span | null {
  const types = columnTypes(currentSchema(metadata))
  const type = types.get(timeFieldId)
  if (type === undefined) return null
  const byPartition = partitionFacts(specById(metadata, file.specId), file.partition, types).get(timeFieldId)
  const facts = bothFacts(byPartition, metricFacts(file, timeFieldId, type), type)
  if (typeof facts?.lower !== 'bigint' || typeof facts.upper !== 'bigint') return null
  return { from: facts.lower, to: facts.upper }
}
