import { readdirSync, readFileSync } from 'node:fs'
import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { readContainer } from '../../../src/main/avro/container.ts'
import type { AvroComplex, AvroField, AvroSchema } from '../../../src/main/avro/schema.ts'
import { decodeManifest, encodeManifest } from '../../../src/main/iceberg/manifest.ts'
import {
  assignSequence,
  decodeManifestList,
  encodeManifestList,
  readManifestList,
} from '../../../src/main/iceberg/manifest-list.ts'
import { parseMetadata, snapshotById } from '../../../src/main/iceberg/metadata.ts'
import { addedFiles, liveFiles, mayHoldPartition } from '../../../src/main/iceberg/snapshot.ts'
import type {
  DataFile,
  ManifestEntry,
  PartitionSpec,
  Schema,
  TableMetadata,
  Value,
} from '../../../src/main/iceberg/types.ts'
import { memoryStorage } from '../../../src/main/storage/memory.ts'
import { dataFile, fakeLake } from './fake-lake.ts'

const SNAPSHOT = 7_000_000_000_000_000_001n

function added(file: DataFile): ManifestEntry {
  return { status: 'added', snapshotId: SNAPSHOT, sequenceNumber: null, fileSequenceNumber: null, file }
}
function existing(file: DataFile, sequence: number): ManifestEntry {
  return {
    status: 'existing',
    snapshotId: 5n,
    sequenceNumber: sequence,
    fileSequenceNumber: sequence + 1,
    file,
  }
}
function encode(
  entries: ManifestEntry[],
  metadata: TableMetadata = fakeLake().metadata,
  content: 'data' | 'deletes' = 'data',
) {
  return encodeManifest({
    location: 'memory://m.avro',
    metadata,
    specId: metadata['default-spec-id'],
    content,
    snapshotId: SNAPSHOT,
    entries,
  })
}

/** Every field, list element and map pair of an Avro schema: path, id and shape. */
function* fields(schema: AvroSchema, path = ''): Generator<{ path: string; id: unknown; field?: AvroField }> {
  if (typeof schema === 'string') return
  if (Array.isArray(schema)) {
    for (const branch of schema) yield* fields(branch, path)
    return
  }
  const complex = schema as AvroComplex
  for (const field of complex.fields ?? []) {
    yield { path: `${path}${field.name}`, id: field['field-id'], field }
    yield* fields(field.type, `${path}${field.name}.`)
  }
  if (complex.items !== undefined) {
    if (complex.logicalType !== 'map') yield { path: `${path}element`, id: complex['element-id'] }
    yield* fields(complex.items, path)
  }
}
const ids = (bytes: Uint8Array) =>
  Object.fromEntries([...fields(readContainer(bytes).schema)].map((f) => [f.path, f.id]))

describe('rule 1: every Avro field carries its id', () => {
  test('manifest', () => {
    expect(ids(encode([added(dataFile('a'))]).bytes)).toEqual({
      status: 0,
      snapshot_id: 1,
      sequence_number: 3,
      file_sequence_number: 4,
      data_file: 2,
      'data_file.content': 134,
      'data_file.file_path': 100,
      'data_file.file_format': 101,
      'data_file.partition': 102,
      'data_file.partition.kind': 1000,
      'data_file.record_count': 103,
      'data_file.file_size_in_bytes': 104,
      'data_file.column_sizes': 108,
      'data_file.column_sizes.key': 117,
      'data_file.column_sizes.value': 118,
      'data_file.value_counts': 109,
      'data_file.value_counts.key': 119,
      'data_file.value_counts.value': 120,
      'data_file.null_value_counts': 110,
      'data_file.null_value_counts.key': 121,
      'data_file.null_value_counts.value': 122,
      'data_file.nan_value_counts': 137,
      'data_file.nan_value_counts.key': 138,
      'data_file.nan_value_counts.value': 139,
      'data_file.lower_bounds': 125,
      'data_file.lower_bounds.key': 126,
      'data_file.lower_bounds.value': 127,
      'data_file.upper_bounds': 128,
      'data_file.upper_bounds.key': 129,
      'data_file.upper_bounds.value': 130,
      'data_file.key_metadata': 131,
      'data_file.split_offsets': 132,
      'data_file.split_offsets.element': 133,
      'data_file.equality_ids': 135,
      'data_file.equality_ids.element': 136,
      'data_file.sort_order_id': 140,
      'data_file.referenced_data_file': 143,
    })
  })
  test('manifest list', () => {
    expect(ids(encodeManifestList({ id: SNAPSHOT, parent: null, sequenceNumber: 1 }, []))).toEqual({
      manifest_path: 500,
      manifest_length: 501,
      partition_spec_id: 502,
      content: 517,
      sequence_number: 515,
      min_sequence_number: 516,
      added_snapshot_id: 503,
      added_files_count: 504,
      existing_files_count: 505,
      deleted_files_count: 506,
      added_rows_count: 512,
      existing_rows_count: 513,
      deleted_rows_count: 514,
      partitions: 507,
      'partitions.element': 508,
      'partitions.contains_null': 509,
      'partitions.contains_nan': 518,
      'partitions.lower_bound': 510,
      'partitions.upper_bound': 511,
      key_metadata: 519,
    })
  })
})

