import { LakeError } from '../../../shared/errors.ts'
import {
  EXPIRE_KEEP,
  LEAST_ORPHAN_DAYS,
  type MaintenancePlanView,
  type MaintenanceSummary,
  type MaintenanceWish,
  ORPHAN_DAYS,
} from '../../../shared/maintenance.ts'
import { TABLE_ROLES } from '../../../shared/tables.ts'
import type { App } from '../../app/app.ts'
import type { TableIdentifier } from '../../iceberg/catalog.ts'
import type { Command, Context } from './command.ts'
import { follow } from './job.ts'

/** `tarn maintain`: each plan is printed, then carried out exactly as it was. */
export const maintain: Command = {
  name: 'maintain',
  summary: 'compact a table, join its manifests, expire snapshots, delete orphans',
  argument: {
    value: 'TABLE',
    help: 'raw, errors, daily, weekly, monthly, or any table of the catalog as NAME or NAMESPACE.NAME',
  },
  options: {
    compact: { type: 'boolean', help: 'join small files, and write data without deleted rows' },
    manifests: { type: 'boolean', help: 'join small manifests, sorted by partition' },
    'expire-days': { type: 'string', value: 'N', help: 'expire snapshots older than N days, at least 1' },
    keep: {
      type: 'string',
      value: 'K',
      help: `snapshots of the history that stay whatever their age [${EXPIRE_KEEP}]`,
    },
    orphans: { type: 'boolean', help: 'delete files that nothing refers to' },
    'orphan-days': {
      type: 'string',
      value: 'N',
      help: `age from which a file is an orphan, at least ${LEAST_ORPHAN_DAYS} [${ORPHAN_DAYS}]`,
    },
    'dry-run': { type: 'boolean', help: 'print the plans; change nothing' },
  },
  async run(context) {
    const wishes = wishesOf(context)
    const app = context.openApp()
    const identifier = await tableOf(context, app)
    const plans: MaintenancePlanView[] = []
    const results: MaintenanceSummary[] = []
    for (const wish of wishes) {
      const plan = await app.maintenance.plan(identifier, wish, context.interrupted)
      plans.push(plan)
      for (const line of planLines(plan)) context.print(line)
      if (plan.nothing || context.options['dry-run'] === true) continue
      const { kind: _, ...result } = await follow(context, app, app.maintenance.run(plan.id), 'maintain')
      results.push(result)
      context.print(doneLine(result))
    }
    const failed = results.some((one) => 'failed' in one && one.failed > 0)
    return { code: failed ? 1 : 0, result: { plans, results } }
  },
}

/** In the order in which they serve each other: what compaction replaces can expire later. */
function wishesOf({ options }: Context): MaintenanceWish[] {
  const wishes: MaintenanceWish[] = []
  if (options.compact === true) wishes.push({ kind: 'compact' })
  if (options.manifests === true) wishes.push({ kind: 'manifests' })
  if (options['expire-days'] !== undefined) {
    const [days, keep] = [numberOf(options, 'expire-days', 1), numberOf(options, 'keep', 1, EXPIRE_KEEP)]
    wishes.push({ kind: 'expire', days, keep: Math.floor(keep) })
  }
  if (options.orphans === true)
    wishes.push({ kind: 'orphans', days: numberOf(options, 'orphan-days', LEAST_ORPHAN_DAYS, ORPHAN_DAYS) })
  if (wishes.length > 0) return wishes
  throw new LakeError('USAGE', 'nothing to do was named', {
    remedy: 'Name at least one of --compact, --manifests, --expire-days N and --orphans.',
  })
}

function numberOf(options: Context['options'], name: string, least: number, otherwise?: number): number {
  const text = options[name]
  if (text === undefined && otherwise !== undefined) return otherwise
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN
  if (value >= least && value <= 1_000_000) return value
  throw new LakeError('USAGE', `--${name}: ${JSON.stringify(text)} is no number of at least ${least}`, {
    context: { setting: `--${name}`, origin: 'the command line' },
  })
}

