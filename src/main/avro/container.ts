import { randomBytes } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import { compressBlock, decompressBlock, type WriteCodec } from './codec.ts'
import { decoderOf, type NameField } from './decode.ts'
import { encoderOf } from './encode.ts'
import type { AvroSchema } from './schema.ts'
import { ByteSink } from './sink.ts'
import { ByteSource, corrupt } from './source.ts'

const MAGIC = Uint8Array.of(0x4f, 0x62, 0x6a, 1)
const SYNC_BYTES = 16
/** Uncompressed bytes after which a written block is closed. */
const BLOCK_BYTES = 256 * 1024

export interface Container {
  /** The writer's schema, as it stands in the file, with field ids. */
  readonly schema: AvroSchema
  /** Header entries as text, without `avro.schema` and `avro.codec`. */
  readonly metadata: ReadonlyMap<string, string>
  readonly records: readonly Record<string, unknown>[]
}

export interface ReadContainerOptions {
  /** Key of a field in the returned records; its own name by default. */
  readonly nameField?: NameField
  /** Largest uncompressed block in bytes; 256 MiB by default. */
  readonly maxBlockBytes?: number
  /** Only records whose brief form, which lacks the fields with a key of `without`, is kept are made. */
  readonly brief?: {
    readonly without: (key: string) => boolean
    readonly keep: (record: Readonly<Record<string, unknown>>) => boolean
  }
}

export interface WriteContainer {
  readonly schema: AvroSchema
  readonly metadata?: Readonly<Record<string, string>>
  readonly codec?: WriteCodec
}

/** A container file unpacked, its records still as they are encoded. */
export interface OpenContainer extends Pick<Container, 'schema' | 'metadata'> {
  readonly blocks: readonly { readonly count: number; readonly content: Uint8Array }[]
  /** Of all blocks. */
  readonly bytes: number
}

/** Reads an Avro object container file of records, as `decoderOf` describes. Throws CORRUPT or UNSUPPORTED. */
export function readContainer(bytes: Uint8Array, options: ReadContainerOptions = {}): Container {
  const opened = openContainer(bytes, options)
  return { schema: opened.schema, metadata: opened.metadata, records: recordsOf(opened, options) }
}

/** Unpacks a container file. Throws CORRUPT or UNSUPPORTED. */
export function openContainer(bytes: Uint8Array, options: ReadContainerOptions = {}): OpenContainer {
  return guarded(() => open(bytes, options.maxBlockBytes ?? 256 * 1024 * 1024))
}

/** The records of an unpacked file. Throws CORRUPT. */
export function recordsOf(opened: OpenContainer, options: ReadContainerOptions = {}): Container['records'] {
  return guarded(() => decodeBlocks(opened, options))
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof LakeError) throw error
    // A stack overflow in data nested without end, or a schema that is not JSON.
    throw corrupt('the file cannot be read', error)
  }
}

function open(bytes: Uint8Array, limit: number): OpenContainer {
  const source = new ByteSource(bytes)
  if (source.remaining < 4 || !same(source.window(4), MAGIC)) throw corrupt('not an object container file')
  const header = decoderOf({ type: 'map', values: 'bytes' })(source) as Map<string, Uint8Array>
  const sync = source.fixed(SYNC_BYTES)
  const metadata = new Map([...header].map(([key, value]) => [key, Buffer.from(value).toString('utf8')]))
  const codec = metadata.get('avro.codec') ?? 'null'
  const schemaText = metadata.get('avro.schema')
  if (schemaText === undefined) throw corrupt('a file without its schema')
  metadata.delete('avro.schema')
  metadata.delete('avro.codec')

  const schema = JSON.parse(schemaText) as AvroSchema
  if (typeof schema === 'string' || (schema as { type?: unknown }).type !== 'record') {
    throw corrupt('a file of other values than records')
  }
  const blocks: { count: number; content: Uint8Array }[] = []
  let unpacked = 0
  while (source.remaining > 0) {
    const count = source.count('a block count')
    const size = source.count('a block size')
    const content = decompressBlock(codec, source.window(size), limit)
    if (count < 0 || count > content.length) {
      throw corrupt(`a block of ${count} records in ${content.length} bytes`)
    }
    blocks.push({ count, content })
    unpacked += content.length
    if (!same(source.window(SYNC_BYTES), sync)) throw corrupt('a block without its sync marker')
  }
  return { schema, metadata, blocks, bytes: unpacked }
}

function decodeBlocks(
  { schema, blocks }: OpenContainer,
  { nameField, brief }: ReadContainerOptions,
): Record<string, unknown>[] {
  const decode = decoderOf(schema, nameField)
  const skim = brief === undefined ? null : decoderOf(schema, nameField, brief.without)
  const records: Record<string, unknown>[] = []
  for (const { count, content } of blocks) {
    const block = new ByteSource(content)
    for (let i = 0; i < count; i++) {
      const start = block.at
      if (skim !== null) {
        if (!brief?.keep(skim(block) as Record<string, unknown>)) continue
        block.at = start
      }
      records.push(decode(block) as Record<string, unknown>)
    }
    if (block.remaining > 0) throw corrupt(`${block.remaining} bytes after a block's last record`)
  }
  return records
}

/** An Avro object container file; without records it is a header alone, which is a valid file. */
export function writeContainer(file: WriteContainer, records: Iterable<unknown>): Uint8Array {
  const codec = file.codec ?? 'deflate'
  const sync = randomBytes(SYNC_BYTES)
  const header: Record<string, string> = {
    'avro.schema': JSON.stringify(file.schema),
    'avro.codec': codec,
    ...file.metadata,
  }
  const out = new ByteSink()
  out.raw(MAGIC)
  out.long(Object.keys(header).length)
  for (const [key, value] of Object.entries(header)) {
    out.string(key)
    out.string(value)
  }
  out.long(0)
  out.raw(sync)

  const encode = encoderOf(file.schema)
  const block = new ByteSink()
  let count = 0
  const close = () => {
    if (count === 0) return
    out.long(count)
    out.bytes(compressBlock(codec, block.written))
    out.raw(sync)
    block.clear()
    count = 0
  }
  for (const record of records) {
    encode(block, record)
    count++
    if (block.length >= BLOCK_BYTES) close()
  }
  close()
  return out.written.slice()
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
