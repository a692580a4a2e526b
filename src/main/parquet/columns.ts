import { LakeError } from '../../shared/errors.ts'
import { type FileField, type FileSchema, type StringMapType, stringMap } from './schema.ts'

/**
 * Rows in columns: typed arrays that grow, with no object per cell. Values go in row by row and leave through
 * `encodeParquet` (write.ts), which can take any list of row numbers, so that rows of many partitions share one
 * `Columns`. A builder's arrays are open to this folder (gather.ts) and to nobody else.
 */

/** In `StringColumn.codes`: the row is null. */
export const NULL_CODE = 0xffffffff

const FIRST_ROWS = 16
/** Strings longer than this (UTF-16 units) are not looked up among those already held. */
const INTERN_LENGTH = 128
const INTERN_LIMIT = 65_536
const INTERN_TRIAL = 2048

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

type Growable = Uint8Array | Uint32Array | Float64Array | Int32Array

/** Arrays beyond it grow by half only, as what is not filled of them counts too: bytes. */
const LARGE_BYTES = 1024 * 1024

/**
 * `array` with room for `needed` elements, doubled at least, or grown by half where it is large. The array given is
 * detached when it has to grow: its memory moves or is freed at once, while garbage of that size would wait for a
 * collection.
 */
function room<T extends Growable>(array: T, needed: number): T {
  if (needed <= array.length) return array
  const factor = array.byteLength < LARGE_BYTES ? 2 : 1.5
  const bytes = Math.max(needed, Math.ceil((array.length * factor) / 8) * 8) * array.BYTES_PER_ELEMENT
  const grow = array.constructor as new (buffer: ArrayBuffer) => T
  return new grow((array.buffer as ArrayBuffer).transfer(bytes))
}

/** Which rows are null: nothing is kept before the first null. */
class Nulls {
  count = 0
  /** One byte a row, 1 = null; rows beyond its length are not null. */
  flags: Uint8Array = new Uint8Array(0)

  has(row: number): boolean {
    return this.flags[row] === 1
  }

  clear(): void {
    this.count = 0
    this.flags.fill(0)
  }

  add(row: number): void {
    this.flags = room(this.flags, row + 1)
    this.flags[row] = 1
    this.count++
  }
}

/** `string`. Repeated values are kept once, as long as looking them up pays. */
export class StringColumn {
  rows = 0
  nulls = 0
  /** Per row the number of its value, or `NULL_CODE`. */
  codes: Uint32Array = new Uint32Array(FIRST_ROWS)
  /** Value i is the half-open byte range [starts[i], starts[i + 1]) of `bytes`, in UTF-8. */
  starts: Uint32Array = new Uint32Array(FIRST_ROWS)
  bytes: Uint8Array = new Uint8Array(256)
  values = 0
  #seen: Map<string, number> | null = new Map()
  #last: string | null = null
  #lastCode = 0

  /** False once the column turned out to hold mostly different values. */
  get repeats(): boolean {
    return this.#seen !== null
  }
  get byteLength(): number {
    return this.rows * 4 + this.values * 4 + this.starts[this.values]!
  }

  clear(): void {
    this.rows = 0
    this.nulls = 0
    this.values = 0
    this.#seen = new Map()
    this.#last = null
  }

  append(value: string | null): void {
    const row = this.rows
    if (row === this.codes.length) this.codes = room(this.codes, row + 1)
    this.rows = row + 1
    if (value === null) {
      this.codes[row] = NULL_CODE
      this.nulls++
      return
    }
    if (value !== this.#last) {
      this.#last = value
      this.#lastCode = this.#code(value)
    }
    this.codes[row] = this.#lastCode
  }

  /** The string of a code. */
  text(code: number): string {
    return decoder.decode(this.bytes.subarray(this.starts[code]!, this.starts[code + 1]!))
  }
  value(row: number): string | null {
    const code = this.codes[row]!
    return code === NULL_CODE ? null : this.text(code)
  }

