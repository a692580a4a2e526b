import type { Fix } from '../../shared/letters.ts'
import type { AvroDecoder, Sink } from '../decode/decode.ts'
import { createDecoder, type Decoder } from '../decode/decode.ts'
import { createFixer } from '../decode/fix.ts'
import { type ErrorRow, errorId } from '../decode/rejection.ts'
import type { Validation } from '../decode/validate.ts'

/** A dead letter as replay needs it. */
export interface Letter {
  readonly id: string
  /** As stored: text, or `base64:` and the message's bytes. */
  readonly payload: string | null
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/** What the decoder says of a letter under a fix. */
export interface Verdict {
  /** Whether its rows would be written. */
  readonly lands: boolean
  /** Rows of raw. */
  readonly rows: number
  /** Why not, in the decoder's words. */
  readonly reason: string | null
  /**
   * Samples of a whole payload that still fail while others land: letters of their own. Empty for a letter that fails or
   * that lands whole.
   */
  readonly rest: readonly ErrorRow[]
  /** Each once: `day type`, as far as the rows' partitions go. */
  readonly places: readonly string[]
}

export interface Judge {
  readonly fixId: string
  /** The payload as the fix leaves it; null where it cannot be changed. */
  fixed(letter: Letter): string | null
  judge(letter: Letter): Verdict
  /** Sends the rows of a letter that lands into `accept`. */
  rows(letter: Letter, accept: Sink['accept']): void
}

export interface JudgeOptions {
  readonly fix: Fix
  readonly validation: Validation
  readonly maxMessageBytes: number
  readonly avro: AvroDecoder | null
}

const DAY_MS = 86_400_000

/** Fixes letters and gives them to the decoder that loads use: there is no other copy of its rules. */
export function createJudge(options: JudgeOptions): Judge {
  const { fix, maxMessageBytes, avro } = options
  const fixer = createFixer(fix)
  const validation = fixer.validation(options.validation)
  const decoders = new Map<string, Decoder>()
  const decoderOf = (topic: string): Decoder => {
    const known = decoders.get(topic)
    if (known) return known
    const decoder = createDecoder({ topic, validation, maxMessageBytes, avro })
    decoders.set(topic, decoder)
    return decoder
  }
  const fixed = (letter: Letter): string | null => {
    if (letter.payload === null) return fix.kind === 'edit' && fix.letter === letter.id ? fix.payload : null
    return fixer.apply(letter.id, letter.payload)
  }
  const decode = (letter: Letter, sink: Sink) => {
    // A payload that no fix can touch is judged as it is: the decoder says what is wrong with it.
    const bytes = bytesOf(fixed(letter) ?? letter.payload)
    return decoderOf(letter.topic).decode(bytes, letter, sink)
  }
  return {
    fixId: fixer.id,
    fixed,
    judge(letter) {
      const errors: ErrorRow[] = []
      const places = new Set<string>()
      const { accepted } = decode(letter, {
        accept: (_, sample) => void places.add(`${Math.floor(sample.start.ms / DAY_MS)} ${sample.type}`),
        reject: (row) => errors.push(row),
      })
      const [first] = errors
      const whole = letter.id === errorId(letter.topic, letter.partition, letter.offset, -1)
      if (first === undefined)
        return { lands: true, rows: accepted, reason: null, rest: [], places: [...places] }
      // A sample's letter lands whole or not at all; of a payload's letter, what is right lands.
      if (!whole || accepted === 0)
        return { lands: false, rows: 0, reason: first.errorMessage, rest: [], places: [] }
      return { lands: true, rows: accepted, reason: first.errorMessage, rest: errors, places: [...places] }
    },
    rows: (letter, accept) => void decode(letter, { accept, reject: () => {} }),
  }
}

/** The bytes that a stored payload stands for. */
export function bytesOf(payload: string | null): Uint8Array | null {
  if (payload === null) return null
  return payload.startsWith('base64:')
    ? Buffer.from(payload.slice('base64:'.length), 'base64')
    : Buffer.from(payload)
}
