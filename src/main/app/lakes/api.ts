import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '../app.ts'
import { jsonBody, pathOf } from '../validate.ts'

const id = pathOf(z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }))
const opening = jsonBody(z.strictObject({ stop: z.boolean().default(false) }))

/** Lakes that were opened before. `stop` commits and ends a load that runs, instead of LOCKED. */
export function lakesRoutes(app: App) {
  return new Hono()
    .get('/lakes', (context) => context.json({ lakes: app.lakes.list() }))
    .post('/lakes/:id/open', id, opening, async (context) => {
      if (context.req.valid('json').stop) await app.load.stop()
      app.lakes.open(context.req.valid('param').id)
      return context.json(app.state())
    })
    .delete('/lakes/:id', id, (context) => {
      app.lakes.forget(context.req.valid('param').id)
      return context.json({ lakes: app.lakes.list() })
    })
}
