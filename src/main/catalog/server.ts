/**
 * The embedded catalog as an Iceberg REST server: one Hono app. Tarn's own client calls its `request` without a socket;
 * a host may also serve it on a loopback port for other engines. The server has no prefix and no OAuth endpoint.
 */
import { timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { LakeError } from '../../shared/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import type { CreateTable, Namespace, TableCommit, TableIdentifier } from '../iceberg/catalog.ts'
import {
  array,
  boolean,
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
import { writeMetadata } from '../iceberg/metadata-json.ts'
import { readSchema, readSortOrder, readSpec } from '../iceberg/schema-json.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import { readRequirement, readUpdate } from '../iceberg/update-json.ts'
import { KEY_LIFETIME_MS, type Store } from './store.ts'
import type { StoredTable } from './table-files.ts'

export interface ServerOptions {
  readonly store: Store
  readonly log: Logger
  /** Where given, every request must carry it as bearer token. */
  readonly token?: Secret
}

const MAX_BODY_BYTES = 64 * 1024 * 1024
const UNIT_SEPARATOR = '\u001f'

const ENDPOINTS = [
  'GET /v1/{prefix}/namespaces',
  'POST /v1/{prefix}/namespaces',
  'GET /v1/{prefix}/namespaces/{namespace}',
  'HEAD /v1/{prefix}/namespaces/{namespace}',
  'DELETE /v1/{prefix}/namespaces/{namespace}',
  'POST /v1/{prefix}/namespaces/{namespace}/properties',
  'GET /v1/{prefix}/namespaces/{namespace}/tables',
  'POST /v1/{prefix}/namespaces/{namespace}/tables',
  'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  'HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  'POST /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  'DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  'POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics',
  'POST /v1/{prefix}/namespaces/{namespace}/register',
  'POST /v1/{prefix}/tables/rename',
  'POST /v1/{prefix}/transactions/commit',
] as const

export function catalogServer({ store, log, token }: ServerOptions): Hono {
  const app = new Hono()

  app.use(async (c, next) => {
    if (token !== undefined && !sameToken(c.req.header('authorization'), token)) {
      return failure(401, 'NotAuthorizedException', 'A bearer token is needed')
    }
    return next()
  })

  app.get('/v1/config', () =>
    json({
      defaults: {},
      overrides: { warehouse: store.warehouse },
      endpoints: ENDPOINTS,
      'idempotency-key-lifetime': `PT${KEY_LIFETIME_MS / 60_000}M`,
    }),
  )

  app.get('/v1/namespaces', async (c) => {
    const parent = c.req.query('parent') ?? ''
    const namespaces = await store.listNamespaces(parent === '' ? [] : parent.split(UNIT_SEPARATOR))
    return json(page(c, 'namespaces', namespaces))
  })
  app.post('/v1/namespaces', async (c) => {
    const body = await bodyOf(c)
    const namespace = readNamespace(body, 'namespace')
    const properties = optional(body, 'properties', strings, {})
    await store.createNamespace(namespace, properties)
    return json({ namespace, properties })
  })
  app.get('/v1/namespaces/:namespace', async (c) => {
    const namespace = namespaceOf(c)
    return json({ namespace, properties: await store.loadNamespace(namespace) })
  })
  app.delete('/v1/namespaces/:namespace', async (c) => {
    await store.dropNamespace(namespaceOf(c))
    return done()
  })
  app.post('/v1/namespaces/:namespace/properties', async (c) => {
    const body = await bodyOf(c)
    const removals = optional(body, 'removals', array, []).map(String)
    const updates = optional(body, 'updates', strings, {})
    const both = removals.find((key) => Object.hasOwn(updates, key))
    if (both !== undefined) {
      return failure(
        422,
        'UnprocessableEntityException',
        `A property cannot be updated and removed at once: ${both}`,
      )
    }
    return json(await store.updateNamespace(namespaceOf(c), removals, updates))
  })

  app.get('/v1/namespaces/:namespace/tables', async (c) =>
    json(page(c, 'identifiers', await store.listTables(namespaceOf(c)))),
  )
  app.post('/v1/namespaces/:namespace/tables', async (c) => {
    const body = await bodyOf(c)
    const stage = optional(body, 'stage-create', boolean, false)
    const created = await store.create(namespaceOf(c), readCreate(body), stage)
    return 'metadataLocation' in created
      ? tableAnswer(created)
      : json({ 'metadata-location': null, metadata: writeMetadata(created), config: {} })
  })
  app.post('/v1/namespaces/:namespace/register', async (c) => {
    const body = await bodyOf(c)
    const id = { namespace: namespaceOf(c), name: string(body, 'name') }
    const overwrite = optional(body, 'overwrite', boolean, false)
    return tableAnswer(await store.register(id, string(body, 'metadata-location'), overwrite))
  })

  app.get('/v1/namespaces/:namespace/tables/:table', async (c) => {
    const table = await store.load(tableOf(c))
    const refsOnly = c.req.query('snapshots') === 'refs'
    const etag = `"${etagOf(table.metadataLocation)}${refsOnly ? '-refs' : ''}"`
    if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers: { etag } })
    return tableAnswer(refsOnly ? { ...table, metadata: onlyReferenced(table.metadata) } : table, etag)
  })
  app.post('/v1/namespaces/:namespace/tables/:table', async (c) => {
    const body = await bodyOf(c)
    const id = tableOf(c)
    const [table] = await unclearUnlessRefused(() => store.commit([readCommit(body, id)], keyOf(c)))
    return json({ 'metadata-location': table!.metadataLocation, metadata: writeMetadata(table!.metadata) })
  })
  app.delete('/v1/namespaces/:namespace/tables/:table', async (c) => {
    await store.drop(tableOf(c), c.req.query('purgeRequested') === 'true')
    return done()
  })
  app.post('/v1/namespaces/:namespace/tables/:table/metrics', async (c) => {
    await bodyOf(c)
    return done()
  })
  app.post('/v1/tables/rename', async (c) => {
    const body = await bodyOf(c)
    await store.rename(readIdentifier(record(body, 'source')), readIdentifier(record(body, 'destination')))
    return done()
  })
  app.post('/v1/transactions/commit', async (c) => {
    const changes = records(await bodyOf(c), 'table-changes')
    const commits = changes.map((change) => readCommit(change, readIdentifier(record(change, 'identifier'))))
    await unclearUnlessRefused(() => store.commit(commits, keyOf(c)))
    return done()
  })

  app.notFound((c) =>
    failure(404, 'NotFoundException', `No route for request: ${c.req.method} ${c.req.path}`),
  )
  app.onError((error, c) => {
    const { status, type } = statusOf(error)
    if (status >= 500)
      log.error({ error, method: c.req.method, path: c.req.path }, 'a catalog request failed')
    return failure(status, type, error.message)
  })
  return app
}

