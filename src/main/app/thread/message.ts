import { isUtf8 } from 'node:buffer'
import type { PayloadView } from '../../../shared/letters.ts'
import type { KeyValue } from '../../../shared/thread.ts'
import type { MessageRow, MessageRows, MessageView } from '../../../shared/trace.ts'
import { createDecoder, type Decoder } from '../../decode/decode.ts'
import type { Envelope, Sample } from '../../decode/validate.ts'
import { humanValue } from '../../iceberg/human.ts'
import type { TopicMessage } from '../../source/reader.ts'
import { payloadView } from '../letters/lines.ts'
import type { MainSettings } from '../settings/settings.ts'

const PREVIEW = 200
const KEY = 200
const TEXT = 256 * 1024
const SAMPLES = 200
const LINES = 2000

/** The decoder that loads use. Messages in Avro are not decoded: no load takes them. */
export function decoderOf(settings: MainSettings, topic: string): Decoder {
  const { validation, maxMessageBytes } = settings
  return createDecoder({ topic, validation, maxMessageBytes, avro: null })
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Bytes as text; hex where they are no UTF-8. */
function textOf(bytes: Uint8Array, most: number): string {
  const buffer = bufferOf(bytes)
  if (isUtf8(buffer)) return buffer.toString('utf8', 0, most * 4).slice(0, most)
  return `0x${buffer.toString('hex', 0, most >> 1)}`
}

/** A message for a list; `around` is a place in its text to be seen in the preview. */
export function messageRow(message: TopicMessage, around = 0): MessageRow {
  const { value } = message
  const from = Math.max(0, around - 60)
  const text = value === null ? '' : textOf(value, from + PREVIEW)
  return {
    partition: message.partition,
    offset: String(message.offset),
    at: message.timestamp,
    bytes: value?.length ?? null,
    key: message.key === null ? null : textOf(message.key, KEY),
    preview: `${from > 0 ? '\u2026' : ''}${text.slice(from, from + PREVIEW)}`,
  }
}

/** A message alone, with what the decoder makes of it; `index` is the sample to be marked in its payload. */
export function messageView(
  message: TopicMessage,
  topic: string,
  decoder: Decoder,
  index: number | null = null,
): MessageView {
  const { value } = message
  const readable = value !== null && isUtf8(bufferOf(value))
  const text = readable ? bufferOf(value).toString('utf8', 0, TEXT) : null
  return {
    ...messageRow(message),
    topic,
    headers: message.headers.map(([name, bytes]) => ({
      name,
      value: bytes === null ? null : textOf(bytes, TEXT),
    })),
    text,
    payload: text === null ? null : marked(text, index),
    cut: readable && value.length > TEXT,
    rows: rowsOf(message, decoder),
  }
}

/** The payload laid out, the lines of one sample marked. */
function marked(text: string, index: number | null): PayloadView {
  const view = payloadView(text, index === null ? null : `$.samples[${index}]`, LINES)
  const first = view.lines.findIndex(({ hit }) => hit !== null)
  if (first < 0) return view
  const end = `${/^ */.exec(view.lines[first]?.text ?? '')?.[0]}}`
  const length = view.lines.slice(first).findIndex(({ text: line }) => line.startsWith(end))
  const last = length < 0 ? view.lines.length - 1 : first + length
  return {
    ...view,
    lines: view.lines.map((line, at) => ({
      ...line,
      hit: null,
      change: at >= first && at <= last ? ('now' as const) : null,
    })),
  }
}

function rowsOf(message: TopicMessage, decoder: Decoder): MessageRows {
  const accepted: MessageRows['accepted'][number][] = []
  const rejected: MessageRows['rejected'][number][] = []
  const { accepted: acceptedInAll } = decoder.decode(message.value, message, {
    accept(envelope, sample) {
      if (accepted.length < SAMPLES) accepted.push(sampleView(envelope, sample))
    },
    reject({ errorId, errorType, errorMessage }) {
      rejected.push({ letter: errorId, type: errorType, message: errorMessage })
    },
  })
  return { accepted, acceptedInAll, rejected }
}

/** Microseconds since the epoch. */
export const startOf = ({ start }: Sample): bigint => BigInt(start.ms) * 1000n + BigInt(start.micros)

function sampleView(envelope: Envelope, sample: Sample): MessageRows['accepted'][number] {
  const start = startOf(sample)
  const keys: Record<string, KeyValue> = {
    sample_id: sample.id,
    user_id: envelope.userId,
    data_type: sample.type,
    start_date: String(start),
  }
  return {
    sampleId: sample.id,
    dataType: sample.type,
    value: sample.value,
    unit: sample.unit,
    startDate: humanValue('identity', 'timestamp', start),
    keys,
  }
}
