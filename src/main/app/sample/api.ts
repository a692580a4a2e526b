import { Hono } from 'hono'
import { z } from 'zod'
import type { KeptView } from '../../../shared/model.ts'
import type { App } from '../app.ts'
import { jsonBody } from '../validate.ts'
import { windowShape } from '../window.ts'

const nothing = jsonBody(z.strictObject({}))

/** The sample lake, and how the window was left. */
export function sampleRoutes(app: App) {
  return new Hono()
    .get('/sample', async (context) => context.json(await app.sample.view()))
    .post('/sample/start', nothing, async (context) => {
      await app.sample.left()
      return context.json(app.sample.start(), 202)
    })
    .post('/sample/leave', nothing, async (context) => {
      await app.sample.leave()
      return context.json(app.state())
    })
    .get('/window', (context) => context.json({ kept: app.window().kept } satisfies KeptView))
    .put('/window', jsonBody(windowShape.partial()), (context) => {
      const change = Object.entries(context.req.valid('json')).filter(([, value]) => value !== undefined)
      app.keepWindow(Object.fromEntries(change))
      return context.json({})
    })
}
