import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Hono } from 'hono'
import { initSync, ParquetFile, readParquet } from 'parquet-wasm/esm'
import { exportRoutes } from '../../../src/main/app/export/api.ts'
import { createExports } from '../../../src/main/app/export/exports.ts'
import type { Lake } from '../../../src/main/app/lake.ts'
import { queryRoutes } from '../../../src/main/app/query/query.ts'
import { silentLog } from '../../../src/main/base/log.ts'
import { openEmbedded } from '../../../src/main/catalog/embedded.ts'
import type { Catalog, LoadedTable } from '../../../src/main/iceberg/catalog.ts'
import { currentSchema, currentSpec } from '../../../src/main/iceberg/metadata.ts'
import { partitionKey, partitionValues } from '../../../src/main/iceberg/partition.ts'
import { schemaOf, specOf } from '../../../src/main/iceberg/schema.ts'
import { commitSnapshot, type LakeIo } from '../../../src/main/iceberg/transaction.ts'
import type { DataFile, TableMetadata, Value } from '../../../src/main/iceberg/types.ts'
import { encodeRows } from '../../../src/main/parquet/write.ts'
import { type CountingStorage, countingStorage } from '../../../src/main/storage/counting.ts'
import { localStorage } from '../../../src/main/storage/local.ts'
import type { Storage } from '../../../src/main/storage/storage.ts'
import { exportApi, queryApi } from '../../../src/renderer/query/api.ts'
import { Engine } from '../../../src/renderer/query/engine.ts'
import { createLoader, type Loader } from '../../../src/renderer/query/loader.ts'
import { LakeError, toFault } from '../../../src/shared/errors.ts'
import { TABLE_ROLES, TABLES, type TableRole } from '../../../src/shared/tables.ts'
import { openDuckNode } from './duck-node.ts'

const wasm = createRequire(import.meta.url).resolve('parquet-wasm/esm/parquet_wasm_bg.wasm')
let started = false

export type Row = Readonly<
  Record<string, string | number | bigint | boolean | null | ReadonlyMap<string, string | null>>
>

/** How files are written. */
export interface Encoding {
  /** Bytes of a row group before encoding. */
  readonly rowGroupBytes?: number
}

