import { silentLog } from '../../../src/main/base/log.ts'
import type { Catalog, LoadedTable, TableCommit } from '../../../src/main/iceberg/catalog.ts'
import { checkRequirements, newMetadata } from '../../../src/main/iceberg/metadata.ts'
import type { LakeIo } from '../../../src/main/iceberg/transaction.ts'
import type {
  DataFile,
  PartitionSpec,
  Schema,
  TableMetadata,
  Value,
} from '../../../src/main/iceberg/types.ts'
import { applyUpdates } from '../../../src/main/iceberg/update.ts'
import { type MemoryStorage, memoryStorage } from '../../../src/main/storage/memory.ts'
import { LakeError } from '../../../src/shared/errors.ts'

/** What happens to the next commit request. `before` runs first, as another writer would. */
export type CommitFault =
  | { readonly kind: 'none'; readonly before?: () => void }
  | { readonly kind: 'conflict'; readonly before?: () => void }
  /** Not applied, then this error. */
  | { readonly kind: 'fail'; readonly error: LakeError; readonly before?: () => void }
  /** Applied, then this error. */
  | { readonly kind: 'lose'; readonly error: LakeError; readonly before?: () => void }
  /** Kept by the server; applied (or refused by its requirements) when the table is loaded `loads` times more. */
  | { readonly kind: 'hang'; readonly error: LakeError; readonly loads: number; readonly before?: () => void }

export interface FakeLake {
  readonly io: LakeIo
  readonly storage: MemoryStorage
  readonly table: LoadedTable
  readonly commits: TableCommit[]
  readonly faults: CommitFault[]
  /** Errors of the next loads, in order; null loads. */
  readonly loadFaults: (LakeError | null)[]
  readonly waits: number[]
  now: number
  metadata: TableMetadata
  loads: number
  load(): LoadedTable
}

export const unknownError = (status = 503) =>
  new LakeError('COMMIT_UNKNOWN', `answered ${status}`, { outcome: 'unknown', context: { status } })
export const serverError = () => new LakeError('SERVER', 'answered 503', { outcome: 'retry' })

export const schema: Schema = {
  'schema-id': 0,
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'kind', required: false, type: 'string' },
    { id: 3, name: 'value', required: false, type: 'double' },
  ],
}
export const spec: PartitionSpec = {
  'spec-id': 0,
  fields: [{ 'source-id': 2, 'field-id': 1000, name: 'kind', transform: 'identity' }],
}

/** One table in memory behind a catalog that fails as told. */
export function fakeLake(properties: Record<string, string> = {}): FakeLake {
  const storage = memoryStorage()
  const identifier = { namespace: ['n'], name: 't' }
  const pending: { commit: TableCommit; loads: number }[] = []
  const lake: FakeLake = {
    storage,
    commits: [],
    faults: [],
    loadFaults: [],
    waits: [],
    now: 1_700_000_000_000,
    loads: 0,
    metadata: newMetadata(
      {
        uuid: '9c12d441-03fe-4693-9a96-a0705ddf69c1',
        schema,
        spec,
        location: 'memory://lake/n/t',
        properties,
      },
      () => 1_700_000_000_000,
    ),
    load: () => ({
      identifier,
      metadata: lake.metadata,
      metadataLocation: 'memory://lake/n/t/metadata/x.json',
      config: {},
    }),
    get table() {
      return lake.load()
    },
    get io(): LakeIo {
      return {
        catalog,
        storage,
        clock: () => lake.now,
        log: silentLog,
        random: () => 0.5,
        sleep: async (ms) => {
          lake.waits.push(ms)
          lake.now += ms
        },
      }
    },
  }
  const apply = (commit: TableCommit) => {
    checkRequirements(lake.metadata, commit.requirements)
    lake.metadata = applyUpdates(lake.metadata, commit.updates, () => lake.now)
  }
  const catalog = {
    async loadTable() {
      lake.loads++
      for (const one of pending) {
        if (--one.loads > 0) continue
        pending.splice(pending.indexOf(one), 1)
        try {
          apply(one.commit)
        } catch {
          // Refused by its requirements, and nobody listens.
        }
      }
      const fault = lake.loadFaults.shift()
      if (fault) throw fault
      return lake.load()
    },
    async commitTable(commit: TableCommit) {
      lake.commits.push(commit)
      const fault = lake.faults.shift() ?? { kind: 'none' }
      fault.before?.()
      switch (fault.kind) {
        case 'fail':
          throw fault.error
        case 'conflict':
          throw new LakeError('CONFLICT', 'requirement failed', { outcome: 'retry' })
        case 'hang':
          pending.push({ commit, loads: fault.loads })
          throw fault.error
        default:
          apply(commit)
          if (fault.kind === 'lose') throw fault.error
          return lake.load()
      }
    },
  } as unknown as Catalog
  return lake
}

/** A data file that nobody stored; metrics as a writer would give them. */
export function dataFile(path: string, kind: Value = 'steps', rows = 10): DataFile {
  return {
    content: 'data',
    path: `memory://lake/n/t/data/${path}`,
    format: 'parquet',
    specId: 0,
    partition: [kind],
    recordCount: rows,
    fileSize: 100 + rows,
    columnSizes: new Map([[1, 50]]),
    valueCounts: new Map([[1, rows]]),
    nullCounts: new Map([[1, 0]]),
    nanCounts: new Map([[3, 0]]),
    lowerBounds: new Map([[1, new Uint8Array(8)]]),
    upperBounds: new Map([[1, Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0)]]),
    splitOffsets: [4],
    sortOrderId: 0,
  }
}
