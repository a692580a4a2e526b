import { isLakeError } from '../../../shared/errors.ts'
import type { VerifySummary } from '../../../shared/model.ts'
import { TABLE_ROLES, type TableRole } from '../../../shared/tables.ts'
import type { LoadedTable } from '../../iceberg/catalog.ts'
import type { JobControl } from '../jobs.ts'
import type { Lake } from '../lake.ts'
import { verifyAggregates } from './aggregates.ts'
import { Differences } from './differences.ts'
import { verifyFiles } from './files.ts'
import { verifyLedger } from './ledger.ts'

/** What verifying needs of a lake. */
export type VerifiedLake = Pick<Lake, 'io' | 'tables'> & {
  readonly settings: { readonly rollup: { readonly timezone: string } }
}

/**
 * Checks a lake against itself (contract: `verify`): the ledger of consumed offsets, every referenced file, and the
 * aggregates recomputed from raw. Reads only. Each difference is named in words; the tables are taken as they are at the
 * start, so that a load going on meanwhile does not disturb.
 */
export async function verify(
  lake: VerifiedLake,
  control: Pick<JobControl, 'signal' | 'progress'>,
): Promise<VerifySummary> {
  const { io, settings } = lake
  const { signal } = control
  const tables = await loadAll(lake, signal)
  const metadata = (role: TableRole) => tables[role].metadata
  const differences = new Differences()
  const steps = TABLE_ROLES.length + 1
  const checked: Record<string, number> = { files: 0 }

  for (const [done, role] of TABLE_ROLES.entries()) {
    control.progress({ done, total: steps, unit: 'steps', text: `files of ${tables[role].identifier.name}` })
    checked.files = (checked.files ?? 0) + (await verifyFiles(io, tables[role], differences, signal))
  }
  control.progress({ done: steps - 1, total: steps, unit: 'steps', text: 'ledger and dead letters' })
  const ledger = await readable(differences, 'the ledger', () =>
    verifyLedger(io, { raw: metadata('raw'), errors: metadata('errors') }, differences, signal),
  )
  const aggregates = await readable(differences, 'the aggregates', () =>
    verifyAggregates(
      io,
      {
        raw: metadata('raw'),
        daily: metadata('daily'),
        weekly: metadata('weekly'),
        monthly: metadata('monthly'),
      },
      settings.rollup.timezone,
      differences,
      (done, total) =>
        control.progress({ done, total, unit: 'rows', text: 'recomputing aggregates from raw' }),
      signal,
    ),
  )
  const found = differences.list()
  return {
    clean: found.length === 0,
    differences: found,
    ledger: ledger?.lines ?? [],
    checked: { ...checked, ...ledger?.checked, ...aggregates },
  }
}

/** What cannot be read is a difference, and what depends on it is left out; null then. */
async function readable<T>(
  differences: Differences,
  what: string,
  check: () => Promise<T>,
): Promise<T | null> {
  try {
    return await check()
  } catch (error) {
    if (!isLakeError(error, 'NOT_FOUND', 'CORRUPT', 'UNSUPPORTED')) throw error
    const file = error.context.file ?? error.context.location ?? ''
    differences.add(`${what} could not be compared: ${error.message} ${file}`.trimEnd())
    return null
  }
}

async function loadAll(
  { io, tables }: VerifiedLake,
  signal: AbortSignal,
): Promise<Record<TableRole, LoadedTable>> {
  // Raw last: what the aggregates hold is in it.
  const loaded: Partial<Record<TableRole, LoadedTable>> = {}
  for (const role of TABLE_ROLES.toReversed()) loaded[role] = await io.catalog.loadTable(tables[role], signal)
  return loaded as Record<TableRole, LoadedTable>
}
