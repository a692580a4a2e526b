import { type Data, DataType, type Field, makeData } from 'apache-arrow'

/**
 * Cells of one column in any order as one piece of Arrow: the `i`th is cell `rows[i]` of `pieces[from[i]]`. The pieces
 * have one type, whole buffers (offset 0) and no dictionaries.
 */
export function takeData(
  type: DataType,
  pieces: readonly Data[],
  from: ArrayLike<number>,
  rows: ArrayLike<number>,
): Data {
  const length = rows.length
  const nullBitmap = new Uint8Array((length + 7) >> 3)
  let nullCount = 0
  for (let i = 0; i < length; i++) {
    if (piece(i).getValid(rows[i] as number))
      nullBitmap[i >> 3] = (nullBitmap[i >> 3] as number) | (1 << (i & 7))
    else nullCount++
  }
  const base = { type, length, nullCount, nullBitmap }
  function piece(i: number): Data {
    return pieces[from[i] as number] as Data
  }

  if (DataType.isStruct(type)) {
    const children = type.children.map((field, c) => takeData(field.type, childrenOf(pieces, c), from, rows))
    return makeData({ ...base, children } as never) as Data
  }
  if (DataType.isList(type) || DataType.isMap(type) || DataType.isFixedSizeList(type)) {
    const bounds = (i: number): readonly [number, number] => {
      const row = rows[i] as number
      if (DataType.isFixedSizeList(type)) return [row * type.listSize, (row + 1) * type.listSize]
      const { valueOffsets } = piece(i)
      return [valueOffsets[row] as number, valueOffsets[row + 1] as number]
    }
    const valueOffsets = new Int32Array(length + 1)
    const childFrom: number[] = []
    const childRows: number[] = []
    for (let i = 0; i < length; i++) {
      const [start, end] = bounds(i)
      for (let at = start; at < end; at++) {
        childFrom.push(from[i] as number)
        childRows.push(at)
      }
      valueOffsets[i + 1] = childRows.length
    }
    const child = takeData((type.children[0] as Field).type, childrenOf(pieces, 0), childFrom, childRows)
    return makeData({
      ...base,
      ...(DataType.isFixedSizeList(type) ? {} : { valueOffsets }),
      child,
    } as never) as Data
  }
  if (DataType.isUtf8(type) || DataType.isBinary(type)) {
    const valueOffsets = new Int32Array(length + 1)
    for (let i = 0; i < length; i++) {
      const { valueOffsets: offsets } = piece(i)
      const row = rows[i] as number
      valueOffsets[i + 1] =
        (valueOffsets[i] as number) + ((offsets[row + 1] as number) - (offsets[row] as number))
    }
    const data = new Uint8Array(valueOffsets[length] as number)
    for (let i = 0; i < length; i++) {
      const { valueOffsets: offsets, values } = piece(i)
      const row = rows[i] as number
      data.set(
        (values as Uint8Array).subarray(offsets[row] as number, offsets[row + 1] as number),
        valueOffsets[i] as number,
      )
    }
    return makeData({ ...base, valueOffsets, data } as never) as Data
  }
  if (DataType.isBool(type)) {
    const data = new Uint8Array((length + 7) >> 3)
    for (let i = 0; i < length; i++) {
      const row = rows[i] as number
      if (((piece(i).values as Uint8Array)[row >> 3] as number) & (1 << (row & 7)))
        data[i >> 3] = (data[i >> 3] as number) | (1 << (i & 7))
    }
    return makeData({ ...base, data } as never) as Data
  }
  const data = fixedWidth(pieces, length, (i) => [from[i] as number, rows[i] as number])
  return makeData({ ...base, data } as never) as Data
}

function childrenOf(pieces: readonly Data[], child: number): Data[] {
  return pieces.map((piece) => piece.children[child] as Data)
}

type Words = Int32Array | BigInt64Array

/** Values of a fixed number of array elements each. */
function fixedWidth(
  pieces: readonly Data[],
  length: number,
  at: (i: number) => readonly [piece: number, row: number],
): Words {
  const { stride, values: first } = pieces[0] as Data
  const out = new ((first as Words).constructor as new (size: number) => Words)(length * stride)
  for (let i = 0; i < length; i++) {
    const [piece, row] = at(i)
    const values = pieces[piece]?.values as Words
    for (let s = 0; s < stride; s++) out[i * stride + s] = values[row * stride + s] as never
  }
  return out
}