// --- requests ---

/** Names are decoded once, level by level, from the raw path: a router's decoding could not tell `%2F` from `/`. */
function segments(c: Context): string[] {
  return new URL(c.req.url).pathname.split('/').slice(1)
}

function decode(segment: string | undefined): string {
  try {
    // Java's client writes a blank as +
    return decodeURIComponent((segment ?? '').replaceAll('+', ' '))
  } catch {
    throw new LakeError('INVALID', 'The path is not well encoded')
  }
}

function namespaceOf(c: Context): Namespace {
  return decode(segments(c)[2]).split(UNIT_SEPARATOR)
}

function tableOf(c: Context): TableIdentifier {
  return { namespace: namespaceOf(c), name: decode(segments(c)[4]) }
}

function keyOf(c: Context): string | null {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return null
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key)) {
    throw new LakeError('INVALID', 'Idempotency-Key must be a UUID')
  }
  return key.toLowerCase()
}

async function bodyOf(c: Context): Promise<JsonRecord> {
  const length = Number(c.req.header('content-length') ?? 0)
  if (length > MAX_BODY_BYTES) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  const raw = parseJson(Buffer.concat(chunks).toString('utf8'), { maxLength: MAX_BODY_BYTES })
  if (!isRecord(raw)) throw new LakeError('INVALID', 'The body must be a JSON object')
  return raw
}

const tooLarge = () => new LakeError('INVALID', `The body is larger than ${MAX_BODY_BYTES} bytes`)

function readNamespace(holder: JsonRecord, key: string): Namespace {
  return array(holder, key).map((level) => string({ level }, 'level'))
}

function readIdentifier(raw: JsonRecord): TableIdentifier {
  return { namespace: readNamespace(raw, 'namespace'), name: string(raw, 'name') }
}

