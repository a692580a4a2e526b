import { csvText } from '../../../shared/csv.ts'
import type { ExportFormat, FinishedExport } from '../../../shared/export.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import type { FileSchema } from '../../parquet/schema.ts'
import { columnsOf, encodeIpc } from '../../parquet/write.ts'
import { stateOf } from '../../replay/state.ts'
import type { Exports } from '../export/exports.ts'
import type { JobControl } from '../jobs.ts'
import type { Lake } from '../lake.ts'
import { isoMicros } from './dead-letters.ts'
import { type DeadLetterFilter, findLetters, type LetterSearch } from './letter-index.ts'
import { type FoundRow, long, readRows, textOf } from './rows.ts'

const TEXTS = [
  'error_id',
  'error_type',
  'error_message',
  'raw_payload',
  'user_id',
  'device_id',
  'sample_id',
  'data_type',
  'kafka_topic',
] as const
const LONGS = ['kafka_partition', 'kafka_offset'] as const
const LONG_NAMES: ReadonlySet<string> = new Set(LONGS)
const COLUMNS = ['error_timestamp', ...TEXTS, ...LONGS]
const NAMES = [...COLUMNS, 'state']
/** A piece of a file: rows, and characters of payloads, after which it ends. */
const BATCH_ROWS = 512
const BATCH_TEXT = 8 * 1024 * 1024

type Row = Readonly<Record<string, string | bigint | null>>

export interface LetterExport {
  readonly filter: DeadLetterFilter
  readonly format: ExportFormat
  /** Of the file, without ending. */
  readonly name: string
}

/**
 * Every letter that matches into one file of the exports, while they are read: what stands in memory is a batch of rows,
 * and for Parquet one row group. Cancelled, or failing, it leaves no file.
 */
export async function exportLetters(
  lake: Lake,
  exports: Exports,
  { filter, format, name }: LetterExport,
  control: Pick<JobControl, 'signal' | 'progress'>,
): Promise<FinishedExport> {
  const { signal } = control
  const search = await findLetters(lake, filter, signal)
  const { id } = await exports.start({ name, format })
  try {
    let [done, sequence] = [0, 0]
    const progress = () =>
      control.progress({
        done,
        total: search.letters.length,
        unit: 'letters',
        text: 'exporting dead letters',
      })
    progress()
    for await (const rows of rowsOf(lake, search, signal)) {
      throwIfCancelled(signal)
      await exports.write(id, sequence, partOf(format, rows, sequence === 0))
      done += rows.length
      sequence += 1
      progress()
    }
    if (sequence === 0) await exports.write(id, 0, partOf(format, [], true))
    return await exports.finish(id, done)
  } catch (error) {
    await exports.drop(id)
    throw error
  }
}

/** Rows as the next piece of a file; the first brings what stands above all rows. */
function partOf(format: ExportFormat, rows: readonly Row[], first: boolean): Uint8Array {
  switch (format) {
    case 'csv':
      return encoder.encode(`${first ? `${NAMES.join(',')}\r\n` : ''}${rows.map(csvLine).join('')}`)
    case 'jsonl':
      return encoder.encode(rows.map(jsonLine).join(''))
    case 'parquet':
      return encodeIpc(columnsOf(SCHEMA, rows))
  }
}

async function* rowsOf(
  lake: Lake,
  { metadata, letters, marks }: LetterSearch,
  signal: AbortSignal,
): AsyncGenerator<Row[]> {
  const deletes = new DeleteCache()
  let [batch, text]: [Row[], number] = [[], 0]
  for (const { file, rows, letter } of letters.byFile()) {
    for await (const found of readRows(lake, metadata, file, COLUMNS, rows, { deletes, signal })) {
      const row: Row = { ...rowOf(found), state: stateOf(marks.ofLetter.get(letter(found.row).id)) }
      batch.push(row)
      text += typeof row.raw_payload === 'string' ? row.raw_payload.length : 0
      if (batch.length < BATCH_ROWS && text < BATCH_TEXT) continue
      yield batch
      ;[batch, text] = [[], 0]
    }
  }
  if (batch.length > 0) yield batch
}

function rowOf({ cell }: FoundRow): Record<string, string | bigint | null> {
  const found: Record<string, string | bigint | null> = { error_timestamp: long(cell('error_timestamp')) }
  for (const name of TEXTS) found[name] = textOf(cell(name))
  for (const name of LONGS) found[name] = long(cell(name))
  return found
}

const encoder = new TextEncoder()

const csvLine = (row: Row): string => `${NAMES.map((name) => csvCell(name, row[name] ?? null)).join(',')}\r\n`

function csvCell(name: string, value: string | bigint | null): string {
  if (typeof value !== 'bigint') return csvText(value)
  return name === 'error_timestamp' ? isoMicros(value) : String(value)
}

function jsonLine(row: Row): string {
  const fields = NAMES.map((name) => {
    const value = row[name] ?? null
    if (typeof value !== 'bigint') return [name, value]
    return [name, name === 'error_timestamp' ? isoMicros(value) : String(value)]
  })
  return `${JSON.stringify(Object.fromEntries(fields))}\n`
}

const SCHEMA: FileSchema = {
  fields: NAMES.map((name, index) => ({
    id: index + 1,
    name,
    required: false,
    type: name === 'error_timestamp' ? 'timestamp' : LONG_NAMES.has(name) ? 'long' : 'string',
  })),
}
