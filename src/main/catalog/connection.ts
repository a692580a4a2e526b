import { LakeError } from '../../shared/errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Fetch } from '../base/http.ts'
import { readText } from '../base/http-body.ts'
import type { Secret } from '../base/secret.ts'
import { isRecord, type JsonRecord, optional, string } from '../iceberg/fields.ts'
import { parseJson, stringifyJson } from '../iceberg/json.ts'
import { type Answer, badAnswer, type Call, type CallKind, refusalError } from './answers.ts'
import { type Auth, anonymous, bearer, clientCredentials } from './auth.ts'
import { idempotencyKey } from './idempotency.ts'
import { type ServerConfig, serverConfig } from './server-config.ts'

export interface RestCatalogOptions {
  /** Base address, without /v1. */
  readonly uri: string
  readonly fetch: Fetch
  readonly clock: Clock
  /** Sent to /v1/config; also decides whether tables may lie in local folders. */
  readonly warehouse?: string
  /** A fixed bearer token. */
  readonly token?: Secret | null
  /** OAuth2 client, `id:secret`; used where no token is given. */
  readonly credential?: Secret | null
  /** Where the OAuth2 client gets its tokens; by default the catalog's own /v1/oauth/tokens. */
  readonly tokenUrl?: string
}

const MAX_ANSWER_BYTES = 256 * 1024 * 1024
const MAX_PAGES = 10_000
const PAGE_SIZE = '1000'

