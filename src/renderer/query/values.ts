import { type Data, DataType, type Field, type Vector } from 'apache-arrow'
import type { ColumnWord } from './words.ts'
import { columnWord, extensionOf } from './words.ts'

export interface ColumnKind {
  /** `str`, `dbl`, `long`, `ts`... */
  readonly word: ColumnWord
  readonly align: 'left' | 'right'
}

/** How a column of an answer is headed and set. */
export function columnKind(field: Field): ColumnKind {
  const word = columnWord(field)
  return { word, align: /^(int|long|huge|dbl|flt|dec)$/.test(word) ? 'right' : 'left' }
}

/**
 * The value at `row` as text, exact for its type: 64-bit and 128-bit integers and decimals in full, instants to the
 * microsecond (or nanosecond) in UTC, nested values in DuckDB's spelling. Null for NULL.
 */
export function cellText(field: Field, data: Data, row: number): string | null {
  if (!data.getValid(row)) return null
  return valueText(field.type, extensionOf(field), data, row)
}

function valueText(type: DataType, extension: string | null, data: Data, row: number): string {
  const at = row + data.offset
  const values = data.values as unknown
  // Buffers that Arrow slices already start at the offset; bits and children do not.
  const slot = row
  if (extension !== null) {
    const text = extensionText(extension, data, slot)
    if (text !== null) return text
  }
  if (DataType.isDictionary(type)) {
    const dictionary = data.dictionary as Vector
    return String(dictionary.get(Number((values as ArrayLike<number>)[slot])))
  }
  if (DataType.isBool(type))
    return ((values as Uint8Array)[at >> 3] as number) & (1 << (at & 7)) ? 'true' : 'false'
  if (DataType.isInt(type)) return String((values as ArrayLike<number | bigint>)[slot])
  if (DataType.isFloat(type)) return floatText(type.precision, (values as ArrayLike<number>)[slot] as number)
  if (DataType.isDecimal(type)) return decimalText(bigWords(values as Uint32Array, slot * 4, 4), type.scale)
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return utf8.decode(bytesAt(data, slot))
  if (DataType.isBinary(type) || DataType.isLargeBinary(type)) return blobText(bytesAt(data, slot))
  if (DataType.isFixedSizeBinary(type)) return blobText(fixedAt(data, slot, type.byteWidth))
  if (DataType.isDate(type)) return dateText(Number((values as Int32Array)[slot]))
  if (DataType.isTimestamp(type)) return timestampText((values as BigInt64Array)[slot] as bigint, type.unit)
  if (DataType.isTime(type)) return timeText(BigInt((values as BigInt64Array)[slot] as bigint), type.unit)
  if (DataType.isInterval(type)) return intervalText(values as Int32Array, slot)
  return nestedText(type, data, row)
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

function bytesAt(data: Data, slot: number): Uint8Array {
  const offsets = data.valueOffsets as unknown as ArrayLike<number | bigint>
  return (data.values as Uint8Array).subarray(Number(offsets[slot]), Number(offsets[slot + 1]))
}

function fixedAt(data: Data, slot: number, width: number): Uint8Array {
  return (data.values as Uint8Array).subarray(slot * width, (slot + 1) * width)
}

function floatText(precision: number, value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Object.is(value, -0)) return '-0.0'
  if (precision !== 1) return numberText(value)
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return numberText(short)
  }
  return numberText(value)
}

/** Shortest text that reads back as the number; whole numbers keep a `.0`, so that a double looks like one. */
function numberText(value: number): string {
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

function bigWords(words: Uint32Array, start: number, count: number): bigint {
  let value = 0n
  for (let i = count - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[start + i] as number)
  return BigInt.asIntN(count * 32, value)
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled)
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function blobText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x27 && byte !== 0x22
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}

