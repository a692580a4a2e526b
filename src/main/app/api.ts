import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type ErrorCode, LakeError, toFault } from '../../shared/errors.ts'
import type { App } from './app.ts'
import { dashRoutes } from './dash/api.ts'
import { doctorRoutes } from './doctor/api.ts'
import { eventRoutes } from './events-api.ts'
import { exportRoutes } from './export/api.ts'
import { staticFile, withNonce } from './files.ts'
import { type GuardOptions, guard, securityHeaders } from './guard.ts'
import { inspectRoutes } from './inspect/api.ts'
import { jobRoutes } from './jobs-api.ts'
import { lakesRoutes } from './lakes/api.ts'
import { letterRoutes } from './letters/api.ts'
import { loadRoutes } from './load/api.ts'
import { maintenanceRoutes } from './maintenance/api.ts'
import { queriesRoutes } from './queries.ts'
import { queryRoutes } from './query/query.ts'
import { snapshotRoutes } from './query/snapshots.ts'
import { sampleRoutes } from './sample/api.ts'
import { settingsRoutes } from './settings/api.ts'
import { setupRoutes } from './setup/api.ts'
import { threadRoutes } from './thread/api.ts'
import { messageFilterRoutes } from './thread/message-filters.ts'
import { dressPage } from './window.ts'
import { workbenchRoutes } from './workbench.ts'

export interface ApiOptions extends GuardOptions {
  /** Folder of the built page. */
  readonly pages: string
  /** Lets a request on with null, or answers it. Asked after the guard. */
  readonly admit?: (request: Request) => Response | null
}

/** Largest body of a request, in bytes. */
const MAX_BODY = 4 * 1024 * 1024

/** The routes under `/api`, for the typed client. */
function apiRoutes(app: App) {
  return new Hono()
    .route('/', settingsRoutes(app))
    .route('/', setupRoutes(app))
    .route('/', doctorRoutes(app))
    .route('/', sampleRoutes(app))
    .route('/', jobRoutes(app))
    .route('/', loadRoutes(app))
    .route('/', lakesRoutes(app))
    .route('/', inspectRoutes(app))
    .route('/', maintenanceRoutes(app))
    .route('/', letterRoutes(app))
    .route('/', queryRoutes(app))
    .route('/', snapshotRoutes(app))
    .route('/', queriesRoutes(app))
    .route('/', threadRoutes(app))
    .route('/', messageFilterRoutes(app))
    .route('/', exportRoutes(app))
    .route('/', dashRoutes(app))
    .route('/', workbenchRoutes(app))
    .route('/', eventRoutes(app))
}

/** `hc<Api>(base + '/api')` in the page. */
export type Api = ReturnType<typeof apiRoutes>

/**
 * The one fetch handler that both hosts mount: `/api/*`, and the page's own files. Every failure under `/api` is a
 * `Fault` as JSON with the status of its code.
 */
export function createApi(app: App, options: ApiOptions) {
  const api = new Hono<{ Variables: { nonce: string } }>()
  api.use(async (context, next) => {
    const nonce = randomBytes(16).toString('base64')
    context.set('nonce', nonce)
    await next()
    for (const [name, value] of Object.entries(securityHeaders(nonce))) context.res.headers.set(name, value)
    if (!context.res.headers.has('cache-control')) context.res.headers.set('Cache-Control', 'no-store')
  })
  api.use(guard(options))
  const { admit } = options
  if (admit) api.use(async (context, next) => admit(context.req.raw) ?? next())
  api.use(
    '/api/*',
    bodyLimit({
      maxSize: MAX_BODY,
      onError: (context) =>
        context.json(toFault(new LakeError('INVALID', `a request holds at most ${MAX_BODY} bytes`)), 413),
    }),
  )
  api.route('/api', apiRoutes(app))
  api.all('/api/*', (context) =>
    context.json(toFault(new LakeError('NOT_FOUND', `there is no ${context.req.path}`)), 404),
  )
  api.get('*', async (context) => {
    const file = await staticFile(options.pages, new URL(context.req.url).pathname, (html) =>
      dressPage(withNonce(html, context.get('nonce')), app.window()),
    )
    if (!file) return context.body(null, 404)
    const cache = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
    return context.body(file.bytes, 200, { 'Content-Type': file.type, 'Cache-Control': cache })
  })
  api.onError((error, context) => {
    // hono's own, for a body that is no JSON.
    const bad = error instanceof HTTPException && error.status < 500
    const fault = app.cleanFault(toFault(bad ? new LakeError('INVALID', error.message) : error))
    if (fault.code === 'INTERNAL') app.log.error({ error, path: context.req.path }, 'A request failed')
    return context.json(fault, statusOf(fault.code))
  })
  return api
}

/** The HTTP status of a failure. What another service did wrong is 502 or 504, never a 4xx of ours. */
export function statusOf(code: ErrorCode): ContentfulStatusCode {
  switch (code) {
    case 'USAGE':
    case 'SETTING':
    case 'INVALID':
      return 400
    case 'NOT_FOUND':
    case 'NO_TABLE':
    case 'NO_NAMESPACE':
    case 'NO_BUCKET':
    case 'NO_TOPIC':
      return 404
    case 'ALREADY_EXISTS':
    case 'CONFLICT':
    case 'PRECONDITION_FAILED':
    case 'LOCKED':
    case 'TABLE_DIFFERS':
    case 'TABLE_REPLACED':
    case 'TABLE_ROLLED_BACK':
    case 'OVERTAKEN':
    case 'TOPIC_REPLACED':
    case 'CLUSTER_REPLACED':
    case 'GAP':
      return 409
    case 'THROTTLED':
      return 503
    case 'TIMEOUT':
      return 504
    case 'CANCELLED':
      return 503
    case 'UNSUPPORTED':
      return 501
    case 'DISK':
    case 'MEMORY':
      return 507
    case 'DNS':
    case 'REFUSED':
    case 'TLS':
    case 'NETWORK':
    case 'UNAUTHORIZED':
    case 'FORBIDDEN':
    case 'SERVER':
    case 'BAD_RESPONSE':
    case 'CLOCK_SKEW':
    case 'COMMIT_UNKNOWN':
    case 'NO_BROKER':
    case 'KAFKA':
      return 502
    case 'CORRUPT':
    case 'INTERNAL':
      return 500
  }
}
