import { Hono } from 'hono'
import { z } from 'zod'
import { namespaceLevels } from '../../../shared/inspect.ts'
import { LEAST_ORPHAN_DAYS } from '../../../shared/maintenance.ts'
import type { App } from '../app.ts'
import { int64, jsonBody } from '../validate.ts'

const name = z.string().min(1).max(300)
/** As in the addresses of `inspect`. */
const table = { namespace: name, name }
const days = z.number().min(1).max(36_500)
const wish = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('compact') }),
  z.strictObject({ kind: z.literal('expire'), days, keep: z.number().int().min(1).max(1_000_000) }),
  z.strictObject({ kind: z.literal('orphans'), days: days.min(LEAST_ORPHAN_DAYS) }),
  z.strictObject({ kind: z.literal('manifests') }),
])

const identifierOf = (body: { readonly namespace: string; readonly name: string }) => ({
  namespace: namespaceLevels(body.namespace),
  name: body.name,
})

/** Maintenance of tables: a plan, its run as a job, and the way back. */
export function maintenanceRoutes({ maintenance }: App) {
  return new Hono()
    .post('/maintenance/plan', jsonBody(z.strictObject({ ...table, wish })), async (context) => {
      const body = context.req.valid('json')
      return context.json(await maintenance.plan(identifierOf(body), body.wish, context.req.raw.signal))
    })
    .post('/maintenance/run', jsonBody(z.strictObject({ plan: z.uuid() })), (context) =>
      context.json(maintenance.run(context.req.valid('json').plan), 202),
    )
    .post(
      '/maintenance/back',
      jsonBody(z.strictObject({ ...table, from: int64, to: int64 })),
      async (context) => {
        const body = context.req.valid('json')
        const way = { from: BigInt(body.from), to: BigInt(body.to) }
        await maintenance.goBack(identifierOf(body), way, context.req.raw.signal)
        return context.json({})
      },
    )
}
