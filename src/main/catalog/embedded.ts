/** The embedded catalog opened as a `Catalog`: the REST client over the server's handler, with no socket between. */
import type { Hono } from 'hono'
import { throwIfCancelled } from '../base/cancel.ts'
import type { Clock } from '../base/clock.ts'
import type { Fetch } from '../base/http.ts'
import type { Logger } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import type { Catalog } from '../iceberg/catalog.ts'
import type { Storage } from '../storage/storage.ts'
import { restCatalog } from './rest.ts'
import { catalogServer } from './server.ts'
import { openStore } from './store.ts'

export interface EmbeddedOptions {
  /** Folder of the catalog's own state. */
  readonly folder: string
  /** Where tables are made: `file:///...`. */
  readonly warehouse: string
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Logger
}

export interface EmbeddedCatalog {
  readonly catalog: Catalog
  /** True while another instance has the warehouse open: changes are refused with LOCKED. */
  readOnly(): boolean
  /** The REST server to put on a loopback port, for requests that carry `token`; without one, for every request. */
  server(token?: Secret): Hono
  close(): Promise<void>
}

export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedCatalog> {
  const store = await openStore(options)
  const server = (token?: Secret): Hono =>
    catalogServer({ store, log: options.log, ...(token === undefined ? {} : { token }) })
  const catalog = restCatalog({
    uri: 'http://embedded.invalid',
    fetch: handlerFetch(server()),
    clock: options.clock,
    warehouse: store.warehouse,
  })
  return { catalog, server, readOnly: store.readOnly, close: store.close }
}

/** A `Fetch` that calls a handler in this process. */
function handlerFetch(app: Hono): Fetch {
  return async (url, { method, headers, body, signal }) => {
    throwIfCancelled(signal)
    return app.request(url, {
      method,
      headers: { ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    })
  }
}