test('rule 2: maps with int keys are arrays of pairs with logicalType map', () => {
  for (const { path, field } of fields(readContainer(encode([added(dataFile('a'))]).bytes).schema)) {
    if (!/_(counts|sizes|bounds)$/.test(path)) continue
    const [nothing, map] = field!.type as [string, AvroComplex]
    expect([nothing, map.type, map.logicalType]).toEqual(['null', 'array', 'map'])
    expect((map.items as AvroComplex).fields!.map((f) => f.name)).toEqual(['key', 'value'])
  }
})

test('rule 3: optional fields are [null, T] with default null, required ones are plain', () => {
  const bytes = [
    encode([added(dataFile('a'))]).bytes,
    encodeManifestList({ id: 1n, parent: null, sequenceNumber: 1 }, []),
  ]
  for (const { schema } of bytes.map((b) => readContainer(b))) {
    for (const { field } of fields(schema)) {
      if (!field) continue
      if (Array.isArray(field.type)) expect([field.type[0], field.default]).toEqual(['null', null])
      else expect(field).not.toHaveProperty('default')
      if (typeof field.type === 'object' && !Array.isArray(field.type)) {
        expect(['record', 'array', 'fixed', 'int', 'long']).toContain((field.type as AvroComplex).type)
      }
    }
  }
})

test('rule 4: the header names schema, spec fields, ids, version and content', () => {
  const { metadata } = readContainer(encode([added(dataFile('a'))]).bytes)
  expect(Object.fromEntries(metadata)).toEqual({
    schema: JSON.stringify(fakeLake().metadata.schemas[0]),
    'schema-id': '0',
    'partition-spec': JSON.stringify(fakeLake().metadata['partition-specs'][0]!.fields),
    'partition-spec-id': '0',
    'format-version': '2',
    content: 'data',
  })
})

describe('rule 5: one content and one spec in a manifest', () => {
  test('delete files are refused in a data manifest', () => {
    expect(() => encode([added({ ...dataFile('a'), content: 'position-deletes' })])).toThrow(
      /data and delete files/,
    )
  })
  test('a file of another spec is refused', () => {
    expect(() => encode([added({ ...dataFile('a'), specId: 3 })])).toThrow(/spec 3/)
  })
})

describe('rule 6: sequence numbers are inherited by added entries only', () => {
  const entries = [
    added(dataFile('a')),
    existing(dataFile('b'), 3),
    { ...existing(dataFile('c'), 2), status: 'deleted' as const, snapshotId: SNAPSHOT },
  ]
  test('added entries have nulls in the file, others their own values', () => {
    const { records } = readContainer(encode(entries).bytes)
    expect(records.map((r) => [r.status, r.sequence_number, r.file_sequence_number])).toEqual([
      [1, null, null],
      [0, 3, 4],
      [2, 2, 3],
    ])
    expect(records[0]!.snapshot_id).toBe(SNAPSHOT)
  })
  test('reading fills them in from the manifest list', () => {
    const { bytes, prepared } = encode(entries)
    const read = decodeManifest(bytes, assignSequence(prepared, 9), fakeLake().metadata)
    expect(read.map((e) => [e.status, e.snapshotId, e.sequenceNumber, e.fileSequenceNumber])).toEqual([
      ['added', SNAPSHOT, 9, 9],
      ['existing', 5n, 3, 4],
      ['deleted', SNAPSHOT, 2, 3],
    ])
    expect(read.map((e) => e.file)).toEqual(entries.map((e) => e.file))
  })
  test('existing and deleted entries without them are refused', () => {
    for (const status of ['existing', 'deleted'] as const) {
      expect(() => encode([{ ...added(dataFile('a')), status }])).toThrow(/sequence numbers/)
    }
  })
})

