import { LakeError } from '../../shared/errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { retry, type Sleep, sleep } from '../base/retry.ts'
import type { Storage } from '../storage/storage.ts'
import type { Catalog, LoadedTable, TableIdentifier } from './catalog.ts'
import { type Draft, prepareDraft, type Staged, stageDraft } from './draft.ts'
import { ancestors, headSnapshot, snapshotById } from './metadata.ts'
import { type RetryLimits, retryLimits, statusLimits } from './retry-limits.ts'
import type { DataFile, Requirement, Snapshot, TableMetadata, Update, Value } from './types.ts'
import { deleteUnused } from './unused.ts'

/** What reading and writing tables needs from outside. */
export interface LakeIo {
  readonly catalog: Catalog
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Logger
  /** For tests: a wait that takes no time. */
  readonly sleep?: Sleep
  /** For tests: a number in [0, 1). */
  readonly random?: () => number
}

export interface SnapshotChange {
  /** UUID, chosen before the first request and kept over restarts; written to the summary as `tarn.commit`. */
  readonly commitId: string
  readonly operation: 'append' | 'overwrite' | 'delete' | 'replace'
  /** Files that are stored already. */
  readonly add: readonly DataFile[]
  /**
   * Data sequence number of the added files where they hold rows of older files: that of the snapshot these were read
   * at, so that equality deletes committed since still apply (spec: Sequence Numbers). Default: the commit's own.
   */
  readonly addedAs?: number
  /** Partitions of the default spec whose live files, data and deletes, are all removed. */
  readonly replacePartitions?: readonly (readonly Value[])[]
  /** Live files removed by path. The commit is refused (CONFLICT) if one is no longer live. */
  readonly removePaths?: ReadonlySet<string>
  /** Manifests by path whose entries are written anew, sorted by partition. CONFLICT if one is no longer listed. */
  readonly regroupManifests?: ReadonlySet<string>
  /** Further summary entries. */
  readonly summary: Readonly<Record<string, string>>
  /** Table properties set in the same commit, computed anew on every attempt. */
  readonly properties?: (current: TableMetadata) => Readonly<Record<string, string>>
  /** Throws to refuse; called on every attempt with the table as just loaded. */
  readonly check?: (current: LoadedTable) => void | Promise<void>
}

export interface CommitResult {
  readonly table: LoadedTable
  readonly snapshot: Snapshot
  /** Commit requests sent by this call. */
  readonly attempts: number
  /**
   * True where the commit id was in main's history already: an answer was lost. The snapshot may then hold the files of
   * an earlier call with the same id instead of `change.add`.
   */
  readonly found: boolean
  /** Why the last attempt but one did not do; null where the first one did. */
  readonly failure: unknown
}

/** Summary key of the commit id. */
export const COMMIT_KEY = 'tarn.commit'

/**
 * Commits one snapshot to `main`, at most once. This is the only retry loop for snapshots.
 *
 * A refused attempt (409) reloads the table, looks for the commit id in its history, checks again and retries, up to
 * `commit.retry.*`. An attempt without a clear answer (5xx, timeout, cut connection) deletes nothing: the table is
 * reloaded (`commit.status-check.*`) and searched; found means success, absent means another attempt with the same
 * snapshot id and the same requirement, so that at most one of them can be applied.
 *
 * Throws COMMIT_UNKNOWN (outcome `unknown`, the snapshot id in its context) where that cannot be settled; files are kept
 * and a later call with the same commit id settles it. Any other error means that nothing was committed; the manifests
 * written here are then deleted, the data files are the caller's. TABLE_REPLACED where the table has another UUID.
 */
export async function commitSnapshot(
  io: LakeIo,
  table: LoadedTable,
  change: SnapshotChange,
  signal?: AbortSignal,
): Promise<CommitResult> {
  const run: Run = { io, table, change, limits: retryLimits(table.metadata.properties), signal }
  const state: State = { loaded: table, draft: null, staged: [], sent: 0, unknown: null, failure: null }
  try {
    return await attempt(run, state)
  } catch (error) {
    if (state.unknown !== null && !isOutcomeSettled(error)) throw unknownOutcome(run, state, error)
    if (state.unknown === null && state.draft) await deleteUnused(io, state.draft.written)
    throw error
  }
}

/** A change of metadata that adds no snapshot. */
export interface MetadataChange {
  readonly requirements: readonly Requirement[]
  readonly updates: readonly Update[]
}