  #code(value: string): number {
    const seen = this.#seen
    if (seen === null || value.length > INTERN_LENGTH) return this.#write(value)
    const known = seen.get(value)
    if (known !== undefined) return known
    const code = this.#write(value)
    seen.set(value, code)
    if (seen.size > INTERN_LIMIT || (seen.size > INTERN_TRIAL && seen.size * 2 > this.rows)) this.#seen = null
    return code
  }

  #write(value: string): number {
    const code = this.values
    if (code + 1 === this.starts.length) this.starts = room(this.starts, code + 2)
    const length = value.length
    let end = this.starts[code]!
    if (end + length * 3 > this.bytes.length) this.bytes = room(this.bytes, end + length * 3)
    const bytes = this.bytes
    let index = 0
    if (length <= 64) {
      for (; index < length; index++) {
        const unit = value.charCodeAt(index)
        if (unit > 127) break
        bytes[end + index] = unit
      }
    }
    if (index < length) end += encoder.encodeInto(value, bytes.subarray(end)).written
    else end += length
    this.values = code + 1
    this.starts[code + 1] = end
    return code
  }
}

/** `double`, every bit pattern kept. */
export class DoubleColumn {
  rows = 0
  readonly nulls: Nulls = new Nulls()
  data: Float64Array = new Float64Array(FIRST_ROWS)

  get byteLength(): number {
    return this.rows * 8
  }

  value(row: number): number | null {
    return this.nulls.has(row) ? null : this.data[row]!
  }

  clear(): void {
    this.rows = 0
    this.nulls.clear()
  }

  append(value: number | null): void {
    const row = this.rows++
    if (row === this.data.length) this.data = room(this.data, row + 1)
    if (value === null) this.nulls.add(row)
    else this.data[row] = value
  }
}

/** `long`, `timestamp`, `timestamptz`: 64 bits as two halves, low first. */
export class LongColumn {
  rows = 0
  readonly nulls: Nulls = new Nulls()
  data: Uint32Array = new Uint32Array(FIRST_ROWS * 2)

  get byteLength(): number {
    return this.rows * 8
  }

  clear(): void {
    this.rows = 0
    this.nulls.clear()
  }

  append(value: bigint | null): void {
    const at = this.#next()
    if (value === null) {
      this.nulls.add(at / 2)
      return
    }
    this.data[at] = Number(value & 0xffffffffn)
    this.data[at + 1] = Number((value >> 32n) & 0xffffffffn)
  }

  value(row: number): bigint | null {
    if (this.nulls.has(row)) return null
    return (BigInt(this.data[row * 2 + 1]! | 0) << 32n) | BigInt(this.data[row * 2]!)
  }

  /** `value` is a safe integer. */
  appendNumber(value: number): void {
    const at = this.#next()
    const high = Math.floor(value / 4294967296)
    this.data[at] = value - high * 4294967296
    this.data[at + 1] = high
  }

  /** The instant `ms` (since the epoch, an integer) and `micros` (0 to 999), as microseconds since the epoch. */
  appendInstant(ms: number, micros: number): void {
    if (ms > 9_007_199_254_739 || ms < -9_007_199_254_739) this.append(BigInt(ms) * 1000n + BigInt(micros))
    else this.appendNumber(ms * 1000 + micros)
  }

  #next(): number {
    const at = this.rows * 2
    if (at === this.data.length) this.data = room(this.data, at + 2)
    this.rows++
    return at
  }
}

/** `int` and `date` (days since the epoch). */
export class IntColumn {
  rows = 0
  readonly nulls: Nulls = new Nulls()
  data: Int32Array = new Int32Array(FIRST_ROWS)

  get byteLength(): number {
    return this.rows * 4
  }

  value(row: number): number | null {
    return this.nulls.has(row) ? null : this.data[row]!
  }

  clear(): void {
    this.rows = 0
    this.nulls.clear()
  }

  append(value: number | null): void {
    const row = this.rows++
    if (row === this.data.length) this.data = room(this.data, row + 1)
    if (value === null) this.nulls.add(row)
    else this.data[row] = value
  }
}

/** `boolean`, one byte a row here, packed when written. */
export class BooleanColumn {
  rows = 0
  readonly nulls: Nulls = new Nulls()
  data: Uint8Array = new Uint8Array(FIRST_ROWS)

  get byteLength(): number {
    return this.rows
  }

  value(row: number): boolean | null {
    return this.nulls.has(row) ? null : this.data[row] === 1
  }

  clear(): void {
    this.rows = 0
    this.nulls.clear()
  }