/** One request of the protocol, below the root that the server names. */
export interface Request {
  readonly kind: CallKind
  readonly what: string
  readonly method: string
  /** After the root, each name already encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** Requests to one catalog: its configuration asked once, tokens renewed, lost answers told from refusals. */
export interface Connection {
  config(signal?: AbortSignal): Promise<ServerConfig>
  /** Sends one request and reads its answer. A commit whose answer is lost throws COMMIT_UNKNOWN. */
  ask<T>(request: Request, read: (raw: JsonRecord) => T): Promise<T>
  /** Sends one request whose answer says nothing but that it was done. */
  send(request: Request): Promise<unknown>
  /** All pages of a listing. */
  pages<T>(request: Omit<Request, 'kind' | 'method'>, read: (page: JsonRecord) => T[]): Promise<T[]>
  /** Forgets the configuration: the next request asks for it again. */
  reset(): void
}

export function connect(options: RestCatalogOptions): Connection {
  const base = baseOf(options.uri)
  const auth = authOf(options, base)
  let configured: Promise<ServerConfig> | null = null

  /** Asked once; a failure is asked again. */
  function config(signal?: AbortSignal): Promise<ServerConfig> {
    configured ??= loadConfig(signal).catch((error: unknown) => {
      configured = null
      throw error
    })
    return configured
  }

  async function loadConfig(signal?: AbortSignal): Promise<ServerConfig> {
    const query =
      options.warehouse === undefined ? '' : `?${new URLSearchParams({ warehouse: options.warehouse })}`
    const call: Call = {
      kind: 'read',
      what: 'give its configuration',
      method: 'GET',
      url: `${base}/v1/config${query}`,
      auth: auth.kind,
    }
    const { answer } = await exchange(call, {}, undefined, signal)
    return readAnswer(answer, call, (raw) => serverConfig(raw, options.warehouse))
  }

  async function send(request: Request): Promise<{ answer: Answer; call: Call }> {
    const server = await config(request.signal)
    const query = request.query === undefined ? '' : `?${new URLSearchParams(request.query)}`
    const call: Call = {
      kind: request.kind,
      what: request.what,
      method: request.method,
      auth: auth.kind,
      url: `${base}${server.root}${request.path}${query}`,
    }
    const headers: Record<string, string> = {}
    const repeats = request.kind !== 'read' && server.idempotencyMs !== null
    if (repeats) headers['idempotency-key'] = idempotencyKey(options.clock())
    const started = options.clock()
    try {
      return await exchange(call, headers, request.body, request.signal)
    } catch (error) {
      const lost = error instanceof LakeError && error.outcome === 'unknown' && error.code !== 'CANCELLED'
      const within = repeats && options.clock() - started < (server.idempotencyMs ?? 0)
      if (!lost || !within) throw error
      // the same key: a server that did it already answers as it did, and does it no second time
      return exchange(call, headers, request.body, request.signal)
    }
  }

  /** One request, repeated once with a new token where the old one was refused. */
  async function exchange(
    call: Call,
    headers: Readonly<Record<string, string>>,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<{ answer: Answer; call: Call }> {
    for (let attempt = 1; ; attempt++) {
      const token = await auth.token(signal)
      const answer = await once(call, token, headers, body, signal)
      if (answer.status >= 200 && answer.status < 300) return { answer, call }
      const refused = answer.status === 401 || answer.status === 419
      if (refused && attempt === 1 && auth.renew(token)) continue
      throw refusalError(answer, call)
    }
  }

  async function once(
    call: Call,
    token: Secret | null,
    headers: Readonly<Record<string, string>>,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    try {
      const response = await options.fetch(call.url, {
        method: call.method,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === null ? {} : { authorization: `Bearer ${token.reveal()}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: stringifyJson(body) }),
        ...(signal === undefined ? {} : { signal }),
      })
      return {
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        location: response.headers.get('location'),
        retryAfter: response.headers.get('retry-after'),
        body: await readText(response, { maxBytes: MAX_ANSWER_BYTES, signal, method: call.method }),
      }
    } catch (error) {
      throw lostAnswer(error, call)
    }
  }

  /** All pages of a listing. */
  async function pages<T>(
    request: Omit<Request, 'kind' | 'method'>,
    read: (page: JsonRecord) => T[],
  ): Promise<T[]> {
    const items: T[] = []
    let token = ''
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = { ...request.query, pageSize: PAGE_SIZE, pageToken: token }
      const { answer, call } = await send({ ...request, query, kind: 'read', method: 'GET' })
      const next = readAnswer(answer, call, (raw) => {
        items.push(...read(raw))
        return optional(raw, 'next-page-token', string, null)
      })
      if (next === null || next === '') return items
      if (next === token) throw badAnswer(answer, call, 'its pages repeat')
      token = next
    }
    throw new LakeError('BAD_RESPONSE', `The catalog lists more than ${MAX_PAGES} pages`)
  }

  return {
    config,
    send,
    pages,
    async ask(request, read) {
      const { answer, call } = await send(request)
      return readAnswer(answer, call, read)
    },
    reset() {
      configured = null
    },
  }
}

function baseOf(uri: string): string {
  if (!URL.canParse(uri) || !/^https?:$/.test(new URL(uri).protocol)) {
    throw new LakeError(
      'SETTING',
      `The catalog's address ${JSON.stringify(uri)} is not an http or https address`,
      {
        remedy: 'Set ICEBERG_CATALOG_URI, for example http://localhost:8181.',
      },
    )
  }
  return uri
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\/v1$/, '')
}

function authOf(options: RestCatalogOptions, base: string): Auth {
  if (options.token) return bearer(options.token)
  if (!options.credential) return anonymous
  const tokenUrl = options.tokenUrl ?? `${base}/v1/oauth/tokens`
  return clientCredentials({
    fetch: options.fetch,
    tokenUrl,
    credential: options.credential,
    clock: options.clock,
  })
}

/** Commits whose answer is lost may have happened: the one code and outcome for that, whatever the transport said. */
function lostAnswer(error: unknown, call: Call): unknown {
  if (!(error instanceof LakeError) || call.kind !== 'commit' || error.outcome !== 'unknown') return error
  if (error.code === 'CANCELLED') return error
  return new LakeError('COMMIT_UNKNOWN', `The answer to "${call.what}" was lost: ${error.message}`, {
    outcome: 'unknown',
    context: error.context,
    likely: error.likely ?? 'The connection broke after the commit was sent.',
    remedy: 'Nothing is deleted. The table is looked at before anything is repeated.',
    cause: error,
  })
}

function readAnswer<T>(answer: Answer, call: Call, read: (raw: JsonRecord) => T): T {
  let raw: unknown
  try {
    raw = parseJson(answer.body)
  } catch {
    throw badAnswer(answer, call, answer.body === '' ? 'it is empty' : 'it is not JSON')
  }
  if (!isRecord(raw)) throw badAnswer(answer, call, 'it is not an object')
  try {
    return read(raw)
  } catch (error) {
    if (error instanceof LakeError && error.code === 'INVALID') throw badAnswer(answer, call, error.message)
    throw error
  }
}
