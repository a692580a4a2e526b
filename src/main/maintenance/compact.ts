import { randomUUID } from 'node:crypto'
import { isLakeError, LakeError } from '../../shared/errors.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import { assertUntouched } from '../iceberg/conflicts.ts'
import { DeleteCache } from '../iceberg/deletes.ts'
import { headSnapshot } from '../iceberg/metadata.ts'
import { partitionKey } from '../iceberg/partition.ts'
import { planScan, type ScanFile } from '../iceberg/scan.ts'
import { liveFiles } from '../iceberg/snapshot.ts'
import { commitSnapshot, type LakeIo } from '../iceberg/transaction.ts'
import type { DataFile, LiveFile } from '../iceberg/types.ts'
import { deleteUnused } from '../iceberg/unused.ts'
import { SMALL_BYTES, SMALL_IN_PARTITION } from './limits.ts'
import { assertOurs, assertReadable, assertWritable } from './refuse.ts'
import { type Group, rewriteGroup } from './rewrite.ts'

/** Summary key of every snapshot that maintenance commits; its value says which. */
export const MAINTENANCE_KEY = 'tarn.maintenance'

/** Files that are joined come to at most this many bytes, whatever the table's target is: what is held in memory at once. */
const MOST_TARGET_BYTES = 32 << 20
/** What one commit rewrites at most: what a cancel gives up. */
const COMMIT_BYTES = 512 << 20
const COMMIT_FILES = 10_000
/** Groups up to this many bytes are rewritten side by side. */
const SMALL_GROUP_BYTES = 4 << 20
const LANES = 4

export interface CompactPlan {
  readonly kind: 'compact'
  /** The table as it was planned on. */
  readonly table: LoadedTable
  readonly snapshotId: bigint | null
  /** Each becomes one file, or more where its rows outgrow memory. */
  readonly groups: readonly Group[]
  /** Delete files that apply to no file but those of the plan, and after which group (from 0; -1: none) they can go. */
  readonly deletes: readonly { readonly live: LiveFile; readonly after: number }[]
  /** Sizes in bytes of all live data files. */
  readonly sizes: readonly number[]
}

/**
 * What compaction would rewrite: in every partition with SMALL_IN_PARTITION small files or more these, and everywhere the
 * files that delete files apply to. Throws UNSUPPORTED, with the reason, for a table that Tarn cannot rewrite safely.
 */
export async function planCompact(
  io: LakeIo,
  table: LoadedTable,
  signal?: AbortSignal,
): Promise<CompactPlan> {
  const { metadata } = table
  assertOurs(metadata)
  assertWritable(metadata)
  const head = headSnapshot(metadata)
  if (head === null) return { kind: 'compact', table, snapshotId: null, groups: [], deletes: [], sizes: [] }
  const options = signal === undefined ? {} : { signal }
  const { files } = await planScan(io, metadata, { lean: true, ...options })
  const deletes = await liveFiles(io.storage, metadata, head['snapshot-id'], {
    content: 'deletes',
    ...options,
  })
  assertReadable([...files, ...deletes])
  const target = targetBytes(metadata.properties)
  const groups = [...Map.groupBy(files, placeOf).values()].flatMap((inPartition) =>
    pack(inPartition.filter(inputsOf(inPartition)), target),
  )
  return {
    kind: 'compact',
    table,
    snapshotId: head['snapshot-id'],
    groups,
    deletes: servedDeletes(files, groups, deletes),
    sizes: files.map(({ file }) => file.fileSize),
  }
}

const placeOf = ({ file }: ScanFile): string => `${file.specId}:${partitionKey(file.partition)}`
const isSmall = ({ file }: ScanFile): boolean => file.fileSize < SMALL_BYTES

function inputsOf(inPartition: readonly ScanFile[]): (file: ScanFile) => boolean {
  const crowded = inPartition.filter(isSmall).length >= SMALL_IN_PARTITION
  return (file) => file.deletes.length > 0 || (crowded && isSmall(file))
}

function targetBytes(properties: Readonly<Record<string, string>>): number {
  const wanted = Number(properties['write.target-file-size-bytes'])
  return Number.isSafeInteger(wanted) && wanted > 0 ? Math.min(wanted, MOST_TARGET_BYTES) : MOST_TARGET_BYTES
}

