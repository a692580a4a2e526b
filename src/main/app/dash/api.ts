import { Hono } from 'hono'
import { z } from 'zod'
import { GRAINS } from '../../../shared/dash.ts'
import type { Lake } from '../lake.ts'
import { jsonBody, queryOf } from '../validate.ts'
import { checkPeriods } from './check.ts'
import { newerRows } from './newer.ts'
import { createSubjectIndex, daysOfSubject } from './subjects.ts'
import { viewRoutes } from './views.ts'

export interface DashDeps {
  lake(): Promise<Lake>
  readonly home: string
}

const text = z.string().min(1).max(65_536)
const date = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .refine((day) => {
    const ms = Date.parse(`${day}T00:00:00Z`)
    return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
  }, 'is no day of the calendar')
const subject = { user: text, type: text }
/** Periods checked at once: three years of days and a little. */
const MOST_PERIODS = 1_200

/** What the dashboards ask beside their queries: who has data, how fresh it is, whether it matches raw. */
export function dashRoutes(deps: DashDeps) {
  const index = createSubjectIndex()
  return new Hono()
    .route('/', viewRoutes(deps))
    .get('/dash/lake', async (context) =>
      context.json(await index.lake(await deps.lake(), context.req.raw.signal)),
    )
    .get(
      '/dash/users',
      queryOf(
        z.object({
          search: z.string().max(1_000).default(''),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
      ),
      async (context) => {
        const { search, limit } = context.req.valid('query')
        return context.json(await index.users(await deps.lake(), search, limit, context.req.raw.signal))
      },
    )
    .get('/dash/types', queryOf(z.object({ user: text })), async (context) =>
      context.json(
        await index.types(await deps.lake(), context.req.valid('query').user, context.req.raw.signal),
      ),
    )
    .get('/dash/days', queryOf(z.object(subject)), async (context) => {
      const { user, type } = context.req.valid('query')
      return context.json(await daysOfSubject(await deps.lake(), user, type, context.req.raw.signal))
    })
    .get('/dash/newer', queryOf(z.object(subject)), async (context) => {
      const { user, type } = context.req.valid('query')
      return context.json(await newerRows(await deps.lake(), user, type, context.req.raw.signal))
    })
    .post(
      '/dash/check',
      jsonBody(
        z.strictObject({
          ...subject,
          grain: z.enum(GRAINS),
          periods: z.array(date).min(1).max(MOST_PERIODS),
        }),
      ),
      async (context) =>
        context.json(
          await checkPeriods(await deps.lake(), context.req.valid('json'), context.req.raw.signal),
        ),
    )
}
