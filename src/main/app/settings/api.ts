import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '../app.ts'
import { jsonBody } from '../validate.ts'
import { problemOf } from './settings.ts'

const changes = z.record(z.string().max(100), z.string().max(10_000).nullable())

/** State of the whole, settings (secrets write-only), trying a value or a connection out. */
export function settingsRoutes(app: App) {
  return new Hono()
    .get('/state', (context) => context.json(app.state()))
    .get('/settings', (context) => context.json(app.settingsView()))
    .put('/settings', jsonBody(z.strictObject({ changes })), (context) =>
      context.json(app.saveSettings(context.req.valid('json').changes)),
    )
    .post(
      '/settings/check',
      jsonBody(z.strictObject({ key: z.string().max(100), text: z.string().max(10_000) })),
      (context) => {
        const { key, text } = context.req.valid('json')
        return context.json({ problem: problemOf(key, text) })
      },
    )
    .post(
      '/settings/probe',
      jsonBody(
        z.strictObject({
          targets: z
            .array(z.enum(['catalog', 'storage', 'kafka', 'registry']))
            .max(4)
            .optional(),
          changes: changes.optional(),
        }),
      ),
      async (context) => {
        const { targets, changes: tried } = context.req.valid('json')
        return context.json({
          probes: await app.probe(
            targets ?? ['catalog', 'storage', 'kafka', 'registry'],
            tried ?? {},
            context.req.raw.signal,
          ),
        })
      },
    )
}
