/**
 * A batch into the two tables: upload, errors, raw. The order is the safety: dead letters are in their table before
 * raw's position passes them, so raw's position alone says where to begin again.
 */
import { randomUUID } from 'node:crypto'
import { isLakeError, LakeError } from '../../shared/errors.ts'
import type { CommitView } from '../../shared/model.ts'
import type { LoadedTable, TableIdentifier } from '../iceberg/catalog.ts'
import { dataFolder } from '../iceberg/folders.ts'
import { currentSchema, currentSpec } from '../iceberg/metadata.ts'
import {
  type CommitResult,
  commitSnapshot,
  findCommit,
  type LakeIo,
  type SnapshotChange,
} from '../iceberg/transaction.ts'
import type { DataFile } from '../iceberg/types.ts'
import type { SourceIdentity } from '../source/source.ts'
import type { EncodedFile } from './accumulator.ts'
import type { Crash } from './crash.ts'
import {
  type Accepted,
  type Counts,
  ledger,
  offsetsProperty,
  type Positions,
  positionProperties,
  type Ranges,
  readPositions,
  rolledBack,
} from './offsets.ts'
import { overtaken } from './overtaken.ts'
import { type PendingFile, pendingFile } from './pending.ts'
import type { TroubleLog } from './trouble.ts'
import { patiently, uploadFiles } from './upload.ts'

export interface CommitterOptions {
  readonly io: LakeIo
  readonly tables: Readonly<Record<'raw' | 'errors', TableIdentifier>>
  readonly pipeline: string
  readonly identity: SourceIdentity
  /** File that holds the commit under way. */
  readonly pendingPath: string
  readonly uploads: number
  readonly uploadBytes: number
  /** ms for which services that are away are tried again. */
  readonly patienceMs: number
  readonly crash: Crash
  readonly troubles: TroubleLog
  /** Ends the waiting for services that are away. */
  readonly signal: AbortSignal
}

export interface BatchToCommit {
  readonly files: AsyncIterable<EncodedFile>
  readonly ranges: Ranges
  readonly counts: Counts
}

export interface Committed {
  /** In the order they landed: errors where there were dead letters, raw always. */
  readonly commits: readonly CommitView[]
  /** Dead letters by error type. */
  readonly rejects: ReadonlyMap<string, number>
  /** Walls of the two stages, and the encoding thread's share of the first, ms. */
  readonly times: { readonly uploadMs: number; readonly encodeMs: number; readonly catalogMs: number }
}

export interface Committer {
  readonly positions: Readonly<Record<'raw' | 'errors', Positions | null>>
  readonly loaded: Readonly<Record<'raw' | 'errors', LoadedTable>>
  /** Sets what every commit from now on carries beside its offsets. */
  begin(accepted: readonly Accepted[]): void
  commit(batch: BatchToCommit): Promise<Committed>
}

type Role = 'raw' | 'errors'

