import { Hono } from 'hono'
import { z } from 'zod'
import { TABLE_ROLES } from '../../shared/tables.ts'
import type { App } from './app.ts'
import { tableHeat } from './inspect/heat.ts'
import { tableDetail, tableFiles, tablePartitions, tableSummaries } from './inspect/inspect.ts'
import { int64, page, pageSize, pathOf, queryOf } from './validate.ts'

const role = pathOf(z.object({ role: z.enum(TABLE_ROLES) }))
const pages = { page, pageSize }

/** The inspector of the five tables: all read-only. */
export function lakeRoutes(app: App) {
  return new Hono()
    .get('/tables', async (context) => {
      const tables = await tableSummaries(await app.lake(), context.req.raw.signal)
      const there = tables.filter((one) => one.exists)
      const rows = there.find((one) => one.role === 'raw')?.rows ?? 0
      if (there.length > 0) app.lakes.remember({ tables: there.length, rows })
      return context.json({ tables })
    })
    .get('/tables/:role', role, async (context) =>
      context.json(
        await tableDetail(await app.lake(), context.req.valid('param').role, context.req.raw.signal),
      ),
    )
    .get(
      '/tables/:role/partitions',
      role,
      queryOf(z.object({ ...pages, snapshot: int64.optional() })),
      async (context) => {
        const { page, pageSize, snapshot } = context.req.valid('query')
        return context.json(
          await tablePartitions(await app.lake(), context.req.valid('param').role, {
            page,
            pageSize,
            snapshot,
          }),
        )
      },
    )
    .get(
      '/tables/:role/heat',
      role,
      queryOf(z.object({ until: z.string().max(40).optional() })),
      async (context) =>
        context.json(
          await tableHeat(
            await app.lake(),
            context.req.valid('param').role,
            context.req.valid('query').until,
          ),
        ),
    )
    .get(
      '/tables/:role/files',
      role,
      queryOf(z.object({ ...pages, snapshot: int64.optional() })),
      async (context) => {
        const { page, pageSize, snapshot } = context.req.valid('query')
        return context.json(
          await tableFiles(await app.lake(), context.req.valid('param').role, { page, pageSize, snapshot }),
        )
      },
    )
}
