import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import { messageFilter } from '../../../shared/thread.ts'
import { jsonForm, openShelf, savedName } from '../shelf.ts'
import { jsonBody } from '../validate.ts'

const offset = z.string().regex(/^\d{1,19}$/)
const instant = z.string().regex(/^\d{1,15}$/)

/** The fields of a `MessageFilter` as it comes from outside, without its topic. */
export const filterFields = {
  partition: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional(),
  from: offset.optional(),
  to: offset.optional(),
  since: instant.optional(),
  until: instant.optional(),
  text: z.string().max(1000).optional(),
  key: z.string().max(1000).optional(),
}

const filter = z.strictObject(filterFields)
const named = z.strictObject({ name: savedName })

/** Filters of messages kept by name, for any topic: one small JSON file each in `message-filters` of the home folder. */
export function messageFilterRoutes({ home }: { readonly home: string }) {
  const shelf = openShelf(join(home, 'message-filters'), 'filter', jsonForm(filter))
  return new Hono()
    .get('/messages/filters', (context) =>
      context.json({
        filters: shelf.list().map(({ name, value }) => ({ name, filter: messageFilter(value) })),
      }),
    )
    .put('/messages/filters', jsonBody(named.extend({ filter })), (context) => {
      const { name, filter: wanted } = context.req.valid('json')
      shelf.put(name, messageFilter(wanted))
      return context.json({ name })
    })
    .delete('/messages/filters', jsonBody(named), (context) => {
      shelf.remove(context.req.valid('json').name)
      return context.json({})
    })
}
