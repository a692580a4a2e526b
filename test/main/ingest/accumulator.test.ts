import { describe, expect, test } from 'vitest'
import {
  type Accumulator,
  type AccumulatorOptions,
  createAccumulator,
} from '../../../src/main/ingest/accumulator.ts'
import { rowsOf } from '../../helpers/parquet.ts'
import { batchOf, loadPayload, payloadOf, sampleOf } from '../../helpers/payloads.ts'
import { shapeOf } from '../../helpers/shapes.ts'

const NOW = 1_769_999_999_123
const ALL = { raw: 0n, errors: 0n }

function accumulator(options: Partial<AccumulatorOptions> = {}): Accumulator {
  return createAccumulator({
    raw: shapeOf('raw'),
    errors: shapeOf('errors'),
    topic: 'health-data-raw',
    validation: { strict: false, ranges: {} },
    maxMessageBytes: 1_000_000,
    avro: null,
    ...options,
  })
}

async function flushed(from: Accumulator) {
  const files = [...from.flush()]
  const read = files.map(async ({ table, partition, parquet }) => ({
    table,
    partition,
    rows: await rowsOf(parquet.bytes),
  }))
  return Promise.all(read)
}

const json = (value: unknown): string => JSON.stringify(value)

test('a sample becomes a row, column for column', async () => {
  const kept = accumulator()
  const sample = sampleOf({
    startDate: '1969-12-31T23:59:59.9999999Z',
    timezone: 'Europe/Rome',
    timezoneOffset: 60,
  })
  const result = kept.add(batchOf([json(payloadOf([sample]))], { partition: 2, firstOffset: 7n }), ALL, NOW)
  expect(result).toMatchObject({ messages: 1, rows: 1, rejected: 0, skipped: 0, warnings: 1 })
  expect(result.bufferedBytes).toBeGreaterThan(100)
  expect(await flushed(kept)).toEqual([
    {
      table: 'raw',
      partition: [-1, 'heartRate'],
      rows: [
        {
          device_id: 'device-1',
          user_id: 'user-1',
          sample_id: 'sample-1',
          data_type: 'heartRate',
          value: 72.5,
          unit: 'count/min',
          start_date: -1n,
          end_date: 1_769_848_260_000_000n,
          source_bundle: 'com.apple.health',
          metadata: { device: 'Watch', timezone: 'Europe/Rome', timezoneOffset: '60' },
          is_synced: true,
          created_at: 1_769_848_320_000_000n,
          payload_timestamp: 1_769_850_000_000_000n,
          app_version: '1.4.2',
          processing_time: BigInt(NOW) * 1000n,
        },
      ],
    },
  ])
})

describe('metadata', () => {
  const metadataOf = async (fields: Record<string, unknown>) => {
    const kept = accumulator()
    kept.add(batchOf([json(payloadOf([sampleOf(fields)]))]), ALL, NOW)
    return (await flushed(kept))[0]!.rows[0]!.metadata
  }
  test('an empty map stays one; absent and null are null', async () => {
    expect(await metadataOf({ metadata: {} })).toEqual({})
    expect(await metadataOf({ metadata: undefined })).toBeNull()
    expect(await metadataOf({ metadata: null })).toBeNull()
  })
  test('zone and offset join it as text, and make one where there is none', async () => {
    expect(await metadataOf({ metadata: null, timezone: 'UTC' })).toEqual({ timezone: 'UTC' })
    expect(await metadataOf({ metadata: null, timezoneOffset: -330 })).toEqual({ timezoneOffset: '-330' })
    expect(await metadataOf({ metadata: {}, timezone: '', timezoneOffset: 0 })).toEqual({
      timezone: '',
      timezoneOffset: '0',
    })
  })
  test('a key that metadata holds already wins', async () => {
    const metadata = { timezone: 'mine', timezoneOffset: '' }
    expect(await metadataOf({ metadata, timezone: 'UTC', timezoneOffset: 60 })).toEqual(metadata)
  })
})

test('a rejection becomes a dead letter with its Kafka position', async () => {
  const kept = accumulator()
  const batch = batchOf(['{}', null, json(payloadOf([sampleOf({ value: 9999 })]))], {
    partition: 5,
    firstOffset: 2n ** 60n,
  })
  expect(kept.add(batch, ALL, NOW)).toMatchObject({ messages: 3, rows: 0, rejected: 3, skipped: 0 })
  const files = await flushed(kept)
  expect(files.map(({ table, partition }) => [table, partition])).toEqual([
    ['errors', [20_486, 'TRANSFORMATION_ERROR']],
    ['errors', [20_486, 'DESERIALIZATION_ERROR']],
    ['errors', [20_486, 'VALIDATION_ERROR']],
  ])
  expect(files[2]!.rows).toEqual([
    {
      error_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      error_type: 'VALIDATION_ERROR',
      error_message: '$.samples[0].value: 9999: must be from 30 to 250 for heartRate',
      error_timestamp: BigInt(NOW) * 1000n,
      raw_payload: json(payloadOf([sampleOf({ value: 9999 })])),
      user_id: 'user-1',
      device_id: 'device-1',
      sample_id: 'sample-1',
      data_type: 'heartRate',
      kafka_topic: 'health-data-raw',
      kafka_partition: 5n,
      kafka_offset: 2n ** 60n + 2n,
    },
  ])
})

