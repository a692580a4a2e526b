import { randomUUID } from 'node:crypto'
import { silentLog } from '../../src/main/base/log.ts'
import type { Catalog, CreateTable, LoadedTable, TableIdentifier } from '../../src/main/iceberg/catalog.ts'
import {
  checkRequirements,
  currentSchema,
  currentSpec,
  newMetadata,
} from '../../src/main/iceberg/metadata.ts'
import { partitionKey, partitionPath, partitionValues } from '../../src/main/iceberg/partition.ts'
import { readFile } from '../../src/main/iceberg/read.ts'
import { planScan } from '../../src/main/iceberg/scan.ts'
import { fieldById, schemaOf, specOf } from '../../src/main/iceberg/schema.ts'
import { commitSnapshot, type LakeIo, type SnapshotChange } from '../../src/main/iceberg/transaction.ts'
import type { DataFile, TableMetadata, Value } from '../../src/main/iceberg/types.ts'
import { applyUpdates } from '../../src/main/iceberg/update.ts'
import { encodeRows } from '../../src/main/parquet/write.ts'
import { type MemoryStorage, memoryStorage } from '../../src/main/storage/memory.ts'
import { LakeError } from '../../src/shared/errors.ts'
import { type Layout, TABLE_ROLES, TABLES, type TableRole, tableOf } from '../../src/shared/tables.ts'

export type Row = Readonly<Record<string, Value | ReadonlyMap<string, string | null>>>

/** The five tables in memory, behind a catalog that only loads and commits. */
export interface MemoryLake {
  readonly io: LakeIo
  readonly storage: MemoryStorage
  readonly tables: Readonly<Record<TableRole, TableIdentifier>>
  /** Every commit request, applied or not. */
  readonly commits: { readonly table: string }[]
  /** Thrown by the next commits to a table, before or after they are applied. */
  readonly faults: { table: string; when: 'before' | 'after'; error: unknown; thenDown?: boolean }[]
  /** Tables that cannot be loaded. */
  readonly down: Set<string>
  /** Ms. */
  now: number
  metadata(role: TableRole): TableMetadata
  setMetadata(role: TableRole, metadata: TableMetadata): void
  load(role: TableRole): Promise<LoadedTable>
  /** Appends rows, one file per partition. */
  append(
    role: TableRole,
    rows: readonly Row[],
    summary?: Readonly<Record<string, string>>,
  ): Promise<DataFile[]>
  write(role: TableRole, rows: readonly Row[]): Promise<DataFile[]>
  commit(role: TableRole, change: Partial<SnapshotChange>): Promise<void>
  /** All rows of a table as it is now. */
  rows(role: TableRole): Promise<Record<string, Value>[]>
}

