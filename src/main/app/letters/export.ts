import { DeleteCache } from '../../iceberg/deletes.ts'
import type { FileSchema } from '../../parquet/schema.ts'
import { streamRows } from '../../parquet/stream.ts'
import { stateOf } from '../../replay/state.ts'
import type { Lake } from '../lake.ts'
import { isoMicros } from './dead-letters.ts'
import { type DeadLetterFilter, findLetters } from './letter-index.ts'
import { type FoundRow, long, readRows, textOf } from './rows.ts'

export type ExportFormat = 'csv' | 'jsonl' | 'parquet'

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
/** Rows of a row group in Parquet: payloads are long. */
const GROUP_ROWS = 8192
const BATCH_ROWS = 512

type Row = Readonly<Record<string, string | bigint | null>>

/** Every letter that matches as one file, made while it is read. The first error before any byte is thrown here. */
export async function exportLetters(
  lake: Lake,
  filter: DeadLetterFilter,
  format: ExportFormat,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const rows = await rowsOf(lake, filter, signal)
  switch (format) {
    case 'csv':
      return streamOf(csv(rows))
    case 'jsonl':
      return streamOf(jsonLines(rows))
    case 'parquet':
      return streamOf(streamRows(SCHEMA, rows, { rowGroupRows: GROUP_ROWS }))
  }
}

async function rowsOf(
  lake: Lake,
  filter: DeadLetterFilter,
  signal: AbortSignal,
): Promise<AsyncGenerator<Row[]>> {
  const { metadata, letters, marks } = await findLetters(lake, filter, signal)
  async function* read(): AsyncGenerator<Row[]> {
    const deletes = new DeleteCache()
    let batch: Row[] = []
    for (const { file, rows, letter } of letters.byFile()) {
      for await (const found of readRows(lake, metadata, file, COLUMNS, rows, { deletes, signal })) {
        batch.push({ ...rowOf(found), state: stateOf(marks.ofLetter.get(letter(found.row).id)) })
        if (batch.length < BATCH_ROWS) continue
        yield batch
        batch = []
      }
    }
    if (batch.length > 0) yield batch
  }
  return read()
}

function rowOf({ cell }: FoundRow): Record<string, string | bigint | null> {
  const found: Record<string, string | bigint | null> = { error_timestamp: long(cell('error_timestamp')) }
  for (const name of TEXTS) found[name] = textOf(cell(name))
  for (const name of LONGS) found[name] = long(cell(name))
  return found
}

const encoder = new TextEncoder()

async function* csv(rows: AsyncIterable<Row[]>): AsyncGenerator<Uint8Array> {
  yield encoder.encode(`${NAMES.join(',')}\r\n`)
  for await (const batch of rows) {
    yield encoder.encode(
      batch.map((row) => `${NAMES.map((name) => csvCell(name, row[name])).join(',')}\r\n`).join(''),
    )
  }
}

/** Text is quoted, and what a spreadsheet would take for a formula gets an apostrophe before it. Null is an empty cell. */
export function csvCell(name: string, value: string | bigint | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'bigint') return name === 'error_timestamp' ? isoMicros(value) : String(value)
  const guarded = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value
  return `"${guarded.replaceAll('"', '""')}"`
}

async function* jsonLines(rows: AsyncIterable<Row[]>): AsyncGenerator<Uint8Array> {
  for await (const batch of rows) {
    const lines = batch.map((row) =>
      JSON.stringify(
        Object.fromEntries(
          NAMES.map((name) => {
            const value = row[name] ?? null
            if (typeof value !== 'bigint') return [name, value]
            return [name, name === 'error_timestamp' ? isoMicros(value) : String(value)]
          }),
        ),
      ),
    )
    yield encoder.encode(`${lines.join('\n')}\n`)
  }
}

const SCHEMA: FileSchema = {
  fields: NAMES.map((name, index) => ({
    id: index + 1,
    name,
    required: false,
    type: name === 'error_timestamp' ? 'timestamp' : LONG_NAMES.has(name) ? 'long' : 'string',
  })),
}

function streamOf(parts: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await parts.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        controller.error(error)
      }
    },
    async cancel() {
      await parts.return(undefined)
    },
  })
}

/** A name for the file, of letters, digits and dashes alone whatever the data say. */
export function exportName(title: string, format: ExportFormat): string {
  const clean = title
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
  return `dead-letters${clean === '' ? '' : `-${clean}`}.${format}`
}
