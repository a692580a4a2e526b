/** What the API says of setting Tarn up, and which checks an edit undoes. Conventions as in model.ts. */
import type { Fault } from './errors.ts'
import type { Layout, TableRole } from './tables.ts'

// --- services and their checks ---

export const SERVICES = ['kafka', 'catalog', 'storage', 'registry'] as const
export type ServiceId = (typeof SERVICES)[number]

/** One question put to a service, in the order in which they make sense. */
export interface CheckDefinition {
  readonly id: string
  readonly service: ServiceId
  readonly name: string
  /** Settings whose edit makes the answer void. */
  readonly keys: readonly string[]
}

const check = (service: ServiceId, id: string, name: string, keys: readonly string[]): CheckDefinition => ({
  id: `${service}.${id}`,
  service,
  name,
  keys,
})

const BROKERS = ['kafka.brokers']
const LOGIN = [
  ...BROKERS,
  'kafka.securityProtocol',
  'kafka.saslMechanism',
  'kafka.saslUsername',
  'kafka.saslPassword',
  'kafka.sslCaFile',
]
const CATALOG = ['catalog.type', 'catalog.uri']
const SIGNED = [...CATALOG, 'catalog.token', 'catalog.credential', 'catalog.warehouse']
const STORAGE = ['catalog.type', 's3.endpoint']
const KEYS = [...STORAGE, 's3.accessKey', 's3.secretKey', 's3.region', 's3.pathStyle']

export const CHECKS: readonly CheckDefinition[] = [
  check('kafka', 'name', 'Name', BROKERS),
  check('kafka', 'port', 'Port', BROKERS),
  check('kafka', 'answers', 'Brokers', LOGIN),
  check('kafka', 'login', 'Sign in', LOGIN),
  check('kafka', 'topics', 'Topics', LOGIN),
  check('catalog', 'name', 'Name', CATALOG),
  check('catalog', 'port', 'Port', CATALOG),
  check('catalog', 'answers', '/v1/config', CATALOG),
  check('catalog', 'login', 'Sign in', SIGNED),
  check('catalog', 'namespaces', 'Namespaces', SIGNED),
  check('storage', 'name', 'Name', STORAGE),
  check('storage', 'port', 'Port', STORAGE),
  check('storage', 'answers', 'S3 answers', STORAGE),
  check('storage', 'login', 'Sign in', KEYS),
  check('storage', 'bucket', 'Bucket', [...KEYS, 's3.bucket', 'catalog.warehouse']),
  check('registry', 'answers', 'Answers', ['registry.url']),
]

export const checksOf = (service: ServiceId): readonly CheckDefinition[] =>
  CHECKS.filter((one) => one.service === service)

/** Ids of the checks that an edit of these settings makes void; all others keep their result. */
export function staleChecks(keys: readonly string[]): ReadonlySet<string> {
  return new Set(CHECKS.filter((one) => one.keys.some((key) => keys.includes(key))).map((one) => one.id))
}

/** The steps of the wizard, in order. */
export const STEPS = ['connect', 'names', 'tables', 'source', 'review', 'prove'] as const
export type StepId = (typeof STEPS)[number]

const NAMES = ['catalog.database', 'catalog.warehouse', 's3.bucket']
const TABLE_NAMES = [
  'tables.raw',
  'tables.errors',
  'tables.daily',
  'tables.weekly',
  'tables.monthly',
  'tables.layout',
]
const START = ['kafka.autoOffsetReset', 'kafka.start']
const RULES = ['validation.strict', 'validation.ranges', 'maxMessageBytes']
const LAKE = [...SIGNED, ...KEYS, ...NAMES, ...TABLE_NAMES]
const TOPIC = [...LOGIN, 'kafka.topic', 'registry.url', ...RULES]

