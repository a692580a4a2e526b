import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import { isLakeError, LakeError, toFault } from '../../../shared/errors.ts'
import {
  type Filter,
  LARGEST_CONDITION,
  type PlanAnswer,
  type PlanRequest,
  type QueryTable,
  type QueryTables,
  type ReadRequest,
  type SnapshotRequest,
} from '../../../shared/query.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import type { LoadedTable, TableIdentifier } from '../../iceberg/catalog.ts'
import { ManifestCache } from '../../iceberg/manifest-cache.ts'
import { currentSchema, headSnapshot } from '../../iceberg/metadata.ts'
import type { Lake } from '../lake.ts'
import { int64, jsonBody, pathOf } from '../validate.ts'
import { describeAt, tableAt } from './at.ts'
import { loadAny, otherNamespaces } from './elsewhere.ts'
import { planQuery, type StoredPlan } from './plan.ts'
import { readPacked } from './read.ts'
import { tableValues } from './values.ts'

export interface QueryDeps {
  lake(): Promise<Lake>
}

/** Manifests kept for the next plan, unpacked. */
const MANIFEST_BYTES = 128 << 20
/** Plans kept for reading; the page asks for a new one where its plan is gone. */
const PLANS_KEPT = 64
/** Of large tables fewer are kept: above so many files, but as many plans as a statement may have tables. */
const PLANNED_FILES = 500_000
const PLANS_AT_LEAST = 8

const text = z.string().max(LARGEST_CONDITION)
const value = z.union([text, z.number(), z.boolean()])
const column = z.string().min(1).max(1_000)
const filter: z.ZodType<Filter> = z.lazy(() =>
  z.union([
    z.strictObject({ op: z.literal('true') }),
    z.strictObject({ op: z.enum(['and', 'or']), args: z.array(filter).max(LARGEST_CONDITION) }),
    z.strictObject({ op: z.enum(['==', '!=', '<', '<=', '>', '>=']), column, value }),
    z.strictObject({ op: z.literal('in'), column, values: z.array(value).max(LARGEST_CONDITION) }),
    z.strictObject({ op: z.enum(['is-null', 'not-null']), column }),
    z.strictObject({ op: z.literal('starts-with'), column, value: text }),
  ]),
)
const name = z.string().min(1).max(1_000)
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const planBody = z.strictObject({
  namespace: z.array(name).min(1).max(20),
  name,
  snapshot: int64.optional(),
  filter,
  columns: z.array(count).max(10_000),
  limit: count.optional(),
  footers: z.literal(true).optional(),
})
const tableBody = z.strictObject({ namespace: z.array(name).min(1).max(20), name })
const atBody = tableBody.extend({
  ask: z.union([
    z.strictObject({ snapshot: int64 }),
    z.strictObject({ ref: name }),
    z.strictObject({ at: z.number().int().min(-8.64e15).max(8.64e15) }),
  ]),
})
const readBody = z.strictObject({
  plan: z.uuid(),
  files: z.array(count).max(10_000),
  columns: z.array(count).max(10_000).optional(),
  decode: z.array(count).max(10_000).optional(),
})