test('rows below a table’s own position are left out of that table only', async () => {
  const kept = accumulator()
  const message = json(payloadOf([sampleOf(), sampleOf({ value: -1 })]))
  const batch = batchOf([message, message, message, message], { firstOffset: 10n })
  expect(kept.add(batch, { raw: 12n, errors: 11n }, NOW)).toMatchObject({
    messages: 4,
    rows: 2,
    rejected: 3,
    skipped: 3,
  })
  const files = await flushed(kept)
  expect(files.map(({ table, rows }) => [table, rows.length])).toEqual([
    ['errors', 3],
    ['raw', 2],
  ])
  expect(files[0]!.rows.map((row) => row.kafka_offset)).toEqual([11n, 12n, 13n])
})

test('the same sample twice is two rows', async () => {
  const kept = accumulator()
  kept.add(batchOf([json(payloadOf([sampleOf(), sampleOf()]))]), ALL, NOW)
  expect((await flushed(kept))[0]!.rows).toHaveLength(2)
})

test('one file a partition, no row lost, and nothing left after a flush', async () => {
  const kept = accumulator()
  const payloads = Array.from({ length: 1000 }, (_, number) => loadPayload(number))
  const { rows, bufferedBytes } = kept.add(batchOf(payloads), ALL, NOW)
  expect(rows).toBe(5000)
  expect(bufferedBytes / rows).toBeLessThan(200)
  const files = await flushed(kept)
  expect(files).toHaveLength(70)
  expect(new Set(files.map(({ partition }) => String(partition))).size).toBe(70)
  for (const { partition, rows: inFile } of files) {
    for (const { start_date, data_type } of inFile) {
      expect([Number((start_date as bigint) / 86_400_000_000n), data_type]).toEqual(partition)
    }
  }
  const ids = files.flatMap(({ rows: inFile }) => inFile.map((row) => row.sample_id))
  const sent = payloads.flatMap((text) =>
    (JSON.parse(text) as { samples: { id: string }[] }).samples.map(({ id }) => id),
  )
  expect(ids.sort()).toEqual(sent.sort())
  expect([...kept.flush()]).toEqual([])
  expect(kept.add(batchOf([]), ALL, NOW)).toEqual({
    messages: 0,
    rows: 0,
    rejected: 0,
    skipped: 0,
    warnings: 0,
    bufferedBytes: 0,
  })
})

test('batches added during a flush belong to the next one', async () => {
  const kept = accumulator()
  kept.add(batchOf([json(payloadOf([sampleOf({ id: 'first' })]))]), ALL, NOW)
  const flush = kept.flush()
  kept.add(batchOf([json(payloadOf([sampleOf({ id: 'second' })]))]), ALL, NOW)
  expect([...flush].map(({ parquet }) => parquet.metrics.recordCount)).toEqual([1])
  expect((await flushed(kept))[0]!.rows[0]!.sample_id).toBe('second')
})

describe('tables that differ', () => {
  const raw = shapeOf('raw')
  test('further optional columns are null, in any order of columns', async () => {
    const fields = [
      { id: 90, name: 'note', required: false, type: 'string' as const },
      ...[...raw.schema.fields].reverse(),
    ]
    const kept = accumulator({ raw: { ...raw, schema: { ...raw.schema, fields } } })
    kept.add(batchOf([json(payloadOf())]), ALL, NOW)
    expect((await flushed(kept))[0]!.rows[0]).toMatchObject({ note: null, user_id: 'user-1' })
  })
  test('a missing column, a required one beyond ours, or another type is TABLE_DIFFERS', () => {
    const having = (fields: typeof raw.schema.fields) => () =>
      accumulator({ raw: { ...raw, schema: { ...raw.schema, fields } } })
    const code = (message: string) => expect.objectContaining({ code: 'TABLE_DIFFERS', message })
    const { fields } = raw.schema
    expect(having(fields.filter(({ name }) => name !== 'unit'))).toThrow(code('the table has no column unit'))
    expect(having([...fields, { id: 90, name: 'note', required: true, type: 'string' }])).toThrow(
      code('the table requires a column note, which health data lack'),
    )
    expect(
      having(fields.map((field) => (field.name === 'unit' ? { ...field, type: 'double' } : field))),
    ).toThrow(code('column unit has type double'))
  })
})
