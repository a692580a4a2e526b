import { isAscii, isUtf8 } from 'node:buffer'
import { LakeError } from '../../shared/errors.ts'
import { cutPayload, type PayloadText } from './json.ts'
import {
  type ErrorRow,
  errorId,
  errorMessage,
  type Rejection,
  rawBytes,
  rawText,
  readable,
  show,
} from './rejection.ts'
import {
  checkEnvelope,
  checkSample,
  createRules,
  type Envelope,
  emptyEnvelope,
  emptySample,
  isLong,
  type Rules,
  type Sample,
  type Validation,
} from './validate.ts'

/** Where a message stands in Kafka. */
export interface Coordinates {
  readonly partition: number
  readonly offset: bigint
}

/** Takes what comes out of a message. `envelope` and `sample` are reused: copy what is kept. */
export interface Sink {
  accept(envelope: Envelope, sample: Sample): void
  reject(row: ErrorRow): void
}

/** Rows of one message. */
export interface Outcome {
  accepted: number
  rejected: number
  /** Accepted samples that last longer than 7 days. */
  warnings: number
}

/**
 * Decodes a whole message in Confluent framing (0x00, 4 bytes of schema id, body) to an object of the payload's
 * shape. Throws an `Error` whose message says why the bytes cannot be decoded, or a `LakeError` where the message is
 * not to blame: that one goes through, and the message is not dead-lettered.
 */
export type AvroDecoder = (framed: Uint8Array) => unknown

export interface DecoderOptions {
  readonly topic: string
  readonly validation: Validation
  /** Messages above this many bytes are not decoded. */
  readonly maxMessageBytes: number
  /** Null where no Schema Registry is configured. */
  readonly avro: AvroDecoder | null
}

export interface Decoder {
  /** Decodes one message into `sink`. Never throws for what a message holds; what `sink` throws goes through, and a `LakeError` of `avro`. */
  decode(bytes: Uint8Array | null, at: Coordinates, sink: Sink): Outcome
}

/** A message that became an object, with the text that a rejected part of it is kept as. */
interface Decoded {
  readonly payload: Readonly<Record<string, unknown>>
  readonly text: () => string
}

/** A message that did not, and what is kept of it. */
interface Undecoded {
  readonly rejection: Rejection
  readonly raw: string | null
}

export function createDecoder(options: DecoderOptions): Decoder {
  const rules = createRules(options.validation)
  const envelope = emptyEnvelope()
  const sample = emptySample()
  return {
    decode(bytes, at, sink) {
      const decoded = decodeBytes(bytes, at, options)
      if ('rejection' in decoded) {
        sink.reject(errorRow(options.topic, at, -1, decoded.rejection, decoded.raw, null, null))
        return { accepted: 0, rejected: 1, warnings: 0 }
      }
      return decodePayload(decoded, at, options.topic, rules, envelope, sample, sink)
    },
  }
}

function decodePayload(
  { payload, text }: Decoded,
  at: Coordinates,
  topic: string,
  rules: Rules,
  envelope: Envelope,
  sample: Sample,
  sink: Sink,
): Outcome {
  const bad = checkEnvelope(payload, envelope)
  if (bad !== null) {
    sink.reject(errorRow(topic, at, -1, bad, rawText(text()), payload, null))
    return { accepted: 0, rejected: 1, warnings: 0 }
  }
  const { samples } = envelope
  let accepted = 0
  let warnings = 0
  let cut: PayloadText | null = null
  for (let index = 0; index < samples.length; index++) {
    const rejected = tryCheck(samples[index], index, envelope, rules, sample)
    if (rejected === null) {
      sink.accept(envelope, sample)
      accepted++
      if (isLong(sample)) warnings++
    } else {
      cut ??= cutPayload(text())
      const raw = rawText(cut.withSample(index))
      sink.reject(errorRow(topic, at, index, rejected, raw, payload, samples[index]))
    }
  }
  return { accepted, rejected: samples.length - accepted, warnings }
}

