import { LakeError } from '../../shared/errors.ts'

/** What only the written file knows: compressed bytes by leaf field id, and where its row groups start. */
export interface FooterFacts {
  readonly rows: number
  readonly columnSizes: Map<number, number>
  /** File offsets of the row groups, ascending (Iceberg `split_offsets`). */
  readonly splitOffsets: number[]
}

/**
 * Reads the footer at the end of `file`, whose leaf columns have the field ids `leaves`, in order. Everything but the few
 * fields wanted is skipped: a file of one row has a footer longer than its data, and there are thousands of them.
 */
export function readFooter(file: Uint8Array, leaves: readonly number[]): FooterFacts {
  const length = new DataView(file.buffer, file.byteOffset + file.byteLength - 8).getUint32(0, true)
  const reader: Reader = { bytes: file, at: file.byteLength - 8 - length }
  const columnSizes = new Map<number, number>()
  const splitOffsets: number[] = []
  let rows = 0
  // FileMetaData (parquet.thrift): 3 num_rows, 4 row_groups.
  eachField(reader, (id) => {
    if (id === 3) rows = readInteger(reader)
    else if (id === 4) eachElement(reader, () => readRowGroup(reader, leaves, columnSizes, splitOffsets))
    else return false
    return true
  })
  return { rows, columnSizes, splitOffsets }
}

/** RowGroup: 1 columns; ColumnChunk: 3 meta_data; ColumnMetaData: 7 compressed size, 9 data page, 11 dictionary page. */
function readRowGroup(
  reader: Reader,
  leaves: readonly number[],
  columnSizes: Map<number, number>,
  splitOffsets: number[],
): void {
  let column = 0
  eachField(reader, (group) => {
    if (group !== 1) return false
    eachElement(reader, () => {
      let size = 0
      let data = 0
      let dictionary: number | null = null
      eachField(reader, (chunk) => {
        if (chunk !== 3) return false
        eachField(reader, (id) => {
          if (id === 7) size = readInteger(reader)
          else if (id === 9) data = readInteger(reader)
          else if (id === 11) dictionary = readInteger(reader)
          else return false
          return true
        })
        return true
      })
      if (column === 0) splitOffsets.push(dictionary ?? data)
      const leaf = leaves[column++]!
      columnSizes.set(leaf, (columnSizes.get(leaf) ?? 0) + size)
    })
    return true
  })
}

/** A place in bytes of Thrift's compact protocol. */
interface Reader {
  readonly bytes: Uint8Array
  at: number
}

const STOP = 0
const BINARY = 8
const LIST = 9
const SET = 10
const MAP = 11
const STRUCT = 12
const UUID = 13

/** Gives every field's id to `take`, which reads the value or returns false to have it skipped. */
function eachField(reader: Reader, take: (id: number) => boolean): void {
  let id = 0
  for (;;) {
    const head = reader.bytes[reader.at++]
    if (head === undefined) throw cut()
    const type = head & 15
    if (type === STOP) return
    const delta = head >> 4
    id = delta === 0 ? readInteger(reader) : id + delta
    if (!take(id)) skip(reader, type, false)
  }
}

function eachElement(reader: Reader, take: () => void): void {
  const { count } = readListHead(reader)
  for (let index = 0; index < count; index++) take()
}

function readListHead(reader: Reader): { readonly count: number; readonly type: number } {
  const head = reader.bytes[reader.at++] ?? 0
  const short = head >> 4
  return { count: short === 15 ? readUnsigned(reader) : short, type: head & 15 }
}

/** Values of lists and maps take a byte where a boolean field has its value in its type. */
function skip(reader: Reader, type: number, element: boolean): void {
  switch (type) {
    case 1:
    case 2:
      if (element) reader.at += 1
      return
    case 3:
      reader.at += 1
      return
    case 4:
    case 5:
    case 6:
      readUnsigned(reader)
      return
    case 7:
      reader.at += 8
      return
    case BINARY: {
      const length = readUnsigned(reader)
      reader.at += length
      return
    }
    case LIST:
    case SET: {
      const { count, type: inner } = readListHead(reader)
      for (let index = 0; index < count; index++) skip(reader, inner, true)
      return
    }
    case MAP: {
      const count = readUnsigned(reader)
      if (count === 0) return
      const types = reader.bytes[reader.at++] ?? 0
      for (let index = 0; index < count; index++) {
        skip(reader, types >> 4, true)
        skip(reader, types & 15, true)
      }
      return
    }
    case STRUCT:
      eachField(reader, () => false)
      return
    case UUID:
      reader.at += 16
      return
    default:
      throw cut()
  }
}

/** Numbers here are sizes, offsets and counts, all below 2^53. */
function readUnsigned(reader: Reader): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw cut()
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
}

/** Zigzag: even is not negative. */
function readInteger(reader: Reader): number {
  const value = readUnsigned(reader)
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

function cut(): LakeError {
  return new LakeError('INTERNAL', 'the footer of a written Parquet file cannot be read')
}