/** Settings on which what a step found depends. */
export const STEP_KEYS: Readonly<Record<StepId, readonly string[]>> = {
  connect: [...new Set([...LOGIN, ...SIGNED, ...KEYS, 'registry.url'])],
  names: [...new Set([...SIGNED, ...KEYS, ...NAMES])],
  tables: [...new Set([...SIGNED, 'catalog.database', ...TABLE_NAMES])],
  source: [...new Set([...TOPIC, ...START, 'pipeline'])],
  review: [...new Set([...LAKE, ...TOPIC, ...START])],
  prove: [...new Set([...LAKE, ...TOPIC])],
}

/** The steps that an edit of these settings makes void. */
export function staleSteps(keys: readonly string[]): readonly StepId[] {
  return STEPS.filter((step) => STEP_KEYS[step].some((key) => keys.includes(key)))
}

export interface CheckView {
  readonly id: string
  readonly state: 'waiting' | 'passed' | 'failed'
}

/** A change of settings that evidence speaks for. */
export interface Suggestion {
  readonly label: string
  readonly changes: Readonly<Record<string, string>>
}

export interface ServiceView {
  readonly service: ServiceId
  readonly state: 'passed' | 'failed' | 'unset'
  /** What answered, or what failed, in a few words. */
  readonly text: string
  readonly ms: number
  /** Of the checks that were asked for; those after a failure wait. */
  readonly checks: readonly CheckView[]
  readonly fault: Fault | null
  readonly suggestion: Suggestion | null
}

/** A container that publishes a port on this computer, as Docker tells. */
export interface ContainerView {
  readonly name: string
  readonly image: string
  /** Of compose; null outside of one. */
  readonly project: string | null
  /** `localhost:9092`. */
  readonly addresses: readonly string[]
  readonly state: string
}

/** One address tried; `service` is what answered there. */
export interface FoundAddress {
  /** `localhost:9092`. */
  readonly address: string
  readonly service: ServiceId | null
  readonly text: string
  readonly ms: number
  /** Name of the container that publishes it, where Docker tells. */
  readonly container: string | null
}

/** What was entered and not yet saved: kept over restarts. Values of secrets never come back. */
export interface DraftView {
  readonly changes: Readonly<Record<string, string | null>>
  /** Secrets that were entered. */
  readonly secrets: readonly string[]
  readonly step: StepId
  /** Changes with the settings in force that a proof depends on: a proof of another mark is void. */
  readonly mark: string
}

// --- names, tables, review ---

export interface NamesView {
  readonly namespaces: readonly string[]
  readonly namespace: { readonly name: string; readonly exists: boolean; readonly tables: readonly string[] }
  /** Null for a folder. */
  readonly bucket: {
    readonly name: string
    readonly exists: boolean
    /** Null where it does not exist, or this user may not ask. */
    readonly versioning: 'on' | 'suspended' | 'off' | null
    readonly lock: boolean | null
    readonly expiry: readonly string[] | null
  } | null
  /** Properties of the namespace, its location among them. */
  readonly properties: Readonly<Record<string, string>>
  /** Namespaces of that kind that are not taken yet. */
  readonly free: readonly string[]
  readonly warehouse: string
  readonly faults: readonly Fault[]
}

/** One right that a load needs, tried with a small object that is removed again. */
export interface RightView {
  readonly right: 'write' | 'read' | 'list' | 'delete'
  readonly state: 'passed' | 'failed' | 'waiting'
  readonly ms: number
  readonly fault: Fault | null
}

export interface RightsView {
  /** Where it was tried. */
  readonly location: string
  readonly rights: readonly RightView[]
}

export interface DifferenceView {
  readonly what: string
  readonly expected: string
  readonly found: string
}

export interface PlannedTable {
  readonly role: TableRole
  readonly name: string
  readonly state: 'make' | 'there' | 'differs' | 'unknown'
  /** Where it is there. */
  readonly location: string | null
  readonly differences: readonly DifferenceView[]
  /** What to set instead, where another setting is all that is needed. */
  readonly advice: string | null
  readonly fault: Fault | null
}

