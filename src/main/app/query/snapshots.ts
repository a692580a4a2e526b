import { Hono } from 'hono'
import { z } from 'zod'
import type { QuerySnapshot } from '../../../shared/workbench.ts'
import { headSnapshot } from '../../iceberg/metadata.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'
import { jsonBody } from '../validate.ts'

/** Snapshots listed at most, the newest of them. */
const MOST = 1_000

const name = z.string().min(1).max(1_000)
const body = z.strictObject({ namespace: z.array(name).min(1).max(20), name })

/** The snapshots of any table of the catalog, to choose from in the SQL workbench. */
export function snapshotRoutes(deps: { lake(): Promise<Lake> }) {
  return new Hono().post('/query/snapshots', jsonBody(body), async (context) => {
    const identifier = context.req.valid('json')
    const lake = await deps.lake()
    const { metadata } = await lake.io.catalog.loadTable(identifier, context.req.raw.signal)
    return context.json({ snapshots: snapshotsOf(metadata) })
  })
}

/** Newest first, by the order of their commits. */
function snapshotsOf(metadata: TableMetadata): QuerySnapshot[] {
  const head = headSnapshot(metadata)?.['snapshot-id'] ?? null
  return metadata.snapshots
    .toSorted((a, b) => b['sequence-number'] - a['sequence-number'] || b['timestamp-ms'] - a['timestamp-ms'])
    .slice(0, MOST)
    .map((snapshot) => {
      const amount = (key: string): number | null => {
        const text = snapshot.summary[key]
        return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
      }
      return {
        id: String(snapshot['snapshot-id']),
        at: snapshot['timestamp-ms'],
        operation: snapshot.summary.operation ?? 'append',
        newest: snapshot['snapshot-id'] === head,
        rows: amount('total-records'),
        addedRows: amount('added-records'),
        removedRows: amount('deleted-records'),
        schemaId: snapshot['schema-id'] ?? null,
      }
    })
}
