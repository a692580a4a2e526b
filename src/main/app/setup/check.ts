/**
 * The ten steps of the specification: everything the load needs is made or verified, in its order and words. Each step is
 * data; hosts print it or show it. A failed step tells the cause and the remedy; steps that do not need it go on.
 */
import { isLakeError, LakeError, toFault } from '../../../shared/errors.ts'
import type { CheckResult, StepView } from '../../../shared/model.ts'
import { proofSteps } from '../../../shared/proof.ts'
import { type PartitionColumn, TABLES, type TableRole, tableOf } from '../../../shared/tables.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import type { Clock } from '../../base/clock.ts'
import type { Catalog } from '../../iceberg/catalog.ts'
import { layoutOf } from '../../iceberg/layout.ts'
import { currentSchema } from '../../iceberg/metadata.ts'
import { printType } from '../../iceberg/schema.ts'
import type { Storage } from '../../storage/storage.ts'
import type { MainSettings } from '../settings/settings.ts'
import { type EnsuredTable, ensureTable, layoutAdvice } from './tables.ts'

/** The bucket of the warehouse, as far as the check needs it. */
export interface Bucket {
  readonly name: string
  exists(signal?: AbortSignal): Promise<boolean>
  create(signal?: AbortSignal): Promise<unknown>
}

export interface CheckDeps {
  readonly catalog: Catalog
  readonly storage: Storage
  readonly settings: MainSettings
  /** Null where the warehouse is a local folder. */
  readonly bucket: Bucket | null
  readonly clock: Clock
}

type Line = StepView['lines'][number]
type TableState = CheckResult['tables'][number]['state']

interface Step {
  readonly number: number
  readonly title: string
  /** Numbers of the steps without which this one makes no sense. */
  readonly needs: readonly number[]
  /** The lines of a step that passed. Lines gathered in `lines` before a failure are kept. */
  run(lines: Line[]): Promise<void>
}

const pass = (text: string): Line => ({ mark: 'pass', text })
const fail = (text: string): Line => ({ mark: 'fail', text })
const info = (text: string): Line => ({ mark: 'info', text })

const AGGREGATES: readonly TableRole[] = ['daily', 'weekly', 'monthly']

/** Runs the ten steps, telling `onStep` of each when it starts and when it ends. Only CANCELLED is thrown. */
export async function ensureLake(
  deps: CheckDeps,
  onStep: (step: StepView) => void,
  signal?: AbortSignal,
): Promise<CheckResult> {
  const states = new Map<TableRole, TableState>()
  /** Steps that did not pass, each with the numbers of the failed steps behind it. */
  const bad = new Map<number, readonly number[]>()
  for (const step of steps(deps, states, signal)) {
    throwIfCancelled(signal)
    const { number, title } = step
    const started = deps.clock()
    const causes = [...new Set(step.needs.flatMap((needed) => bad.get(needed) ?? []))]
    if (causes.length > 0) {
      bad.set(number, causes)
      const lines = [info(`Skipped: step ${causes.join(' and step ')} failed`)]
      onStep({ number, title, state: 'skipped', lines, ms: null, fault: null })
      continue
    }
    onStep({ number, title, state: 'running', lines: [], ms: null, fault: null })
    const lines: Line[] = []
    let fault: StepView['fault'] = null
    try {
      await step.run(lines)
    } catch (error) {
      throwIfCancelled(signal)
      bad.set(number, [number])
      fault = toFault(error)
      if (!lines.some((line) => line.mark === 'fail')) lines.unshift(fail(fault.title))
    }
    onStep({
      number,
      title,
      state: fault === null ? 'passed' : 'failed',
      lines,
      ms: deps.clock() - started,
      fault,
    })
  }
  const roles = Object.keys(TABLES) as TableRole[]
  return {
    passed: bad.size === 0,
    tables: roles.map((role) => ({
      role,
      name: deps.settings.tables[role],
      state: states.get(role) ?? 'failed',
    })),
  }
}

