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
}

export interface WriteContainer {
  readonly schema: AvroSchema
  readonly metadata?: Readonly<Record<string, string>>
  readonly codec?: WriteCodec
}

/** Reads an Avro object container file of records, as `decoderOf` describes. Throws CORRUPT or UNSUPPORTED. */
export function readContainer(bytes: Uint8Array, options: ReadContainerOptions = {}): Container {
  try {
    return read(bytes, options)
  } catch (error) {
    if (error instanceof LakeError) throw error
    // A stack overflow in data nested without end, or a schema that is not JSON.
    throw corrupt('the file cannot be read', error)
  }
}

function read(bytes: Uint8Array, options: ReadContainerOptions): Container {
  const limit = options.maxBlockBytes ?? 256 * 1024 * 1024
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
  const decode = decoderOf(schema, options.nameField)
  const records: Record<string, unknown>[] = []
  while (source.remaining > 0) {
    const count = source.count('a block count')
    const size = source.count('a block size')
    const block = new ByteSource(decompressBlock(codec, source.window(size), limit))
    if (count < 0 || count > block.remaining) {
      throw corrupt(`a block of ${count} records in ${block.remaining} bytes`)
    }
    for (let i = 0; i < count; i++) records.push(decode(block) as Record<string, unknown>)
    if (block.remaining > 0) throw corrupt(`${block.remaining} bytes after a block's last record`)
    if (!same(source.window(SYNC_BYTES), sync)) throw corrupt('a block without its sync marker')
  }
  return { schema, metadata, records }
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
