import { LakeError } from '../../shared/errors.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import { DeleteCache } from '../iceberg/deletes.ts'
import { currentSchema } from '../iceberg/metadata.ts'
import type { CellArray } from '../iceberg/projection.ts'
import { type Batch, readBatches } from '../iceberg/read.ts'
import type { ScanFile } from '../iceberg/scan.ts'
import type { NestedField, TableMetadata } from '../iceberg/types.ts'
import type { Storage } from '../storage/storage.ts'
import type { Calendar } from './calendar.ts'
import type { DayStats } from './state.ts'
import { addSample, statsOf } from './stats.ts'

/** Columns of raw that the rollup reads, as the specification names them. */
const COLUMNS = ['user_id', 'data_type', 'value', 'start_date', 'sample_id'] as const
type Column = (typeof COLUMNS)[number]
export type RawFields = Readonly<Record<Column, NestedField>>

/**
 * The fields of raw's present schema that hold the specification's columns: by name, else, where somebody renamed one, by
 * the field id that bore the name in an older schema. Throws TABLE_DIFFERS where one is gone.
 */
export function rawFields(metadata: TableMetadata): RawFields {
  const present = currentSchema(metadata)
  const find = (name: Column): NestedField => {
    const byName = present.fields.find((field) => field.name === name)
    if (byName) return byName
    for (const schema of metadata.schemas.toReversed()) {
      const id = schema.fields.find((field) => field.name === name)?.id
      const renamed = present.fields.find((field) => field.id === id)
      if (renamed) return renamed
    }
    throw new LakeError('TABLE_DIFFERS', `the raw table has no column ${name}`, { context: { column: name } })
  }
  return Object.fromEntries(COLUMNS.map((name) => [name, find(name)])) as Record<Column, NestedField>
}

export interface Progress {
  /** Rows of raw. */
  readonly done: number
  readonly total: number
}

export interface RawReading {
  readonly io: { readonly storage: Storage }
  readonly metadata: TableMetadata
  readonly calendar: Calendar
  /** False: rows of the day are left out. */
  readonly keepDay: (day: number) => boolean
  /** Takes what was gathered so far; called again and again so that memory stays bounded. */
  readonly flush: (days: DayStats) => void
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Files read side by side. */
const LANES = 6
const BATCH_ROWS = 65_536
/** Keys (user, type, day) gathered before they are flushed. */
const KEYS_HELD = 50_000

/** Streams rows of raw's files into statistics per key. Returns the rows read, those left out included. */
export async function readRaw(reading: RawReading, files: readonly ScanFile[]): Promise<number> {
  const { io, metadata, onProgress, signal } = reading
  const fields = rawFields(metadata)
  const names = Object.values(fields).map((field) => field.name)
  const deletes = new DeleteCache()
  const total = files.reduce((sum, { file }) => sum + file.recordCount, 0)
  const gather = new Gatherer(reading, fields)
  let done = 0
  await mapConcurrent(
    files,
    LANES,
    async (file, _, stop) => {
      const options = { deletes, batchRows: BATCH_ROWS, signal: stop }
      for await (const batch of readBatches(io, metadata, file, names, options)) {
        throwIfCancelled(stop)
        gather.add(batch)
        done += batch.rows
        onProgress?.({ done, total })
      }
    },
    signal,
  )
  gather.flush()
  return done
}

class Gatherer {
  readonly #reading: RawReading
  readonly #fields: RawFields
  #days: DayStats = new Map()
  #keys = 0

  constructor(reading: RawReading, fields: RawFields) {
    this.#reading = reading
    this.#fields = fields
  }

  add({ rows, columns }: Batch): void {
    const column = (name: Column): CellArray => columns.get(this.#fields[name].id) ?? []
    const users = column('user_id')
    const types = column('data_type')
    const values = column('value')
    const times = column('start_date')
    const ids = column('sample_id')
    const { calendar, keepDay } = this.#reading
    for (let row = 0; row < rows; row++) {
      const at = times[row] as bigint
      const day = calendar.dayOf(at)
      if (!keepDay(day)) continue
      const user = users[row] as string
      const type = types[row] as string
      const days = this.#daysOf(user, type)
      const stats = days.get(day)
      const value = values[row] as number
      const id = ids[row] as string
      if (stats !== undefined) addSample(stats, value, at, id)
      else {
        days.set(day, statsOf(value, at, id))
        this.#keys += 1
      }
    }
    if (this.#keys >= KEYS_HELD) this.flush()
  }

  flush(): void {
    if (this.#keys === 0) return
    this.#reading.flush(this.#days)
    this.#days = new Map()
    this.#keys = 0
  }

  #daysOf(user: string, type: string) {
    let types = this.#days.get(user)
    if (types === undefined) {
      types = new Map()
      this.#days.set(user, types)
    }
    let days = types.get(type)
    if (days === undefined) {
      days = new Map()
      types.set(type, days)
    }
    return days
  }
}
