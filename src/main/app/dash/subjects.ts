import type { DashDays, DashLake, DashTypes, DashUsers } from '../../../shared/dash.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { ancestors, currentSchema, headSnapshot, specById } from '../../iceberg/metadata.ts'
import type { Cell } from '../../iceberg/projection.ts'
import { readBatches } from '../../iceberg/read.ts'
import { planScan, type ScanFile } from '../../iceberg/scan.ts'
import { fieldByName } from '../../iceberg/schema.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'
import { SOURCE_SNAPSHOT_KEY, TIMEZONE_KEY } from '../../rollup/write.ts'
import type { Lake } from '../lake.ts'

/** Months with data of each type of each user. */
type Subjects = ReadonlyMap<string, ReadonlyMap<string, { from: string; to: string; months: number }>>

export interface SubjectIndex {
  lake(lake: Lake, signal: AbortSignal): Promise<DashLake>
  users(lake: Lake, search: string, limit: number, signal: AbortSignal): Promise<DashUsers>
  types(lake: Lake, user: string, signal: AbortSignal): Promise<DashTypes>
}

/**
 * Who has data of what, from the partition values of the monthly aggregate: manifests are read, no data file. Kept until
 * the table has another snapshot.
 */
export function createSubjectIndex(): SubjectIndex {
  let kept: { readonly key: string; readonly subjects: Promise<Subjects> } | null = null
  const subjectsOf = async (lake: Lake, signal: AbortSignal): Promise<Subjects> => {
    const { metadata } = await lake.io.catalog.loadTable(lake.tables.monthly, signal)
    const key = `${metadata['table-uuid']} ${headSnapshot(metadata)?.['snapshot-id'] ?? ''}`
    if (kept?.key !== key) {
      const subjects = readSubjects(lake, metadata)
      kept = { key, subjects }
      subjects.catch(() => {
        if (kept?.subjects === subjects) kept = null
      })
    }
    return kept.subjects
  }
  return {
    async lake(lake, signal) {
      const load = async (role: TableRole) =>
        (await lake.io.catalog.loadTable(lake.tables[role], signal)).metadata
      const [daily, weekly, monthly] = await Promise.all([load('daily'), load('weekly'), load('monthly')])
      // Raw last: what the aggregates hold is in it.
      const raw = await load('raw')
      const subjects = await subjectsOf(lake, signal)
      const head = headSnapshot(raw)
      const source = saying(daily, SOURCE_SNAPSHOT_KEY)
      return {
        timezone: saying(daily, TIMEZONE_KEY)?.value ?? lake.settings.rollup.timezone,
        raw: head && {
          snapshotId: String(head['snapshot-id']),
          at: head['timestamp-ms'],
          rows: rowsOf(head),
        },
        rolledUp: source && { snapshotId: source.value, at: source.snapshot['timestamp-ms'] },
        version: [daily, weekly, monthly].map((one) => headSnapshot(one)?.['snapshot-id'] ?? '').join('.'),
        users: subjects.size,
        first: firstOf(subjects),
      }
    },
    async users(lake, search, limit, signal) {
      const wanted = search.toLowerCase()
      const found = [...(await subjectsOf(lake, signal))].filter(([user]) =>
        user.toLowerCase().includes(wanted),
      )
      found.sort(([a], [b]) => (a < b ? -1 : 1))
      return {
        users: found.slice(0, limit).map(([user, types]) => ({ user, types: types.size })),
        total: found.length,
      }
    },
    async types(lake, user, signal) {
      const types = (await subjectsOf(lake, signal)).get(user) ?? new Map()
      return {
        types: [...types]
          .map(([type, { from, to, months }]) => ({ type, from, to, months }))
          .sort((a, b) => (a.type < b.type ? -1 : 1)),
      }
    },
  }
}

