/**
 * Client of an Iceberg REST catalog. It speaks through the `fetch` that it is given: the network's, or the embedded
 * catalog's own handler. A server's answers configure paths and paging only; they can neither move requests or
 * credentials to another origin nor name a storage that was not configured.
 */

import { LakeError } from '../../shared/errors.ts'
import type {
  Catalog,
  CreateTable,
  LoadedTable,
  Namespace,
  TableCommit,
  TableIdentifier,
} from '../iceberg/catalog.ts'
import { array, optional, record, records, string, strings } from '../iceberg/fields.ts'
import { readMetadata } from '../iceberg/metadata-json.ts'
import { connect, type Request, type RestCatalogOptions } from './connection.ts'
import { checkedName, identifierJson, readIdentifier, readNamespace, tableName } from './names.ts'
import { checkLocations, trustedConfig } from './trust.ts'

const TRANSACTION = 'POST /v1/{prefix}/transactions/commit'
const LIST_VIEWS = 'GET /v1/{prefix}/namespaces/{namespace}/views'
const HEAD_TABLE = 'HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}'

/** See `Catalog` for the errors. */
export function restCatalog(options: RestCatalogOptions): Catalog {
  const { config, send, ask, pages, reset } = connect(options)

  const at = async (namespace: Namespace, ...rest: string[]): Promise<string> => {
    const { separator } = await config()
    const levels = namespace.map((level) => checkedName(level)).join(separator)
    return ['namespaces', encodeURIComponent(levels), ...rest].join('/')
  }
  const table = (id: TableIdentifier): Promise<string> =>
    at(id.namespace, 'tables', encodeURIComponent(checkedName(id.name)))

  async function loaded(identifier: TableIdentifier, request: Request): Promise<LoadedTable> {
    return ask(request, (raw) => {
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
        return await ask(
          { kind: 'read', what: `load namespace ${namespace.join('.')}`, method: 'GET', path, signal },
          (raw) => optional(raw, 'properties', strings, {}),
        )
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

    async listViews(namespace, signal) {
      const { endpoints } = await config(signal)
      if (!endpoints?.has(LIST_VIEWS)) return []
      const request = {
        what: `list views of ${namespace.join('.')}`,
        path: await at(namespace, 'views'),
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
      reset()
    },
  }
}

const commitBody = (commit: TableCommit) => ({
  identifier: identifierJson(commit.identifier),
  requirements: commit.requirements,
  updates: commit.updates,
})
