import { compareBytes, truncateLower, truncateUpper } from './bounds.ts'
import {
  BooleanColumn,
  type ColumnEntry,
  DoubleColumn,
  IntColumn,
  LongColumn,
  type MapColumn,
  NULL_CODE,
  StringColumn,
} from './columns.ts'
import type { ArrayNode } from './ipc.ts'

/**
 * Chosen rows of one column as Arrow buffers: sizes first, so that all columns share one body, then the bytes, with
 * the column's metrics counted on the way.
 */
export interface Gathered {
  /** Arrow arrays, parents before children. */
  readonly nodes: readonly ArrayNode[]
  /** Bytes of each buffer, without padding. */
  readonly sizes: readonly number[]
  /** Fills the buffers, which are zeroed and start at `offsets`. */
  write(body: Uint8Array, offsets: readonly number[]): void
  /** One per leaf; complete once `write` has run. */
  readonly metrics: readonly LeafMetrics[]
}

/** Metrics of a leaf column (Iceberg spec, Column Metrics). */
export interface LeafMetrics {
  readonly id: number
  values: number
  nulls: number
  nans?: number
  /** Written without a dictionary: it would hardly be shorter than the values. */
  plain: boolean
  lower?: Uint8Array
  upper?: Uint8Array
}

/** Gathers `rows` (row numbers, any order, repeats allowed). */
export function gather(entry: ColumnEntry, rows: Uint32Array): Gathered {
  const { column, field, map } = entry
  if (column instanceof StringColumn) return gatherStrings(column, rows, field.id, true)
  if (column instanceof DoubleColumn) return gatherDoubles(column, rows, field.id)
  if (column instanceof LongColumn) return gatherLongs(column, rows, field.id)
  if (column instanceof IntColumn) return gatherInts(column, rows, field.id)
  if (column instanceof BooleanColumn) return gatherBooleans(column, rows, field.id)
  return gatherMaps(column, rows, map!.keyId, map!.valueId)
}

/** Files of fewer rows have no dictionaries. */
const FEW_ROWS = 4
const SAMPLE_ROWS = 128

/** Whether a look at some of `rows` finds more than half of the values different. */
function mostlyDifferent(rows: Uint32Array, keyOf: (row: number) => number): boolean {
  if (rows.length < FEW_ROWS) return true
  const step = Math.max(1, Math.floor(rows.length / SAMPLE_ROWS))
  const seen = new Set<number>()
  let looked = 0
  for (let index = 0; index < rows.length; index += step) {
    seen.add(keyOf(rows[index]!))
    looked++
  }
  return seen.size * 2 > looked
}

const bitmapLength = (rows: number): number => (rows + 7) >> 3

function countNulls(flags: Uint8Array, rows: Uint32Array): number {
  if (flags.length === 0) return 0
  let count = 0
  for (let index = 0; index < rows.length; index++) if (flags[rows[index]!] === 1) count++
  return count
}

/** Bit set = valid. Nothing is written where nothing is null: the buffer then has length 0. */
function writeValidity(
  body: Uint8Array,
  at: number,
  flags: Uint8Array,
  rows: Uint32Array,
  nulls: number,
): void {
  if (nulls === 0) return
  for (let index = 0; index < rows.length; index++) {
    if (flags[rows[index]!] !== 1) body[at + (index >> 3)]! |= 1 << (index & 7)
  }
}

