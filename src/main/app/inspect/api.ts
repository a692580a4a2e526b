import { Hono } from 'hono'
import { z } from 'zod'
import {
  FILE_SORTS,
  type HealthView,
  type HeatView,
  namespaceLevels,
  PARTITION_SORTS,
} from '../../../shared/inspect.ts'
import { stringifyJson } from '../../iceberg/json.ts'
import { writeMetadata } from '../../iceberg/metadata-json.ts'
import type { App } from '../app.ts'
import { wayBackView } from '../maintenance/views.ts'
import { int64, page, pageSize, pathOf, queryOf } from '../validate.ts'
import { compareSnapshots } from './compare.ts'
import { namespaceView, tableDetail, tableSummaries } from './detail.ts'
import { exportList, LISTS } from './export.ts'
import { fileDetail, filePage } from './file-lists.ts'
import { readingOf, snapshotFiles } from './files.ts'
import { footerPage } from './footer.ts'
import { fileLimits, healthOf } from './health.ts'
import { heatOf } from './heat.ts'
import { entryPage, manifestPage } from './levels.ts'
import { partitionPage, spotView } from './partitions.ts'
import { partitionPaths } from './paths.ts'
import { snapshotDetail, snapshotPage } from './snapshots.ts'
import { type OpenTable, openTable, snapshotOf } from './table.ts'

const name = z.string().min(1).max(300)
const inNamespace = pathOf(z.object({ namespace: name }))
const ofTable = pathOf(z.object({ namespace: name, name }))
const pages = { page, pageSize }
const snapshot = { snapshot: int64.optional() }
const find = { find: z.string().max(300).optional() }
const place = {
  ...snapshot,
  path: z.string().max(4000).optional(),
  manifest: z.coerce.number().int().min(0).max(10_000_000).optional(),
  entry: z.coerce.number().int().min(0).max(100_000_000).optional(),
}
const files = {
  content: z.enum(['data', 'deletes']).optional(),
  partition: z.string().max(4000).optional(),
}

