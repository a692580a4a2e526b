import { DataType, type Field } from 'apache-arrow'

/** The short word for a type, as in the schema tree. */
export type ColumnWord =
  | 'str'
  | 'int'
  | 'long'
  | 'huge'
  | 'dbl'
  | 'flt'
  | 'dec'
  | 'bool'
  | 'date'
  | 'time'
  | 'ts'
  | 'bin'
  | 'list'
  | 'map'
  | 'struct'
  | 'interval'
  | 'enum'
  | 'other'

/** Name of the Arrow extension type of a field: DuckDB's own for its opaque ones. */
export function extensionOf(field: Field): string | null {
  const name = field.metadata.get('ARROW:extension:name') ?? null
  if (name !== 'arrow.opaque') return name
  const text = field.metadata.get('ARROW:extension:metadata') ?? '{}'
  return (JSON.parse(text) as { type_name?: string }).type_name ?? null
}

/** The word for a column of an answer. */
export function columnWord(field: Field): ColumnWord {
  const { type } = field
  switch (extensionOf(field)) {
    case 'hugeint':
    case 'uhugeint':
      return 'huge'
    case null:
      break
    default:
      return 'other'
  }
  if (DataType.isInt(type)) return type.bitWidth === 64 ? 'long' : 'int'
  if (DataType.isFloat(type)) return type.precision === 1 ? 'flt' : 'dbl'
  // HUGEINT arrives as the widest decimal without fraction.
  if (DataType.isDecimal(type)) return type.precision === 38 && type.scale === 0 ? 'huge' : 'dec'
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return 'str'
  if (DataType.isBool(type)) return 'bool'
  if (DataType.isDate(type)) return 'date'
  if (DataType.isTime(type)) return 'time'
  if (DataType.isTimestamp(type)) return 'ts'
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type))
    return 'bin'
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) return 'list'
  if (DataType.isMap(type)) return 'map'
  if (DataType.isStruct(type)) return 'struct'
  if (DataType.isInterval(type)) return 'interval'
  if (DataType.isDictionary(type)) return 'enum'
  return 'other'
}
