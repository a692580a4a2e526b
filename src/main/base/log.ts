import { pino } from 'pino'
import { LakeError } from '../../shared/errors.ts'
import { HIDDEN, type Scrubber } from './scrub.ts'
import { Secret } from './secret.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** One line per call. `context` holds facts by name, `message` is a constant sentence. */
export interface Logger {
  debug(context: object, message: string): void
  info(context: object, message: string): void
  warn(context: object, message: string): void
  error(context: object, message: string): void
}

export interface LogOptions {
  readonly level: LogLevel
  /** Takes one line of JSON, its line feed included. */
  readonly destination: { write(line: string): void }
  /** Cleans every line. */
  readonly scrubber: Scrubber
}

/** A logger of JSON lines: time, level, msg and the context, without what must stay secret. */
export function createLogger(options: LogOptions): Logger {
  const { destination, scrubber } = options
  const out = { write: (line: string) => destination.write(scrubber.clean(line)) }
  const log = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, out)
  return {
    debug: (context, message) => log.debug(plain(context), message),
    info: (context, message) => log.info(plain(context), message),
    warn: (context, message) => log.warn(plain(context), message),
    error: (context, message) => log.error(plain(context), message),
  }
}

/** Says nothing. */
export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} }

const secretName = /secret|passw|token|authorization|credential|cookie|access[-_]?key|signature/i
const maxDepth = 6

/** `value` as data for a line: secrets by name and by type hidden, errors spelt out, integers of any size kept. */
export function plain(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, safe(name, item, 1)]))
}

function safe(name: string, value: unknown, depth: number): unknown {
  if (value instanceof Secret) return HIDDEN
  if (typeof value === 'bigint') return value.toString()
  if (secretName.test(name) && (typeof value === 'string' || typeof value === 'object') && value !== null)
    return HIDDEN
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth) return '[deep]'
  if (value instanceof LakeError)
    return { ...error(value, depth), code: value.code, outcome: value.outcome, context: plain(value.context) }
  if (value instanceof Error) return error(value, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Map || value instanceof Set) return safe(name, Array.from(value), depth)
  if (Array.isArray(value)) return value.map((item) => safe(name, item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, safe(key, item, depth + 1)]))
}

function error(value: Error, depth: number): object {
  return {
    name: value.name,
    message: value.message,
    stack: value.stack,
    ...(value.cause === undefined ? {} : { cause: safe('cause', value.cause, depth + 1) }),
  }
}
