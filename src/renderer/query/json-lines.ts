import { type Data, DataType, type Field } from 'apache-arrow'
import { cellText } from './values.ts'
import { extensionOf } from './words.ts'

/**
 * A cell as JSON: integers with all their digits, finite doubles as numbers, lists as arrays, structs and maps with text
 * keys as objects, other maps as arrays of pairs. Decimals, NaN, instants and the rest are text, as readers of JSON
 * would round or lose them.
 */
export function cellJson(field: Field, data: Data, row: number): string {
  if (!data.getValid(row)) return 'null'
  const { type } = field
  if (extensionOf(field) === null) {
    if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
      const [start, end] = DataType.isList(type)
        ? [data.valueOffsets[row] as number, data.valueOffsets[row + 1] as number]
        : [row * type.listSize, (row + 1) * type.listSize]
      const element = type.children[0] as Field
      const parts: string[] = []
      for (let i = start; i < end; i++) parts.push(cellJson(element, data.children[0] as Data, i))
      return `[${parts.join(',')}]`
    }
    if (DataType.isStruct(type)) {
      const parts = type.children.map(
        (child: Field, i: number) =>
          `${JSON.stringify(child.name)}:${cellJson(child, data.children[i] as Data, row)}`,
      )
      return `{${parts.join(',')}}`
    }
    if (DataType.isMap(type)) return mapJson(type.children[0] as Field, data, row)
  }
  const text = cellText(field, data, row) ?? ''
  if (DataType.isBool(type) || DataType.isInt(type)) return text
  if (DataType.isDecimal(type) && type.scale === 0) return text
  if (DataType.isFloat(type) && /^-?[\d.]+(e[+-]?\d+)?$/.test(text)) return text
  return JSON.stringify(text)
}

function mapJson(entry: Field, data: Data, row: number): string {
  const [key, value] = entry.type.children as [Field, Field]
  const [keys, values] = (data.children[0] as Data).children as [Data, Data]
  const words = DataType.isUtf8(key.type)
  const parts: string[] = []
  for (let i = data.valueOffsets[row] as number; i < (data.valueOffsets[row + 1] as number); i++) {
    const [k, v] = [cellJson(key, keys, i), cellJson(value, values, i)]
    parts.push(words ? `${k}:${v}` : `[${k},${v}]`)
  }
  return words ? `{${parts.join(',')}}` : `[${parts.join(',')}]`
}