describe('rule 8: a manifest list line holds counts, length and sequence numbers', () => {
  test('counts and the minimum over live entries', () => {
    const { prepared, bytes } = encode([
      added(dataFile('a', 'x', 5)),
      existing(dataFile('b', 'x', 7), 3),
      { ...existing(dataFile('c', 'x', 11), 1), status: 'deleted', snapshotId: SNAPSHOT },
    ])
    const line = assignSequence(prepared, 9)
    expect(line).toMatchObject({
      length: bytes.length,
      sequenceNumber: 9,
      minSequenceNumber: 3,
      addedSnapshotId: SNAPSHOT,
      addedFiles: 1,
      existingFiles: 1,
      deletedFiles: 1,
      addedRows: 5,
      existingRows: 7,
      deletedRows: 11,
    })
    const list = encodeManifestList({ id: SNAPSHOT, parent: 4n, sequenceNumber: 9 }, [line])
    expect(decodeManifestList(list, 'l')).toEqual([{ file: line, counted: true }])
    expect(Object.fromEntries(readContainer(list).metadata)).toEqual({
      'snapshot-id': String(SNAPSHOT),
      'parent-snapshot-id': '4',
      'sequence-number': '9',
      'format-version': '2',
    })
  })
  test('a manifest of added files only has the commit number as its minimum', () => {
    expect(assignSequence(encode([added(dataFile('a'))]).prepared, 4).minSequenceNumber).toBe(4)
  })
})

describe('rule 9: partition summaries are in the transform result type', () => {
  const schema: Schema = {
    'schema-id': 0,
    type: 'struct',
    fields: [
      { id: 1, name: 'ts', required: false, type: 'timestamp' },
      { id: 2, name: 'x', required: false, type: 'double' },
    ],
  }
  const spec: PartitionSpec = {
    'spec-id': 0,
    fields: [
      { 'source-id': 1, 'field-id': 1005, name: 'ts day', transform: 'day' },
      { 'source-id': 2, 'field-id': 1002, name: 'x', transform: 'identity' },
    ],
  }
  const metadata: TableMetadata = { ...fakeLake().metadata, schemas: [schema], 'partition-specs': [spec] }
  const file = (partition: Value[]) => ({ ...dataFile(String(partition)), partition })
  const summaries = (...partitions: Value[][]) =>
    encode(
      partitions.map((p) => added(file(p))),
      metadata,
    ).prepared.partitions

  test('nulls, NaN, -0.0 and bounds', () => {
    expect(summaries([20_000, 0], [-3, -0], [5, Number.NaN], [null, 0])).toEqual([
      {
        containsNull: true,
        containsNan: false,
        lower: Uint8Array.of(253, 255, 255, 255),
        upper: Uint8Array.of(32, 78, 0, 0),
      },
      {
        containsNull: false,
        containsNan: true,
        lower: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128),
        upper: new Uint8Array(8),
      },
    ])
  })
  test('no bounds where all values are null', () => {
    expect(summaries([null, null])).toEqual([
      { containsNull: true, containsNan: false },
      { containsNull: true, containsNan: false },
    ])
  })
  test('rule 10: the struct has the ids of the spec and names that Avro allows', () => {
    const found = ids(encode([added(file([1, 1]))], metadata).bytes)
    expect(found['data_file.partition.ts_x20day']).toBe(1005)
    expect(found['data_file.partition.x']).toBe(1002)
  })
  test('manifests are pruned only where the summary proves that a partition is absent', () => {
    const partitions = summaries([10, 1], [20, Number.NaN])
    const may = (...p: Value[]) => mayHoldPartition({ partitions }, ['date', 'double'], p)
    expect([may(10, 1), may(15, 1), may(20, Number.NaN), may(21, 1), may(null, 1), may(15, 2)]).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ])
    expect(mayHoldPartition({ partitions: [] }, ['date', 'double'], [1, 1])).toBe(true)
  })
})

