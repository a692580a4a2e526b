import {
  type DashCheck,
  type DashChecks,
  type DashDifference,
  type Grain,
  ROLE_OF,
} from '../../../shared/dash.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { headSnapshot } from '../../iceberg/metadata.ts'
import type { Predicate } from '../../iceberg/predicate.ts'
import { type Batch, readBatches } from '../../iceberg/read.ts'
import { planScan, type ScanPlan } from '../../iceberg/scan.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import { type Calendar, createCalendar, dayNumber } from '../../rollup/calendar.ts'
import { daysOf, periodOf } from '../../rollup/period.ts'
import { rawFields } from '../../rollup/raw.ts'
import { TIMEZONE_KEY } from '../../rollup/write.ts'
import type { Lake } from '../lake.ts'
import {
  agrees,
  columnsOf,
  localDates,
  mondayText,
  monthText,
  PERIOD_START,
  Sums,
} from '../verify/aggregates.ts'
import { saying } from './subjects.ts'

export interface CheckRequest {
  readonly user: string
  readonly type: string
  readonly grain: Grain
  /** First days of the periods, `YYYY-MM-DD`. */
  readonly periods: readonly string[]
}

/** Statistics that no order of additions can blur: compared bit for bit. */
const EXACT: ReadonlySet<string> = new Set(['min_value', 'max_value', 'first_value', 'last_value'])
const LANES = 8
const BATCH_ROWS = 65_536

/**
 * Recomputes rows of an aggregate from raw as it is now and compares every statistic, with the arithmetic of `verify`.
 * Only files of raw that may hold the subject's samples in those windows are read.
 */
export async function checkPeriods(
  lake: Lake,
  request: CheckRequest,
  signal: AbortSignal,
): Promise<DashChecks> {
  const { io, tables } = lake
  const role = ROLE_OF[request.grain]
  const aggregate = (await io.catalog.loadTable(tables[role], signal)).metadata
  const raw = (await io.catalog.loadTable(tables.raw, signal)).metadata
  const zone = saying(aggregate, TIMEZONE_KEY)?.value ?? lake.settings.rollup.timezone
  const calendar = createCalendar(zone)
  const periods = [...new Set(request.periods)].sort()
  const windows = new Map(periods.map((period) => [period, windowOf(calendar, request.grain, period)]))
  const rolledUp = await readAggregate(lake, aggregate, request, periods, signal)
  const recomputed = await recompute(lake, raw, request, [...windows.values()], zone, signal)
  const checks = periods.map((period): DashCheck => {
    const window = windows.get(period) as Window
    return compare(request.grain, period, window, rolledUp.rows.get(period), recomputed)
  })
  const head = headSnapshot(raw)
  return {
    checks,
    snapshotId: head && String(head['snapshot-id']),
    read: {
      files: rolledUp.plan.totals.files + recomputed.plan.totals.files,
      bytes: rolledUp.plan.totals.bytes + recomputed.plan.totals.bytes,
      rows: recomputed.rows,
    },
  }
}

/** Ms since the epoch, half-open. */
interface Window {
  readonly from: number
  readonly to: number
}

function windowOf(calendar: Calendar, grain: Grain, period: string): Window {
  const [year, month, day] = period.split('-').map(Number) as [number, number, number]
  const role = ROLE_OF[grain]
  const { from, to } = daysOf(role, periodOf(role, dayNumber(year, month, day)))
  return { from: calendar.dayStart(from), to: calendar.dayStart(to) }
}

const subject = ({ user, type }: CheckRequest): readonly Predicate[] => [
  { op: '==', column: 'user_id', value: user },
  { op: '==', column: 'data_type', value: type },
]

type AggregateRow = Readonly<Record<string, unknown>>

async function readAggregate(
  { io }: Lake,
  metadata: TableMetadata,
  request: CheckRequest,
  periods: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly plan: ScanPlan; readonly rows: ReadonlyMap<string, AggregateRow> }> {
  const column = PERIOD_START[ROLE_OF[request.grain]]
  const filter: Predicate = {
    op: 'and',
    args: [...subject(request), { op: 'in', column, values: [...periods] }],
  }
  const plan = await planScan(io, metadata, { filter, signal })
  const names = plan.schema.fields.map((field) => field.name)
  const rows = new Map<string, AggregateRow>()
  await eachBatch(io, metadata, plan, names, signal, (batch) => {
    for (let i = 0; i < batch.rows; i++) {
      const row = Object.fromEntries(
        plan.schema.fields.map(({ id, name }) => [name, batch.columns.get(id)?.[i] ?? null]),
      )
      if (row.user_id === request.user && row.data_type === request.type) rows.set(String(row[column]), row)
    }
  })
  return { plan, rows }
}

