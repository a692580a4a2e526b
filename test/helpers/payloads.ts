import type { MessageBatch } from '../../src/main/source/source.ts'

/** Payloads and batches for tests and benches: deterministic, no clock, no randomness. */

/** Packs messages of one partition; null is a tombstone. */
export function batchOf(
  messages: readonly (string | Uint8Array | null)[],
  { partition = 0, firstOffset = 0n }: { partition?: number; firstOffset?: bigint } = {},
): MessageBatch {
  const bytes = messages.map((message) =>
    typeof message === 'string' ? new TextEncoder().encode(message) : message,
  )
  const ends = new Uint32Array(messages.length)
  let length = 0
  bytes.forEach((message, index) => {
    length += message?.length ?? 0
    ends[index] = length
  })
  const values = new Uint8Array(length)
  bytes.forEach((message, index) => {
    if (message !== null) values.set(message, ends[index]! - message.length)
  })
  return {
    partition,
    count: messages.length,
    offsets: BigInt64Array.from(messages, (_, index) => firstOffset + BigInt(index)),
    timestamps: new Float64Array(messages.length),
    values,
    ends,
    isNull: Uint8Array.from(messages, (message) => (message === null ? 1 : 0)),
  }
}

export type Fields = Record<string, unknown>

/** A legal sample; `fields` go over it, and a field set to undefined is left out of the JSON. */
export function sampleOf(fields: Fields = {}): Fields {
  return {
    id: 'sample-1',
    type: 'heartRate',
    value: 72.5,
    unit: 'count/min',
    startDate: '2026-01-31T08:30:00Z',
    endDate: '2026-01-31T08:31:00Z',
    sourceBundle: 'com.apple.health',
    metadata: { device: 'Watch' },
    isSynced: true,
    createdAt: '2026-01-31T08:32:00Z',
    ...fields,
  }
}

/** A legal payload of `samples`; `fields` go over its envelope. */
export function payloadOf(samples: readonly unknown[] = [sampleOf()], fields: Fields = {}): Fields {
  return {
    deviceId: 'device-1',
    userId: 'user-1',
    timestamp: '2026-01-31T09:00:00Z',
    appVersion: '1.4.2',
    samples,
    ...fields,
  }
}

const TYPES: readonly (readonly [type: string, unit: string, base: number])[] = [
  ['heartRate', 'count/min', 60],
  ['stepCount', 'count', 400],
  ['distanceWalkingRunning', 'm', 800],
  ['activeEnergyBurned', 'kcal', 90],
  ['oxygenSaturation', '%', 88],
  ['respiratoryRate', 'count/min', 14],
  ['bodyMass', 'kg', 70],
  ['sleepAnalysis', 'min', 400],
  ['bloodGlucose', 'mg/dL', 95],
  ['restingHeartRate', 'count/min', 55],
]
const DAYS = 7
const SAMPLES = 5

/** JSON of the `number`th payload of a load: 5 samples of about 362 bytes, over 7 days x 10 types. */
export function loadPayload(number: number): string {
  const user = number % 1000
  const samples = Array.from({ length: SAMPLES }, (_, index) => {
    const row = number * SAMPLES + index
    const [type, unit, base] = TYPES[row % TYPES.length]!
    const start =
      Date.UTC(2026, 0, 5) + (Math.floor(row / TYPES.length) % DAYS) * 86_400_000 + (row % 86_000) * 1000
    return {
      id: uuid(row),
      type,
      value: base + (row % 97) / 10,
      unit,
      startDate: new Date(start).toISOString(),
      endDate: new Date(start + 60_000).toISOString(),
      sourceBundle: 'com.apple.health.8F2C1A',
      metadata: { HKWasUserEntered: '0', device: `Watch${row % 9},${row % 4}` },
      isSynced: row % 3 !== 0,
      createdAt: new Date(start + 61_234).toISOString(),
      timezone: null,
    }
  })
  return JSON.stringify({
    deviceId: uuid(user + 7_000_000),
    userId: `user-${user}`,
    timestamp: new Date(Date.UTC(2026, 0, 12) + number).toISOString(),
    appVersion: '2.3.1',
    samples,
  })
}

/** A number scattered over the 36 characters of a UUID. */
function uuid(number: number): string {
  const part = (salt: number): string =>
    (Math.imul(number ^ salt, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
  const hex = part(1) + part(0x5bd1) + part(0x1b873) + part(0x85ebca)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