describe('rule 19: ids that belong to one content only', () => {
  test('position deletes have no sort order', () => {
    const { bytes } = encode(
      [added({ ...dataFile('a'), content: 'position-deletes', sortOrderId: 0 })],
      undefined,
      'deletes',
    )
    expect((readContainer(bytes).records[0]!.data_file as { sort_order_id: unknown }).sort_order_id).toBe(
      null,
    )
  })
  test('equality ids are there exactly for equality deletes', () => {
    expect(() => encode([added({ ...dataFile('a'), equalityIds: [1] })])).toThrow(/equality ids/)
    expect(() =>
      encode([added({ ...dataFile('a'), content: 'equality-deletes' })], undefined, 'deletes'),
    ).toThrow(/equality ids/)
  })
})

test('rule 18: sizes and offsets beyond 32 bits keep every bit', () => {
  const file = {
    ...dataFile('a'),
    fileSize: 2 ** 40 + 1,
    splitOffsets: [4, 2 ** 33 + 1],
    columnSizes: new Map([[1, 2 ** 45]]),
  }
  const { bytes, prepared } = encode([added(file)])
  expect(decodeManifest(bytes, assignSequence(prepared, 1), fakeLake().metadata)[0]!.file).toEqual(file)
})

test('avsc, another implementation, reads the same entries', async () => {
  const { bytes } = encode([added(dataFile('a', 'steps', 3)), existing(dataFile('b', null, 4), 2)])
  const records = await new Promise<
    {
      status: number
      data_file: {
        file_path: string
        partition: { kind: string | null }
        upper_bounds: { key: number; value: Buffer }[]
      }
    }[]
  >((resolve, reject) => {
    const long = avsc.types.LongType.__with({
      fromBuffer: (b: Buffer) => b.readBigInt64LE(),
      toBuffer: () => Buffer.alloc(8),
      fromJSON: BigInt,
      toJSON: String,
      isValid: (v: unknown) => typeof v === 'bigint',
      compare: () => 0,
    })
    const decoder = new avsc.streams.BlockDecoder({
      parseHook: (s: unknown) => avsc.Type.forSchema(s as avsc.Schema, { registry: { long } } as never),
    } as never)
    const all: unknown[] = []
    decoder.on('data', (r: unknown) => all.push(r))
    decoder.on('end', () => resolve(all as never))
    decoder.on('error', reject)
    decoder.end(Buffer.from(bytes))
  })
  expect(records.map((r) => [r.status, r.data_file.file_path, r.data_file.partition.kind])).toEqual([
    [1, 'memory://lake/n/t/data/a', 'steps'],
    [0, 'memory://lake/n/t/data/b', null],
  ])
  expect(records[0]!.data_file.upper_bounds).toEqual([
    { key: 1, value: Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]) },
  ])
})

interface Twin {
  lists: {
    snapshotId: string
    manifests: {
      path: string
      length: number
      specId: number
      content: string
      sequenceNumber: number
      minSequenceNumber: number
      addedSnapshotId: string
      counts: number[]
      partitions: {
        containsNull: boolean
        containsNan: boolean
        lower: string | null
        upper: string | null
      }[]
      entries: {
        status: string
        snapshotId: string
        sequenceNumber: number
        fileSequenceNumber: number
        path: string
        partition: (string | number | boolean | null | { big: string })[]
        recordCount: number
        fileSize: number
        valueCounts: Record<string, number>
        nullCounts: Record<string, number>
        nanCounts: Record<string, number>
        columnSizes: Record<string, number>
        lower: Record<string, string>
        upper: Record<string, string>
        splitOffsets: number[]
        sortOrderId: number | null
      }[]
    }[]
  }[]
}

