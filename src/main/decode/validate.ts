import { HEALTH_TYPES } from '../../shared/health.ts'
import { type Rejection, show } from './rejection.ts'
import { type Instant, parseTimestamp } from './timestamp.ts'

/** Settings `validation.*`: strictness, and [min, max] (inclusive) by type over the built-in ranges. */
export interface Validation {
  readonly strict: boolean
  readonly ranges: Readonly<Record<string, readonly [number, number]>>
}

/** What is known of a data type. `unit` is null for one that only the settings name. */
interface TypeRule {
  readonly min: number
  readonly max: number
  readonly unit: string | null
}

export interface Rules {
  readonly strict: boolean
  readonly types: ReadonlyMap<string, TypeRule>
}

export function createRules(validation: Validation): Rules {
  const types = new Map<string, TypeRule>(
    HEALTH_TYPES.map(({ type, unit, min, max }) => [type, { unit, min, max }]),
  )
  for (const [type, [min, max]] of Object.entries(validation.ranges)) {
    types.set(type, { unit: types.get(type)?.unit ?? null, min, max })
  }
  return { strict: validation.strict, types }
}

/** A duration above this is counted as a warning, ms. */
const LONG_DURATION_MS = 7 * 86_400_000

/** The checked envelope of a payload; one object serves all messages. */
export interface Envelope {
  deviceId: string
  userId: string
  readonly sent: Instant
  appVersion: string
  samples: readonly unknown[]
}

/** A checked sample; one object serves all samples. */
export interface Sample {
  id: string
  type: string
  value: number
  unit: string
  readonly start: Instant
  readonly end: Instant
  sourceBundle: string | null
  metadata: Readonly<Record<string, string>> | null
  isSynced: boolean
  readonly created: Instant
  /** To be added to the metadata unless that holds the key already. */
  timezone: string | null
  timezoneOffset: number | null
}

export function emptyEnvelope(): Envelope {
  return { deviceId: '', userId: '', sent: { ms: 0, micros: 0 }, appVersion: '', samples: [] }
}

export function emptySample(): Sample {
  return {
    id: '',
    type: '',
    value: 0,
    unit: '',
    start: { ms: 0, micros: 0 },
    end: { ms: 0, micros: 0 },
    sourceBundle: null,
    metadata: null,
    isSynced: false,
    created: { ms: 0, micros: 0 },
    timezone: null,
    timezoneOffset: null,
  }
}

type Fields = Readonly<Record<string, unknown>>

const STRING_RULE = 'a string is required'
const TIMESTAMP_RULE =
  'an ISO 8601 timestamp with seconds and a zone is required, such as 2026-01-31T08:30:00Z or 2026-01-31T08:30:00.5+02:00'

function rejection(type: Rejection['type'], path: string, value: unknown, rule: string): Rejection {
  return { type, path, found: show(value), rule }
}

/** For a value that `isText` refused. */
function notText(path: string, value: unknown, rule = STRING_RULE): Rejection {
  const type = 'TRANSFORMATION_ERROR'
  if (typeof value !== 'string') return rejection(type, path, value, rule)
  return rejection(type, path, value, 'the text holds a lone surrogate, which has no UTF-8 form')
}

/** For a value that `isTimestamp` refused. */
function notTimestamp(path: string, value: unknown): Rejection {
  return rejection('TRANSFORMATION_ERROR', path, value, TIMESTAMP_RULE)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}

function isTimestamp(value: unknown, out: Instant): boolean {
  return typeof value === 'string' && parseTimestamp(value, out)
}

/** Rule 2: envelope fields in the order of their table. Null where they hold; `out` is then filled. */
export function checkEnvelope(payload: Fields, out: Envelope): Rejection | null {
  const { deviceId, userId, appVersion, samples } = payload
  if (!isText(deviceId)) return notText('$.deviceId', deviceId)
  if (!isText(userId)) return notText('$.userId', userId)
  if (!isTimestamp(payload.timestamp, out.sent)) return notTimestamp('$.timestamp', payload.timestamp)
  if (!isText(appVersion)) return notText('$.appVersion', appVersion)
  if (!Array.isArray(samples)) {
    return rejection('TRANSFORMATION_ERROR', '$.samples', samples, 'an array of samples is required')
  }
  out.deviceId = deviceId
  out.userId = userId
  out.appVersion = appVersion
  out.samples = samples
  return null
}

/** Rules 3 and 4 for the sample at `index`. Null where they hold; `out` is then filled. */
export function checkSample(
  value: unknown,
  index: number,
  envelope: Envelope,
  rules: Rules,
  out: Sample,
): Rejection | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return rejection('TRANSFORMATION_ERROR', `$.samples[${index}]`, value, 'an object is required')
  }
  return checkFields(value as Fields, index, out) ?? checkValues(index, envelope, rules, out)
}

