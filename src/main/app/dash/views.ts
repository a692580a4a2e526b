import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import { jsonForm, openShelf, savedName } from '../shelf.ts'
import { jsonBody } from '../validate.ts'

const view = z.object({ query: z.record(z.string().max(100), z.string().max(1_000)) })
const named = z.strictObject({ name: savedName })

/** Saved dashboards: one small JSON file each in `dashboards` of the home folder. */
export function viewRoutes({ home }: { readonly home: string }) {
  const shelf = openShelf(join(home, 'dashboards'), 'dashboard', jsonForm(view))
  return new Hono()
    .get('/dash/views', (context) => {
      const views = shelf.list().map(({ name, value }) => ({ name, query: value.query }))
      return context.json({ folder: shelf.folder, views })
    })
    .put('/dash/views', jsonBody(named.extend(view.shape)), (context) => {
      const { name, query } = context.req.valid('json')
      shelf.put(name, { query })
      return context.json({ name })
    })
    .delete('/dash/views', jsonBody(named), (context) => {
      const { name } = context.req.valid('json')
      shelf.remove(name)
      return context.json({ name })
    })
}