/** What the pages of tables read: any table of the catalog, whoever wrote it. Nothing here changes anything. */
export function inspectRoutes(app: App) {
  const open = async (
    param: { readonly namespace: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<OpenTable> =>
    openTable(await app.lake(), { namespace: namespaceLevels(param.namespace), name: param.name }, signal)
  return new Hono()
    .get('/tables', async (context) => {
      const tables = await tableSummaries(await app.lake(), context.req.raw.signal)
      const there = tables.filter((one) => one.exists)
      const rows = there.find((one) => one.role === 'raw')?.rows ?? 0
      if (there.length > 0) app.lakes.remember({ tables: there.length, rows })
      return context.json({ tables })
    })
    .get('/inspect', async (context) =>
      context.json(await namespaceView(await app.lake(), [], context.req.raw.signal)),
    )
    .get('/inspect/:namespace', inNamespace, async (context) => {
      const levels = namespaceLevels(context.req.valid('param').namespace)
      return context.json(await namespaceView(await app.lake(), levels, context.req.raw.signal))
    })
    .get('/inspect/:namespace/:name', ofTable, async (context) =>
      context.json(tableDetail(await open(context.req.valid('param'), context.req.raw.signal))),
    )
    .get('/inspect/:namespace/:name/health', ofTable, async (context) => {
      const { signal } = context.req.raw
      return context.json(await health(await open(context.req.valid('param'), signal), signal))
    })
    .get('/inspect/:namespace/:name/reading', ofTable, queryOf(z.object(snapshot)), async (context) => {
      const table = await open(context.req.valid('param'), context.req.raw.signal)
      const at = snapshotOf(table, context.req.valid('query').snapshot)
      const reading = at && readingOf(table.lake, table.metadata, at['snapshot-id'])
      return context.json({ reading })
    })
    .get(
      '/inspect/:namespace/:name/heat',
      ofTable,
      queryOf(
        z.object({
          ...snapshot,
          until: z.string().max(40).optional(),
          rowsFrom: z.coerce.number().int().min(0).max(1_000_000).default(0),
        }),
      ),
      async (context) => {
        const { signal } = context.req.raw
        const table = await open(context.req.valid('param'), signal)
        const { snapshot: id, ...window } = context.req.valid('query')
        const at = snapshotOf(table, id)
        const found = at
          ? (await snapshotFiles(table.lake, table.metadata, at['snapshot-id'], signal)).files
          : []
        return context.json(heatOf(table.metadata, found, window) satisfies HeatView)
      },
    )
    .get(
      '/inspect/:namespace/:name/spot',
      ofTable,
      queryOf(z.object({ ...snapshot, column: z.string().max(200), row: z.string().max(1000) })),
      async (context) => {
        const { signal } = context.req.raw
        const table = await open(context.req.valid('param'), signal)
        return context.json(await spotView(table, context.req.valid('query'), signal))
      },
    )
    .get(
      '/inspect/:namespace/:name/partitions',
      ofTable,
      queryOf(z.object({ ...pages, ...snapshot, ...find, sort: z.enum(PARTITION_SORTS).optional() })),
      async (context) => {
        const { signal } = context.req.raw
        const table = await open(context.req.valid('param'), signal)
        return context.json(await partitionPage(table, context.req.valid('query'), signal))
      },
    )
    .get(
      '/inspect/:namespace/:name/files',
      ofTable,
      queryOf(z.object({ ...pages, ...snapshot, ...find, ...files, sort: z.enum(FILE_SORTS).optional() })),
      async (context) => {
        const { signal } = context.req.raw
        const table = await open(context.req.valid('param'), signal)
        return context.json(await filePage(table, context.req.valid('query'), signal))
      },
    )
    .get('/inspect/:namespace/:name/file', ofTable, queryOf(z.object(place)), async (context) => {
      const { signal } = context.req.raw
      const table = await open(context.req.valid('param'), signal)
      return context.json(await fileDetail(table, context.req.valid('query'), signal))
    })
    .get(
      '/inspect/:namespace/:name/footer',
      ofTable,
      queryOf(z.object({ ...pages, ...place })),
      async (context) => {
        const { signal } = context.req.raw
        const table = await open(context.req.valid('param'), signal)
        return context.json(await footerPage(table, context.req.valid('query'), signal))
      },
    )
    .get(
      '/inspect/:namespace/:name/snapshots',
      ofTable,
      queryOf(z.object({ ...pages, ...find })),
      async (context) => {
        const table = await open(context.req.valid('param'), context.req.raw.signal)
        return context.json(snapshotPage(table, context.req.valid('query')))
      },
    )
    .get(
      '/inspect/:namespace/:name/snapshots/:id',
      pathOf(z.object({ namespace: name, name, id: int64 })),
      async (context) => {
        const { id, ...param } = context.req.valid('param')
        return context.json(snapshotDetail(await open(param, context.req.raw.signal), id))
      },
    )
    .get(
      '/inspect/:namespace/:name/compare',
      ofTable,
      queryOf(z.object({ a: int64, b: int64 })),
      async (context) => {
        const { signal } = context.req.raw
        const table = await open(context.req.valid('param'), signal)
        return context.json(await compareSnapshots(table, context.req.valid('query'), signal))
      },
    )
    .get(
      '/inspect/:namespace/:name/manifests',
      ofTable,
      queryOf(z.object({ ...pages, ...snapshot })),
      async (context) => {
        const { signal } = context.req.raw
        const table = await open(context.req.valid('param'), signal)
        return context.json(await manifestPage(table, context.req.valid('query'), signal))
      },
    )
    .get(
      '/inspect/:namespace/:name/entries',
      ofTable,
      queryOf(z.object({ ...pages, ...snapshot, manifest: z.coerce.number().int().min(0).max(10_000_000) })),
      async (context) => {
        const { signal } = context.req.raw
        const table = await open(context.req.valid('param'), signal)
        return context.json(await entryPage(table, context.req.valid('query'), signal))
      },
    )
    .get('/inspect/:namespace/:name/metadata', ofTable, async (context) => {
      const table = await open(context.req.valid('param'), context.req.raw.signal)
      return context.body(stringifyJson(writeMetadata(table.metadata), 2), 200, {
        'Content-Type': 'application/json; charset=utf-8',
      })
    })
    .get(
      '/inspect/:namespace/:name/export/:list',
      pathOf(z.object({ namespace: name, name, list: z.enum(LISTS) })),
      queryOf(z.object({ format: z.enum(['csv', 'json']), ...snapshot, ...find, ...files })),
      async (context) => {
        const { signal } = context.req.raw
        const { list, ...param } = context.req.valid('param')
        const { format, ...request } = context.req.valid('query')
        const text = await exportList(await open(param, signal), list, format, request, signal)
        const file = `${param.name}-${list}.${format}`.replaceAll(/[^A-Za-z0-9._-]/g, '_')
        return context.body(text, 200, {
          'Content-Type': `${format === 'csv' ? 'text/csv' : 'application/json'}; charset=utf-8`,
          'Content-Disposition': `attachment; filename="${file}"`,
        })
      },
    )
}

async function health(table: OpenTable, signal: AbortSignal): Promise<HealthView> {
  const { metadata, lake } = table
  const at = snapshotOf(table, undefined)
  const { files: found, manifests } = at
    ? await snapshotFiles(lake, metadata, at['snapshot-id'], signal)
    : { files: [], manifests: 0 }
  const pathOf = partitionPaths(metadata)
  return {
    reasons: healthOf({ files: found, manifests, metadata, partitionOf: ({ file }) => pathOf(file) }),
    limits: fileLimits(found),
    files: found.length,
    partitions: new Set(found.map(({ file }) => pathOf(file))).size,
    manifests,
    wayBack: wayBackView(metadata),
  }
}