/** Rule 3: the fields of a sample have their types, in the order of their table. */
function checkFields(sample: Fields, index: number, out: Sample): Rejection | null {
  const {
    id,
    type,
    value,
    unit,
    startDate,
    endDate,
    sourceBundle,
    isSynced,
    createdAt,
    timezone,
    timezoneOffset,
  } = sample
  const at = (field: string): string => `$.samples[${index}].${field}`
  if (!isText(id)) return notText(at('id'), id)
  if (!isText(type)) return notText(at('type'), type)
  if (typeof value !== 'number')
    return rejection('TRANSFORMATION_ERROR', at('value'), value, 'a number is required')
  if (!isText(unit)) return notText(at('unit'), unit)
  if (!isTimestamp(startDate, out.start)) return notTimestamp(at('startDate'), startDate)
  if (!isTimestamp(endDate, out.end)) return notTimestamp(at('endDate'), endDate)
  if (sourceBundle !== undefined && sourceBundle !== null && !isText(sourceBundle)) {
    return notText(at('sourceBundle'), sourceBundle, 'a string or null is required')
  }
  const metadata = sample.metadata
  const badMetadata = metadata === undefined || metadata === null ? null : checkMetadata(metadata, index)
  if (badMetadata !== null) return badMetadata
  if (typeof isSynced !== 'boolean') {
    return rejection('TRANSFORMATION_ERROR', at('isSynced'), isSynced, 'true or false is required')
  }
  if (!isTimestamp(createdAt, out.created)) return notTimestamp(at('createdAt'), createdAt)
  if (timezone !== undefined && timezone !== null && !isText(timezone)) {
    return notText(at('timezone'), timezone, 'a string or null is required')
  }
  if (timezoneOffset !== undefined && timezoneOffset !== null && !isInt(timezoneOffset)) {
    return rejection(
      'TRANSFORMATION_ERROR',
      at('timezoneOffset'),
      timezoneOffset,
      'a whole number of minutes is required',
    )
  }
  out.id = id
  out.type = type
  out.value = value
  out.unit = unit
  out.sourceBundle = sourceBundle ?? null
  out.metadata = (metadata ?? null) as Sample['metadata']
  out.isSynced = isSynced
  out.timezone = timezone ?? null
  out.timezoneOffset = timezoneOffset ?? null
  return null
}

/** A whole number of 32 bits, as Avro's `int`. */
function isInt(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value
}

function checkMetadata(metadata: unknown, index: number): Rejection | null {
  const path = `$.samples[${index}].metadata`
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return rejection('TRANSFORMATION_ERROR', path, metadata, 'a map of strings or null is required')
  }
  for (const key in metadata) {
    const entry = (metadata as Fields)[key]
    const at = (): string => `${path}[${JSON.stringify(key)}]`
    if (!key.isWellFormed()) return notText(at(), key)
    if (!isText(entry)) return notText(at(), entry)
  }
  return null
}

/** Rule 4: what the fields of a well-formed sample may hold. */
function checkValues(index: number, envelope: Envelope, rules: Rules, sample: Sample): Rejection | null {
  const refuse = (path: string, value: unknown, rule: string): Rejection =>
    rejection('VALIDATION_ERROR', path, value, rule)
  const at = (field: string): string => `$.samples[${index}].${field}`
  const { type, value, start, end } = sample
  if (isBlank(envelope.userId)) return refuse('$.userId', envelope.userId, 'must not be blank')
  if (isBlank(sample.id)) return refuse(at('id'), sample.id, 'must not be blank')
  if (isBlank(type)) return refuse(at('type'), type, 'must not be blank')
  if (!Number.isFinite(value)) return refuse(at('value'), value, 'must be a finite number')
  if (value < 0) return refuse(at('value'), value, 'must be 0 or more')
  if (start.ms > end.ms || (start.ms === end.ms && start.micros > end.micros)) {
    return refuse(at('startDate'), instantText(start), `must not be after endDate (${instantText(end)})`)
  }
  const known = rules.types.get(type)
  if (known === undefined) {
    return rules.strict ? refuse(at('type'), type, 'is not a known data type (validation.strict)') : null
  }
  if (rules.strict && known.unit !== null && known.unit !== sample.unit) {
    return refuse(at('unit'), sample.unit, `${type} is measured in ${known.unit} (validation.strict)`)
  }
  if (value < known.min || value > known.max) {
    return refuse(at('value'), value, `must be from ${known.min} to ${known.max} for ${type}`)
  }
  return null
}

/** Empty or nothing but white space, as `trim` sees it. Most strings are settled by their first character. */
function isBlank(text: string): boolean {
  const first = text.charCodeAt(0)
  if (first > 32 && first < 127) return false
  return text.trim() === ''
}

function instantText({ ms, micros }: Instant): string {
  return new Date(ms).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)
}

/** Whether the sample lasts longer than 7 days. */
export function isLong({ start, end }: Sample): boolean {
  const difference = end.ms - start.ms
  return difference > LONG_DURATION_MS || (difference === LONG_DURATION_MS && end.micros > start.micros)
}
