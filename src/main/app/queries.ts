import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import { type Form, openShelf, savedName } from './shelf.ts'
import { jsonBody } from './validate.ts'

export interface QueriesDeps {
  /** The user's own home folder; queries are kept in `queries` inside it. */
  readonly home: string
}

const named = z.strictObject({ name: savedName })
/** At most a million UTF-16 units. */
const sql = z.string().max(1_000_000)

const FORM: Form<string> = {
  ending: '.sql',
  read: (text) => text,
  write: (text) => (text.endsWith('\n') ? text : `${text}\n`),
}

/** Saved queries: one file of SQL each in a folder. */
export function queriesRoutes({ home }: QueriesDeps) {
  const shelf = openShelf(join(home, 'queries'), 'query', FORM)
  return new Hono()
    .get('/queries', (context) => {
      const queries = shelf.list().map(({ name, value }) => ({ name, sql: value }))
      return context.json({ folder: shelf.folder, queries })
    })
    .put('/queries', jsonBody(named.extend({ sql })), (context) => {
      const { name, sql } = context.req.valid('json')
      shelf.put(name, sql)
      return context.json({ name })
    })
    .delete('/queries', jsonBody(named), (context) => {
      const { name } = context.req.valid('json')
      shelf.remove(name)
      return context.json({ name })
    })
}
