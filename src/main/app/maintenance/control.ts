import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isLakeError, LakeError } from '../../../shared/errors.ts'
import type { MaintenancePlanView, MaintenanceSummary, MaintenanceWish } from '../../../shared/maintenance.ts'
import type { JobView } from '../../../shared/model.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import type { LoadedTable, TableIdentifier } from '../../iceberg/catalog.ts'
import { headSnapshot } from '../../iceberg/metadata.ts'
import { pendingFile } from '../../ingest/pending.ts'
import { planCompact, runCompact } from '../../maintenance/compact.ts'
import { planExpire, runExpire } from '../../maintenance/expire.ts'
import { planManifests, runManifests } from '../../maintenance/manifests.ts'
import { planOrphans, runOrphans } from '../../maintenance/orphans.ts'
import { goBack } from '../../maintenance/restore.ts'
import { roleOf } from '../inspect/table.ts'
import type { JobControl, Jobs } from '../jobs.ts'
import type { Lake } from '../lake.ts'
import { stateFolder } from '../state-folder.ts'
import { neededSnapshots } from './needed.ts'
import { type Plan, planView } from './views.ts'

/** Maintenance of tables: planned first, shown, then run exactly as planned. */
export interface Maintenance {
  /** UNSUPPORTED, with the reason, for a table that is not ours to change. */
  plan(identifier: TableIdentifier, wish: MaintenanceWish, signal: AbortSignal): Promise<MaintenancePlanView>
  /** Starts a plan, once. NOT_FOUND for one that was run already or is too old; LOCKED while another runs. */
  run(id: string): JobView
  /** Sets a table back to the snapshot before its maintenance; CONFLICT where something was committed since. */
  goBack(
    identifier: TableIdentifier,
    way: { readonly from: bigint; readonly to: bigint },
    signal: AbortSignal,
  ): Promise<void>
}

export interface MaintenanceDeps {
  readonly lake: () => Promise<Lake>
  readonly jobs: Jobs
  /** Told of a table of ours that has another snapshot now. */
  readonly changed: (role: TableRole, snapshotId: string) => void
}

/** Plans held for a run; the oldest goes first. */
const HELD = 8
const DAY = 86_400_000

export function createMaintenance({ lake, jobs, changed }: MaintenanceDeps): Maintenance {
  const plans = new Map<string, { readonly plan: Plan; readonly lake: Lake }>()

  async function announce(open: Lake, identifier: TableIdentifier): Promise<void> {
    const role = roleOf(open, identifier)
    if (role === null) return
    const head = headSnapshot((await open.io.catalog.loadTable(identifier)).metadata)
    if (head !== null) changed(role, String(head['snapshot-id']))
  }

  return {
    async plan(identifier, wish, signal) {
      const open = await lake()
      const table = await open.io.catalog.loadTable(identifier, signal)
      const plan = await planOf(open, table, wish, signal)
      const id = randomUUID()
      plans.set(id, { plan, lake: open })
      for (const oldest of [...plans.keys()].slice(0, -HELD)) plans.delete(oldest)
      return planView(plan, id, open.io.clock())
    },
    run(id) {
      const held = plans.get(id)
      if (held === undefined) {
        throw new LakeError('NOT_FOUND', 'this plan was run already, or is no longer kept', {
          remedy: 'Plan it again.',
        })
      }
      const job = jobs.start('maintain', async (control) => {
        const open = await lake()
        if (open !== held.lake) throw new LakeError('CONFLICT', 'another lake is open than was planned on')
        const started = open.io.clock()
        try {
          const done = await runPlan(open, held.plan, control)
          const { namespace, name } = held.plan.table.identifier
          const seconds = (open.io.clock() - started) / 1000
          return { kind: 'maintain', table: { namespace, name }, seconds, ...done }
        } finally {
          // A run that was cut may have committed before.
          await announce(open, held.plan.table.identifier).catch(() => {})
        }
      })
      plans.delete(id)
      return job
    },
    async goBack(identifier, way, signal) {
      const open = await lake()
      await goBack(open.io, identifier, way, signal)
      await announce(open, identifier)
    },
  }
}

async function planOf(
  lake: Lake,
  table: LoadedTable,
  wish: MaintenanceWish,
  signal: AbortSignal,
): Promise<Plan> {
  const { io } = lake
  const { identifier, metadata } = table
  switch (wish.kind) {
    case 'compact':
      return planCompact(io, table, signal)
    case 'manifests':
      return planManifests(io, table, signal)
    case 'expire': {
      const needed = await neededSnapshots(lake, identifier, metadata, signal)
      const before = io.clock() - wish.days * DAY
      return planExpire(io, table, { before, keep: wish.keep, needed }, signal)
    }
    case 'orphans': {
      const [pending, others] = [await openCommits(lake), await neighbours(lake, identifier, signal)]
      return {
        ...(await planOrphans(io, table, { days: wish.days, pending, others }, { signal })),
        days: wish.days,
      }
    }
  }
}

/** Commits of loads whose end is not known: their ids begin the names of their files. */
async function openCommits(lake: Lake): Promise<string[]> {
  const folder = stateFolder(lake.settings)
  const names = (await readdir(folder)).filter((name) => /^pending-.*\.json$/.test(name))
  const found = await Promise.all(names.map((name) => pendingFile(join(folder, name)).read()))
  return found.flatMap((pending) => (pending === null ? [] : [pending.commits.raw, pending.commits.errors]))
}

/** Where the other tables of the namespace lie. One that cannot be read is known by its metadata files alone. */
async function neighbours(lake: Lake, identifier: TableIdentifier, signal: AbortSignal): Promise<string[]> {
  const { catalog } = lake.io
  const tables = await catalog.listTables(identifier.namespace, signal)
  const found = await mapConcurrent(
    tables.filter(({ name }) => name !== identifier.name),
    4,
    async (one, _, stop) => {
      try {
        return [(await catalog.loadTable(one, stop)).metadata.location]
      } catch (error) {
        if (isLakeError(error, 'CANCELLED')) throw error
        return []
      }
    },
    signal,
  )
  return found.flat()
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

async function runPlan(
  { io }: Lake,
  plan: Plan,
  { signal, progress }: JobControl,
): Promise<DistributiveOmit<MaintenanceSummary, 'table' | 'seconds'>> {
  const onProgress = (text: string, unit: string) => (done: number, total: number) =>
    progress({ done, total, unit, text })
  switch (plan.kind) {
    case 'compact': {
      const report = onProgress('rewriting files', 'files')
      const done = await runCompact(io, plan, {
        signal,
        onProgress: (at) => report(at.done, at.total),
      })
      return {
        work: 'compact',
        snapshots: done.snapshots.map(String),
        filesBefore: done.removed.files,
        filesAfter: done.added.files,
        deleteFiles: done.removed.deleteFiles,
        bytesBefore: done.removed.bytes,
        bytesAfter: done.added.bytes,
        rows: done.rows,
        deletedRows: done.deletedRows,
      }
    }
    case 'expire': {
      const done = await runExpire(io, plan, { signal, onProgress: onProgress('deleting files', 'files') })
      return { work: 'expire', ...done }
    }
    case 'orphans': {
      const done = await runOrphans(io, plan, { signal, onProgress: onProgress('deleting files', 'files') })
      return { work: 'orphans', ...done }
    }
    case 'manifests': {
      const snapshot = await runManifests(io, plan, signal)
      return {
        work: 'manifests',
        snapshot: snapshot === null ? null : String(snapshot),
        before: plan.manifests.length,
        after: plan.after,
      }
    }
  }
}