export interface TestLake {
  readonly engine: Engine
  readonly loader: Loader
  readonly storage: CountingStorage
  readonly lake: Lake
  /** Where exports go, in `exports`. */
  readonly home: string
  /** Commits the rows as one snapshot, one file a partition. */
  append(role: TableRole, rows: readonly Row[], encoding?: Encoding): Promise<LoadedTable>
  request(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

/** The page's engine over main's routes over a real embedded lake in a folder of its own: only the workers are missing. */
export async function openTestLake(): Promise<TestLake> {
  const folder = mkdtempSync(join(tmpdir(), 'tarn-query-'))
  const warehouse = pathToFileURL(join(folder, 'warehouse')).href
  const storage = countingStorage(localStorage({ root: warehouse }))
  const log = silentLog
  const clock = () => Date.now()
  const embedded = await openEmbedded({ folder: join(folder, 'catalog'), warehouse, storage, clock, log })
  const io: LakeIo = { catalog: embedded.catalog, storage, clock, log }
  await createTables(io)
  const lake = lakeOf(io)
  const append = (role: TableRole, rows: readonly Row[], encoding?: Encoding) =>
    appendRows(io, lake, role, rows, encoding)
  const over = engineOver(lake)
  const close = async () => {
    await over.closeHome()
    await embedded.close()
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...over, storage, lake, append, close }
}

/** The five tables as specified, empty. */
export async function createTables(io: LakeIo, namespace: readonly string[] = ['health_db']): Promise<void> {
  await io.catalog.createNamespace(namespace, {})
  for (const role of TABLE_ROLES) {
    const schema = schemaOf(TABLES[role])
    const spec = specOf(TABLES[role], schema)
    const { defaultName: name, properties } = TABLES[role]
    await io.catalog.createTable(namespace, { name, schema, spec, properties })
  }
}

/** Tables of a namespace beside the lake's own; one that is a text cannot be loaded, for that reason. */
export interface OtherNamespace {
  readonly levels: readonly string[]
  readonly tables: Readonly<Record<string, TableMetadata | string>>
  readonly views?: readonly string[]
}

/**
 * The page's engine over tables that exist already, each by its metadata: those of the lake's own namespace, and others.
 * `calls` notes what is asked of the catalog.
 */
export function openTables(
  storage: Storage,
  tables: Readonly<Record<string, TableMetadata>>,
  others: readonly OtherNamespace[] = [],
) {
  const counting = countingStorage(storage)
  const calls: string[] = []
  const namespaces = [{ levels: ['health_db'], tables, views: [] }, ...others]
  const inside = (levels: readonly string[]) =>
    namespaces.find((one) => one.levels.join('\0') === levels.join('\0'))
  const catalog = {
    listNamespaces: async (parent: readonly string[]) => {
      calls.push(`namespaces ${parent.join('/')}`)
      const below = namespaces.filter(({ levels }) => parent.every((level, i) => levels[i] === level))
      const next = below.map(({ levels }) => levels.slice(0, parent.length + 1))
      return [...new Map(next.map((levels) => [levels.join('\0'), levels])).values()].filter(
        (levels) => levels.length > parent.length,
      )
    },
    listTables: async (namespace: readonly string[]) => {
      calls.push(`tables ${namespace.join('/')}`)
      return Object.keys(inside(namespace)?.tables ?? {}).map((name) => ({ namespace, name }))
    },
    listViews: async (namespace: readonly string[]) =>
      (inside(namespace)?.views ?? []).map((name) => ({ namespace, name })),
    loadTable: async ({ namespace, name }: { namespace: readonly string[]; name: string }) => {
      calls.push(`load ${[...namespace, name].join('/')}`)
      const metadata: TableMetadata | string | undefined = inside(namespace)?.tables[name]
      if (metadata === undefined) throw new LakeError('NO_TABLE', `Table does not exist: ${name}`)
      if (typeof metadata === 'string') throw new LakeError('UNSUPPORTED', metadata)
      return { identifier: { namespace, name }, metadata, metadataLocation: null, config: {} }
    },
  } as unknown as Catalog
  const lake = lakeOf({ catalog, storage: counting, clock: () => Date.now(), log: silentLog })
  return { ...engineOver(lake), storage: counting, calls }
}

function lakeOf(io: LakeIo): Lake {
  const tables = Object.fromEntries(
    TABLE_ROLES.map((role) => [role, { namespace: ['health_db'], name: TABLES[role].defaultName }]),
  )
  return { io, tables, embedded: null, close: async () => undefined } as unknown as Lake
}

function engineOver(lake: Lake) {
  if (!started) initSync({ module: readFileSync(wasm) })
  started = true
  // Made by the first export.
  const home = join(tmpdir(), `tarn-home-${randomUUID()}`)
  const exports = createExports(home, () => Date.now())
  const app = new Hono()
    .route('/api', queryRoutes({ lake: async () => lake }))
    .route('/api', exportRoutes({ exports }))
  app.onError((error, context) => context.json(toFault(error), 500))
  const request = async (path: string, init?: RequestInit) => app.request(path, init)
  const api = queryApi('/api', (input, init) => request(String(input), init))
  const loader = createLoader({ read: api.read, parquet: { readParquet, ParquetFile }, cacheBytes: 64 << 20 })
  const engine = new Engine({
    openDuck: () => openDuckNode(),
    loader,
    api,
    exports: exportApi('/api', (input, init) => request(String(input), init)),
    clock: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    token: () => 'q7x2m9',
  })
  const closeHome = async () => {
    await exports.close()
    rmSync(home, { recursive: true, force: true })
  }
  return { engine, loader, request, home, closeHome }
}

/** Commits rows as one snapshot, one file a partition. */
export async function appendRows(
  io: LakeIo,
  lake: Lake,
  role: TableRole,
  rows: readonly Row[],
  encoding: Encoding = {},
): Promise<LoadedTable> {
  const table = await io.catalog.loadTable(lake.tables[role])
  const schema = currentSchema(table.metadata)
  const spec = currentSpec(table.metadata)
  const names = new Map(schema.fields.map((field) => [field.id, field.name]))
  const groups = new Map<string, { values: Value[]; rows: Row[] }>()
  for (const row of rows) {
    const values = partitionValues(spec, schema, (id) => row[names.get(id) as string] as Value)
    const key = partitionKey(values)
    const group = groups.get(key) ?? { values, rows: [] }
    group.rows.push(row)
    groups.set(key, group)
  }
  const add: DataFile[] = []
  for (const group of groups.values()) {
    const { bytes, metrics } = encodeRows(schema, group.rows, encoding)
    const path = `${table.metadata.location}/data/${randomUUID()}.parquet`
    await io.storage.write(path, bytes)
    const partition = group.values
    add.push({
      content: 'data',
      path,
      format: 'parquet',
      specId: spec['spec-id'],
      partition,
      fileSize: bytes.length,
      ...metrics,
    })
  }
  const change = { commitId: randomUUID(), operation: 'append' as const, add, summary: {} }
  return (await commitSnapshot(io, table, change)).table
}
