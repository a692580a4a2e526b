import { type Data, type Field, makeData, RecordBatch, Struct } from 'apache-arrow'
import { EXPORT_CHUNK_BYTES, type ExportFormat, type FinishedExport } from '../../shared/export.ts'
import type { ExportApi } from './api.ts'
import { csvField, csvRows } from './csv.ts'
import { EngineError } from './errors.ts'
import { ipcOf } from './held.ts'
import { cellJson } from './json-lines.ts'
import { portableBatch, portableSchema } from './portable.ts'
import type { QueryResult } from './result.ts'
import { takeData } from './take.ts'
import { distinctNames } from './types.ts'

export interface ExportTarget {
  readonly format: ExportFormat
  /** What the file is to be called, without ending. */
  readonly name: string
  readonly signal: AbortSignal
  /** Rows of the answer and bytes that main has taken. */
  readonly onProgress: (rows: number, bytes: number) => void
}

/** An answer in a file of the computer that Tarn runs on. */
export interface Exported extends FinishedExport {
  /** Where this window can fetch it. */
  readonly href: string
}

/** Rows turned into text or Arrow at once: few enough that the page stays quick to answer. */
const BLOCK_ROWS = 4_096
/** Bytes gathered before they are sent. */
const CHUNK_BYTES = 1 << 20

/**
 * Sends an answer to a file of main's. `produce` gives its parts in order, at least one, and waits for each. One chunk is
 * on its way while the next is made; main's answer to a chunk is the back-pressure. What fails or is stopped leaves no
 * file behind.
 */
export async function exportParts(
  api: ExportApi,
  produce: (take: (part: QueryResult) => Promise<void>) => Promise<void>,
  target: ExportTarget,
): Promise<Exported> {
  const { format, name, signal } = target
  const { id } = await api.start({ format, name }, signal)
  try {
    const sender = new Sender(api, id, target)
    await produce((part) => (format === 'parquet' ? sendArrow(sender, part) : sendText(sender, part, format)))
    await sender.end()
    signal.throwIfAborted()
    const file = await api.finish(id, sender.rows, signal)
    return { ...file, href: api.href(id) }
  } catch (error) {
    await api.drop(id).catch(() => undefined)
    throw error
  }
}

class Sender {
  readonly #api: ExportApi
  readonly #id: string
  readonly #target: ExportTarget
  #sending: Promise<void> = Promise.resolve()
  #gathered: Uint8Array[] = []
  #size = 0
  #chunk = 0
  #bytes = 0
  /** Rows that were handed in. */
  rows = 0
  /** True once the first part has come. */
  begun = false

  constructor(api: ExportApi, id: string, target: ExportTarget) {
    this.#api = api
    this.#id = id
    this.#target = target
  }

  /** Bytes of text, joined to chunks of a good size. */
  async text(text: string, rows: number): Promise<void> {
    const bytes = new TextEncoder().encode(text)
    this.rows += rows
    this.#gathered.push(bytes)
    this.#size += bytes.length
    if (this.#size >= CHUNK_BYTES) await this.#flush()
  }

  /** One chunk that stays whole. */
  async whole(bytes: Uint8Array, rows: number): Promise<void> {
    this.rows += rows
    await this.#send(bytes)
  }

  async end(): Promise<void> {
    if (this.#size > 0) await this.#flush()
    await this.#sending
  }

  async #flush(): Promise<void> {
    const joined = new Uint8Array(this.#size)
    let at = 0
    for (const bytes of this.#gathered) {
      joined.set(bytes, at)
      at += bytes.length
    }
    this.#gathered = []
    this.#size = 0
    for (let from = 0; from < joined.length; from += EXPORT_CHUNK_BYTES) {
      await this.#send(joined.subarray(from, from + EXPORT_CHUNK_BYTES))
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    await this.#sending
    this.#target.signal.throwIfAborted()
    const { rows } = this
    const number = this.#chunk++
    this.#sending = this.#api.write(this.#id, number, bytes, this.#target.signal).then(() => {
      this.#bytes += bytes.length
      this.#target.onProgress(rows, this.#bytes)
    })
    // It is awaited before the next one; until then nobody else may see it fail.
    this.#sending.catch(() => undefined)
  }
}

async function sendText(sender: Sender, part: QueryResult, format: ExportFormat): Promise<void> {
  if (!sender.begun && format === 'csv') {
    await sender.text(`\ufeff${part.columns.map((column) => csvField(column.name, false)).join(',')}\r\n`, 0)
  }
  sender.begun = true
  const names = distinctNames(part.columns.map((column) => column.name)).map((name) => JSON.stringify(name))
  for (let start = 0; start < part.rows; start += BLOCK_ROWS) {
    const end = Math.min(part.rows, start + BLOCK_ROWS)
    await sender.text(
      format === 'csv' ? csvRows(part, start, end) : jsonRows(part, names, start, end),
      end - start,
    )
    await breath()
  }
}

function jsonRows(part: QueryResult, names: readonly string[], start: number, end: number): string {
  let text = ''
  for (let shown = start; shown < end; shown++) {
    const { batch, row } = part.placeOf(shown)
    const { children } = (part.batches[batch] as RecordBatch).data
    const pairs = names.map(
      (name, i) => `${name}:${cellJson(part.schema.fields[i] as Field, children[i] as Data, row)}`,
    )
    text += `{${pairs.join(',')}}\n`
  }
  return text
}

async function sendArrow(sender: Sender, part: QueryResult): Promise<void> {
  const schema = portableSchema(part.schema)
  if (!sender.begun) await sender.whole(ipcOf(schema, []), 0)
  sender.begun = true
  const portable = part.mapped(schema, (batch) => portableBatch(schema, batch))
  for (let start = 0; start < part.rows; start += BLOCK_ROWS) {
    await sendRows(sender, portable, start, Math.min(part.rows, start + BLOCK_ROWS))
    await breath()
  }
}

/** Rows [start, end) as one chunk, or as two halves where that is too large for one. */
async function sendRows(sender: Sender, part: QueryResult, start: number, end: number): Promise<void> {
  const ipc = ipcOf(part.schema, [rowsOf(part, start, end)])
  if (ipc.length <= EXPORT_CHUNK_BYTES) return sender.whole(ipc, end - start)
  if (end - start === 1) {
    const text = `Row ${start + 1} is larger than ${EXPORT_CHUNK_BYTES / 1e6} MB, which is the most that can be exported.`
    throw new EngineError('Export', text, null, [])
  }
  const middle = (start + end) >> 1
  await sendRows(sender, part, start, middle)
  await sendRows(sender, part, middle, end)
}

/** Shown rows [start, end) of an answer as one batch. */
function rowsOf(part: QueryResult, start: number, end: number): RecordBatch {
  const from = new Uint32Array(end - start)
  const rows = new Uint32Array(end - start)
  for (let i = start; i < end; i++) {
    const place = part.placeOf(i)
    from[i - start] = place.batch
    rows[i - start] = place.row
  }
  const children = part.schema.fields.map((field, c) => {
    const pieces = part.batches.map((batch) => batch.data.children[c] as Data)
    return takeData(field.type, pieces, from, rows)
  })
  const data = makeData({ type: new Struct(part.schema.fields), length: end - start, nullCount: 0, children })
  return new RecordBatch(part.schema, data)
}

/** Lets the page answer clicks and paint between blocks. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