/**
 * Commits changes of metadata that may be applied twice without harm. `change` is asked at every attempt with the table
 * as just loaded: null where there is nothing left to do, which settles a lost answer too; it throws to refuse.
 */
export async function commitMetadata(
  io: LakeIo,
  identifier: TableIdentifier,
  change: (current: LoadedTable) => MetadataChange | null,
  signal?: AbortSignal,
): Promise<LoadedTable> {
  return retry(
    async () => {
      const loaded = await io.catalog.loadTable(identifier, signal)
      const wanted = change(loaded)
      // Without the signal: a request that was cut off would leave the outcome open.
      return wanted === null ? loaded : io.catalog.commitTable({ identifier, ...wanted })
    },
    {
      attempts: METADATA_ATTEMPTS,
      baseMs: 100,
      maxMs: 5_000,
      signal,
      sleep: io.sleep ?? sleep,
      random: io.random ?? Math.random,
      when: (error) => error instanceof LakeError && error.outcome !== 'reject',
    },
  )
}

const METADATA_ATTEMPTS = 6

interface Run {
  readonly io: LakeIo
  readonly table: LoadedTable
  readonly change: SnapshotChange
  readonly limits: RetryLimits
  readonly signal: AbortSignal | undefined
}

interface State {
  loaded: LoadedTable
  draft: Draft | null
  readonly staged: Staged[]
  sent: number
  /** The last failure that left the outcome open. */
  unknown: unknown
  /** The last failure of any kind. */
  failure: unknown
}

async function attempt(run: Run, state: State): Promise<CommitResult> {
  const { io, change, limits, signal } = run
  const started = io.clock()
  for (;;) {
    const found = findCommit(state.loaded.metadata, change.commitId)
    if (found) return succeed(run, state, found, true)
    if (state.sent > 0) {
      const spent = state.sent > limits.retries || io.clock() - started >= limits.totalMs
      if (spent) throw exhausted(run, state)
    }
    assertSameTable(run.table, state.loaded)
    await change.check?.(state.loaded)
    state.draft ??= await prepareDraft(io.storage, state.loaded.metadata, change, signal)
    const staged = await stage(run, state, state.draft)
    state.staged.push(staged)

    const failure = await send(run, state, staged)
    if (failure === null) return succeed(run, state, staged.snapshot, false)
    if (failure.unknown) state.unknown = failure.error
    state.failure = failure.error
    io.log.warn(
      {
        table: run.table.identifier.name,
        attempt: state.sent,
        snapshot: String(staged.snapshot['snapshot-id']),
        error: failure.error,
      },
      failure.unknown ? 'Commit without an answer, looking for it' : 'Commit refused, trying again',
    )
    await pause(run, state.sent)
    state.loaded = await reload(run)
  }
}

function stage(run: Run, state: State, draft: Draft): Promise<Staged> {
  const { io, change, signal } = run
  return stageDraft(
    draft,
    state.loaded.metadata,
    {
      number: state.sent + 1,
      operation: change.operation,
      summary: { ...change.summary, [COMMIT_KEY]: change.commitId },
      now: io.clock(),
    },
    signal,
  )
}

/** Sends the commit. Null where it was applied; throws what another attempt cannot change. */
async function send(
  run: Run,
  state: State,
  staged: Staged,
): Promise<{ readonly error: unknown; readonly unknown: boolean } | null> {
  const { metadata } = state.loaded
  const properties = run.change.properties?.(metadata) ?? {}
  state.sent++
  try {
    // Without the caller's signal: a request that was cut off would leave the outcome open.
    state.loaded = await run.io.catalog.commitTable({
      identifier: run.table.identifier,
      requirements: requirementsOf(metadata, staged),
      updates: updatesOf(metadata, staged, properties),
    })
    return null
  } catch (error) {
    if (!(error instanceof LakeError)) return { error, unknown: true }
    // An answer that could not be read came from a server that did something.
    if (error.outcome === 'unknown' || error.code === 'BAD_RESPONSE') return { error, unknown: true }
    if (error.code === 'CONFLICT' || error.outcome === 'retry') return { error, unknown: false }
    throw error
  }
}

