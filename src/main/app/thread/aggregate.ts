import type { RawOrder, RawRow, TraceAggregate, TraceCommit } from '../../../shared/trace.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { humanValue } from '../../iceberg/human.ts'
import { headSnapshot, snapshotById } from '../../iceberg/metadata.ts'
import type { Predicate } from '../../iceberg/predicate.ts'
import type { Cell } from '../../iceberg/projection.ts'
import { readBatches } from '../../iceberg/read.ts'
import { planScan } from '../../iceberg/scan.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import { rawFields } from '../../rollup/raw.ts'
import type { Storage } from '../../storage/storage.ts'

export interface AggregateKey {
  readonly user: string
  readonly type: string
  /** Half-open, microseconds since the epoch. */
  readonly from: bigint
  readonly to: bigint
  /** Rows that the aggregate says it summarises. */
  readonly said: number | null
}

/** What tells the raw rows of an aggregate's row; null where the row lacks it. */
export function aggregateKey(read: (column: string) => Cell): AggregateKey | null {
  const [user, type, from, to, said] = ['user_id', 'data_type', 'window_start', 'window_end', 'count'].map(
    read,
  )
  if (typeof user !== 'string' || typeof type !== 'string') return null
  if (typeof from !== 'bigint' || typeof to !== 'bigint') return null
  return { user, type, from, to, said: typeof said === 'bigint' ? Number(said) : null }
}

const FILES_AT_ONCE = 8
const SHOWN = 500
const BATCH_ROWS = 65_536

interface Line {
  readonly at: bigint
  readonly value: number
  readonly id: string
  readonly snapshot: bigint
}

/** The raw rows behind one aggregate's row, at the snapshot of raw that it was computed from. */
export async function rawRowsOf(
  io: { readonly storage: Storage },
  raw: TableMetadata,
  key: AggregateKey,
  origin: TraceCommit,
  order: RawOrder,
  signal: AbortSignal,
  onProgress: (done: number, of: number) => void,
): Promise<TraceAggregate | null> {
  const head = headSnapshot(raw)
  if (head === null) return null
  const source = origin.rollup === null ? null : BigInt(origin.rollup.sourceSnapshot)
  const kept = source !== null && snapshotById(raw, source) !== null
  const snapshotId = kept ? source : head['snapshot-id']
  const fields = rawFields(raw)
  const filter: Predicate = {
    op: 'and',
    args: [
      { op: '==', column: fields.user_id.name, value: key.user },
      { op: '==', column: fields.data_type.name, value: key.type },
      { op: '>=', column: fields.start_date.name, value: key.from },
      { op: '<', column: fields.start_date.name, value: key.to },
    ],
  }
  const plan = await planScan(io, raw, { snapshotId, filter, signal })
  const names = Object.values(fields).map(({ name }) => name)
  const deletes = new DeleteCache()
  const lines: Line[] = []
  const holding = new Map<string, { bytes: number; snapshot: bigint }>()
  let done = 0
  await mapConcurrent(
    plan.files,
    FILES_AT_ONCE,
    async (file, _, stop) => {
      const options = { schema: plan.schema, filter, deletes, batchRows: BATCH_ROWS, signal: stop }
      for await (const { rows, columns } of readBatches(io, raw, file, names, options)) {
        const column = (id: number) => columns.get(id) ?? []
        const [users, types, times, values, ids] = [
          column(fields.user_id.id),
          column(fields.data_type.id),
          column(fields.start_date.id),
          column(fields.value.id),
          column(fields.sample_id.id),
        ]
        for (let row = 0; row < rows; row++) {
          const at = times[row] as bigint
          if (users[row] !== key.user || types[row] !== key.type || at < key.from || at >= key.to) continue
          lines.push({
            at,
            value: values[row] as number,
            id: ids[row] as string,
            snapshot: file.snapshotId,
          })
          holding.set(file.file.path, { bytes: file.file.fileSize, snapshot: file.snapshotId })
        }
      }
      done += 1
      onProgress(done, plan.files.length)
    },
    signal,
  )
  return {
    sourceSnapshot: String(source ?? snapshotId),
    kept,
    count: lines.length,
    said: key.said,
    lowest: lines.length === 0 ? null : lines.reduce((least, { value }) => Math.min(least, value), Infinity),
    highest: lines.length === 0 ? null : lines.reduce((most, { value }) => Math.max(most, value), -Infinity),
    files: holding.size,
    bytes: [...holding.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    from: isoText(key.from),
    to: isoText(key.to),
    commits: commitsOf(raw, lines, [...holding.values()]),
    order,
    rows: lines
      .sort(ORDERS[order])
      .slice(0, SHOWN)
      .map((line) => rowOf(line, key)),
  }
}

const byTime = (a: Line, b: Line): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1)
const ORDERS: Readonly<Record<RawOrder, (a: Line, b: Line) => number>> = {
  highest: (a, b) => b.value - a.value || byTime(a, b),
  lowest: (a, b) => a.value - b.value || byTime(a, b),
  newest: (a, b) => byTime(b, a),
  oldest: byTime,
}

const isoText = (micros: bigint): string => humanValue('identity', 'timestamp', micros)

function rowOf({ at, value, id, snapshot }: Line, key: AggregateKey): RawRow {
  return {
    sampleId: id,
    startDate: isoText(at),
    value,
    snapshotId: String(snapshot),
    keys: { sample_id: id, user_id: key.user, data_type: key.type, start_date: String(at) },
  }
}

function commitsOf(
  raw: TableMetadata,
  lines: readonly Line[],
  files: readonly { readonly snapshot: bigint }[],
): TraceAggregate['commits'] {
  const groups = Map.groupBy(lines, ({ snapshot }) => snapshot)
  return Array.from(groups, ([snapshot, rows]) => ({
    snapshotId: String(snapshot),
    at: snapshotById(raw, snapshot)?.['timestamp-ms'] ?? null,
    rows: rows.length,
    files: files.filter((file) => file.snapshot === snapshot).length,
  })).sort((a, b) => (b.at ?? 0) - (a.at ?? 0) || b.rows - a.rows)
}
