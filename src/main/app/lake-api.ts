import { Hono } from 'hono'
import { z } from 'zod'
import { TABLE_ROLES } from '../../shared/tables.ts'
import type { App } from './app.ts'
import { type DeadLetterFilter, deadLetter, deadLetterGroups, deadLetterPage } from './dead-letters.ts'
import { tableDetail, tableFiles, tablePartitions, tableSummaries } from './inspect.ts'
import { int64, page, pageSize, pathOf, queryOf } from './validate.ts'

const role = pathOf(z.object({ role: z.enum(TABLE_ROLES) }))
const instant = z.iso.datetime({ offset: true })
const filter = {
  errorType: z.string().max(200).optional(),
  partition: int64.optional(),
  /** Half-open range of Kafka offsets. */
  offsetFrom: int64.optional(),
  offsetTo: int64.optional(),
  /** Half-open range of error times. */
  from: instant.optional(),
  to: instant.optional(),
  /** Found anywhere in message, payload or ids, case ignored. */
  text: z.string().max(1000).optional(),
}
const pages = { page, pageSize }

/** Dead letters and the inspector of the five tables: all read-only. */
export function lakeRoutes(app: App) {
  return new Hono()
    .get('/dead-letters/groups', queryOf(z.object(filter)), async (context) =>
      context.json({
        groups: await deadLetterGroups(
          await app.lake(),
          filterOf(context.req.valid('query')),
          context.req.raw.signal,
        ),
      }),
    )
    .get('/dead-letters', queryOf(z.object({ ...filter, ...pages })), async (context) => {
      const { page, pageSize, ...rest } = context.req.valid('query')
      return context.json(
        await deadLetterPage(await app.lake(), filterOf(rest), page, pageSize, context.req.raw.signal),
      )
    })
    .get('/dead-letters/:id', pathOf(z.object({ id: z.string().min(1).max(200) })), async (context) =>
      context.json(await deadLetter(await app.lake(), context.req.valid('param').id, context.req.raw.signal)),
    )
    .get('/tables', async (context) =>
      context.json({ tables: await tableSummaries(await app.lake(), context.req.raw.signal) }),
    )
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

function filterOf(query: { [K in keyof typeof filter]?: string | undefined }): DeadLetterFilter {
  return {
    ...(query.errorType === undefined ? {} : { errorType: query.errorType }),
    ...(query.partition === undefined ? {} : { partition: BigInt(query.partition) }),
    ...(query.offsetFrom === undefined ? {} : { offsetFrom: BigInt(query.offsetFrom) }),
    ...(query.offsetTo === undefined ? {} : { offsetTo: BigInt(query.offsetTo) }),
    ...(query.from === undefined ? {} : { from: BigInt(Date.parse(query.from)) * 1000n }),
    ...(query.to === undefined ? {} : { to: BigInt(Date.parse(query.to)) * 1000n }),
    ...(query.text === undefined || query.text === '' ? {} : { text: query.text }),
  }
}