function gatherStrings(column: StringColumn, rows: Uint32Array, id: number, bounds: boolean): Gathered {
  const { codes, starts, bytes } = column
  const count = rows.length
  let length = 0
  let nulls = 0
  for (let index = 0; index < count; index++) {
    const code = codes[rows[index]!]!
    if (code === NULL_CODE) nulls++
    else length += starts[code + 1]! - starts[code]!
  }
  const plain = count < FEW_ROWS || !column.repeats
  const metrics: LeafMetrics = { id, values: count, nulls, plain }
  return {
    nodes: [{ rows: count, nulls }],
    sizes: [nulls === 0 ? 0 : bitmapLength(count), (count + 1) * 4, length],
    metrics: [metrics],
    write(body, [validity, offsetsAt, dataAt]) {
      const ends = new Uint32Array(body.buffer, body.byteOffset + offsetsAt!, count + 1)
      let min = NULL_CODE
      let max = NULL_CODE
      let last = NULL_CODE
      let end = 0
      for (let index = 0; index < count; index++) {
        const code = codes[rows[index]!]!
        if (code !== NULL_CODE) {
          if (nulls > 0) body[validity! + (index >> 3)]! |= 1 << (index & 7)
          const start = starts[code]!
          const stop = starts[code + 1]!
          copy(bytes, start, stop, body, dataAt! + end)
          end += stop - start
          if (bounds && code !== last && code !== min && code !== max) {
            if (min === NULL_CODE) min = max = code
            else if (compareBytes(bytes, start, stop, starts[min]!, starts[min + 1]!) < 0) min = code
            else if (compareBytes(bytes, start, stop, starts[max]!, starts[max + 1]!) > 0) max = code
          }
          last = code
        }
        ends[index + 1] = end
      }
      if (min === NULL_CODE) return
      metrics.lower = truncateLower(bytes.subarray(starts[min]!, starts[min + 1]!))
      const upper = truncateUpper(bytes.subarray(starts[max]!, starts[max + 1]!))
      if (upper !== null) metrics.upper = upper
    },
  }
}

/** A loop beats `set(subarray())` for the short strings that most columns hold. */
function copy(from: Uint8Array, start: number, stop: number, to: Uint8Array, at: number): void {
  if (stop - start > 96) to.set(from.subarray(start, stop), at)
  else for (let index = start; index < stop; index++) to[at + index - start] = from[index]!
}

function gatherDoubles(column: DoubleColumn, rows: Uint32Array, id: number): Gathered {
  const { data } = column
  const { flags } = column.nulls
  const nulls = countNulls(flags, rows)
  const plain = mostlyDifferent(rows, (row) => data[row]!)
  const metrics: LeafMetrics = { id, values: rows.length, nulls, nans: 0, plain }
  return {
    ...fixed(rows.length, nulls, 8),
    metrics: [metrics],
    write(body, [validity, dataAt]) {
      writeValidity(body, validity!, flags, rows, nulls)
      const out = new Float64Array(body.buffer, body.byteOffset + dataAt!, rows.length)
      let min = Number.POSITIVE_INFINITY
      let max = Number.NEGATIVE_INFINITY
      let nans = 0
      let bounded = false
      for (let index = 0; index < rows.length; index++) {
        const row = rows[index]!
        if (nulls > 0 && flags[row] === 1) continue
        const value = data[row]!
        out[index] = value
        if (Number.isNaN(value)) {
          nans++
          continue
        }
        bounded = true
        if (value < min || (value === 0 && min === 0 && Object.is(value, -0))) min = value
        if (value > max || (value === 0 && max === 0 && Object.is(max, -0))) max = value
      }
      metrics.nans = nans
      if (!bounded) return
      metrics.lower = new Uint8Array(new Float64Array([min]).buffer)
      metrics.upper = new Uint8Array(new Float64Array([max]).buffer)
    },
  }
}

function gatherLongs(column: LongColumn, rows: Uint32Array, id: number): Gathered {
  const { data } = column
  const { flags } = column.nulls
  const nulls = countNulls(flags, rows)
  const plain = mostlyDifferent(rows, (row) => data[row * 2]!)
  const metrics: LeafMetrics = { id, values: rows.length, nulls, plain }
  return {
    ...fixed(rows.length, nulls, 8),
    metrics: [metrics],
    write(body, [validity, dataAt]) {
      writeValidity(body, validity!, flags, rows, nulls)
      const out = new Uint32Array(body.buffer, body.byteOffset + dataAt!, rows.length * 2)
      let minHigh = 0
      let minLow = 0
      let maxHigh = 0
      let maxLow = 0
      let bounded = false
      for (let index = 0; index < rows.length; index++) {
        const row = rows[index]!
        if (nulls > 0 && flags[row] === 1) continue
        const low = data[row * 2]!
        const high = data[row * 2 + 1]! | 0
        out[index * 2] = low
        out[index * 2 + 1] = high
        if (!bounded) {
          bounded = true
          minHigh = maxHigh = high
          minLow = maxLow = low
        } else if (high < minHigh || (high === minHigh && low < minLow)) {
          minHigh = high
          minLow = low
        } else if (high > maxHigh || (high === maxHigh && low > maxLow)) {
          maxHigh = high
          maxLow = low
        }
      }
      if (!bounded) return
      metrics.lower = new Uint8Array(new Uint32Array([minLow, minHigh]).buffer)
      metrics.upper = new Uint8Array(new Uint32Array([maxLow, maxHigh]).buffer)
    },
  }
}

