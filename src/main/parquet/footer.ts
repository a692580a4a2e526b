import { type FileMetaData, parquetMetadata } from 'hyparquet'

/** What only the written file knows: compressed bytes by leaf field id, and where its row groups start. */
export interface FooterFacts {
  readonly rows: number
  readonly columnSizes: Map<number, number>
  /** File offsets of the row groups, ascending (Iceberg `split_offsets`). */
  readonly splitOffsets: number[]
}

/** Reads the footer at the end of `file`, whose leaf columns have the field ids `leaves`, in order. */
export function readFooter(file: Uint8Array, leaves: readonly number[]): FooterFacts {
  const buffer = file.buffer.slice(
    file.byteOffset + file.byteLength - footerLength(file),
    file.byteOffset + file.byteLength,
  )
  const metadata: FileMetaData = parquetMetadata(buffer as ArrayBuffer)
  const columnSizes = new Map<number, number>()
  const splitOffsets: number[] = []
  for (const group of metadata.row_groups) {
    const first = group.columns[0]?.meta_data
    if (first !== undefined) splitOffsets.push(Number(first.dictionary_page_offset ?? first.data_page_offset))
    group.columns.forEach((chunk, index) => {
      const id = leaves[index]!
      columnSizes.set(id, (columnSizes.get(id) ?? 0) + Number(chunk.meta_data?.total_compressed_size ?? 0))
    })
  }
  return { rows: Number(metadata.num_rows), columnSizes, splitOffsets }
}

/** Bytes from the start of the footer to the end of the file. */
function footerLength(file: Uint8Array): number {
  return new DataView(file.buffer, file.byteOffset + file.byteLength - 8).getUint32(0, true) + 8
}