describe.each(['v1', 'v2'])('a table written by PyIceberg in format %s', (version) => {
  const folder = new URL(`../../fixtures/iceberg/pyiceberg-${version}/`, import.meta.url)
  const metadata = parseMetadata(readFileSync(new URL('metadata.json', folder)))
  const twin = JSON.parse(readFileSync(new URL('twin.json', folder), 'utf8')) as Twin
  const storage = memoryStorage()
  const ready = Promise.all(
    readdirSync(folder)
      .filter((name) => name.endsWith('.avro'))
      .map((name) =>
        storage.write(`${metadata.location}/metadata/${name}`, readFileSync(new URL(name, folder))),
      ),
  )
  const hex = (b?: Uint8Array) => (b ? Buffer.from(b).toString('hex') : null)
  const plain = <T>(map: ReadonlyMap<number, T> | undefined) =>
    Object.fromEntries([...(map ?? [])].map(([k, v]) => [k, v instanceof Uint8Array ? hex(v) : v]))

  test('every list, manifest and entry is read as PyIceberg reads it', async () => {
    await ready
    expect(twin.lists.length).toBeGreaterThan(2)
    for (const list of twin.lists) {
      const manifests = await readManifestList(storage, snapshotById(metadata, BigInt(list.snapshotId))!)
      const read = await Promise.all(
        manifests.map(async (m) => ({
          path: m.path,
          length: m.length,
          specId: m.specId,
          content: m.content,
          sequenceNumber: m.sequenceNumber,
          minSequenceNumber: m.minSequenceNumber,
          addedSnapshotId: String(m.addedSnapshotId),
          counts: [m.addedFiles, m.existingFiles, m.deletedFiles, m.addedRows, m.existingRows, m.deletedRows],
          partitions: m.partitions.map((p) => ({
            containsNull: p.containsNull,
            containsNan: p.containsNan,
            lower: hex(p.lower),
            upper: hex(p.upper),
          })),
          entries: decodeManifest(await storage.read(m.path), m, metadata).map((e) => ({
            status: e.status,
            snapshotId: String(e.snapshotId),
            sequenceNumber: e.sequenceNumber,
            fileSequenceNumber: e.fileSequenceNumber,
            path: e.file.path,
            format: e.file.format,
            partition: e.file.partition.map((v) => (typeof v === 'bigint' ? { big: String(v) } : v)),
            recordCount: e.file.recordCount,
            fileSize: e.file.fileSize,
            valueCounts: plain(e.file.valueCounts),
            nullCounts: plain(e.file.nullCounts),
            nanCounts: plain(e.file.nanCounts),
            columnSizes: plain(e.file.columnSizes),
            lower: plain(e.file.lowerBounds),
            upper: plain(e.file.upperBounds),
            splitOffsets: e.file.splitOffsets,
            sortOrderId: e.file.sortOrderId ?? null,
          })),
        })),
      )
      expect(read).toEqual(list.manifests)
    }
  })

  test('live and added files follow from it', async () => {
    await ready
    const last = twin.lists.at(-1)!
    const live = await liveFiles(storage, metadata, BigInt(last.snapshotId))
    const expected = last.manifests.flatMap((m) => m.entries.filter((e) => e.status !== 'deleted'))
    expect(live.map((f) => [f.file.path, f.sequenceNumber])).toEqual(
      expected.map((e) => [e.path, e.sequenceNumber]),
    )
    const first = await addedFiles(storage, metadata, BigInt(twin.lists[0]!.snapshotId))
    expect(first).toHaveLength(4)
  })

  test('what we write of its entries reads back the same', async () => {
    await ready
    for (const list of twin.lists) {
      for (const m of await readManifestList(storage, snapshotById(metadata, BigInt(list.snapshotId))!)) {
        const entries = decodeManifest(await storage.read(m.path), m, metadata)
        const { bytes, prepared } = encodeManifest({
          location: m.path,
          metadata,
          specId: m.specId,
          content: m.content,
          snapshotId: m.addedSnapshotId,
          entries,
        })
        const line = assignSequence(prepared, m.sequenceNumber)
        expect(decodeManifest(bytes, line, metadata)).toEqual(entries)
        expect({ ...line, length: 0, minSequenceNumber: 0 }).toEqual({
          ...m,
          length: 0,
          minSequenceNumber: 0,
        })
      }
    }
  })
})

describe('v1 manifests that no complete list describes', () => {
  test('counts come from the manifests where a list or the metadata lacks them', async () => {
    const folder = new URL('../../fixtures/iceberg/pyiceberg-v1/', import.meta.url)
    const metadata = parseMetadata(readFileSync(new URL('metadata.json', folder)))
    const storage = memoryStorage()
    for (const name of readdirSync(folder).filter((n) => n.endsWith('.avro'))) {
      await storage.write(`${metadata.location}/metadata/${name}`, readFileSync(new URL(name, folder)))
    }
    const snapshot = metadata.snapshots[0]!
    const listed = await readManifestList(storage, snapshot)
    const { 'manifest-list': _, ...rest } = snapshot
    const inline = await readManifestList(storage, { ...rest, manifests: listed.map((m) => m.path) })
    expect(inline).toEqual(listed.map((m) => ({ ...m, partitions: [] })))
  })
})