export function memoryLake(layout: Layout = 'specified'): MemoryLake {
  const storage = memoryStorage()
  const tables = Object.fromEntries<TableIdentifier>(
    TABLE_ROLES.map((role) => [role, { namespace: ['db'], name: TABLES[role].defaultName }]),
  ) as Record<TableRole, TableIdentifier>
  const metadata = new Map<string, TableMetadata>()
  for (const role of TABLE_ROLES) {
    const schema = schemaOf(TABLES[role])
    const { name } = tables[role]
    const request = {
      uuid: randomUUID(),
      location: `memory://lake/db/${name}`,
      schema,
      spec: specOf(tableOf(role, layout), schema),
      properties: TABLES[role].properties,
    }
    metadata.set(
      name,
      newMetadata(request, () => 1_767_225_600_000),
    )
  }
  const commits: { table: string }[] = []
  const faults: MemoryLake['faults'] = []
  const down = new Set<string>()
  const loaded = (identifier: TableIdentifier): LoadedTable => {
    const found = metadata.get(identifier.name)
    if (!found) throw new LakeError('NO_TABLE', `no table ${identifier.name}`)
    return {
      identifier,
      metadata: found,
      metadataLocation: null,
      config: {},
    }
  }
  const takeFault = (table: string, when: 'before' | 'after'): void => {
    const at = faults.findIndex((fault) => fault.table === table && fault.when === when)
    if (at < 0) return
    const [fault] = faults.splice(at, 1)
    if (fault?.thenDown) down.add(table)
    throw fault?.error
  }
  const catalog = {
    loadTable: async (identifier: TableIdentifier) => {
      if (down.has(identifier.name)) throw new LakeError('SERVER', 'answered 503', { outcome: 'retry' })
      return loaded(identifier)
    },
    createTable: async (namespace: TableIdentifier['namespace'], request: CreateTable) => {
      const { name, schema, spec, properties } = request
      if (metadata.has(name)) throw new LakeError('ALREADY_EXISTS', `there is a table ${name}`)
      const given = { uuid: randomUUID(), location: `memory://lake/db/${name}`, schema, spec, properties }
      metadata.set(
        name,
        newMetadata(given, () => lake.now),
      )
      return loaded({ namespace, name })
    },
    commitTable: async (commit: Parameters<Catalog['commitTable']>[0]) => {
      const { name } = commit.identifier
      commits.push({ table: name })
      takeFault(name, 'before')
      const current = metadata.get(name) ?? null
      checkRequirements(current, commit.requirements)
      metadata.set(
        name,
        applyUpdates(current, commit.updates, () => lake.now),
      )
      takeFault(name, 'after')
      return loaded(commit.identifier)
    },
    close: async () => {},
  } as unknown as Catalog
  const io: LakeIo = { catalog, storage, clock: () => lake.now, log: silentLog, sleep: async () => {} }

  const lake: MemoryLake = {
    io,
    storage,
    tables,
    commits,
    faults,
    down,
    now: 1_767_225_600_000,
    metadata: (role) => metadata.get(tables[role].name) as TableMetadata,
    setMetadata: (role, value) => void metadata.set(tables[role].name, value),
    load: async (role) => loaded(tables[role]),
    async write(role, rows) {
      const current = lake.metadata(role)
      const schema = currentSchema(current)
      const spec = currentSpec(current)
      const groups = new Map<string, { partition: Value[]; rows: Row[] }>()
      for (const row of rows) {
        const partition = partitionValues(
          spec,
          schema,
          (id) => row[fieldById(schema, id)?.name ?? ''] as Value,
        )
        const key = partitionKey(partition)
        const group = groups.get(key) ?? { partition, rows: [] }
        group.rows.push(row)
        groups.set(key, group)
      }
      const files: DataFile[] = []
      for (const group of groups.values()) {
        const { bytes, metrics } = encodeRows(schema, group.rows)
        const path = `${current.location}/data/${partitionPath(spec, schema, group.partition)}/${randomUUID()}.parquet`
        await storage.write(path, bytes)
        files.push({
          content: 'data',
          path,
          format: 'parquet',
          specId: spec['spec-id'],
          partition: group.partition,
          fileSize: bytes.byteLength,
          ...metrics,
        })
      }
      return files
    },
    async append(role, rows, summary = {}) {
      const add = await lake.write(role, rows)
      await lake.commit(role, { operation: 'append', add, summary })
      return add
    },
    async commit(role, change) {
      await commitSnapshot(io, loaded(tables[role]), {
        commitId: randomUUID(),
        operation: 'overwrite',
        add: [],
        summary: {},
        ...change,
      })
    },
    async rows(role) {
      const current = lake.metadata(role)
      const { fields } = currentSchema(current)
      const plan = await planScan({ storage }, current)
      const rows: Record<string, Value>[] = []
      for (const file of plan.files) {
        const batch = await readFile(
          { storage },
          current,
          file,
          fields.map((field) => field.name),
        )
        for (let i = 0; i < batch.rows; i++) {
          rows.push(
            Object.fromEntries(fields.map(({ id, name }) => [name, batch.columns.get(id)?.[i] as Value])),
          )
        }
      }
      return rows
    },
  }
  return lake
}
