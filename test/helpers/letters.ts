import type { Lake } from '../../src/main/app/lake.ts'
import { findLetters, keptOf, marksTable } from '../../src/main/app/letters/letter-index.ts'
import { openBenches } from '../../src/main/app/replay/bench.ts'
import { letterBatches, lettersById } from '../../src/main/app/replay/source.ts'
import { ensureTable } from '../../src/main/app/setup/tables.ts'
import { createDecoder } from '../../src/main/decode/decode.ts'
import { type ReplayDeps, type ReplayRequest, replay } from '../../src/main/replay/replay.ts'
import { MARKS } from '../../src/main/replay/table.ts'
import type { Fix } from '../../src/shared/letters.ts'
import type { MemoryLake, Row } from './memory-lake.ts'

/** One message of the topic. */
export type Message = object | string

export const sampleOf = (changes: object = {}) => ({
  id: 's-1',
  type: 'bodyTemperature',
  value: 98.6,
  unit: 'degF',
  startDate: '2026-01-01T08:00:00Z',
  endDate: '2026-01-01T08:00:00Z',
  isSynced: true,
  createdAt: '2026-01-01T08:00:00Z',
  ...changes,
})

export const payloadOf = (samples: readonly object[], changes: object = {}) => ({
  deviceId: 'device',
  userId: 'user',
  timestamp: '2026-01-01T08:00:01Z',
  appVersion: '3.4.1',
  samples,
  ...changes,
})

export const TOPIC = 'health-data-raw'

/** Rows of the errors table as the loader would write them for `messages`, one offset each, of partition 0. */
export function letterRows(messages: readonly Message[], firstOffset = 0n): Row[] {
  const decoder = createDecoder({
    topic: TOPIC,
    validation: { strict: false, ranges: {} },
    maxMessageBytes: 64 * 1024 * 1024,
    avro: null,
  })
  const rows: Row[] = []
  messages.forEach((message, index) => {
    const offset = firstOffset + BigInt(index)
    const bytes = new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message))
    decoder.decode(
      bytes,
      { partition: 0, offset },
      {
        accept() {},
        reject: (row) =>
          rows.push({
            error_id: row.errorId,
            error_type: row.errorType,
            error_message: row.errorMessage,
            error_timestamp: 1_767_225_600_000_000n + offset * 60_000_000n,
            raw_payload: row.rawPayload,
            user_id: row.userId,
            device_id: row.deviceId,
            sample_id: row.sampleId,
            data_type: row.dataType,
            kafka_topic: TOPIC,
            kafka_partition: 0n,
            kafka_offset: offset,
          }),
      },
    )
  })
  return rows
}

/** A memory lake as the app knows lakes. */
export function lakeOf(memory: MemoryLake): Lake {
  return {
    io: memory.io,
    tables: memory.tables,
    settings: { validation: { strict: false, ranges: {} }, maxMessageBytes: 64 * 1024 * 1024 },
  } as unknown as Lake
}

/** Replays all letters of a lake, in batches of `batch`, as the app does. */
export async function replayAll(
  lake: Lake,
  fix: Fix,
  options: Partial<ReplayRequest> & Pick<Partial<ReplayDeps>, 'crash'> & { readonly batch?: number } = {},
) {
  const { crash, batch = 2, ...request } = options
  const { table } = await ensureTable(lake.io.catalog, ['db'], MARKS, marksTable(lake).name)
  const search = await findLetters(lake, {})
  return replay(
    {
      io: lake.io,
      tables: lake.tables,
      marksTable: table,
      cache: keptOf(lake).marks,
      bench: openBenches(lake.io.storage, lake.io.clock, lake.settings),
      letters: (ids) => lettersById(lake, ids),
      ...(crash === undefined ? {} : { crash }),
    },
    {
      id: '11111111-1111-4111-8111-111111111111',
      fix,
      detail: JSON.stringify({
        fix,
        filter: {},
        title: 'all',
        letters: search.letters.length,
        snapshot: null,
        stopAbove: 1,
      }),
      source: letterBatches(lake, search, batch),
      stopAbove: 1,
      signal: new AbortController().signal,
      onBatch: () => {},
      ...request,
    },
  )
}
