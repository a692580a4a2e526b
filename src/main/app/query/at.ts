import { LakeError } from '../../../shared/errors.ts'
import type { QueryTable, SnapshotAnswer, SnapshotAsk, SnapshotRequest } from '../../../shared/query.ts'
import type { TableIdentifier } from '../../iceberg/catalog.ts'
import { snapshotById } from '../../iceberg/metadata.ts'
import { schemaOfScan } from '../../iceberg/scan.ts'
import type { Schema, Snapshot, TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'

/** A table as it stood at a snapshot. NOT_FOUND, with what there is instead, for one that it does not have any more. */
export async function tableAt(
  lake: Lake,
  { namespace, name, ask }: SnapshotRequest,
  signal: AbortSignal,
): Promise<SnapshotAnswer> {
  const { identifier, metadata } = await lake.io.catalog.loadTable({ namespace, name }, signal)
  const snapshot = snapshotAsked(metadata, name, ask)
  const id = snapshot['snapshot-id']
  const table = describeAt(identifier, metadata, snapshot, schemaOfScan(metadata, snapshot, id))
  return { table: { ...table, snapshotId: String(id) }, committedAt: snapshot['timestamp-ms'] }
}

function snapshotAsked(metadata: TableMetadata, name: string, ask: SnapshotAsk): Snapshot {
  const present = (id: bigint, what: string): Snapshot => {
    const snapshot = snapshotById(metadata, id)
    if (snapshot !== null) return snapshot
    throw missing(metadata, `${name} has no ${what}`)
  }
  if ('snapshot' in ask) return present(BigInt(ask.snapshot), `snapshot ${ask.snapshot}`)
  if ('ref' in ask) {
    const ref = Object.hasOwn(metadata.refs, ask.ref) ? metadata.refs[ask.ref] : undefined
    if (ref !== undefined) return present(ref['snapshot-id'], `snapshot ${ref['snapshot-id']}`)
    throw new LakeError('NOT_FOUND', `${name} has no branch or tag ${ask.ref}`, {
      remedy: `It has: ${Object.keys(metadata.refs).sort().join(', ') || 'none'}.`,
    })
  }
  // The log, not the snapshots by their times: it knows of roll-backs (spec: Table Metadata, snapshot-log).
  const log = metadata['snapshot-log'].length > 0 ? metadata['snapshot-log'] : metadata.snapshots
  const entry = log.findLast((one) => one['timestamp-ms'] <= ask.at)
  const when = new Date(ask.at).toISOString()
  if (entry === undefined) throw missing(metadata, `${name} has no snapshot from before ${when}`)
  return present(entry['snapshot-id'], `snapshot ${entry['snapshot-id']}, which was current at ${when}`)
}

function missing(metadata: TableMetadata, title: string): LakeError {
  const times = metadata.snapshots.map((snapshot) => snapshot['timestamp-ms'])
  const oldest = times.length === 0 ? null : new Date(Math.min(...times)).toISOString()
  return new LakeError('NOT_FOUND', title, {
    likely: 'It has expired, or it is of another table.',
    remedy: oldest === null ? 'The table is empty.' : `The oldest that is kept is of ${oldest}.`,
  })
}

/** A table by one of its snapshots; null for one that has none. */
export function describeAt(
  { namespace, name }: TableIdentifier,
  metadata: TableMetadata,
  snapshot: Snapshot | null,
  schema: Schema,
): QueryTable {
  const total = (key: string): number | null => {
    const text = snapshot?.summary[key]
    return snapshot === null ? 0 : text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
  }
  return {
    namespace,
    name,
    uuid: metadata['table-uuid'],
    snapshotId: snapshot === null ? null : String(snapshot['snapshot-id']),
    columns: schema.fields,
    totals: {
      files: total('total-data-files'),
      bytes: total('total-files-size'),
      rows: total('total-records'),
    },
  }
}