/** What the next step will make, and what is there already. Nothing is made by asking. */
export interface PlanView {
  readonly names: NamesView
  readonly tables: readonly PlannedTable[]
  readonly topic: { readonly name: string; readonly exists: boolean; readonly partitions: number } | null
  readonly topicFault: Fault | null
  /** The same as variables of the environment, one a line; secrets without their values. */
  readonly environment: readonly string[]
  readonly commands: readonly string[]
}

// --- source ---

export interface TopicView {
  readonly name: string
  readonly partitions: number
  /** End offsets less first offsets: control records count, compacted ones too. */
  readonly messages: string
  /** On the brokers' disks, one replica; null where they do not tell. */
  readonly bytes: number | null
  /** ms; -1 keeps for ever, null where not told. */
  readonly retentionMs: number | null
  /** When the newest message of the partitions looked into was produced, ms since the epoch; null where none was read. */
  readonly newestAt: number | null
  /** What one message of it looks like; null where none was read. */
  readonly holds: {
    readonly encoding: Encoding
    readonly schemaId: number | null
    readonly payload: boolean
  } | null
}

export interface TopicsView {
  readonly topics: readonly TopicView[]
  readonly ms: number
  /** Next offset to read by partition, where the raw table holds positions of this loader. */
  readonly positions: Readonly<Record<string, string>> | null
  /** Messages from the first offset, and from the positions. */
  readonly pipeline: string
}

/** What the topic holds by partition, and where the drafted start lies in it. */
export interface StartView {
  readonly topic: string
  readonly partitions: readonly {
    readonly partition: number
    readonly low: string
    readonly high: string
    /** First offset that would be read; null where the start cannot be asked for. */
    readonly from: string | null
  }[]
  /** Messages from there to the end now, and before it. */
  readonly messages: string
  readonly skipped: string
  /** Why the start that was entered does not do: an offset that is not held. */
  readonly fault: Fault | null
}

export type Encoding = 'json' | 'avro' | 'empty' | 'other'

export interface SampledMessage {
  readonly partition: number
  readonly offset: string
  readonly timestamp: number
  readonly bytes: number
  readonly encoding: Encoding
  /** Of a message in Confluent framing. */
  readonly schemaId: number | null
  readonly userId: string | null
  readonly appVersion: string | null
  readonly accepted: number
  readonly rejected: number
  /** As they would stand in the table of dead letters. */
  readonly problems: readonly { readonly type: string; readonly message: string; readonly path: string }[]
  /** At most 16 KiB; null where it is no text. Show it as text only. */
  readonly payload: string | null
  readonly cut: boolean
}

export interface SampleView {
  readonly topic: string
  readonly messages: readonly SampledMessage[]
  readonly ms: number
  readonly seen: {
    readonly from: number | null
    readonly to: number | null
    readonly types: readonly string[]
    readonly unknownTypes: number
  }
}

// --- forecast ---

export interface TableForecast {
  readonly role: TableRole
  readonly partitionedBy: string
  readonly rows: number
  readonly partitions: number
  readonly files: number
  readonly bytes: number
}

export interface LayoutForecast {
  readonly layout: Layout
  readonly tables: readonly TableForecast[]
  readonly partitions: number
  readonly files: number
  readonly bytes: number
  readonly oneRowFiles: number
  /** Of manifests that a query of all of daily reads first. */
  readonly manifestBytes: number
}

export interface ForecastView {
  readonly topic: string
  /** Messages read and decoded, of how many in the topic. */
  readonly sampled: number
  readonly messages: number
  /** True where the whole topic was read: then the counts are exact. */
  readonly exact: boolean
  readonly ms: number
  readonly layouts: readonly LayoutForecast[]
}

// --- prove ---

export interface ProveResult {
  readonly passed: boolean
  /** Of the settings that were proved; see `DraftView`. */
  readonly mark?: string
  /** Rows written, read back and removed. */
  readonly rows: number
  readonly tables: readonly { readonly role: TableRole; readonly name: string; readonly state: string }[]
}
