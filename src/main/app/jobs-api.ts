import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from './app.ts'
import type { LoadRequest } from './load/load.ts'
import { int64, jsonBody, pathOf } from './validate.ts'

const nothing = jsonBody(z.strictObject({}))
const stop = jsonBody(z.strictObject({ now: z.boolean().default(false) }))
const id = pathOf(z.object({ id: z.uuid() }))
const startLoad = z.strictObject({
  source: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('kafka'), fill: z.string().min(1).max(4096).optional() }),
      z.strictObject({ kind: z.literal('file'), path: z.string().min(1).max(4096) }),
      z.strictObject({ kind: z.literal('generator') }),
    ])
    .default({ kind: 'kafka' }),
  untilCaughtUp: z.boolean().default(false),
  accept: z
    .strictObject({
      gap: int64.optional(),
      topic: z.string().max(300).optional(),
      cluster: z.string().max(300).optional(),
      table: z.string().max(100).optional(),
      rollback: int64.optional(),
      newest: z.boolean().optional(),
    })
    .default({}),
})

/** Everything that runs: check, load, rollup, verify. A start answers with the job; its course comes as events. */
export function jobRoutes(app: App) {
  return new Hono()
    .get('/jobs', (context) => context.json({ jobs: app.jobs.list() }))
    .get('/jobs/:id', id, (context) => context.json(app.jobs.get(context.req.valid('param').id)))
    .post('/jobs/:id/cancel', id, nothing, (context) =>
      context.json(app.jobs.cancel(context.req.valid('param').id)),
    )
    .post('/check', nothing, (context) => context.json(app.startCheck(), 202))
    .post('/rollup', jsonBody(z.strictObject({ rebuild: z.boolean().default(false) })), (context) =>
      context.json(app.startRollup(context.req.valid('json')), 202),
    )
    .post('/verify', nothing, (context) => context.json(app.startVerify(), 202))
    .get('/load', (context) => context.json(app.load.view()))
    .post('/load/start', jsonBody(startLoad), (context) =>
      context.json(app.load.start(requestOf(context.req.valid('json'))), 202),
    )
    .post('/load/pause', nothing, (context) => context.json(app.load.pause()))
    .post('/load/resume', nothing, (context) => context.json(app.load.resume()))
    .post('/load/stop', stop, async (context) =>
      context.json(await (context.req.valid('json').now ? app.load.stopNow() : app.load.stop())),
    )
}

function requestOf(body: z.output<typeof startLoad>): LoadRequest {
  const { gap, topic, cluster, table, rollback, newest } = body.accept
  const { source } = body
  return {
    source:
      source.kind === 'kafka' && source.fill === undefined
        ? { kind: 'kafka' }
        : (source as LoadRequest['source']),
    untilCaughtUp: body.untilCaughtUp,
    accept: {
      ...(gap === undefined ? {} : { gap: BigInt(gap) }),
      ...(topic === undefined ? {} : { topic }),
      ...(cluster === undefined ? {} : { cluster }),
      ...(table === undefined ? {} : { table }),
      ...(rollback === undefined ? {} : { rollback: BigInt(rollback) }),
      ...(newest === undefined ? {} : { newest }),
    },
  }
}