interface Recomputed {
  readonly plan: ScanPlan
  /** Rows of raw read, of others too. */
  readonly rows: number
  readonly periods: ReadonlyMap<string, Sums>
  readonly days: ReadonlyMap<string, Sums>
}

async function recompute(
  { io }: Lake,
  metadata: TableMetadata,
  request: CheckRequest,
  windows: readonly Window[],
  zone: string,
  signal: AbortSignal,
): Promise<Recomputed> {
  const fields = rawFields(metadata)
  const column = fields.start_date.name
  const within = windows.map(
    ({ from, to }): Predicate => ({
      op: 'and',
      args: [
        { op: '>=', column, value: BigInt(from) * 1000n },
        { op: '<', column, value: BigInt(to) * 1000n },
      ],
    }),
  )
  const filter: Predicate = {
    op: 'and',
    args: [
      { op: '==', column: fields.user_id.name, value: request.user },
      { op: '==', column: fields.data_type.name, value: request.type },
      { op: 'or', args: within },
    ],
  }
  const plan = await planScan(io, metadata, { filter, signal })
  const names = Object.values(fields).map((field) => field.name)
  const localDate = localDates(zone)
  const wanted = new Set(request.periods)
  const periods = new Map<string, Sums>()
  const days = new Map<string, Sums>()
  let rows = 0
  await eachBatch(io, metadata, plan, names, signal, (batch) => {
    rows += batch.rows
    const cells = (name: keyof typeof fields) => batch.columns.get(fields[name].id) ?? []
    const [users, types, values, times, ids] = [
      cells('user_id'),
      cells('data_type'),
      cells('value'),
      cells('start_date'),
      cells('sample_id'),
    ]
    for (let i = 0; i < batch.rows; i++) {
      if (users[i] !== request.user || types[i] !== request.type) continue
      const at = times[i] as bigint
      const date = localDate(Number(at / 1000n) - (at < 0n && at % 1000n !== 0n ? 1 : 0))
      const period = firstDay(request.grain, date)
      if (!wanted.has(period)) continue
      const value = values[i] as number
      for (const [sums, key] of [
        [periods, period],
        [days, date],
      ] as const) {
        let found = sums.get(key)
        if (found === undefined) {
          found = new Sums(value)
          sums.set(key, found)
        }
        found.add(value, at, ids[i] as string)
      }
    }
  })
  return { plan, rows, periods, days }
}

function firstDay(grain: Grain, date: string): string {
  return grain === 'day' ? date : grain === 'week' ? mondayText(date) : monthText(date)
}

async function eachBatch(
  io: Lake['io'],
  metadata: TableMetadata,
  plan: ScanPlan,
  names: readonly string[],
  signal: AbortSignal,
  visit: (batch: Batch) => void,
): Promise<void> {
  const deletes = new DeleteCache()
  await mapConcurrent(
    plan.files,
    LANES,
    async (file, _, stop) => {
      const options = { deletes, schema: plan.schema, batchRows: BATCH_ROWS, signal: stop }
      for await (const batch of readBatches(io, metadata, file, names, options)) visit(batch)
    },
    signal,
  )
}

/** One period's row against what raw gives; either may be missing. */
function compare(
  grain: Grain,
  period: string,
  window: Window,
  row: AggregateRow | undefined,
  { periods, days }: Recomputed,
): DashCheck {
  const sums = periods.get(period)
  const rawRows = sums?.n ?? 0
  const rows = rawRows - Number(row?.count ?? 0)
  const base = { period, rows, rawRows, from: utcText(window.from), to: utcText(window.to) }
  if (row === undefined && sums === undefined) return { ...base, state: 'none', differences: [] }
  if (row === undefined || sums === undefined) return { ...base, state: 'stale', differences: [] }
  const means = [...days].filter(([day]) => firstDay(grain, day) === period).map(([, one]) => one.sum / one.n)
  const wanted = columnsOf(
    ROLE_OF[grain],
    period,
    sums,
    means.reduce((sum, mean) => sum + mean, 0) / means.length,
  )
  const differences = Object.entries(wanted).flatMap(([column, value]): DashDifference[] =>
    same(column, row[column], value, sums)
      ? []
      : [{ column, found: String(row[column]), recomputed: String(value) }],
  )
  const state = differences.length === 0 ? 'matches' : rows === 0 ? 'differs' : 'stale'
  return { ...base, state, differences }
}

function same(column: string, found: unknown, wanted: unknown, sums: Sums): boolean {
  return EXACT.has(column)
    ? found === wanted || Object.is(found, wanted)
    : agrees(column, found, wanted, sums)
}

function utcText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
