import type { DashNewer } from '../../../shared/dash.ts'
import { LakeError } from '../../../shared/errors.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { bothFacts, columnTypes, metricFacts, partitionFacts } from '../../iceberg/facts.ts'
import { currentSchema, specById } from '../../iceberg/metadata.ts'
import { type BoundPredicate, bindPredicate, mayMatch } from '../../iceberg/predicate.ts'
import { readBatches } from '../../iceberg/read.ts'
import type { DataFile, TableMetadata } from '../../iceberg/types.ts'
import { createCalendar, dayText } from '../../rollup/calendar.ts'
import { followRaw } from '../../rollup/follow.ts'
import { rawFields } from '../../rollup/raw.ts'
import { SOURCE_SNAPSHOT_KEY, TIMEZONE_KEY } from '../../rollup/write.ts'
import type { Lake } from '../lake.ts'
import { saying } from './subjects.ts'

const LANES = 8
/** Files counted through; beyond it the rollup is so far behind that each day is better checked by itself. */
const MOST_FILES = 2_000

const NONE: DashNewer = { days: [], changed: [], unknown: null, read: { files: 0, bytes: 0 } }

/** Rows of a subject that reached raw after the snapshot which the daily aggregate holds, counted by day. */
export async function newerRows(
  lake: Lake,
  user: string,
  type: string,
  signal: AbortSignal,
): Promise<DashNewer> {
  const { io, tables } = lake
  const daily = (await io.catalog.loadTable(tables.daily, signal)).metadata
  const raw = (await io.catalog.loadTable(tables.raw, signal)).metadata
  const source = saying(daily, SOURCE_SNAPSHOT_KEY)
  if (source === null)
    return { ...NONE, unknown: 'the aggregates do not say which snapshot of raw they hold' }
  const fields = rawFields(raw)
  const followed = await followRaw(io, raw, BigInt(source.value), fields.start_date.id, signal)
  if (followed.kind === 'nothing') return NONE
  if (followed.kind === 'rebuild') return { ...NONE, unknown: followed.reason }

  const calendar = createCalendar(saying(daily, TIMEZONE_KEY)?.value ?? lake.settings.rollup.timezone)
  const changed = followed.changed.map(({ from, to }) => ({
    from: dayText(calendar.dayOf(from)),
    to: dayText(calendar.dayOf(to)),
  }))
  const mayHold = judgeOf(raw, user, type)
  const files = followed.appended.filter(({ file }) => mayHold(file))
  if (files.length > MOST_FILES) {
    return { ...NONE, changed, unknown: `${files.length} files came to raw since the last rollup` }
  }
  const counts = new Map<number, number>()
  const names = [fields.user_id.name, fields.data_type.name, fields.start_date.name]
  try {
    await mapConcurrent(
      files,
      LANES,
      async (live, _, stop) => {
        for await (const batch of readBatches(io, raw, { ...live, deletes: [] }, names, { signal: stop })) {
          const users = batch.columns.get(fields.user_id.id) ?? []
          const types = batch.columns.get(fields.data_type.id) ?? []
          const times = batch.columns.get(fields.start_date.id) ?? []
          for (let i = 0; i < batch.rows; i++) {
            if (users[i] !== user || types[i] !== type) continue
            const day = calendar.dayOf(times[i] as bigint)
            counts.set(day, (counts.get(day) ?? 0) + 1)
          }
        }
      },
      signal,
    )
  } catch (error) {
    if (!(error instanceof LakeError && error.code === 'NOT_FOUND')) throw error
    return { ...NONE, changed, unknown: 'a file of an earlier snapshot is gone' }
  }
  return {
    days: [...counts].sort(([a], [b]) => a - b).map(([day, rows]) => ({ day: dayText(day), rows })),
    changed,
    unknown: null,
    read: { files: files.length, bytes: files.reduce((sum, { file }) => sum + file.fileSize, 0) },
  }
}

/** False where partition values or bounds tell that the file has no row of the subject. */
function judgeOf(metadata: TableMetadata, user: string, type: string): (file: DataFile) => boolean {
  const schema = currentSchema(metadata)
  const types = columnTypes(schema)
  const { user_id, data_type } = rawFields(metadata)
  const filter: BoundPredicate = bindPredicate(
    {
      op: 'and',
      args: [
        { op: '==', column: user_id.name, value: user },
        { op: '==', column: data_type.name, value: type },
      ],
    },
    schema,
  )
  return (file) => {
    const facts = partitionFacts(specById(metadata, file.specId), file.partition, types)
    return mayMatch(filter, (id) => {
      const column = types.get(id)
      return column && bothFacts(facts.get(id), metricFacts(file, id, column), column)
    })
  }
}