function readCreate(body: JsonRecord): CreateTable {
  const order = member(body, 'write-order')
  const location = optional(body, 'location', string, null)
  return {
    name: string(body, 'name'),
    schema: readSchema(record(body, 'schema')),
    spec:
      member(body, 'partition-spec') === undefined
        ? { 'spec-id': 0, fields: [] }
        : readSpec(record(body, 'partition-spec')),
    ...(order === undefined ? {} : { order: readSortOrder(record(body, 'write-order')) }),
    ...(location === null ? {} : { location }),
    properties: optional(body, 'properties', strings, {}),
  }
}

function readCommit(body: JsonRecord, identifier: TableIdentifier): TableCommit {
  return {
    identifier,
    requirements: records(body, 'requirements').map(readRequirement),
    updates: records(body, 'updates').map(readUpdate),
  }
}

function sameToken(header: string | undefined, token: Secret): boolean {
  const given = Buffer.from(header?.replace(/^bearer /i, '') ?? '')
  const wanted = Buffer.from(token.reveal())
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

// --- answers ---

function json(value: unknown, headers: Record<string, string> = {}): Response {
  return new Response(stringifyJson(value), { headers: { 'content-type': 'application/json', ...headers } })
}

const done = (): Response => new Response(null, { status: 204 })

function failure(status: number, type: string, message: string): Response {
  const body = stringifyJson({ error: { message, type, code: status } })
  return new Response(body, { status, headers: { 'content-type': 'application/json' } })
}

function tableAnswer(table: StoredTable, etag = `"${etagOf(table.metadataLocation)}"`): Response {
  const body = {
    'metadata-location': table.metadataLocation,
    metadata: writeMetadata(table.metadata),
    config: {},
  }
  return json(body, { etag })
}

/** Metadata files are written once, under names that never come again. */
const etagOf = (metadataLocation: string): string => Buffer.from(metadataLocation).toString('base64url')

/** One page of a listing; all of it where the client does not ask for pages. Tokens are positions. */
function page<T>(c: Context, key: string, items: readonly T[]): Record<string, unknown> {
  const token = c.req.query('pageToken')
  const size = Number(c.req.query('pageSize'))
  if (token === undefined || !(size >= 1)) return { [key]: items, 'next-page-token': null }
  const start = token === '' ? 0 : Number(token)
  if (!Number.isSafeInteger(start) || start < 0)
    throw new LakeError('INVALID', 'The page token is not one of this catalog')
  const end = start + Math.trunc(size)
  return { [key]: items.slice(start, end), 'next-page-token': end < items.length ? String(end) : null }
}

function onlyReferenced(metadata: TableMetadata): TableMetadata {
  const ids = new Set(Object.values(metadata.refs).map((ref) => ref['snapshot-id']))
  return { ...metadata, snapshots: metadata.snapshots.filter((snapshot) => ids.has(snapshot['snapshot-id'])) }
}

/** What is not surely refused may have happened: the client is told so and looks before it repeats. */
async function unclearUnlessRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LakeError && error.outcome !== 'unknown') throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new LakeError('COMMIT_UNKNOWN', message, { outcome: 'unknown', cause: error })
  }
}

function statusOf(error: unknown): { status: number; type: string } {
  if (!(error instanceof LakeError)) return { status: 500, type: 'InternalServerError' }
  switch (error.code) {
    case 'NO_NAMESPACE':
      return { status: 404, type: 'NoSuchNamespaceException' }
    case 'NO_TABLE':
      return { status: 404, type: 'NoSuchTableException' }
    case 'ALREADY_EXISTS':
      return { status: 409, type: 'AlreadyExistsException' }
    case 'CONFLICT':
      return {
        status: 409,
        type: error.outcome === 'retry' ? 'CommitFailedException' : 'NamespaceNotEmptyException',
      }
    case 'INVALID':
      return { status: 400, type: 'BadRequestException' }
    case 'FORBIDDEN':
      return { status: 403, type: 'ForbiddenException' }
    case 'UNSUPPORTED':
      return { status: 406, type: 'UnsupportedOperationException' }
    case 'LOCKED':
      return { status: 423, type: 'CatalogLockedException' }
    case 'COMMIT_UNKNOWN':
      return { status: 500, type: 'CommitStateUnknownException' }
    default:
      return { status: 500, type: 'InternalServerError' }
  }
}