/** What the SQL page reads of the lake: its tables, plans of scans, and the files that a plan named. */
export function queryRoutes(deps: QueryDeps) {
  const plans = new Map<string, StoredPlan>()
  const manifests = new ManifestCache(MANIFEST_BYTES)
  const planOf = (id: string): StoredPlan => {
    const plan = plans.get(id)
    if (plan !== undefined) return plan
    throw new LakeError('NOT_FOUND', 'the plan of this query is gone', {
      outcome: 'retry',
      remedy: 'Run it again.',
    })
  }
  return new Hono()
    .get('/query/tables', async (context) =>
      context.json(await queryTables(await deps.lake(), context.req.raw.signal)),
    )
    .get('/query/namespaces', async (context) =>
      context.json(await otherNamespaces(await deps.lake(), context.req.raw.signal)),
    )
    .post('/query/table', jsonBody(tableBody), async (context) => {
      const identifier = context.req.valid('json')
      return context.json(describe(await loadAny(await deps.lake(), identifier, context.req.raw.signal)))
    })
    .post('/query/plan', jsonBody(planBody), async (context) => {
      const request = context.req.valid('json') as PlanRequest
      const { stored, answer } = await planQuery(
        await deps.lake(),
        request,
        context.req.raw.signal,
        manifests,
      )
      const plan = randomUUID()
      plans.set(plan, stored)
      let files = [...plans.values()].reduce((sum, one) => sum + one.files.length, 0)
      for (const [oldest, one] of plans) {
        if (plans.size <= (files > PLANNED_FILES ? PLANS_AT_LEAST : PLANS_KEPT)) break
        plans.delete(oldest)
        files -= one.files.length
      }
      return context.json({ plan, ...answer } satisfies PlanAnswer)
    })
    .post('/query/at', jsonBody(atBody), async (context) => {
      const request = context.req.valid('json') as SnapshotRequest
      return context.json(await tableAt(await deps.lake(), request, context.req.raw.signal))
    })
    .post('/query/values', jsonBody(tableBody), async (context) =>
      context.json(await tableValues(await deps.lake(), context.req.valid('json'), context.req.raw.signal)),
    )
    .post('/query/read', jsonBody(readBody), async (context) => {
      const request = context.req.valid('json') as ReadRequest
      const body = await readPacked(planOf(request.plan), request, context.req.raw.signal)
      return context.body(body, 200, { 'Content-Type': 'application/octet-stream' })
    })
    .get(
      '/query/objects/:plan/:file',
      pathOf(z.object({ plan: z.uuid(), file: z.coerce.number().int().min(0) })),
      async (context) => {
        const { plan, file } = context.req.valid('param')
        const stored = planOf(plan)
        const data = stored.files[file]?.file
        if (data === undefined) throw new LakeError('NOT_FOUND', `the plan has no file ${file}`)
        const size = data.fileSize
        const asked = rangeOf(context.req.header('range'), size)
        if (asked === null) return context.body(null, 416, { 'Content-Range': `bytes */${size}` })
        const [start, end] = asked
        const bytes = await stored.lake.io.storage.read(data.path, {
          range: { start, end },
          signal: context.req.raw.signal,
        })
        const headers = {
          'Content-Type': 'application/vnd.apache.parquet',
          'Accept-Ranges': 'bytes',
          'Content-Range': `bytes ${start}-${end - 1}/${size}`,
        }
        return context.body(
          new Uint8Array(bytes),
          context.req.header('range') === undefined ? 200 : 206,
          headers,
        )
      },
    )
}

/** A `Range` header as a half-open range; the whole object without one, null where it cannot be satisfied. */
function rangeOf(header: string | undefined, size: number): readonly [number, number] | null {
  if (header === undefined) return [0, size]
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header)
  if (parts === null || (parts[1] === '' && parts[2] === '')) return null
  const first = parts[1] === '' ? Math.max(0, size - Number(parts[2])) : Number(parts[1])
  const last = parts[1] === '' || parts[2] === '' ? size - 1 : Math.min(Number(parts[2]), size - 1)
  return first > last ? null : [first, last + 1]
}

const TABLES_AT_ONCE = 8

/** Every table of the lake's own namespace; a table that cannot be loaded is named with its reason. */
async function queryTables(lake: Lake, signal: AbortSignal): Promise<QueryTables> {
  const namespace = lake.tables.raw.namespace
  const found = await lake.io.catalog.listTables(namespace, signal).catch((error: unknown) => {
    // Before set-up there is nothing to query, which is no failure.
    if (isLakeError(error, 'NO_NAMESPACE')) return []
    throw error
  })
  const failed: { name: string; reason: string }[] = []
  const tables = await mapConcurrent(
    [...found].sort(byRole(lake)),
    TABLES_AT_ONCE,
    async (identifier) => {
      try {
        return describe(await lake.io.catalog.loadTable(identifier, signal))
      } catch (error) {
        if (signal.aborted) throw error
        failed.push({ name: identifier.name, reason: toFault(error).title })
        return null
      }
    },
    signal,
  )
  return { tables: tables.filter((table) => table !== null), failed }
}

/** The five tables first, in their order, then the rest by name. */
function byRole(lake: Lake): (a: TableIdentifier, b: TableIdentifier) => number {
  const order = Object.values(lake.tables).map((table) => table.name)
  const rank = (table: TableIdentifier): number => {
    const at = order.indexOf(table.name)
    return at < 0 ? order.length : at
  }
  return (a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)
}

function describe({ identifier, metadata }: LoadedTable): QueryTable {
  return describeAt(identifier, metadata, headSnapshot(metadata), currentSchema(metadata))
}
