/** Payloads spoilt on purpose, one way for each rule of the input that a message can break. */
import type { Sample } from './series.ts'

export interface Payload {
  deviceId: string
  userId: string
  timestamp: string
  appVersion: string
  samples: Sample[]
}

export type ErrorType = 'DESERIALIZATION_ERROR' | 'TRANSFORMATION_ERROR' | 'VALIDATION_ERROR'

export interface Spoilt {
  /** Null is a tombstone. */
  readonly value: Uint8Array | null
  readonly errorType: ErrorType
  /** Whether the whole payload is one dead letter, one sample is, or every sample is. */
  readonly rejects: 'payload' | 'sample' | 'every-sample'
}

type Spoil = (payload: Payload) => Spoilt

const encoder = new TextEncoder()
const text = (value: string) => encoder.encode(value)
const json = (value: unknown) => text(JSON.stringify(value))

/** The payload with fields of its envelope put in or left out (`undefined`). */
const envelope =
  (errorType: ErrorType, change: (payload: Payload) => object): Spoil =>
  (payload) => ({ value: json({ ...payload, ...change(payload) }), errorType, rejects: 'payload' })

/** The payload with fields of its first sample put in or left out. */
const sample =
  (errorType: ErrorType, change: (sample: Sample) => object): Spoil =>
  (payload) => {
    const [first, ...others] = payload.samples
    const samples = first === undefined ? [] : [{ ...first, ...change(first) }, ...others]
    return { value: json({ ...payload, samples }), errorType, rejects: 'sample' }
  }

const MARK = 987654321.125

/** What a file of one payload a line can hold, too. */
export const SPOILS: readonly Spoil[] = [
  (payload) => ({
    value: json(payload).slice(0, -20),
    errorType: 'DESERIALIZATION_ERROR',
    rejects: 'payload',
  }),
  envelope('TRANSFORMATION_ERROR', () => ({ userId: undefined })),
  sample('VALIDATION_ERROR', () => ({ type: 'heartRate', value: 412 })),
  sample('TRANSFORMATION_ERROR', () => ({ value: undefined })),
  (payload) => {
    const value = json(payload)
    value[value.length >> 1] = 0xff
    return { value, errorType: 'DESERIALIZATION_ERROR', rejects: 'payload' }
  },
  sample('VALIDATION_ERROR', () => ({ value: -4 })),
  envelope('TRANSFORMATION_ERROR', ({ timestamp }) => ({ timestamp: timestamp.replace('Z', '') })),
  sample('TRANSFORMATION_ERROR', () => ({ startDate: '2026-02-30T10:00:00Z' })),
  sample('VALIDATION_ERROR', ({ startDate }) => ({
    endDate: new Date(Date.parse(startDate) - 1).toISOString(),
  })),
  () => ({ value: text('[1, 2, 3]'), errorType: 'DESERIALIZATION_ERROR', rejects: 'payload' }),
  sample('TRANSFORMATION_ERROR', () => ({ isSynced: 'yes' })),
  sample('VALIDATION_ERROR', () => ({ id: ' ' })),
  envelope('TRANSFORMATION_ERROR', () => ({ samples: 'none' })),
  (payload) => {
    const spoilt = sample('VALIDATION_ERROR', () => ({ value: MARK }))(payload)
    const value = text(new TextDecoder().decode(spoilt.value ?? undefined).replace(String(MARK), '1e999'))
    return { ...spoilt, value }
  },
  () => ({
    value: text('\u0000\u0000\u0000\u0000\u0007binary'),
    errorType: 'DESERIALIZATION_ERROR',
    rejects: 'payload',
  }),
  sample('TRANSFORMATION_ERROR', () => ({ metadata: { source: 3 } })),
  (payload) => ({
    value: json({ ...payload, userId: '  ' }),
    errorType: 'VALIDATION_ERROR',
    rejects: 'every-sample',
  }),
]

/** What only Kafka can hold. */
export const KAFKA_SPOILS: readonly Spoil[] = [
  ...SPOILS,
  () => ({ value: null, errorType: 'DESERIALIZATION_ERROR', rejects: 'payload' }),
  () => ({ value: new Uint8Array(0), errorType: 'DESERIALIZATION_ERROR', rejects: 'payload' }),
]
