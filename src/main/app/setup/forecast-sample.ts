import type { ForecastView } from '../../../shared/setup.ts'
import { TABLE_ROLES, TABLES, type TableRole } from '../../../shared/tables.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import { createDecoder } from '../../decode/decode.ts'
import { schemaOf } from '../../iceberg/schema.ts'
import { type Cell, encodeRows } from '../../parquet/write.ts'
import type { MessageBatch } from '../../source/source.ts'
import type { MainSettings } from '../settings/settings.ts'
import { addError, addRow, emptyTally, type FileCost, forecast, type Tally } from './forecast.ts'
import { messagesOf, withLook } from './sample.ts'

/** Places of each partition at which a run is read, and bytes of each run. */
const PLACES = 8
const RUN_BYTES = 262_144
/** Rows of the file that tells what one more row costs. */
const MANY = 500

/** Reads a sample of the topic, decodes it by the real decoder, and reckons both layouts. Writes nothing. */
export async function forecastTopic(settings: MainSettings, signal: AbortSignal): Promise<ForecastView> {
  const started = performance.now()
  const { topic } = settings.kafka
  const { batches, messages } = await withLook(settings, signal, async (look) => {
    const [facts] = await look.topics([topic])
    const marks = [...(facts?.watermarks.values() ?? [])]
    return {
      messages: Number(marks.reduce((sum, { low, high }) => sum + high - low, 0n)),
      batches: await look.sample(topic, { places: PLACES, bytes: RUN_BYTES }),
    }
  })
  throwIfCancelled(signal)
  const tally = tallyOf(settings, batches)
  return forecast({
    topic,
    tally,
    messages,
    exact: tally.messages >= messages,
    costs: fileCosts(),
    commit: settings.commit,
    targetBytes: Number(TABLES.raw.properties['write.target-file-size-bytes']),
    ms: Math.round(performance.now() - started),
  })
}

/** Decodes batches and adds up what they hold. */
export function tallyOf(
  settings: Pick<MainSettings, 'validation' | 'maxMessageBytes'> & {
    readonly kafka: { readonly topic: string }
  },
  batches: readonly MessageBatch[],
): Tally {
  const { validation, maxMessageBytes, kafka } = settings
  const decoder = createDecoder({ topic: kafka.topic, validation, maxMessageBytes, avro: null })
  const tally = emptyTally()
  for (const batch of batches) {
    const days = new Set<number>()
    for (const { partition, offset, value } of messagesOf(batch)) {
      tally.messages += 1
      decoder.decode(
        value,
        { partition, offset },
        {
          accept(envelope, sample) {
            addRow(tally, envelope.userId, sample.type, sample.start.ms)
            days.add(Math.floor(sample.start.ms / 86_400_000))
          },
          reject: (row) => addError(tally, row.errorType),
        },
      )
    }
    if (days.size > 0) tally.runDays.push(days.size)
  }
  return tally
}

/** What files of each table cost, by encoding one row and many with the writer that loads use. */
export function fileCosts(): Record<TableRole, FileCost> {
  return Object.fromEntries(
    TABLE_ROLES.map((role) => {
      const one = encodedBytes(role, 1)
      const many = encodedBytes(role, MANY)
      const row = Math.max(1, (many - one) / (MANY - 1))
      return [role, { row, fixed: Math.max(0, one - row) }]
    }),
  ) as Record<TableRole, FileCost>
}

function encodedBytes(role: TableRole, rows: number): number {
  const schema = schemaOf(TABLES[role])
  return encodeRows(
    schema,
    Array.from({ length: rows }, (_, index) =>
      Object.fromEntries(TABLES[role].columns.map(({ name, type }) => [name, cellOf(name, type, index)])),
    ),
  ).bytes.byteLength
}

/** Values as different as those of real rows are: ids and measurements all, names of types seldom. */
function cellOf(name: string, type: string, index: number): Cell {
  // Knuth's multiplier spreads the bits, so that columns do not compress better than real ones.
  const spread = (Math.imul(index + 1, 2_654_435_761) >>> 0) / 2 ** 32
  switch (type) {
    case 'double':
      return spread * 200
    case 'long':
      return BigInt(Math.floor(spread * 1000))
    case 'timestamp':
      return 1_767_225_600_000_000n + BigInt(Math.floor(spread * 86_400_000_000))
    case 'boolean':
      return index % 2 === 0
    case 'map<string,string>':
      return new Map([['source', 'watch']])
    default:
      if (name === 'raw_payload') return `{"payload":"${String(spread).repeat(12)}"}`
      return /_id$/.test(name)
        ? `${name}-${Math.floor(spread * 2 ** 48).toString(16)}`
        : `${name}-${index % 8}`
  }
}
