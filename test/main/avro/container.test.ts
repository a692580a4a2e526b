import { randomBytes } from 'node:crypto'
import { crc32, zstdCompressSync } from 'node:zlib'
import avsc from 'avsc'
import { compressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import { readContainer, writeContainer } from '../../../src/main/avro/container.ts'
import { type AvroSchema, avroName } from '../../../src/main/avro/schema.ts'
import { ByteSink } from '../../../src/main/avro/sink.ts'
import { ByteSource } from '../../../src/main/avro/source.ts'

const schema = {
  type: 'record',
  name: 'entry',
  fields: [
    { name: 'id', type: 'long', 'field-id': 1 },
    { name: 'name', type: ['null', 'string'], default: null, 'field-id': 2 },
    { name: 'flag', type: 'boolean', 'field-id': 3 },
    { name: 'ratio', type: 'double', 'field-id': 4 },
    { name: 'small', type: 'float', 'field-id': 5 },
    { name: 'raw', type: ['null', 'bytes'], default: null, 'field-id': 6 },
    { name: 'four', type: { type: 'fixed', name: 'four', size: 4 }, 'field-id': 7 },
    { name: 'list', type: { type: 'array', items: 'int', 'element-id': 9 }, 'field-id': 8 },
  ],
} as const satisfies AvroSchema

const row = (i: number) => ({
  id: i % 2 ? BigInt(i) * 10n ** 15n : i,
  name: i % 3 ? `name ${i}` : null,
  flag: i % 2 === 0,
  ratio: i / 3,
  small: i / 4,
  raw: i % 5 ? Uint8Array.of(i & 255, 1) : null,
  four: Uint8Array.of(1, 2, 3, i & 255),
  list: Array.from({ length: i % 4 }, (_, j) => j - 2),
})

/** The same file as avsc, another implementation, reads it. */
function readByAvsc(
  bytes: Uint8Array,
): Promise<{ header: { meta: Record<string, Buffer> }; records: unknown[] }> {
  return new Promise((resolve, reject) => {
    const decoder = new avsc.streams.BlockDecoder()
    const records: unknown[] = []
    let header: { meta: Record<string, Buffer> }
    decoder.on('metadata', (_type, _codec, read) => {
      header = read
    })
    decoder.on('data', (record) => records.push(record))
    decoder.on('error', reject)
    decoder.on('end', () => resolve({ header, records }))
    decoder.end(Buffer.from(bytes))
  })
}

describe('container files', () => {
  test.each(['null', 'deflate'] as const)(
    'what is written with codec %s is read back and by avsc',
    async (codec) => {
      const rows = Array.from({ length: 5000 }, (_, i) => row(i))
      const small = rows.map((r) => ({ ...r, id: Number(BigInt(r.id) % 1000n) }))
      const bytes = writeContainer({ schema, codec, metadata: { 'format-version': '2' } }, small)
      const back = readContainer(bytes)
      expect(back.records).toEqual(small)
      expect(back.metadata).toEqual(new Map([['format-version', '2']]))
      expect(back.schema).toEqual(schema)
      const other = await readByAvsc(bytes)
      expect(other.records).toHaveLength(5000)
      expect(JSON.parse(JSON.stringify(other.records[17]))).toEqual(
        JSON.parse(
          JSON.stringify({ ...small[17], raw: Buffer.from([17, 1]), four: Buffer.from([1, 2, 3, 17]) }),
        ),
      )
      expect(JSON.parse(String(other.header.meta['avro.schema'])).fields[3]['field-id']).toBe(4)
    },
  )

  test('longs of all 64 bits keep every bit', () => {
    const longs = [
      0,
      -1,
      1,
      2 ** 31,
      -(2 ** 31),
      2 ** 53 - 1,
      -(2 ** 53 - 1),
      2n ** 53n,
      -(2n ** 53n),
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]
    for (let bit = 0n; bit < 63n; bit++)
      longs.push(2n ** bit, -(2n ** bit), 2n ** bit - 1n, -(2n ** bit) - 1n)
    const sink = new ByteSink()
    for (const value of longs) sink.long(value)
    const source = new ByteSource(sink.written)
    for (const value of longs) {
      const read = source.long()
      expect(BigInt(read)).toBe(BigInt(value))
      expect(typeof read).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint')
    }
    expect(source.remaining).toBe(0)
  })

  test('a file without records is a header', async () => {
    const bytes = writeContainer({ schema }, [])
    expect(readContainer(bytes).records).toEqual([])
    expect((await readByAvsc(bytes)).records).toEqual([])
  })

  test.each([
    [
      'snappy',
      (b: Buffer) => {
        const sum = Buffer.alloc(4)
        sum.writeUInt32BE(crc32(b))
        return Buffer.concat([compressSync(b), sum])
      },
    ],
    ['zstandard', (b: Buffer) => zstdCompressSync(b)],
  ] as const)('blocks compressed with %s are read', (codec, compress) => {
    const plain = writeContainer({ schema, codec: 'null' }, [row(1), row(2)])
    expect(readContainer(recompressed(plain, codec, compress)).records).toEqual([row(1), row(2)].map(asRead))
  })

  test('fields are keyed by id where asked', () => {
    const bytes = writeContainer({ schema }, [row(2)])
    const [record] = readContainer(bytes, { nameField: (f) => `f${f['field-id']}` }).records
    expect(Object.keys(record!)).toEqual(['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8'])
  })

  test('names that repeat a type, nested namespaces and wrapped types are understood', async () => {
    const nested = {
      type: 'record',
      name: 'outer',
      namespace: 'a.b',
      fields: [
        { name: 'x', type: { type: 'fixed', name: 'four', size: 2 } },
        { name: 'y', type: 'four' },
        { name: 'z', type: { type: { type: 'array', items: 'a.b.four' } } },
        { name: 'm', type: { type: 'map', values: 'long' } },
        { name: 'e', type: { type: 'enum', name: 'e', symbols: ['A', 'B'] } },
        { name: 'next', type: ['null', 'outer'] },
      ],
    }
    const sink = new ByteSink()
    sink.raw(Uint8Array.of(1, 2, 3, 4))
    sink.long(1)
    sink.raw(Uint8Array.of(5, 6))
    sink.long(0)
    sink.long(-1)
    sink.long(4)
    sink.string('__proto__')
    sink.long(7)
    sink.long(0)
    sink.long(1)
    sink.long(0)
    const [record] = readContainer(container(nested, sink.written, 1)).records
    expect(record).toEqual({
      x: Uint8Array.of(1, 2),
      y: Uint8Array.of(3, 4),
      z: [Uint8Array.of(5, 6)],
      m: new Map([['__proto__', 7]]),
      e: 'B',
      next: null,
    })
  })
})

describe('hostile files fail as CORRUPT, quickly', () => {
  const valid = writeContainer({ schema, codec: 'deflate' }, [row(1), row(2), row(3)])

  test('every cut and every flipped byte is read whole or refused', () => {
    for (let at = 0; at < valid.length; at++) {
      const cut = () => readContainer(valid.subarray(0, at))
      const flipped = valid.slice()
      flipped[at]! ^= 0xff
      for (const attempt of [cut, () => readContainer(flipped)]) {
        try {
          attempt()
        } catch (error) {
          expect(['CORRUPT', 'UNSUPPORTED']).toContain((error as { code: string }).code)
        }
      }
    }
  })

  test('an array that claims more items than there are bytes', () => {
    const list = {
      type: 'record',
      name: 'r',
      fields: [{ name: 'l', type: { type: 'array', items: 'null' } }],
    }
    const sink = new ByteSink()
    sink.long(2 ** 40)
    expect(() => readContainer(container(list, sink.written, 1))).toThrow(/items in/)
  })

  test('a block that expands beyond its limit', () => {
    const bytes = writeContainer({ schema }, [{ ...row(1), name: 'x'.repeat(1_000_000) }])
    expect(() => readContainer(bytes, { maxBlockBytes: 10_000 })).toThrow(/limit 10000/)
  })

  test('a record nested without end', () => {
    const chain = { type: 'record', name: 'r', fields: [{ name: 'next', type: ['null', 'r'] }] }
    const deep = new Uint8Array(2_000_000).fill(2)
    expect(() => readContainer(container(chain, deep, 1))).toThrow(/Avro/)
  })

  test('a codec nobody wrote for us', () => {
    expect(() =>
      readContainer(recompressed(writeContainer({ schema, codec: 'null' }, [row(1)]), 'bzip2', (b) => b)),
    ).toThrow(/codec bzip2/)
  })
})

test('names are made valid as the Java library makes them', () => {
  expect(['a', 'a-b', '1a', 'é', 'a.b'].map(avroName)).toEqual(['a', 'a_x2Db', '_1a', '_xE9', 'a_x2Eb'])
})

const asRead = (r: ReturnType<typeof row>) => ({ ...r, id: Number(r.id) })

function container(type: unknown, block: Uint8Array, count: number, codec = 'null'): Uint8Array {
  const sync = randomBytes(16)
  const out = new ByteSink()
  out.raw(Buffer.from('Obj\x01', 'latin1'))
  out.long(2)
  out.string('avro.schema')
  out.string(JSON.stringify(type))
  out.string('avro.codec')
  out.string(codec)
  out.long(0)
  out.raw(sync)
  out.long(count)
  out.bytes(block)
  out.raw(sync)
  return out.written.slice()
}

/** A file of one uncompressed block with that block under another codec. */
function recompressed(plain: Uint8Array, codec: string, compress: (block: Buffer) => Uint8Array): Uint8Array {
  const source = new ByteSource(plain, 4)
  for (let n = source.count('entries'); n > 0; n = source.count('entries')) {
    for (let i = 0; i < n; i++) {
      source.string()
      source.string()
    }
  }
  source.fixed(16)
  const count = source.count('records')
  const block = source.fixed(source.count('size'))
  return container(schema, compress(Buffer.from(block)), count, codec)
}
