/**
 * The settings as one table. Where a value comes from, in order: flag, environment, `settings.json`, default; the table
 * feeds the command line, the API, the settings page and the help. Values are parsed in `main/app/settings/settings.ts`.
 */
import { LAYOUTS, type Layout, type TableRole } from './tables.ts'

/**
 * How a setting is written: `list` is comma-separated; `bytes` takes `134217728`, `128 MiB`; `seconds` a positive number;
 * `ranges` is JSON `{"heartRate": [30, 250]}`; `start` is an instant or `partition:offset` pairs; `folder` and `file` are paths; `location` a URI or an absolute path.
 */
export type SettingKind =
  | 'text'
  | 'choice'
  | 'url'
  | 'list'
  | 'boolean'
  | 'seconds'
  | 'bytes'
  | 'timezone'
  | 'location'
  | 'file'
  | 'folder'
  | 'name'
  | 'ranges'
  | 'start'

export type SettingGroup =
  | 'app'
  | 'catalog'
  | 'tables'
  | 'storage'
  | 'kafka'
  | 'registry'
  | 'load'
  | 'validation'

export interface SettingDefinition {
  /** Dotted path in `settings.json` and in the API. */
  readonly key: string
  readonly group: SettingGroup
  readonly env: string
  /** Without the dashes; null for secrets, which would show in the list of processes. */
  readonly flag: string | null
  readonly kind: SettingKind
  readonly choices?: readonly string[]
  /** As text; null where there is no value or it depends on other settings (`main/app/settings/settings.ts` says how). */
  readonly default: string | null
  readonly secret: boolean
  readonly help: string
}

type Extra = { readonly default?: string; readonly choices?: readonly string[]; readonly secret?: true }

function setting(
  group: SettingGroup,
  key: string,
  env: string,
  kind: SettingKind,
  help: string,
  extra: Extra = {},
): SettingDefinition {
  const secret = extra.secret ?? false
  return {
    key,
    group,
    env,
    flag: secret
      ? null
      : env
          .replace(/^TARN_/, '')
          .toLowerCase()
          .replaceAll('_', '-'),
    kind,
    ...(extra.choices ? { choices: extra.choices } : {}),
    default: extra.default ?? null,
    secret,
    help,
  }
}

