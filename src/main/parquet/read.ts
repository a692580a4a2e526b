import {
  type AsyncBuffer,
  type DecodedArray,
  type FileMetaData,
  parquetMetadata,
  parquetScan,
  parquetSchema,
  type RowGroup,
  type SchemaElement,
  type SchemaTree,
} from 'hyparquet'
import { LakeError } from '../../shared/errors.ts'
import { COMPRESSORS } from './codec.ts'

/** Where a Parquet file's bytes come from. Each `read` is one request; `[start, end)` lies within the file. */
export interface ParquetSource {
  /** Bytes. */
  readonly size: number
  read(start: number, end: number): Promise<Uint8Array>
}

/** A column of a file's schema, nested ones with children; `tree` keeps types and annotations as the file has them. */
export type ParquetColumn = SchemaTree

/** An open file: its footer has been read, nothing else. */
export interface ParquetFile {
  readonly rows: number
  /** Top-level columns in file order. */
  readonly columns: readonly ParquetColumn[]
  /** Rows per row group. */
  readonly groups: readonly number[]
  readonly metadata: FileMetaData
  /** Fetches the bytes of the named top-level columns of one row group, neighbours in one request. */
  load(group: number, names: readonly string[]): Promise<LoadedGroup>
}

/** Column chunks of one row group in memory, still encoded: decoded as far as asked. */
export interface LoadedGroup {
  readonly rows: number
  /**
   * Values of rows [start, end) of a loaded column, unconverted: INT32 number, INT64 and INT96 (as ns since 1970)
   * bigint, annotated text string, other bytes Uint8Array; absent is null or undefined. A list is an array, a struct an
   * object, a map `{<entries>: [{<key>, <value>}]}` by the file's own names.
   */
  column(name: string, start: number, end: number): Promise<DecodedArray>
}

/** Footer bytes fetched at first; more only if the footer is longer. */
const FOOTER_GUESS = 65_536
/** Unwanted bytes worth reading to save a request. */
const GAP = 65_536
const MAGIC = 0x31524150

/** Reads the footer. Throws CORRUPT where the file is no Parquet file, UNSUPPORTED where its footer is encrypted. */
export async function openParquet(source: ParquetSource): Promise<ParquetFile> {
  const footer = await readFooter(source)
  const metadata = parse(footer)
  const decoding = { ...metadata, schema: metadata.schema.map(rawElement) }
  const columns = parquetSchema(metadata).children
  return {
    rows: Number(metadata.num_rows),
    columns,
    groups: metadata.row_groups.map((group) => Number(group.num_rows)),
    metadata,
    load: (group, names) => loadGroup(source, decoding, group, names),
  }
}

async function readFooter(source: ParquetSource): Promise<Uint8Array> {
  if (source.size < 12) throw corrupt(`a file of ${source.size} bytes is no Parquet file`)
  const start = Math.max(0, source.size - FOOTER_GUESS)
  const tail = await source.read(start, source.size)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  if (tail.byteLength < 8 || view.getUint32(tail.byteLength - 4, true) !== MAGIC) {
    throw corrupt('the file does not end as a Parquet file')
  }
  const length = view.getUint32(tail.byteLength - 8, true)
  if (length + 12 > source.size) throw corrupt('the Parquet footer is longer than the file')
  if (length + 8 <= tail.byteLength) return tail.subarray(tail.byteLength - 8 - length)
  const head = await source.read(source.size - 8 - length, start)
  const whole = new Uint8Array(length + 8)
  whole.set(head)
  whole.set(tail, head.byteLength)
  return whole
}

function parse(footer: Uint8Array): FileMetaData {
  try {
    return parquetMetadata(footer, { parsers: PARSERS, geoparquet: false })
  } catch (cause) {
    throw new LakeError('CORRUPT', 'the Parquet footer cannot be read', { cause })
  }
}

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
const same = <T>(value: T): T => value
/** Values stay what they are in the file; text keeps a leading byte order mark. */
const PARSERS = {
  timestampFromMilliseconds: same<bigint>,
  timestampFromMicroseconds: same<bigint>,
  timestampFromNanoseconds: same<bigint>,
  dateFromDays: same<number>,
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && textDecoder.decode(bytes),
  uuidFromBytes: same<Uint8Array>,
  jsonFromBytes: same<Uint8Array>,
  geometryFromBytes: same<Uint8Array>,
  geographyFromBytes: same<Uint8Array>,
}