/** Loads both tables and looks for what an earlier run left unfinished. CANCELLED as soon as `opening` fires. */
export async function openCommitter(options: CommitterOptions, opening?: AbortSignal): Promise<Committer> {
  const { io, tables, pipeline, troubles, signal } = options
  const loaded: Record<Role, LoadedTable> = {
    raw: await io.catalog.loadTable(tables.raw, opening),
    errors: await io.catalog.loadTable(tables.errors, opening),
  }
  const pending = pendingFile(options.pendingPath)
  await reportInterrupted(options, pending, loaded)
  let accepted: readonly Accepted[] = []
  /** True until the first commit to a table that was set back, as the user decided by then what becomes of it. */
  let decided = rolledBack(loaded.raw.metadata, pipeline) !== null
  /** The tables as this run opened them or committed to them last: another property was written by another loader. */
  const known: Record<Role, LoadedTable> = { ...loaded }

  /** Commits, and while its fate is open asks the catalog again under the same commit id, as long as patience lasts. */
  async function settle(role: Role, change: SnapshotChange): Promise<CommitResult> {
    let open: unknown = null
    let openSince: number | null = null
    const attempt = async (): Promise<CommitResult> => {
      // An older state of the table could not tell whether the commit is in it.
      if (openSince !== null) loaded[role] = await io.catalog.loadTable(tables[role], signal)
      try {
        return await commitSnapshot(io, loaded[role], change, signal)
      } catch (error) {
        // Also a manifest whose store was cut: nothing was sent to the catalog then, and all is begun anew.
        if (isLakeError(error) && error.outcome === 'unknown') openSince ??= performance.now()
        if (isLakeError(error, 'COMMIT_UNKNOWN')) open = error
        throw error
      }
    }
    try {
      return await patiently(attempt, options.patienceMs, {
        signal,
        onRetry: (error) => troubles.away('catalog-away', error),
        // Patience begins where the fate was found open: the attempts before it may have hung for minutes.
        also: (error) =>
          openSince !== null &&
          isLakeError(error) &&
          error.outcome !== 'reject' &&
          performance.now() - openSince < options.patienceMs,
      })
    } catch (error) {
      if (open !== null && isLakeError(error) && error.outcome !== 'reject') throw open
      throw error
    }
  }

  async function commitTable(
    role: Role,
    id: string,
    files: DataFile[],
    batch: BatchToCommit,
  ): Promise<CommitView> {
    const started = performance.now()
    const result = await settle(role, {
      commitId: id,
      operation: 'append',
      add: files,
      summary: ledger(pipeline, options.identity, batch.ranges, batch.counts),
      properties: (metadata) => positionProperties(metadata, pipeline, ourPositions(batch.ranges)),
      check: (current) => {
        if (propertyOf(current, pipeline) !== propertyOf(known[role], pipeline))
          throw overtaken(pipeline, known[role], current)
        const back = role === 'raw' && !decided ? rolledBack(current.metadata, pipeline) : null
        if (back !== null) throw setBack(pipeline, current)
      },
    })
    troubles.back('catalog-away')
    troubles.committed(loaded[role].identifier.name, result, performance.now() - started)
    loaded[role] = result.table
    known[role] = result.table
    if (role === 'raw') decided = false
    return {
      at: io.clock(),
      role,
      snapshotId: String(result.snapshot['snapshot-id']),
      files: files.length,
      rows: files.reduce((sum, file) => sum + file.recordCount, 0),
      bytes: files.reduce((sum, file) => sum + file.fileSize, 0),
      ms: Math.round(performance.now() - started),
      commitId: id,
      attempts: result.attempts,
      found: result.found,
      ranges: [...batch.ranges]
        .sort(([a], [b]) => a - b)
        .map(([partition, { start, end }]) => ({ partition, start: String(start), end: String(end) })),
    }
  }

  function ourPositions(ranges: Ranges): Positions {
    return {
      ...options.identity,
      next: new Map(Array.from(ranges, ([partition, { end }]) => [partition, end])),
      tables: { raw: loaded.raw.metadata['table-uuid'], errors: loaded.errors.metadata['table-uuid'] },
      accepted,
    }
  }

  return {
    get positions() {
      return {
        raw: readPositions(loaded.raw.metadata, pipeline),
        errors: readPositions(loaded.errors.metadata, pipeline),
      }
    },
    loaded,
    begin: (value) => {
      accepted = value
    },
    commit: async (batch) => {
      const ids = { raw: randomUUID(), errors: randomUUID() }
      const ranges = Object.fromEntries(
        Array.from(batch.ranges, ([partition, { start, end }]) => [
          partition,
          [String(start), String(end)] as const,
        ]),
      )
      await pending.write({ version: 1, commits: ids, ranges, at: io.clock() })
      const started = performance.now()
      const uploaded = await uploadFiles(batch.files, {
        signal,
        onRetry: (error) => troubles.away('storage-away', error),
        onThrough: () => troubles.back('storage-away'),
        storage: io.storage,
        targets: { raw: targetOf(loaded.raw, ids.raw), errors: targetOf(loaded.errors, ids.errors) },
        concurrency: options.uploads,
        maxBytes: options.uploadBytes,
        patienceMs: options.patienceMs,
        onEncoded: (count) => {
          if (count === 1) options.crash('first-file-encoded')
        },
        onStored: (count) => {
          if (count === 3) options.crash('half-of-files-stored')
        },
      })
      options.crash('files-stored')
      const stored = performance.now()
      const commits: CommitView[] = []
      if (uploaded.errors.length > 0) {
        commits.push(await commitTable('errors', ids.errors, uploaded.errors, batch))
        options.crash('errors-committed')
      }
      commits.push(await commitTable('raw', ids.raw, uploaded.raw, batch))
      options.crash('raw-committed')
      await pending.clear()
      const times = {
        uploadMs: stored - started,
        encodeMs: uploaded.encodeMs,
        catalogMs: performance.now() - stored,
      }
      return { commits, rejects: rejectsOf(loaded.errors, uploaded.errors), times }
    },
  }
}

function targetOf(table: LoadedTable, commitId: string) {
  const { metadata } = table
  return {
    schema: currentSchema(metadata),
    spec: currentSpec(metadata),
    dataFolder: dataFolder(metadata),
    commitId,
  }
}

function propertyOf({ metadata }: LoadedTable, pipeline: string): string | undefined {
  return metadata.properties[offsetsProperty(pipeline)]
}

/** Error types stand in the partition of a dead letter's file, so counting them reads nothing. */
function rejectsOf({ metadata }: LoadedTable, files: readonly DataFile[]): Map<string, number> {
  const at = currentSpec(metadata).fields.findIndex(({ name }) => name === 'error_type')
  const counts = new Map<string, number>()
  for (const { partition, recordCount } of files) {
    const type = String(partition[at] ?? 'unknown')
    counts.set(type, (counts.get(type) ?? 0) + recordCount)
  }
  return counts
}

function setBack(pipeline: string, { identifier }: LoadedTable): LakeError {
  return new LakeError(
    'TABLE_ROLLED_BACK',
    `${identifier.name} was set back to an older snapshot while it was loaded`,
    {
      context: { table: identifier.name, pipeline },
      likely: 'another tool rolled the table back, which its positions do not follow',
      remedy:
        'start the load again: it says which messages are concerned, and how to load them again or leave them out',
    },
  )
}

async function reportInterrupted(
  { io }: CommitterOptions,
  pending: PendingFile,
  loaded: Readonly<Record<Role, LoadedTable>>,
): Promise<void> {
  const left = await pending.read()
  if (left === null) return
  const landed = (role: Role) => findCommit(loaded[role].metadata, left.commits[role]) !== null
  io.log.warn(
    { commits: left.commits, ranges: left.ranges, raw: landed('raw'), errors: landed('errors') },
    landed('raw')
      ? 'The last commit of the run before had landed'
      : 'The run before was cut in a commit; files whose names start with these ids belong to no table',
  )
  await pending.clear()
}