export const SETTINGS: readonly SettingDefinition[] = [
  setting('app', 'home', 'TARN_HOME', 'folder', 'Folder of settings, embedded lake and state'),
  setting(
    'catalog',
    'catalog.type',
    'ICEBERG_CATALOG_TYPE',
    'choice',
    'rest: an Iceberg REST catalog; embedded: a folder on this machine',
    { choices: ['rest', 'embedded'] },
  ),
  setting('catalog', 'catalog.name', 'ICEBERG_CATALOG_NAME', 'text', 'Name of the catalog', {
    default: 'health_catalog',
  }),
  setting('catalog', 'catalog.uri', 'ICEBERG_CATALOG_URI', 'url', 'Address of the REST catalog', {
    default: 'http://localhost:8181',
  }),
  setting('catalog', 'catalog.token', 'ICEBERG_CATALOG_TOKEN', 'text', 'Bearer token of the catalog', {
    secret: true,
  }),
  setting(
    'catalog',
    'catalog.credential',
    'ICEBERG_CATALOG_CREDENTIAL',
    'text',
    'OAuth2 client of the catalog, id:secret',
    { secret: true },
  ),
  setting('catalog', 'catalog.warehouse', 'ICEBERG_WAREHOUSE', 'location', 'Where the tables live'),
  setting('catalog', 'catalog.database', 'ICEBERG_DATABASE', 'name', 'Namespace of the five tables', {
    default: 'health_db',
  }),
  setting('tables', 'tables.raw', 'ICEBERG_TABLE_RAW', 'name', 'Table of accepted samples', {
    default: 'health_data_raw',
  }),
  setting('tables', 'tables.errors', 'ICEBERG_TABLE_ERRORS', 'name', 'Table of dead letters', {
    default: 'health_data_errors',
  }),
  setting('tables', 'tables.daily', 'ICEBERG_TABLE_DAILY', 'name', 'Table of daily statistics', {
    default: 'health_data_daily_agg',
  }),
  setting('tables', 'tables.weekly', 'ICEBERG_TABLE_WEEKLY', 'name', 'Table of weekly statistics', {
    default: 'health_data_weekly_agg',
  }),
  setting('tables', 'tables.monthly', 'ICEBERG_TABLE_MONTHLY', 'name', 'Table of monthly statistics', {
    default: 'health_data_monthly_agg',
  }),
  setting(
    'tables',
    'tables.layout',
    'TARN_TABLE_LAYOUT',
    'choice',
    'How tables are parted when they are made: as specified, or compact for fewer and larger files',
    { choices: LAYOUTS, default: 'specified' },
  ),
  setting('storage', 's3.endpoint', 'S3_ENDPOINT', 'url', 'Address of MinIO or another S3', {
    default: 'http://localhost:9000',
  }),
  setting('storage', 's3.accessKey', 'S3_ACCESS_KEY', 'text', 'Access key', {
    default: 'minioadmin',
    secret: true,
  }),
  setting('storage', 's3.secretKey', 'S3_SECRET_KEY', 'text', 'Secret key', {
    default: 'minioadmin',
    secret: true,
  }),
  setting(
    'storage',
    's3.pathStyle',
    'S3_PATH_STYLE_ACCESS',
    'boolean',
    'Bucket in the path, not in the host name; MinIO needs it',
    { default: 'true' },
  ),
  setting('storage', 's3.bucket', 'S3_BUCKET', 'text', 'Bucket of the warehouse', { default: 'data-lake' }),
  setting('storage', 's3.region', 'S3_REGION', 'text', 'Region that requests are signed for', {
    default: 'us-east-1',
  }),
  setting('kafka', 'kafka.brokers', 'KAFKA_BROKERS', 'list', 'host:port of the brokers', {
    default: 'localhost:9092',
  }),
  setting('kafka', 'kafka.topic', 'KAFKA_TOPIC', 'text', 'Topic to load', { default: 'health-data-raw' }),
  setting(
    'kafka',
    'kafka.groupId',
    'KAFKA_GROUP_ID',
    'text',
    'Consumer group that tells other tools how far a load is',
    {
      default: 'tarn',
    },
  ),
  setting(
    'kafka',
    'kafka.autoOffsetReset',
    'KAFKA_AUTO_OFFSET_RESET',
    'choice',
    'Where a partition without a position in the table starts',
    { choices: ['earliest', 'latest'], default: 'earliest' },
  ),
  setting(
    'kafka',
    'kafka.start',
    'TARN_START',
    'start',
    'Where a loader without any position starts, over KAFKA_AUTO_OFFSET_RESET: an instant such as 2026-05-13T00:00:00Z, or an offset for each partition such as 0:100,1:250',
  ),
  setting('kafka', 'kafka.securityProtocol', 'KAFKA_SECURITY_PROTOCOL', 'choice', 'How brokers are reached', {
    choices: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
    default: 'PLAINTEXT',
  }),
  setting('kafka', 'kafka.saslMechanism', 'KAFKA_SASL_MECHANISM', 'choice', 'How a login is proved', {
    choices: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    default: 'PLAIN',
  }),
  setting('kafka', 'kafka.saslUsername', 'KAFKA_SASL_USERNAME', 'text', 'Login name'),
  setting('kafka', 'kafka.saslPassword', 'KAFKA_SASL_PASSWORD', 'text', 'Password', { secret: true }),
  setting(
    'kafka',
    'kafka.sslCaFile',
    'KAFKA_SSL_CA_FILE',
    'file',
    'PEM file of the authority that signed the brokers’ certificates',
  ),
  setting(
    'registry',
    'registry.url',
    'SCHEMA_REGISTRY_URL',
    'url',
    'Address of the schema registry, for Avro messages',
  ),
  setting(
    'load',
    'pipeline',
    'TARN_PIPELINE',
    'name',
    'Names the loader in the ledger; two loaders of one table need two names',
    { default: 'health' },
  ),
  setting('load', 'commit.seconds', 'TARN_COMMIT_SECONDS', 'seconds', 'A commit at least this often', {
    default: '10',
  }),
  setting(
    'load',
    'commit.bytes',
    'TARN_COMMIT_BYTES',
    'bytes',
    'A commit at the latest when this much is buffered',
    { default: '134217728' },
  ),
  setting(
    'load',
    'rollup.seconds',
    'TARN_ROLLUP_SECONDS',
    'seconds',
    'Aggregates are published at most this often',
    { default: '30' },
  ),
  setting('load', 'rollup.timezone', 'TARN_ROLLUP_TIMEZONE', 'timezone', 'Zone of the calendar days', {
    default: 'UTC',
  }),
  setting(
    'load',
    'lag.alertSeconds',
    'TARN_LAG_ALERT_SECONDS',
    'seconds',
    'A notice when the oldest message waits for longer than this',
    { default: '300' },
  ),
  setting(
    'load',
    'memoryBytes',
    'TARN_MEMORY_BYTES',
    'bytes',
    'Memory budget; reading pauses when it is used up',
    { default: '536870912' },
  ),
  setting(
    'load',
    'maxMessageBytes',
    'TARN_MAX_MESSAGE_BYTES',
    'bytes',
    'Longer messages are dead-lettered unread',
    { default: '67108864' },
  ),
  setting(
    'validation',
    'validation.strict',
    'TARN_VALIDATION_STRICT',
    'boolean',
    'Reject unknown types and other units',
    { default: 'false' },
  ),
  setting(
    'validation',
    'validation.ranges',
    'TARN_VALIDATION_RANGES',
    'ranges',
    'Accepted range by data type, over the built-in ones',
    { default: '{}' },
  ),
]