function gatherInts(column: IntColumn, rows: Uint32Array, id: number): Gathered {
  const { data } = column
  const { flags } = column.nulls
  const nulls = countNulls(flags, rows)
  const plain = mostlyDifferent(rows, (row) => data[row]!)
  const metrics: LeafMetrics = { id, values: rows.length, nulls, plain }
  return {
    ...fixed(rows.length, nulls, 4),
    metrics: [metrics],
    write(body, [validity, dataAt]) {
      writeValidity(body, validity!, flags, rows, nulls)
      const out = new Int32Array(body.buffer, body.byteOffset + dataAt!, rows.length)
      let min = 2147483647
      let max = -2147483648
      for (let index = 0; index < rows.length; index++) {
        const row = rows[index]!
        if (nulls > 0 && flags[row] === 1) continue
        const value = data[row]!
        out[index] = value
        if (value < min) min = value
        if (value > max) max = value
      }
      if (nulls === rows.length) return
      metrics.lower = new Uint8Array(new Int32Array([min]).buffer)
      metrics.upper = new Uint8Array(new Int32Array([max]).buffer)
    },
  }
}

function gatherBooleans(column: BooleanColumn, rows: Uint32Array, id: number): Gathered {
  const { data } = column
  const { flags } = column.nulls
  const nulls = countNulls(flags, rows)
  const metrics: LeafMetrics = { id, values: rows.length, nulls, plain: true }
  return {
    nodes: [{ rows: rows.length, nulls }],
    sizes: [nulls === 0 ? 0 : bitmapLength(rows.length), bitmapLength(rows.length)],
    metrics: [metrics],
    write(body, [validity, dataAt]) {
      writeValidity(body, validity!, flags, rows, nulls)
      let trues = 0
      for (let index = 0; index < rows.length; index++) {
        const row = rows[index]!
        if (data[row] !== 1 || (nulls > 0 && flags[row] === 1)) continue
        body[dataAt! + (index >> 3)]! |= 1 << (index & 7)
        trues++
      }
      if (nulls === rows.length) return
      metrics.lower = Uint8Array.of(trues === rows.length - nulls ? 1 : 0)
      metrics.upper = Uint8Array.of(trues > 0 ? 1 : 0)
    },
  }
}

/**
 * A null or empty map takes one slot of its leaves, which counts as a null there, as Parquet counts. Leaves of a
 * map have no bounds.
 */
function gatherMaps(column: MapColumn, rows: Uint32Array, keyId: number, valueId: number): Gathered {
  const { starts } = column
  const { flags } = column.nulls
  const nulls = countNulls(flags, rows)
  let total = 0
  let bare = 0
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!
    const length = starts[row + 1]! - starts[row]!
    total += length
    if (length === 0) bare++
  }
  const entries = new Uint32Array(total)
  let filled = 0
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) entries[filled++] = entry
  }
  const keys = gatherStrings(column.keys, entries, keyId, false)
  const values = gatherStrings(column.values, entries, valueId, false)
  for (const leaf of [...keys.metrics, ...values.metrics]) {
    leaf.values += bare
    leaf.nulls += bare
  }
  return {
    nodes: [{ rows: rows.length, nulls }, { rows: total, nulls: 0 }, ...keys.nodes, ...values.nodes],
    sizes: [
      nulls === 0 ? 0 : bitmapLength(rows.length),
      (rows.length + 1) * 4,
      0,
      ...keys.sizes,
      ...values.sizes,
    ],
    metrics: [...keys.metrics, ...values.metrics],
    write(body, offsets) {
      writeValidity(body, offsets[0]!, flags, rows, nulls)
      const ends = new Uint32Array(body.buffer, body.byteOffset + offsets[1]!, rows.length + 1)
      for (let index = 0; index < rows.length; index++) {
        const row = rows[index]!
        ends[index + 1] = ends[index]! + starts[row + 1]! - starts[row]!
      }
      keys.write(body, offsets.slice(3, 6))
      values.write(body, offsets.slice(6, 9))
    },
  }
}

function fixed(rows: number, nulls: number, width: number): Pick<Gathered, 'nodes' | 'sizes'> {
  return { nodes: [{ rows, nulls }], sizes: [nulls === 0 ? 0 : bitmapLength(rows), rows * width] }
}
