import { type FileMetaData, parquetMetadata, parquetReadObjects, type SchemaElement } from 'hyparquet'

/** Reads Parquet bytes with hyparquet, which shares no code with our writer. */

const parsers = {
  timestampFromMicroseconds: (micros: bigint) => micros,
  dateFromDays: (days: number) => days,
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer
}

/** Rows as plain values: long and timestamp are bigint, a map is an object, absent is null. */
export async function rowsOf(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const rows = await parquetReadObjects({ file: bufferOf(bytes), parsers })
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? null])),
  )
}

export function footerOf(bytes: Uint8Array): FileMetaData {
  return parquetMetadata(bufferOf(bytes))
}

/** Schema elements of the file by dotted path, the root left out. */
export function elementsOf(bytes: Uint8Array): Map<string, SchemaElement> {
  const { schema } = footerOf(bytes)
  const found = new Map<string, SchemaElement>()
  let at = 1
  const walk = (prefix: string, count: number): void => {
    for (let index = 0; index < count; index++) {
      const element = schema[at++]!
      found.set(prefix + element.name, element)
      walk(`${prefix}${element.name}.`, element.num_children ?? 0)
    }
  }
  walk('', schema[0]!.num_children ?? 0)
  return found
}