function requirementsOf(metadata: TableMetadata, staged: Staged): Requirement[] {
  return [
    { type: 'assert-table-uuid', uuid: metadata['table-uuid'] },
    { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': staged.parent },
  ]
}

function updatesOf(
  metadata: TableMetadata,
  staged: Staged,
  properties: Readonly<Record<string, string>>,
): Update[] {
  // Retention settings of the branch are part of its reference and would be lost if not repeated.
  const branch = metadata.refs.main
  return [
    { action: 'add-snapshot', snapshot: staged.snapshot },
    {
      ...branch,
      action: 'set-snapshot-ref',
      'ref-name': 'main',
      type: 'branch',
      'snapshot-id': staged.snapshot['snapshot-id'],
    },
    ...(Object.keys(properties).length === 0
      ? []
      : [{ action: 'set-properties', updates: properties } as const]),
  ]
}

/** The snapshot in main's history that carries the commit id. */
export function findCommit(metadata: TableMetadata, commitId: string): Snapshot | null {
  const head = headSnapshot(metadata)
  if (head === null) return null
  for (const snapshot of ancestors(metadata, head['snapshot-id'])) {
    if (snapshot.summary[COMMIT_KEY] === commitId) return snapshot
  }
  return null
}

async function succeed(run: Run, state: State, snapshot: Snapshot, found: boolean): Promise<CommitResult> {
  const { draft } = state
  const landed = state.staged.find((s) => s.snapshot['manifest-list'] === snapshot['manifest-list'])
  // No other attempt can be applied any more: all have the same snapshot id and an older head.
  if (draft)
    await deleteUnused(
      run.io,
      draft.written.filter((file) => !landed?.files.has(file)),
    )
  return {
    table: state.loaded,
    snapshot: snapshotById(state.loaded.metadata, snapshot['snapshot-id']) ?? snapshot,
    attempts: state.sent,
    found,
    failure: state.failure,
  }
}

/** Loads the table again, a few times where that fails for a passing reason. */
function reload(run: Run): Promise<LoadedTable> {
  const { io, signal } = run
  const limits = statusLimits(run.table.metadata.properties)
  return retry(() => io.catalog.loadTable(run.table.identifier, signal), {
    attempts: limits.retries + 1,
    baseMs: limits.minMs,
    maxMs: limits.maxMs,
    signal,
    sleep: io.sleep ?? sleep,
    random: io.random ?? Math.random,
    when: (error) => error instanceof LakeError && error.outcome !== 'reject',
  })
}

/** Waits between half and all of the exponential pause, so that writers that met once do not meet again. */
async function pause(run: Run, sent: number): Promise<void> {
  const { io, limits, signal } = run
  if (sent > limits.retries) return
  const upper = Math.min(limits.maxMs, limits.minMs * 2 ** (sent - 1))
  await (io.sleep ?? sleep)(upper * (0.5 + (io.random ?? Math.random)() / 2), signal)
}

function assertSameTable(expected: LoadedTable, loaded: LoadedTable): void {
  const [before, now] = [expected.metadata['table-uuid'], loaded.metadata['table-uuid']]
  if (before === now) return
  throw new LakeError('TABLE_REPLACED', `table ${expected.identifier.name} is another table now`, {
    context: { table: expected.identifier.name, before, now },
    likely: 'it was dropped and created again',
    remedy: 'Check the new table; nothing was written to it.',
  })
}

function exhausted(run: Run, state: State): LakeError {
  if (state.unknown !== null) return unknownOutcome(run, state, state.unknown)
  return new LakeError('CONFLICT', `commit to ${run.table.identifier.name} lost against other writers`, {
    outcome: 'retry',
    context: { table: run.table.identifier.name, attempts: state.sent },
    likely: 'another writer commits to this table all the time',
    remedy: 'Try again, or raise the table property commit.retry.num-retries.',
  })
}

function unknownOutcome(run: Run, state: State, cause: unknown): LakeError {
  const snapshotId = String(state.draft?.snapshotId ?? '')
  return new LakeError('COMMIT_UNKNOWN', `it is not known whether snapshot ${snapshotId} was committed`, {
    outcome: 'unknown',
    context: {
      table: run.table.identifier.name,
      snapshot: snapshotId,
      commit: run.change.commitId,
      attempts: state.sent,
    },
    likely: 'the catalog failed or could not be reached while it handled the commit',
    remedy: `Look for snapshot ${snapshotId} once the catalog answers again; starting again settles it. All files are kept.`,
    cause,
  })
}

/** True for failures that say for certain that our snapshot is not, or can no longer be, in the table. */
function isOutcomeSettled(error: unknown): boolean {
  return (
    error instanceof LakeError &&
    (error.code === 'COMMIT_UNKNOWN' || error.code === 'TABLE_REPLACED' || error.code === 'NO_TABLE')
  )
}
