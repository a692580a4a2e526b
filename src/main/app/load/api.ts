import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '../app.ts'
import { int64, pathOf, queryOf } from '../validate.ts'

const step = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0)

/** What the load monitor reads beside the live status. */
export function loadRoutes(app: App) {
  return new Hono()
    .get('/load/series', queryOf(z.object({ from: step, epoch: step })), (context) => {
      const { from, epoch } = context.req.valid('query')
      return context.json(app.load.series(from, epoch))
    })
    .get('/load/ledger', async (context) => context.json({ ledger: await app.load.ledger() }))
    .get('/load/commits', async (context) => context.json({ commits: await app.load.pastCommits() }))
    .get('/load/commits/:id', pathOf(z.object({ id: int64 })), async (context) =>
      context.json(await app.load.anyCommit(context.req.valid('param').id)),
    )
}