/** Days since the epoch as `2025-05-12`, by the proleptic Gregorian calendar; years before 1 as DuckDB has them. */
export function dateText(days: number): string {
  if (days === 2147483647) return 'infinity'
  if (days === -2147483647) return '-infinity'
  const { year, month, day } = civil(days)
  const pad = (value: number, width: number): string => String(value).padStart(width, '0')
  return year > 0
    ? `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
    : `${pad(1 - year, 4)}-${pad(month, 2)}-${pad(day, 2)} (BC)`
}

/** Days to a date by arithmetic: instants of the engine reach beyond what `Date` holds. */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const ofEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36524) - Math.floor(ofEra / 146096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

const PER_SECOND = [1n, 1_000n, 1_000_000n, 1_000_000_000n] as const

/** An instant in `unit` (0 s, 1 ms, 2 us, 3 ns since the epoch) as `2025-05-12 10:00:00.123456`, UTC. */
export function timestampText(value: bigint, unit: number): string {
  if (value === 9223372036854775807n) return 'infinity'
  if (value === -9223372036854775807n) return '-infinity'
  const perDay = (PER_SECOND[unit] as bigint) * 86_400n
  const days = value >= 0n ? value / perDay : -((-value + perDay - 1n) / perDay)
  const date = dateText(Number(days))
  const time = timeText(value - days * perDay, unit)
  return date.endsWith(' (BC)') ? `${date.slice(0, -5)} (BC) ${time}` : `${date} ${time}`
}

function timeText(value: bigint, unit: number): string {
  const perSecond = PER_SECOND[unit] as bigint
  const seconds = Number(value / perSecond)
  const fraction = value % perSecond
  const two = (part: number): string => String(part).padStart(2, '0')
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  if (fraction === 0n) return clock
  return `${clock}.${String(fraction)
    .padStart(unit * 3, '0')
    .replace(/0+$/, '')}`
}

function intervalText(words: Int32Array, slot: number): string {
  const months = words[slot * 4] as number
  const days = words[slot * 4 + 1] as number
  const low = BigInt((words[slot * 4 + 2] as number) >>> 0)
  const micros = BigInt.asIntN(64, (BigInt(words[slot * 4 + 3] as number) << 32n) | low) / 1000n
  const parts: string[] = []
  const say = (count: number, unit: string): void => {
    if (count !== 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
  }
  say(Math.trunc(months / 12), 'year')
  say(months % 12, 'month')
  say(days, 'day')
  if (micros !== 0n || parts.length === 0)
    parts.push(micros < 0n ? `-${timeText(-micros, 2)}` : timeText(micros, 2))
  return parts.join(' ')
}

function extensionText(extension: string, data: Data, slot: number): string | null {
  switch (extension) {
    case 'hugeint':
    case 'uhugeint': {
      const bytes = fixedAt(data, slot, 16).slice()
      const value = bigWords(new Uint32Array(bytes.buffer), 0, 4)
      return String(extension === 'hugeint' ? value : BigInt.asUintN(128, value))
    }
    default:
      return null
  }
}

function nestedText(type: DataType, data: Data, row: number): string {
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    const [start, end] = DataType.isList(type)
      ? [data.valueOffsets[row] as number, data.valueOffsets[row + 1] as number]
      : [row * type.listSize, (row + 1) * type.listSize]
    const field = type.children[0] as Field
    const parts: string[] = []
    for (let i = start; i < end; i++) parts.push(partText(field, data.children[0] as Data, i))
    return `[${parts.join(', ')}]`
  }
  if (DataType.isMap(type)) {
    const [key, value] = (type.children[0] as Field).type.children as [Field, Field]
    const entries = data.children[0] as Data
    const parts: string[] = []
    for (let i = data.valueOffsets[row] as number; i < (data.valueOffsets[row + 1] as number); i++) {
      parts.push(
        `${partText(key, entries.children[0] as Data, i)}=${partText(value, entries.children[1] as Data, i)}`,
      )
    }
    return `{${parts.join(', ')}}`
  }
  if (DataType.isStruct(type)) {
    const parts = type.children.map(
      (field, i) => `'${field.name}': ${partText(field, data.children[i] as Data, row)}`,
    )
    return `{${parts.join(', ')}}`
  }
  if (DataType.isUnion(type)) {
    const member = (data.typeIds as Int8Array)[row] as number
    const index = type.typeIdToChildIndex[member] as number
    return partText(type.children[index] as Field, data.children[index] as Data, row)
  }
  return type.toString()
}

function partText(field: Field, data: Data, row: number): string {
  return cellText(field, data, row) ?? 'NULL'
}
