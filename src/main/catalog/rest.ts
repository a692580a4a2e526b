/**
 * Client of an Iceberg REST catalog. It speaks through the `fetch` that it is given: the network's, or the embedded
 * catalog's own handler. A server's answers configure paths and paging only; they can neither move requests or
 * credentials to another origin nor name a storage that was not configured.
 */

import { LakeError } from '../../shared/errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Fetch } from '../base/http.ts'
import { readText } from '../base/http-body.ts'
import type { Secret } from '../base/secret.ts'
import type {
  Catalog,
  CreateTable,
  LoadedTable,
  Namespace,
  TableCommit,
  TableIdentifier,
} from '../iceberg/catalog.ts'
import {
  array,
  isRecord,
  type JsonRecord,
  member,
  optional,
  record,
  records,
  string,
  strings,
} from '../iceberg/fields.ts'
import { parseJson, stringifyJson } from '../iceberg/json.ts'
import { readMetadata } from '../iceberg/metadata-json.ts'
import { type Answer, badAnswer, type Call, type CallKind, refusalError } from './answers.ts'
import { type Auth, anonymous, bearer, clientCredentials } from './auth.ts'
import { idempotencyKey, lifetimeMs } from './idempotency.ts'
import { checkLocations, trustedConfig } from './trust.ts'

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
const UNIT_SEPARATOR = '\u001f'
const TRANSACTION = 'POST /v1/{prefix}/transactions/commit'
const HEAD_TABLE = 'HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}'

/** What /v1/config said, as far as it is heeded. */
interface ServerConfig {
  /** With slashes on both sides: `/v1/` or `/v1/PREFIX/`. */
  readonly root: string
  readonly separator: string
  /** Null where the server lists none: the specification's default set. */
  readonly endpoints: ReadonlySet<string> | null
  /** Milliseconds a key may be repeated; null where keys are not offered. */
  readonly idempotencyMs: number | null
  readonly shown: Readonly<Record<string, string>>
}

