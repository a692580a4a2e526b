import { type RecordBatch, RecordBatchReader, Schema } from 'apache-arrow'
import { type ColumnKind, cellText, columnKind } from './values.ts'

export interface ResultColumn {
  readonly name: string
  readonly kind: ColumnKind
}

/** The answer of a statement: Arrow batches, readable by row number without turning them into objects. */
export class QueryResult {
  readonly schema: Schema
  readonly columns: readonly ResultColumn[]
  readonly rows: number
  /** True where the answer was cut at the memory limit. */
  readonly cut: boolean
  /** In order, none empty. */
  readonly batches: readonly RecordBatch[]
  /** First row of each batch, ascending. */
  readonly #starts: readonly number[]

  readonly #order: Uint32Array | null

  /** `order`: numbers of the rows to show, in their order; all as they came without it. */
  constructor(
    schema: Schema,
    batches: readonly RecordBatch[],
    cut: boolean,
    order: Uint32Array | null = null,
  ) {
    this.#order = order
    this.schema = schema
    this.columns = schema.fields.map((field) => ({ name: field.name, kind: columnKind(field) }))
    this.batches = batches
    const starts: number[] = []
    let rows = 0
    for (const batch of batches) {
      starts.push(rows)
      rows += batch.numRows
    }
    this.#starts = starts
    this.rows = order === null ? rows : order.length
    this.cut = cut
  }

  /** The same answer with some of its rows, in that order. */
  ordered(order: Uint32Array): QueryResult {
    return new QueryResult(this.schema, this.batches, this.cut, order)
  }

  /** The same rows in the same order with every batch made anew under another schema. */
  mapped(schema: Schema, map: (batch: RecordBatch) => RecordBatch): QueryResult {
    return new QueryResult(schema, this.batches.map(map), this.cut, this.#order)
  }

  /** The same rows with the columns at those places only, in that order. */
  withColumns(places: readonly number[]): QueryResult {
    const batches = this.batches.map((batch) => batch.selectAt([...places]))
    const fields = places.flatMap((place) => this.schema.fields[place] ?? [])
    return new QueryResult(new Schema(fields, this.schema.metadata), batches, this.cut, this.#order)
  }

  /** Number of a shown row in the answer as it came, from 0. */
  numberOf(row: number): number {
    return this.#order === null ? row : (this.#order[row] as number)
  }

  /** Where a shown row stands: its batch, and its row in that. */
  placeOf(shown: number): { readonly batch: number; readonly row: number } {
    if (shown < 0 || shown >= this.rows) throw new RangeError(`no row ${shown}`)
    const row = this.numberOf(shown)
    const batch = this.#batchOf(row)
    return { batch, row: row - (this.#starts[batch] as number) }
  }

  /** Text of a cell, exact for its type; null for NULL. */
  cell(shown: number, column: number): string | null {
    const { batch, row } = this.placeOf(shown)
    const data = this.batches[batch]?.data.children[column]
    if (data === undefined) throw new RangeError(`no column ${column}`)
    return cellText(this.schema.fields[column]!, data, row)
  }

  #batchOf(row: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] as number) <= row) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The result in the pieces of one IPC stream. */
export function readResult(pieces: readonly Uint8Array[], cut: boolean): QueryResult {
  const reader = RecordBatchReader.from(cut ? endStream(pieces) : pieces)
  reader.open()
  const schema = reader.schema
  const batches = [...reader].filter((batch) => batch.numRows > 0)
  return new QueryResult(schema, batches, cut)
}

/** The rows of one later piece of a stream, whose schema stands in the first. */
export function readPiece(first: Uint8Array, piece: Uint8Array): QueryResult {
  const length = new DataView(first.buffer, first.byteOffset, first.byteLength).getInt32(4, true)
  return readResult([first.subarray(0, 8 + length), piece], true)
}

function endStream(pieces: readonly Uint8Array[]): Uint8Array[] {
  return [...pieces, new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0])]
}