/** Groups of at most `target` bytes, or of one larger file. One file without deletes gains nothing and is left. */
function pack(files: readonly ScanFile[], target: number): Group[] {
  const bins: ScanFile[][] = []
  let size = 0
  for (const one of files.toSorted((a, b) => a.sequenceNumber - b.sequenceNumber)) {
    const bin = bins.at(-1)
    if (bin !== undefined && size + one.file.fileSize <= target) bin.push(one)
    else {
      bins.push([one])
      size = 0
    }
    size += one.file.fileSize
  }
  return bins
    .filter((bin) => bin.length > 1 || bin[0]!.deletes.length > 0)
    .map((bin) => ({
      specId: bin[0]!.file.specId,
      partition: bin[0]!.file.partition,
      files: bin,
      bytes: bin.reduce((sum, { file }) => sum + file.fileSize, 0),
      rows: bin.reduce((sum, { file }) => sum + file.recordCount, 0),
    }))
}

/** A delete file has served when all files that it applies to are rewritten; one that applies to none has already. */
function servedDeletes(
  files: readonly ScanFile[],
  groups: readonly Group[],
  deletes: readonly LiveFile[],
): CompactPlan['deletes'] {
  const uses = new Map<string, { left: number; after: number }>()
  for (const { file } of files.flatMap((one) => one.deletes)) {
    const use = uses.get(file.path)
    if (use === undefined) uses.set(file.path, { left: 1, after: -1 })
    else use.left += 1
  }
  for (const [index, group] of groups.entries()) {
    for (const { file } of group.files.flatMap((one) => one.deletes)) {
      const use = uses.get(file.path)!
      use.left -= 1
      use.after = index
    }
  }
  return deletes.flatMap((live) => {
    const { left, after } = uses.get(live.file.path) ?? { left: 0, after: -1 }
    return left === 0 ? [{ live, after }] : []
  })
}

export interface CompactProgress {
  /** Data files rewritten, of those planned. */
  readonly done: number
  readonly total: number
}

export interface CompactResult {
  /** One for each commit, oldest first. */
  readonly snapshots: readonly bigint[]
  readonly removed: { readonly files: number; readonly deleteFiles: number; readonly bytes: number }
  readonly added: { readonly files: number; readonly bytes: number }
  /** Rows written, and rows that delete files had taken away. */
  readonly rows: number
  readonly deletedRows: number
}

/**
 * Rewrites exactly what was planned, in one `replace` snapshot, or in several where it is much. The new files keep the
 * sequence number that was planned on, so that equality deletes committed since still apply to their rows. Cancelled or
 * failed between two commits, the table holds what was committed until then; files of an unfinished one are deleted.
 *
 * CONFLICT where a file of the plan was removed, rows of it were deleted, or the schema changed since; CANCELLED;
 * COMMIT_UNKNOWN, the new files kept.
 */