async function readSubjects(lake: Lake, metadata: TableMetadata): Promise<Subjects> {
  const subjects = new Map<string, Map<string, { from: string; to: string; months: number }>>()
  const { files } = await planScan(lake.io, metadata)
  await eachKey(lake, metadata, files, ['user_id', 'data_type', 'year', 'month'], (key) => {
    const [user, type, year, month] = key
    if (typeof user !== 'string' || typeof type !== 'string') return
    const at = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`
    let types = subjects.get(user)
    if (types === undefined) {
      types = new Map()
      subjects.set(user, types)
    }
    const known = types.get(type)
    if (known === undefined) types.set(type, { from: at, to: at, months: 1 })
    else {
      if (at < known.from) known.from = at
      if (at > known.to) known.to = at
      known.months += 1
    }
  })
  return subjects
}

/** Heart rate where somebody has it, else what has the most months. */
function firstOf(subjects: Subjects): DashLake['first'] {
  let best: { readonly user: string; readonly type: string; readonly months: number } | null = null
  for (const [user, types] of [...subjects].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [type, { months }] of types) {
      const better =
        best === null ||
        months > best.months ||
        (months === best.months && type === 'heartRate' && best.type !== 'heartRate')
      if (better) best = { user, type, months }
    }
  }
  return best && { user: best.user, type: best.type }
}

/** Days of a subject in the daily aggregate, by its partition values. */
export async function daysOfSubject(
  lake: Lake,
  user: string,
  type: string,
  signal: AbortSignal,
): Promise<DashDays> {
  const { metadata } = await lake.io.catalog.loadTable(lake.tables.daily, signal)
  const plan = await planScan(lake.io, metadata, {
    filter: {
      op: 'and',
      args: [
        { op: '==', column: 'user_id', value: user },
        { op: '==', column: 'data_type', value: type },
      ],
    },
    signal,
  })
  const days = new Set<string>()
  await eachKey(
    lake,
    metadata,
    plan.files,
    ['user_id', 'data_type', 'aggregation_date'],
    (key) => {
      if (key[0] === user && key[1] === type) days.add(String(key[2]))
    },
    signal,
  )
  return { days: [...days].sort(), manifests: plan.manifests }
}

const LANES = 8

/**
 * Values of some columns, once a file where its partition holds them all, else once a row of those columns: in the
 * specified layout nothing is read for it, in the compact one a few columns of few files.
 */
async function eachKey(
  { io }: Lake,
  metadata: TableMetadata,
  files: readonly ScanFile[],
  names: readonly string[],
  visit: (key: readonly Cell[]) => void,
  signal?: AbortSignal,
): Promise<void> {
  const schema = currentSchema(metadata)
  const ids = names.map((name) => fieldByName(schema, name)?.id ?? -1)
  const places = new Map<number, readonly number[]>()
  const placesOf = (specId: number): readonly number[] => {
    let found = places.get(specId)
    if (found === undefined) {
      const { fields } = specById(metadata, specId)
      found = ids.map((id) =>
        fields.findIndex((field) => field['source-id'] === id && field.transform === 'identity'),
      )
      places.set(specId, found)
    }
    return found
  }
  const unread: ScanFile[] = []
  for (const scanned of files) {
    const at = placesOf(scanned.file.specId)
    if (at.includes(-1)) unread.push(scanned)
    else visit(at.map((place) => scanned.file.partition[place] ?? null))
  }
  const deletes = new DeleteCache()
  await mapConcurrent(
    unread,
    LANES,
    async (file, _, stop) => {
      for await (const batch of readBatches(io, metadata, file, names, { deletes, signal: stop })) {
        const columns = ids.map((id) => batch.columns.get(id) ?? [])
        for (let row = 0; row < batch.rows; row++) visit(columns.map((column) => column[row] ?? null))
      }
    },
    signal,
  )
}

/** The newest snapshot of main whose summary says `key`, and what it says. */
export function saying(
  metadata: TableMetadata,
  key: string,
): { readonly value: string; readonly snapshot: Snapshot } | null {
  const head = headSnapshot(metadata)
  if (head === null) return null
  for (const snapshot of ancestors(metadata, head['snapshot-id'])) {
    const value = snapshot.summary[key]
    if (value !== undefined) return { value, snapshot }
  }
  return null
}

function rowsOf({ summary }: Snapshot): number | null {
  const text = summary['total-records']
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}