interface Request {
  readonly kind: CallKind
  readonly what: string
  readonly method: string
  /** After the root, each name already encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

export const tableName = (id: TableIdentifier): string => [...id.namespace, id.name].join('.')

/** See `Catalog` for the errors. */
export function restCatalog(options: RestCatalogOptions): Catalog {
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

  const at = async (namespace: Namespace, ...rest: string[]): Promise<string> => {
    const { separator } = await config()
    const levels = namespace.map((level) => checkedName(level)).join(separator)
    return ['namespaces', encodeURIComponent(levels), ...rest].join('/')
  }
  const table = (id: TableIdentifier): Promise<string> =>
    at(id.namespace, 'tables', encodeURIComponent(checkedName(id.name)))

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

  async function loaded(identifier: TableIdentifier, request: Request): Promise<LoadedTable> {
    const { answer, call } = await send(request)
    return readAnswer(answer, call, (raw) => {
      const metadata = readMetadata(record(raw, 'metadata'))
      const metadataLocation = optional(raw, 'metadata-location', string, null)
      checkLocations(metadata, metadataLocation, options.warehouse)
      return {
        identifier,
        metadata,
        metadataLocation,
        config: trustedConfig(optional(raw, 'config', strings, {})),
      }
    })
  }

  return {
    config: async (signal) => (await config(signal)).shown,

    async listNamespaces(parent, signal) {
      const { separator } = await config(signal)
      const below =
        parent === undefined || parent.length === 0 ? {} : { parent: parent.map(checkedName).join(separator) }
      const request = { what: 'list namespaces', path: 'namespaces', query: below, signal }
      return pages(request, (page) => array(page, 'namespaces').map(readNamespace))
    },

    async loadNamespace(namespace, signal) {
      try {
        const path = await at(namespace)
        const { answer, call } = await send({
          kind: 'read',
          what: `load namespace ${namespace.join('.')}`,
          method: 'GET',
          path,
          signal,
        })
        return readAnswer(answer, call, (raw) => optional(raw, 'properties', strings, {}))
      } catch (error) {
        if (error instanceof LakeError && error.code === 'NO_NAMESPACE') return null
        throw error
      }
    },

    async createNamespace(namespace, properties, signal) {
      const body = { namespace: namespace.map(checkedName), properties }
      await send({
        kind: 'change',
        what: `create namespace ${namespace.join('.')}`,
        method: 'POST',
        path: 'namespaces',
        body,
        signal,
      })
    },

    async dropNamespace(namespace, signal) {
      const path = await at(namespace)
      await send({
        kind: 'change',
        what: `drop namespace ${namespace.join('.')}`,
        method: 'DELETE',
        path,
        signal,
      })
    },

    async listTables(namespace, signal) {
      const request = {
        what: `list tables of ${namespace.join('.')}`,
        path: await at(namespace, 'tables'),
        signal,
      }
      return pages(request, (page) => optional(page, 'identifiers', records, []).map(readIdentifier))
    },

    async createTable(namespace, request: CreateTable, signal) {
      const identifier = { namespace, name: request.name }
      const body = {
        name: checkedName(request.name),
        ...(request.location === undefined ? {} : { location: request.location }),
        schema: request.schema,
        'partition-spec': request.spec,
        ...(request.order === undefined ? {} : { 'write-order': request.order }),
        'stage-create': false,
        properties: request.properties,
      }
      const path = await at(namespace, 'tables')
      return loaded(identifier, {
        kind: 'change',
        what: `create table ${tableName(identifier)}`,
        method: 'POST',
        path,
        body,
        signal,
      })
    },

    async loadTable(identifier, signal) {
      const path = await table(identifier)
      return loaded(identifier, {
        kind: 'read',
        what: `load table ${tableName(identifier)}`,
        method: 'GET',
        path,
        signal,
      })
    },

    async tableExists(identifier, signal) {
      const { endpoints } = await config(signal)
      const method = endpoints?.has(HEAD_TABLE) ? 'HEAD' : 'GET'
      const path = await table(identifier)
      try {
        await send({ kind: 'read', what: `look for table ${tableName(identifier)}`, method, path, signal })
        return true
      } catch (error) {
        // an answer to HEAD has no body that could tell which of the two is absent
        const absent =
          error instanceof LakeError &&
          error.context.status === 404 &&
          (method === 'HEAD' || error.code === 'NO_TABLE' || error.code === 'NO_NAMESPACE')
        if (absent) return false
        throw error
      }
    },

    async commitTable(commit, signal) {
      const { identifier } = commit
      return loaded(identifier, {
        kind: 'commit',
        what: `commit to ${tableName(identifier)}`,
        method: 'POST',
        path: await table(identifier),
        body: commitBody(commit),
        signal,
      })
    },

    async commitTables(commits, signal) {
      const { endpoints } = await config(signal)
      if (endpoints !== null && !endpoints.has(TRANSACTION)) {
        throw new LakeError('UNSUPPORTED', 'The catalog does not offer commits to several tables at once')
      }
      const names = commits.map((commit) => tableName(commit.identifier)).join(', ')
      await send({
        kind: 'commit',
        what: `commit to ${names}`,
        method: 'POST',
        path: 'transactions/commit',
        body: { 'table-changes': commits.map(commitBody) },
        signal,
      })
    },

    async dropTable(identifier, { purge }, signal) {
      await send({
        kind: 'change',
        what: `drop table ${tableName(identifier)}`,
        method: 'DELETE',
        path: await table(identifier),
        query: { purgeRequested: String(purge) },
        signal,
      })
    },

    async renameTable(from, to, signal) {
      await send({
        kind: 'change',
        what: `rename table ${tableName(from)} to ${tableName(to)}`,
        method: 'POST',
        path: 'tables/rename',
        body: { source: identifierJson(from), destination: identifierJson(to) },
        signal,
      })
    },

    async registerTable(identifier, metadataLocation, signal) {
      return loaded(identifier, {
        kind: 'change',
        what: `register table ${tableName(identifier)}`,
        method: 'POST',
        path: await at(identifier.namespace, 'register'),
        body: { name: checkedName(identifier.name), 'metadata-location': metadataLocation },
        signal,
      })
    },

    async close() {
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

/** Defaults, then what is set here, then overrides (REST specification, getConfig); only the result's harmless part. */
function serverConfig(raw: JsonRecord, warehouse: string | undefined): ServerConfig {
  const merged: Readonly<Record<string, string>> = {
    ...optional(raw, 'defaults', strings, {}),
    ...(warehouse === undefined ? {} : { warehouse }),
    ...optional(raw, 'overrides', strings, {}),
  }
  const prefix = merged.prefix ?? ''
  const segments = prefix
    .split('/')
    .filter((segment) => segment !== '')
    .map(encodeSegment)
  const listed = member(raw, 'endpoints') === undefined ? null : array(raw, 'endpoints')
  const lifetime = optional(raw, 'idempotency-key-lifetime', string, null)
  return {
    root: `/${['v1', ...segments].join('/')}/`,
    separator: separatorOf(merged['namespace-separator']),
    endpoints: listed === null ? null : new Set(listed.map(String)),
    idempotencyMs: lifetime === null ? null : lifetimeMs(lifetime),
    shown: trustedConfig(merged),
  }
}

/** A prefix may come encoded already. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(decoded(segment))
}

function separatorOf(encoded: string | undefined): string {
  return encoded === undefined || encoded === '' ? UNIT_SEPARATOR : decoded(encoded)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Refuses names that no path can carry unambiguously. */
function checkedName(name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes(UNIT_SEPARATOR) || name.includes('\0')) {
    throw new LakeError('INVALID', `${JSON.stringify(name)} cannot be the name of a table or namespace`)
  }
  return name
}

function readNamespace(raw: unknown): Namespace {
  return array({ namespace: raw }, 'namespace').map((level) => string({ level }, 'level'))
}

function readIdentifier(raw: JsonRecord): TableIdentifier {
  return { namespace: readNamespace(member(raw, 'namespace')), name: string(raw, 'name') }
}

const identifierJson = (id: TableIdentifier) => ({
  namespace: id.namespace.map(checkedName),
  name: checkedName(id.name),
})

const commitBody = (commit: TableCommit) => ({
  identifier: identifierJson(commit.identifier),
  requirements: commit.requirements,
  updates: commit.updates,
})
