import { type AvroDecoder, createDecoder, type Outcome } from '../../src/main/decode/decode.ts'
import type { ErrorRow } from '../../src/main/decode/rejection.ts'
import type { Envelope, Sample, Validation } from '../../src/main/decode/validate.ts'

/** What one message became, with copies of the reused objects. */
export interface Decoded extends Outcome {
  readonly samples: readonly (Omit<Sample, never> & { readonly envelope: Omit<Envelope, 'samples'> })[]
  readonly errors: readonly ErrorRow[]
}

export interface DecodeSettings extends Partial<Validation> {
  readonly maxMessageBytes?: number
  readonly avro?: AvroDecoder
}

/** Decodes one message at topic `health-data-raw`, partition 3, offset 41. An object is sent as its JSON. */
export function decodeOne(
  message: Uint8Array | string | object | null,
  settings: DecodeSettings = {},
): Decoded {
  const decoder = createDecoder({
    topic: 'health-data-raw',
    validation: { strict: settings.strict ?? false, ranges: settings.ranges ?? {} },
    maxMessageBytes: settings.maxMessageBytes ?? 1_000_000,
    avro: settings.avro ?? null,
  })
  const samples: Decoded['samples'][number][] = []
  const errors: ErrorRow[] = []
  const outcome = decoder.decode(
    bytesOf(message),
    { partition: 3, offset: 41n },
    {
      accept({ samples: _, ...envelope }, sample) {
        samples.push(structuredClone({ ...sample, envelope }))
      },
      reject: (row) => errors.push(row),
    },
  )
  return { ...outcome, samples, errors }
}

function bytesOf(message: Uint8Array | string | object | null): Uint8Array | null {
  if (message === null || message instanceof Uint8Array) return message
  return new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message))
}