  append(value: boolean | null): void {
    const row = this.rows++
    if (row === this.data.length) this.data = room(this.data, row + 1)
    if (value === null) this.nulls.add(row)
    else this.data[row] = value ? 1 : 0
  }
}

/** `map<string, string>`: entries are appended to `keys` and `values`, then `endRow` closes the row. */
export class MapColumn {
  rows = 0
  readonly nulls: Nulls = new Nulls()
  readonly keys: StringColumn = new StringColumn()
  readonly values: StringColumn = new StringColumn()
  /** Row i holds the half-open range of entries [starts[i], starts[i + 1]). */
  starts: Uint32Array = new Uint32Array(FIRST_ROWS)

  get byteLength(): number {
    return this.rows * 4 + this.keys.byteLength + this.values.byteLength
  }

  clear(): void {
    this.rows = 0
    this.nulls.clear()
    this.keys.clear()
    this.values.clear()
  }

  appendEntry(key: string, value: string | null): void {
    this.keys.append(key)
    this.values.append(value)
  }

  endRow(): void {
    const row = ++this.rows
    if (row === this.starts.length) this.starts = room(this.starts, row + 1)
    this.starts[row] = this.keys.rows
  }

  append(entries: ReadonlyMap<string, string | null> | null): void {
    if (entries === null) this.nulls.add(this.rows)
    else for (const [key, value] of entries) this.appendEntry(key, value)
    this.endRow()
  }
}

export type AnyColumn = StringColumn | DoubleColumn | LongColumn | IntColumn | BooleanColumn | MapColumn

/** A field of the schema, its builder, and for a map the ids of key and value. */
export interface ColumnEntry {
  readonly field: FileField
  readonly column: AnyColumn
  readonly map: StringMapType | null
}

/**
 * The rows of one table. An optional field of a type outside this folder is left out of the file, where a reader
 * takes it for null; a required one throws UNSUPPORTED.
 */
export class Columns {
  readonly schema: FileSchema
  readonly entries: readonly ColumnEntry[]
  readonly #byName: ReadonlyMap<string, AnyColumn>

  constructor(schema: FileSchema) {
    this.schema = schema
    this.entries = schema.fields.flatMap((field) => {
      const map = stringMap(field.type)
      const column = map === null ? build(field) : new MapColumn()
      return column === null ? [] : [{ field, column, map }]
    })
    this.#byName = new Map(this.entries.map(({ field, column }) => [field.name, column]))
  }

  /** Rows appended; every column must have the same number when the rows are encoded. */
  get rows(): number {
    return this.entries[0]?.column.rows ?? 0
  }
  /** Bytes in use, without the room kept for growth. */
  get bytes(): number {
    let sum = 0
    for (const { column } of this.entries) sum += column.byteLength
    return sum
  }

  /** Forgets every row and keeps the memory for the next ones. */
  clear(): void {
    for (const { column } of this.entries) column.clear()
  }

  /** The builder of the column `name`, which must be of `kind`; null where the schema has no such column. */
  find<T extends AnyColumn>(name: string, kind: new () => T): T | null {
    const column = this.#byName.get(name)
    if (column === undefined) return null
    if (column instanceof kind) return column
    const type = this.schema.fields.find((field) => field.name === name)?.type
    throw new LakeError(
      'TABLE_DIFFERS',
      `column ${name} has type ${typeof type === 'string' ? type : 'nested'}`,
      {
        context: { column: name },
      },
    )
  }
}

/** Whether the values of a column can be written; those of an optional one that cannot are left out of a file. */
export function canWrite(field: FileField): boolean {
  return stringMap(field.type) !== null || build({ ...field, required: false }) !== null
}

function build(field: FileField): AnyColumn | null {
  switch (field.type) {
    case 'string':
      return new StringColumn()
    case 'double':
      return new DoubleColumn()
    case 'long':
    case 'timestamp':
    case 'timestamptz':
      return new LongColumn()
    case 'int':
    case 'date':
      return new IntColumn()
    case 'boolean':
      return new BooleanColumn()
  }
  if (!field.required) return null
  const type = typeof field.type === 'string' ? field.type : field.type.type
  throw new LakeError('UNSUPPORTED', `cannot write the required column ${field.name} of type ${type}`, {
    context: { column: field.name, type },
  })
}
