import { Hono } from 'hono'
import { z } from 'zod'
import { ERROR_CODES, LakeError } from '../../../shared/errors.ts'
import { CHECKS, checksOf, SERVICES, STEPS } from '../../../shared/setup.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import type { App } from '../app.ts'
import type { Lake } from '../lake.ts'
import { openLake } from '../lake.ts'
import { jsonBody, pathOf } from '../validate.ts'
import { discover } from './discover.ts'
import { dockerSockets } from './docker.ts'
import { type Draft, draftView, liveChanges, readDraft, withEdits, writeDraft } from './draft.ts'
import { forecastTopic } from './forecast-sample.ts'
import { markOf } from './mark.ts'
import { names, plan, plannedTables } from './plan.ts'
import { type PageRead, proveLake } from './prove.ts'
import { tryRights } from './rights.ts'
import { sampleTopic, topics } from './sample.ts'
import { checkService } from './services.ts'
import { startOf } from './start.ts'

const changes = z.record(z.string().max(100), z.string().max(10_000).nullable())
const nothing = jsonBody(z.strictObject({}))
const ids = CHECKS.map((one) => one.id)
const fault = z.object({
  code: z.enum(ERROR_CODES),
  outcome: z.enum(['retry', 'reject', 'unknown']),
  title: z.string().max(2_000),
  likely: z.string().max(2_000).optional(),
  remedy: z.string().max(2_000).optional(),
  context: z.record(z.string().max(100), z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()])),
})
const pageRead = z.strictObject({
  rows: z.number().int().min(0).max(1_000_000),
  ms: z.number().min(0).max(600_000),
  fault: fault.nullable(),
})

/** How long a page may take to read the probe, ms. */
const PAGE_MS = 60_000

/**
 * The set-up wizard. What is entered is a draft in main, tried out as if it were in force and saved by `apply`; only
 * `apply` and `prove` change anything outside.
 */
export function setupRoutes(app: App) {
  const home = () => app.settings().home
  const draft = () => readDraft(home())
  const pending = (one: Draft = draft()) => liveChanges(one, app.settingsView().settings)
  const view = (one: Draft) => draftView(one, markOf(app.settings()))
  const drafted = () => app.settingsWith(pending())
  /** By job: who waits for the page's engine. */
  const readers = new Map<string, (read: PageRead) => void>()

  /** The lake that the draft names, for one question. */
  async function withLake<T>(work: (lake: Lake) => Promise<T>): Promise<T> {
    const lake = await openLake(drafted(), app.log, app.clock)
    try {
      return await work(lake)
    } finally {
      await lake.close()
    }
  }

  function awaitPage(job: string, signal: AbortSignal): Promise<PageRead | null> {
    return new Promise((resolve) => {
      const end = (read: PageRead | null) => {
        clearTimeout(timer)
        readers.delete(job)
        resolve(read)
      }
      const timer = setTimeout(() => end(null), PAGE_MS)
      signal.addEventListener('abort', () => end(null), { once: true })
      readers.set(job, end)
    })
  }

  return new Hono()
    .get('/setup/draft', (context) => context.json(view(draft())))
    .put(
      '/setup/draft',
      jsonBody(z.strictObject({ changes: changes.default({}), step: z.enum(STEPS).optional() })),
      (context) => {
        const { changes, step } = context.req.valid('json')
        const edited = withEdits(draft(), changes, app.settingsView().settings)
        const next = { ...edited, step: step ?? edited.step }
        writeDraft(home(), next)
        return context.json(view(next))
      },
    )
    .post('/setup/discard', nothing, (context) => {
      writeDraft(home(), { changes: {}, step: 'connect' })
      return context.json(view(draft()))
    })
    .post('/setup/apply', nothing, (context) => {
      const before = draft()
      const settings = app.saveSettings(pending(before))
      const next = { ...before, changes: {} }
      writeDraft(home(), next)
      return context.json({ settings, draft: view(next) })
    })
    .post('/setup/discover', nothing, async (context) => {
      const started = performance.now()
      const found = await discover(drafted(), dockerSockets(process.env), context.req.raw.signal)
      return context.json({ ...found, ms: Math.round(performance.now() - started) })
    })
    .post(
      '/setup/check',
      jsonBody(z.strictObject({ service: z.enum(SERVICES), checks: z.array(z.enum(ids)).max(8).optional() })),
      async (context) => {
        const { service, checks } = context.req.valid('json')
        const wanted = checks ?? checksOf(service).map((one) => one.id)
        return context.json(await checkService(drafted(), service, wanted, context.req.raw.signal))
      },
    )
    .post('/setup/names', nothing, async (context) =>
      context.json(await withLake((lake) => names(lake, context.req.raw.signal))),
    )
    .post('/setup/rights', nothing, async (context) =>
      context.json(await withLake((lake) => tryRights(lake, context.req.raw.signal))),
    )
    .post('/setup/tables', nothing, async (context) =>
      context.json({ tables: await withLake((lake) => plannedTables(lake, context.req.raw.signal)) }),
    )
    .post('/setup/topics', nothing, async (context) => {
      const lake = await openLake(drafted(), app.log, app.clock).catch(() => null)
      try {
        return context.json(await topics(drafted(), lake, context.req.raw.signal))
      } finally {
        await lake?.close()
      }
    })
    .post('/setup/start', nothing, async (context) => context.json(await startOf(drafted())))
    .post(
      '/setup/sample',
      jsonBody(z.strictObject({ count: z.number().int().min(1).max(100).default(20) })),
      async (context) => {
        const { count } = context.req.valid('json')
        return context.json(await sampleTopic(drafted(), count, context.req.raw.signal))
      },
    )
    .post('/setup/forecast', nothing, async (context) =>
      context.json(await forecastTopic(drafted(), context.req.raw.signal)),
    )
    .post('/setup/plan', nothing, async (context) =>
      context.json(
        await withLake((lake) => plan(lake, app.settingsView().settings, pending(), context.req.raw.signal)),
      ),
    )
    .post('/setup/prove', jsonBody(z.strictObject({ page: z.boolean().default(false) })), (context) => {
      const { page } = context.req.valid('json')
      const job = app.jobs.start('prove', async (control) => {
        const mark = markOf(app.settings())
        const lake = await app.lake()
        throwIfCancelled(control.signal)
        const readInPage = (_ids: readonly string[], signal: AbortSignal) => awaitPage(control.id, signal)
        return { kind: 'prove', mark, ...(await proveLake(lake, control, page ? { readInPage } : {})) }
      })
      return context.json(job, 202)
    })
    .post('/setup/prove/:id/read', pathOf(z.object({ id: z.uuid() })), jsonBody(pageRead), (context) => {
      const reader = readers.get(context.req.valid('param').id)
      if (!reader) throw new LakeError('CONFLICT', 'nobody waits for that reading')
      reader(context.req.valid('json') as PageRead)
      return context.json({})
    })
}
