/**
 * The one error type of Tarn. Callers branch on `code` and `outcome`, never on text.
 *
 * `outcome` says what is known of the effect that was asked for:
 * - `retry`: it did not happen and the same request may succeed later (a 503, a refused connection, a 409 commit).
 * - `reject`: it did not happen and the same request will fail again (a 403, bad input).
 * - `unknown`: it may have happened (a timeout or 5xx on a commit). Nothing may be deleted; look before repeating.
 */
export type Outcome = 'retry' | 'reject' | 'unknown'

export const ERROR_CODES = [
  // transport
  'DNS',
  'REFUSED',
  'TIMEOUT',
  'TLS',
  'NETWORK',
  'CANCELLED',
  // answers of a service
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT',
  'PRECONDITION_FAILED',
  'THROTTLED',
  'SERVER',
  'BAD_RESPONSE',
  'UNSUPPORTED',
  'CLOCK_SKEW',
  // the lake
  'NO_BUCKET',
  'NO_NAMESPACE',
  'NO_TABLE',
  'TABLE_DIFFERS',
  'TABLE_REPLACED',
  'TABLE_ROLLED_BACK',
  'OVERTAKEN',
  'COMMIT_UNKNOWN',
  'CORRUPT',
  // kafka
  'NO_BROKER',
  'NO_TOPIC',
  'KAFKA',
  'GAP',
  'TOPIC_REPLACED',
  'CLUSTER_REPLACED',
  // this machine
  'DISK',
  'LOCKED',
  'MEMORY',
  // the caller
  'USAGE',
  'SETTING',
  'INVALID',
  'INTERNAL',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>

export interface LakeErrorOptions {
  readonly outcome?: Outcome
  /** Facts for the reader and for tests: url, status, table, range... Never a secret. */
  readonly context?: ErrorContext
  /** The likely cause, from evidence only. */
  readonly likely?: string | undefined
  /** What to do next, in the imperative. */
  readonly remedy?: string | undefined
  readonly cause?: unknown
}

export class LakeError extends Error {
  override readonly name = 'LakeError'
  readonly code: ErrorCode
  readonly outcome: Outcome
  readonly context: ErrorContext
  readonly likely: string | undefined
  readonly remedy: string | undefined

  constructor(code: ErrorCode, message: string, options: LakeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.outcome = options.outcome ?? 'reject'
    this.context = options.context ?? {}
    this.likely = options.likely
    this.remedy = options.remedy
  }
}

/** A failure as plain data: what crosses the API and what `--json` prints. Holds no secret and no stack. */
export interface Fault {
  readonly code: ErrorCode
  readonly outcome: Outcome
  /** What failed. */
  readonly title: string
  readonly likely?: string | undefined
  readonly remedy?: string | undefined
  readonly context: ErrorContext
}

/** Any thrown value as a `Fault`. What is not a `LakeError` becomes INTERNAL with its message. */
export function toFault(error: unknown): Fault {
  if (error instanceof LakeError) {
    return {
      code: error.code,
      outcome: error.outcome,
      title: error.message,
      ...(error.likely === undefined ? {} : { likely: error.likely }),
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      context: error.context,
    }
  }
  return {
    code: 'INTERNAL',
    outcome: 'reject',
    title: error instanceof Error ? error.message : String(error),
    context: {},
  }
}

/** True for a `LakeError` with one of `codes`. */
export function isLakeError(error: unknown, ...codes: ErrorCode[]): error is LakeError {
  return error instanceof LakeError && (codes.length === 0 || codes.includes(error.code))
}

/** With a capital, unless it begins with a name (`health_data_raw`, `copy.jsonl`), and with its full stop. */
export function sentence(text: string, stop = '.'): string {
  const word = /^[a-z]+(?=[ ,]|[:.]?$|[:.] )/.test(text)
  const first = word ? text.charAt(0).toUpperCase() + text.slice(1) : text
  return /[.!?]$/.test(first) || stop === '' ? first : `${first}${stop}`
}