function steps(deps: CheckDeps, states: Map<TableRole, TableState>, signal?: AbortSignal): Step[] {
  const { catalog, settings } = deps
  const { database } = settings.catalog
  const namespace = [database]
  const name = (role: TableRole): string => settings.tables[role]

  async function ensure(role: TableRole): Promise<EnsuredTable> {
    try {
      const ensured = await ensureTable(
        catalog,
        namespace,
        tableOf(role, settings.tables.layout),
        name(role),
        signal,
      )
      await checkShared(deps, ensured, signal)
      states.set(role, ensured.state)
      return ensured
    } catch (error) {
      const differs = isLakeError(error, 'TABLE_DIFFERS')
      states.set(role, differs ? 'differs' : 'failed')
      throw differs ? await withLayout(error, role) : error
    }
  }

  /** A table that only has the other layout needs another setting, no other tool. */
  async function withLayout(error: LakeError, role: TableRole): Promise<LakeError> {
    const { metadata } = await catalog.loadTable({ namespace, name: name(role) }, signal)
    const advice = layoutAdvice(role, settings.tables.layout, metadata)
    if (advice === null) return error
    return new LakeError('TABLE_DIFFERS', error.message, { context: error.context, ...advice, cause: error })
  }

  const create = (role: TableRole, done: string) => async (lines: Line[]) => {
    try {
      const { table, state } = await ensure(role)
      lines.push(pass(done), ...describe(table.metadata.location, table, role, state))
    } catch (error) {
      lines.push(...differenceLines(error))
      throw error
    }
  }

  const verify = (roles: readonly TableRole[]) => async (lines: Line[]) => {
    for (const role of roles) {
      const there = await catalog.tableExists({ namespace, name: name(role) }, signal)
      lines.push(there ? pass(`${name(role)} exists`) : fail(`${name(role)} is missing`))
    }
    const absent = roles.filter((_, i) => lines[i]?.mark === 'fail').map(name)
    if (absent.length === 0) return
    throw new LakeError(
      'NO_TABLE',
      `${absent.join(' and ')} ${absent.length === 1 ? 'is' : 'are'} not in the catalog`,
      {
        likely: 'Its creation failed in an earlier step.',
        remedy: 'Mend what that step names, then run the check again.',
      },
    )
  }

  const titles = proofSteps({ database, raw: name('raw'), errors: name('errors') })
  const untitled: readonly Omit<Step, 'title'>[] = [
    {
      number: 1,
      needs: [],
      run: async (lines) => void lines.push(...configuration(settings)),
    },
    {
      number: 2,
      needs: [],
      async run(lines) {
        await catalog.config(signal)
        lines.push(pass('Catalog initialized successfully'))
      },
    },
    {
      number: 3,
      needs: [2],
      async run(lines) {
        const found = await catalog.listNamespaces(undefined, signal)
        lines.push(pass('Catalog connection successful'), info(`Namespaces: ${found.length}`))
      },
    },
    {
      number: 4,
      needs: [],
      run: (lines) => prepareStorage(deps, lines, signal),
    },
    {
      number: 5,
      needs: [3],
      async run(lines) {
        await ensureNamespace(catalog, database, signal)
        lines.push(pass('Namespace ready'))
      },
    },
    {
      number: 6,
      needs: [4, 5],
      run: create('raw', 'Raw data table created/verified'),
    },
    {
      number: 7,
      needs: [4, 5],
      run: create('errors', 'Errors table created/verified'),
    },
    { number: 8, needs: [5], run: verify(['raw', 'errors']) },
    {
      number: 9,
      needs: [4, 5],
      async run(lines) {
        const failures: unknown[] = []
        for (const role of AGGREGATES) {
          try {
            await ensure(role)
          } catch (error) {
            throwIfCancelled(signal)
            failures.push(error)
            lines.push(fail(`${name(role)}: ${toFault(error).title}`), ...differenceLines(error).slice(1))
          }
        }
        if (failures.length > 0) throw failures[0]
        lines.push(pass('All aggregation tables created/verified'))
      },
    },
    { number: 10, needs: [5], run: verify(AGGREGATES) },
  ]
  return untitled.map((step) => ({ ...step, title: titles[step.number - 1]!.title }))
}

function configuration(settings: MainSettings): Line[] {
  const { catalog, s3, tables } = settings
  const remote = catalog.type === 'rest'
  const s3Lines = catalog.warehouse.startsWith('file:')
    ? []
    : [
        `S3 Endpoint: ${s3.endpoint}`,
        `S3 Bucket: ${bucketOf(settings) ?? s3.bucket}`,
        `S3 Region: ${s3.region}`,
        `S3 Path Style Access: ${s3.pathStyle}`,
      ]
  return [
    `Catalog Type: ${catalog.type}`,
    `Catalog Name: ${catalog.name}`,
    ...(remote ? [`Catalog URI: ${catalog.uri}`] : []),
    `Warehouse: ${catalog.warehouse}`,
    `Database: ${catalog.database}`,
    `Raw Table: ${tables.raw}`,
    `Errors Table: ${tables.errors}`,
    ...s3Lines,
  ].map(info)
}