/**
 * The schema element with only those annotations the decoder may act on: text and lists. Decimals would go through
 * floats, and maps through objects, whose keys are not any text (`__proto__`).
 */
function rawElement(element: SchemaElement): SchemaElement {
  const { converted_type: converted, logical_type: _, ...plain } = element
  if (element.type === undefined)
    return converted === 'LIST' ? { ...plain, converted_type: converted } : plain
  return isText(element) ? { ...plain, converted_type: 'UTF8' } : plain
}

/** True for byte arrays annotated as text. */
export function isText({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (converted === 'UTF8' || converted === 'ENUM' || converted === 'JSON') return true
  return logical?.type === 'STRING' || logical?.type === 'ENUM' || logical?.type === 'JSON'
}

interface Segment {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

async function loadGroup(
  source: ParquetSource,
  metadata: FileMetaData,
  index: number,
  names: readonly string[],
): Promise<LoadedGroup> {
  const group = metadata.row_groups[index]
  if (group === undefined) throw new LakeError('INTERNAL', `no row group ${index}`)
  const ranges = mergeRanges(chunkRanges(group, new Set(names)), source.size)
  const segments = await Promise.all(
    ranges.map(async ({ start, end }) => ({ start, end, bytes: await source.read(start, end) })),
  )
  const scan = await parquetScan({
    file: bufferOf(segments, source.size),
    metadata: { ...metadata, row_groups: [group], num_rows: group.num_rows },
    columns: [...new Set(names)],
    compressors: COMPRESSORS,
    parsers: PARSERS,
    utf8: false,
    geoparquet: false,
    useOffsetIndex: false,
  })
  const rows = Number(group.num_rows)
  return {
    rows,
    column: async (name, start, end) => {
      try {
        return await scan.readColumn({ column: name, rowStart: start, rowEnd: end })
      } catch (cause) {
        if (cause instanceof LakeError) throw cause
        const message = cause instanceof Error ? cause.message : String(cause)
        const unsupported = /unsupported/.test(message)
        throw new LakeError(unsupported ? 'UNSUPPORTED' : 'CORRUPT', `column ${name}: ${message}`, { cause })
      }
    },
  }
}

/** Byte ranges of the chunks of the named columns, in file order. */
function chunkRanges(group: RowGroup, names: ReadonlySet<string>): { start: number; end: number }[] {
  return group.columns
    .flatMap(({ meta_data: meta }) => {
      if (meta === undefined || !names.has(meta.path_in_schema[0] ?? '')) return []
      const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
      return [{ start, end: start + Number(meta.total_compressed_size) }]
    })
    .sort((a, b) => a.start - b.start)
}

function mergeRanges(
  ranges: readonly { start: number; end: number }[],
  size: number,
): { start: number; end: number }[] {
  const merged: { start: number; end: number }[] = []
  for (const { start, end } of ranges) {
    if (start < 0 || end > size) throw corrupt('a column chunk lies outside the file')
    const last = merged.at(-1)
    if (last && start - last.end <= GAP) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

function bufferOf(segments: readonly Segment[], size: number): AsyncBuffer {
  return {
    byteLength: size,
    slice: (start, end = size) => {
      const segment = segments.find((candidate) => candidate.start <= start && end <= candidate.end)
      if (segment === undefined) throw new LakeError('INTERNAL', `bytes ${start} to ${end} were not fetched`)
      const { buffer, byteOffset } = segment.bytes
      const from = byteOffset + start - segment.start
      return (buffer as ArrayBuffer).slice(from, from + end - start)
    },
  }
}

function corrupt(message: string): LakeError {
  return new LakeError('CORRUPT', message)
}