/** A value that never prints itself; `base/secret.ts` in main. */
export interface Hidden {
  reveal(): string
}

/** The settings in force, parsed. Bytes and seconds as numbers; null where there is no value. */
export interface Settings<S extends Hidden = Hidden> {
  /** Absolute path. */
  readonly home: string
  readonly catalog: {
    readonly type: 'rest' | 'embedded'
    readonly name: string
    readonly uri: string
    readonly token: S | null
    readonly credential: S | null
    /** A URI: `s3a://...`, `file:///...`. */
    readonly warehouse: string
    readonly database: string
  }
  readonly tables: Readonly<Record<TableRole, string>> & { readonly layout: Layout }
  readonly s3: {
    readonly endpoint: string
    readonly accessKey: S
    readonly secretKey: S
    readonly pathStyle: boolean
    readonly bucket: string
    readonly region: string
  }
  readonly kafka: {
    readonly brokers: readonly string[]
    readonly topic: string
    readonly groupId: string
    readonly autoOffsetReset: 'earliest' | 'latest'
    readonly start: StartSetting | null
    readonly securityProtocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
    readonly saslMechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
    readonly saslUsername: string | null
    readonly saslPassword: S | null
    readonly sslCaFile: string | null
  }
  readonly registry: { readonly url: string | null }
  readonly pipeline: string
  readonly commit: { readonly seconds: number; readonly bytes: number }
  readonly rollup: { readonly seconds: number; readonly timezone: string }
  readonly lag: { readonly alertSeconds: number }
  readonly memoryBytes: number
  readonly maxMessageBytes: number
  readonly validation: {
    readonly strict: boolean
    /** [min, max] inclusive by data type; only what differs from the built-in ranges. */
    readonly ranges: Readonly<Record<string, readonly [number, number]>>
  }
}

/** A start other than the first or the next message of the topic. */
export interface StartSetting {
  readonly text: string
  /** ms since the epoch: the first messages that were produced then or later. Null where offsets are given. */
  readonly at: number | null
  /** Next offset to read by partition. */
  readonly offsets: Readonly<Record<string, string>>
}

/** `TARN_START` as it is meant; null where it is neither an instant with its zone nor partitions with offsets. */
export function parseStart(text: string): StartSetting | null {
  const trimmed = text.trim()
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(trimmed)) {
    const at = Date.parse(trimmed)
    return Number.isNaN(at) ? null : { text: trimmed, at, offsets: {} }
  }
  const pairs = trimmed.split(',').map((pair) => /^\s*(\d{1,6})\s*:\s*(\d{1,18})\s*$/.exec(pair))
  if (pairs.some((pair) => pair === null)) return null
  const offsets = Object.fromEntries(pairs.map((pair) => [Number(pair?.[1]), String(BigInt(pair?.[2] ?? 0))]))
  return Object.keys(offsets).length === pairs.length ? { text: trimmed, at: null, offsets } : null
}

/** Where a value came from: `default` may depend on another setting, which `detail` then names. */
export interface Origin {
  readonly from: 'sample' | 'flag' | 'environment' | 'keystore' | 'file' | 'default'
  /** `the sample`, `--kafka-topic`, `KAFKA_TOPIC`, the key store's name, the file's path, or why this default. */
  readonly detail: string
}