/** The bucket that the tables will lie in; null for a local warehouse. */
export function bucketOf(settings: MainSettings): string | null {
  const { warehouse } = settings.catalog
  const location = /^s3[an]?:\/\/([^/]+)/i.exec(warehouse)
  if (location !== null) return location[1]!
  return warehouse.startsWith('file:') ? null : settings.s3.bucket
}

/** What the catalog wrote must be there for this app too: both must mean the same storage. */
async function checkShared(
  { storage, settings }: CheckDeps,
  { table }: EnsuredTable,
  signal?: AbortSignal,
): Promise<void> {
  const location = table.metadataLocation
  if (location === null) return
  if ((await storage.stat(location, signal === undefined ? {} : { signal })) !== null) return
  throw new LakeError(
    'NOT_FOUND',
    `The catalog made the table and its metadata file is not to be found: ${location}`,
    {
      context: { location },
      likely: `The catalog keeps its files in another object storage than ${settings.s3.endpoint}.`,
      remedy: 'Set S3_ENDPOINT and its keys to the storage that the catalog server uses.',
    },
  )
}

/** The place of the tables must be there and writable before a catalog is asked to write into it. */
async function prepareStorage(
  { bucket, storage, settings }: CheckDeps,
  lines: Line[],
  signal?: AbortSignal,
): Promise<void> {
  let note: string | null = null
  if (bucket !== null) {
    const there = await bucket.exists(signal)
    if (!there) await bucket.create(signal)
    note = `Bucket: ${bucket.name} (${there ? 'there' : 'created'})`
  }
  const { warehouse } = settings.catalog
  if (/^(s3[an]?|file):/i.test(warehouse)) {
    const probe = `${warehouse.replace(/\/+$/, '')}/.tarn-check`
    const call = signal === undefined ? {} : { signal }
    await storage.write(probe, new TextEncoder().encode('written by tarn check\n'), call)
    await storage.delete(probe, call)
  }
  lines.push(pass('Table manager initialized'))
  if (note !== null) lines.push(info(note))
}

async function ensureNamespace(catalog: Catalog, database: string, signal?: AbortSignal): Promise<void> {
  if ((await catalog.loadNamespace([database], signal)) !== null) return
  try {
    await catalog.createNamespace([database], {}, signal)
  } catch (error) {
    const lost = isLakeError(error) && error.outcome === 'unknown' && error.code !== 'CANCELLED'
    if (!isLakeError(error, 'ALREADY_EXISTS') && !lost) throw error
    if ((await catalog.loadNamespace([database], signal)) === null) throw error
  }
}

function describe(
  location: string,
  { metadata }: EnsuredTable['table'],
  role: TableRole,
  state: TableState,
): Line[] {
  const schema = currentSchema(metadata)
  const { partitions } = tableOf(role, layoutOf(role, metadata) ?? 'specified')
  const further = schema.fields.filter(
    (field) => !TABLES[role].columns.some((column) => column.name === field.name),
  )
  return [
    `Location: ${location}`,
    `State: ${state}`,
    `Schema: ${schema.fields.length} columns`,
    `Partitioning: ${partitions.map(printPartition).join(', ')}`,
    `Format: v${metadata['format-version']}, Parquet with Snappy compression`,
    ...further.map((field) => `Further column: ${field.name} (${printType(field.type)}, optional)`),
  ].map(info)
}

function printPartition({ transform, source }: PartitionColumn): string {
  switch (transform) {
    case 'day':
      return `days(${source})`
    case 'truncate[7]':
      return `truncate(7, ${source})`
    case 'identity':
      return source
  }
}

/** A table that differs, point by point; nothing for another failure. */
function differenceLines(error: unknown): Line[] {
  if (!isLakeError(error, 'TABLE_DIFFERS')) return []
  const points = Object.entries(error.context).map(([what, text]) => info(`${what}: ${String(text)}`))
  return [fail(error.message), ...points]
}