export async function runCompact(
  io: LakeIo,
  plan: CompactPlan,
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: CompactProgress) => void },
): Promise<CompactResult> {
  const { signal, onProgress } = options
  const total = plan.groups.reduce((sum, group) => sum + group.files.length, 0)
  let done = 0
  let table = await io.catalog.loadTable(plan.table.identifier, signal)
  assertSame(plan, table)
  const snapshots: bigint[] = []
  const result = {
    removed: { files: 0, deleteFiles: 0, bytes: 0 },
    added: { files: 0, bytes: 0 },
    rows: 0,
    deletedRows: 0,
  }
  for (const step of stepsOf(plan)) {
    throwIfCancelled(signal)
    const inputs = step.groups.flatMap((group) => group.files)
    const check = async (current: LoadedTable): Promise<void> => {
      assertSame(plan, current)
      await assertUntouched(io.storage, current.metadata, plan.snapshotId!, inputs, signal)
    }
    await check(table)
    const commitId = randomUUID()
    const added: DataFile[] = []
    try {
      await rewriteStep(io, plan, step.groups, commitId, added, signal, (files) => {
        done += files
        onProgress?.({ done, total })
      })
      const committed = await commitSnapshot(
        io,
        table,
        {
          commitId,
          operation: 'replace',
          add: added,
          addedAs: sequenceOf(plan),
          removePaths: new Set([...inputs, ...step.deletes].map(({ file }) => file.path)),
          summary: { [MAINTENANCE_KEY]: plan.kind },
          check,
        },
        signal,
      )
      table = committed.table
      snapshots.push(committed.snapshot['snapshot-id'])
    } catch (error) {
      if (!isLakeError(error, 'COMMIT_UNKNOWN'))
        await deleteUnused(
          io,
          added.map((file) => file.path),
        )
      throw error
    }
    const rows = added.reduce((sum, file) => sum + file.recordCount, 0)
    result.removed.files += inputs.length
    result.removed.deleteFiles += step.deletes.length
    result.removed.bytes += [...inputs, ...step.deletes].reduce((sum, { file }) => sum + file.fileSize, 0)
    result.added.files += added.length
    result.added.bytes += added.reduce((sum, file) => sum + file.fileSize, 0)
    result.rows += rows
    result.deletedRows += inputs.reduce((sum, { file }) => sum + file.recordCount, 0) - rows
  }
  return { ...result, snapshots }
}

interface Step {
  readonly groups: readonly Group[]
  readonly deletes: readonly LiveFile[]
}

/** What each commit rewrites; the first one also takes delete files that apply to nothing. */
function stepsOf({ groups, deletes }: CompactPlan): Step[] {
  const steps: { groups: Group[]; deletes: LiveFile[] }[] = []
  const stepOf: number[] = []
  let bytes = 0
  let files = 0
  for (const group of groups) {
    if (
      steps.length === 0 ||
      bytes + group.bytes > COMMIT_BYTES ||
      files + group.files.length > COMMIT_FILES
    ) {
      steps.push({ groups: [], deletes: [] })
      bytes = 0
      files = 0
    }
    bytes += group.bytes
    files += group.files.length
    steps.at(-1)!.groups.push(group)
    stepOf.push(steps.length - 1)
  }
  if (steps.length === 0 && deletes.length > 0) steps.push({ groups: [], deletes: [] })
  for (const { live, after } of deletes) steps[stepOf[after] ?? 0]!.deletes.push(live)
  return steps
}

/** Many small groups side by side, a large one alone: what is in memory stays bounded. */
async function rewriteStep(
  io: LakeIo,
  plan: CompactPlan,
  groups: readonly Group[],
  commitId: string,
  added: DataFile[],
  signal: AbortSignal,
  onGroup: (files: number) => void,
): Promise<void> {
  const { metadata } = plan.table
  const deletes = new DeleteCache()
  const small = groups.filter((group) => group.bytes <= SMALL_GROUP_BYTES)
  const large = groups.filter((group) => group.bytes > SMALL_GROUP_BYTES)
  for (const [lanes, some] of [
    [LANES, small],
    [1, large],
  ] as const) {
    await mapConcurrent(
      some,
      lanes,
      async (group, _, stop) => {
        const name = `${commitId}-${String(groups.indexOf(group)).padStart(5, '0')}`
        await rewriteGroup({ storage: io.storage, metadata, deletes, signal: stop }, group, name, added)
        onGroup(group.files.length)
      },
      signal,
    )
  }
}

function sequenceOf({ table, snapshotId }: CompactPlan): number {
  return table.metadata.snapshots.find((one) => one['snapshot-id'] === snapshotId)!['sequence-number']
}

/** Throws where the table is another one, or has another schema, than that which was planned on. */
function assertSame({ table }: CompactPlan, { metadata }: LoadedTable): void {
  const planned = table.metadata
  if (planned['table-uuid'] !== metadata['table-uuid']) {
    throw new LakeError('TABLE_REPLACED', `table ${table.identifier.name} is another table now`, {
      remedy: 'Plan the change again.',
    })
  }
  if (planned['current-schema-id'] === metadata['current-schema-id']) return
  throw new LakeError('CONFLICT', 'the schema of the table changed since the plan was made', {
    remedy: 'Plan the change again.',
  })
}