/** Rule 5: whatever our own code throws on one sample stays with that sample. */
function tryCheck(
  value: unknown,
  index: number,
  envelope: Envelope,
  rules: Rules,
  sample: Sample,
): Rejection | null {
  try {
    return checkSample(value, index, envelope, rules, sample)
  } catch (error) {
    const rule = `Tarn failed on this sample: ${reason(error)}`
    return { type: 'PROCESSING_ERROR', path: `$.samples[${index}]`, found: show(value), rule }
  }
}

/** Rule 1: the bytes are JSON or Avro, and an object. */
function decodeBytes(
  bytes: Uint8Array | null,
  at: Coordinates,
  { maxMessageBytes, avro }: DecoderOptions,
): Decoded | Undecoded {
  if (bytes === null) return undecoded('null', 'the message has no value (a tombstone)', null)
  if (bytes.length === 0) return undecoded('empty', 'the message has no bytes', '')
  if (bytes.length > maxMessageBytes) {
    const found = `${bytes.length} bytes at partition ${at.partition}, offset ${at.offset}`
    return undecoded(found, `a message may have ${maxMessageBytes} bytes (TARN_MAX_MESSAGE_BYTES)`, null)
  }
  return bytes[0] === 0 ? decodeAvro(bytes, avro) : decodeJson(bytes)
}

function decodeJson(bytes: Uint8Array): Decoded | Undecoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ascii = isAscii(buffer)
  if (!ascii && !isUtf8(buffer))
    return undecoded(preview(buffer), 'JSON must be valid UTF-8', rawBytes(bytes))
  let text: string
  try {
    text = buffer.toString(ascii ? 'latin1' : 'utf8')
  } catch (error) {
    return undecoded(preview(buffer), `the message does not fit a string: ${reason(error)}`, null)
  }
  let value: unknown
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch (error) {
    return undecoded(text, `not valid JSON: ${reason(error)}`, rawText(text))
  }
  if (!isObject(value)) return undecoded(show(value), 'a payload must be a JSON object', rawText(text))
  return { payload: value, text: () => text }
}

function decodeAvro(bytes: Uint8Array, avro: AvroDecoder | null): Decoded | Undecoded {
  if (avro === null) {
    const rule =
      'the first byte 0x00 means Avro in Confluent framing, and no schema registry is configured (SCHEMA_REGISTRY_URL)'
    return undecoded(preview(bytes), rule, rawBytes(bytes))
  }
  try {
    const payload = avro(bytes)
    if (!isObject(payload)) return undecoded(show(payload), 'a payload must be a record', rawBytes(bytes))
    return { payload, text: () => JSON.stringify(payload, spellOut) }
  } catch (error) {
    if (error instanceof LakeError) throw error
    return undecoded(preview(bytes), `not valid Avro: ${reason(error)}`, rawBytes(bytes))
  }
}

/** JSON has no NaN and no infinities: they are kept as text. */
function spellOut(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function undecoded(found: string, rule: string, raw: string | null): Undecoded {
  return { rejection: { type: 'DESERIALIZATION_ERROR', path: '$', found, rule }, raw }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The first bytes, for a message that shows no text. */
function preview(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16)).toString('hex')
  return `${bytes.byteLength} bytes, 0x${hex}${bytes.byteLength > 16 ? '…' : ''}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function errorRow(
  topic: string,
  at: Coordinates,
  index: number,
  rejection: Rejection,
  raw: string | null,
  payload: Readonly<Record<string, unknown>> | null,
  sample: unknown,
): ErrorRow {
  const fields = isObject(sample) ? sample : {}
  return {
    errorId: errorId(topic, at.partition, at.offset, index),
    errorType: rejection.type,
    errorMessage: errorMessage(rejection),
    rawPayload: raw,
    userId: readable(payload?.userId),
    deviceId: readable(payload?.deviceId),
    sampleId: readable(fields.id),
    dataType: readable(fields.type),
  }
}
