import { parts } from '../../src/main/app/compose.ts'
import { rollUpLake } from '../../src/main/app/rollup.ts'
import { systemClock } from '../../src/main/base/clock.ts'
import { silentLog } from '../../src/main/base/log.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { rawRows } from '../renderer/query/sample.ts'
import { type TestApp, testApp } from './app.ts'
import { letterRows } from './letters.ts'
import { payloadOf, sampleOf } from './payloads.ts'

/** What raw holds, and the roll-up takes. */
export const RAW = rawRows(10, 7).filter(({ value }) => Number.isFinite(value))

/** An app whose lake has samples, aggregates and dead letters, and an empty table of others. Its Kafka does not answer. */
export async function filledLake(): Promise<TestApp> {
  const tarn = testApp(parts, { KAFKA_TOPIC: 'health-data-raw', KAFKA_BROKERS: '127.0.0.1:1' })
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  await appendRows(lake.io, lake, 'raw', RAW)
  await rollUpLake(lake, { rebuild: false, log: silentLog, clock: systemClock })
  const poison = [1, 2, 3].map((i) => payloadOf([sampleOf({ id: `bad-${i}`, value: 9_999 })]))
  await appendRows(lake.io, lake, 'errors', letterRows(poison) as Parameters<typeof appendRows>[3])
  await lake.io.catalog.createNamespace(['study'], {})
  await lake.io.catalog.createTable(['study'], {
    name: 'visits',
    schema: {
      type: 'struct',
      'schema-id': 0,
      fields: [{ id: 1, name: 'visit', type: 'int', required: false }],
    },
    spec: { 'spec-id': 0, fields: [] },
    properties: {},
  })
  return tarn
}