async function tableOf({ argument = '' }: Context, app: App): Promise<TableIdentifier> {
  const lake = await app.lake()
  const role = TABLE_ROLES.find((one) => one === argument)
  if (role !== undefined) return lake.tables[role]
  const levels = argument.split('.')
  const name = levels.pop() ?? ''
  return { namespace: levels.length === 0 ? lake.tables.raw.namespace : levels, name }
}

const figures = new Intl.NumberFormat('en-US')
const told = (count: number): string => figures.format(count)
const mebibytes = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(2)} MiB`
const when = (ms: number | null): string => (ms === null ? 'none' : new Date(ms).toISOString())

function planLines(plan: MaintenancePlanView): string[] {
  switch (plan.kind) {
    case 'compact':
      return plan.nothing
        ? ['✓ Compaction: no partition has small files enough, no file has deleted rows']
        : [
            `Compaction: ${told(plan.files)} data files in ${told(plan.partitions)} partitions, ${mebibytes(plan.bytes)}, ${told(plan.rows)} rows, become about ${told(plan.outputs)}; ${told(plan.deleteFiles)} delete files go`,
            '  The files stay on disk, and older snapshots can be queried, until those snapshots expire',
          ]
    case 'manifests':
      return plan.nothing
        ? ['✓ Manifests: there is nothing to join']
        : [`Manifests: ${told(plan.manifests)}, ${mebibytes(plan.bytes)}, become ${told(plan.outputs)}`]
    case 'expire':
      return [
        plan.nothing
          ? '✓ Expiry: no snapshot is old enough'
          : `Expiry: ${told(plan.snapshots)} snapshots of ${when(plan.from)} to ${when(plan.to)} can no longer be queried; ${told(plan.files)} files that only they hold, ${mebibytes(plan.bytes)}, are deleted; time travel reaches back to ${when(plan.reachesTo)}`,
        ...plan.spared.map(({ reason, snapshots }) => `  ${told(snapshots)} old ones stay: ${reason}`),
      ]
    case 'orphans':
      return [
        plan.nothing
          ? `✓ Orphans: none among ${told(plan.listed)} files under ${plan.location}`
          : `Orphans: ${told(plan.files)} of ${told(plan.listed)} files under ${plan.location}, ${mebibytes(plan.bytes)}, are older than ${plan.days} days and nothing refers to them`,
        ...plan.first.map(({ path, bytes }) => `  ${path} (${told(bytes)} bytes)`),
        ...(plan.files > plan.first.length ? [`  and ${told(plan.files - plan.first.length)} more`] : []),
      ]
  }
}

function doneLine(done: MaintenanceSummary): string {
  switch (done.work) {
    case 'compact':
      return `✓ Compacted: ${told(done.filesBefore)} files became ${told(done.filesAfter)}, ${mebibytes(done.bytesBefore)} became ${mebibytes(done.bytesAfter)}, ${told(done.rows)} rows, ${told(done.deletedRows)} deleted ones left out; snapshot ${done.snapshots.at(-1) ?? 'none'}`
    case 'manifests':
      return `✓ Manifests: ${told(done.before)} became ${told(done.after)}; snapshot ${done.snapshot ?? 'none'}`
    case 'expire':
      return `${done.failed > 0 ? '✗' : '✓'} Expired: ${told(done.snapshots)} snapshots${goneText(done.gone)}; ${told(done.files)} files deleted, ${mebibytes(done.bytes)}${left(done)}`
    case 'orphans':
      return `${done.failed > 0 ? '✗' : '✓'} Orphans: ${told(done.files)} files deleted, ${mebibytes(done.bytes)}${left(done)}`
  }
}

const goneText = (gone: number): string =>
  gone === 0 ? '' : `, ${told(gone)} more of the plan were expired by others meanwhile`

function left({ held, failed }: { readonly held: number; readonly failed: number }): string {
  return [
    held === 0 ? '' : `; ${told(held)} of the plan stay, newer snapshots hold them`,
    failed === 0 ? '' : `; ${told(failed)} could not be deleted, a later search for orphans finds them`,
  ].join('')
}
