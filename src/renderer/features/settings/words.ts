import type { SettingView } from '../../../shared/model.ts'
import type { IconName } from '../../ui/icon.tsx'

/** The parts of the page. `secrets`, `look` and `keys` are no groups of the settings table. */
export type SectionId = 'load' | 'rules' | 'secrets' | 'look' | 'keys' | 'kafka' | 'lake'

export const SECTIONS: readonly { readonly id: SectionId; readonly name: string; readonly icon: IconName }[] =
  [
    { id: 'load', name: 'Loading', icon: 'load' },
    { id: 'rules', name: 'Rules', icon: 'check' },
    { id: 'secrets', name: 'Secrets', icon: 'lock' },
    { id: 'look', name: 'Appearance', icon: 'sun' },
    { id: 'keys', name: 'Shortcuts', icon: 'keyboard' },
    { id: 'kafka', name: 'Kafka', icon: 'letters' },
    { id: 'lake', name: 'Catalog and storage', icon: 'db' },
  ]

/** Which part of the page a setting stands in. */
export function sectionOf({ group, secret }: Pick<SettingView, 'group' | 'secret'>): SectionId {
  if (secret) return 'secrets'
  if (group === 'load') return 'load'
  if (group === 'validation') return 'rules'
  return group === 'kafka' || group === 'registry' ? 'kafka' : 'lake'
}

/** Short name of each setting; a key without one is shown by its variable. */
const NAMES: Readonly<Record<string, string>> = {
  home: 'Data folder',
  'catalog.type': 'Kind of catalog',
  'catalog.name': 'Name of the catalog',
  'catalog.uri': 'Catalog address',
  'catalog.token': 'Catalog token',
  'catalog.credential': 'Catalog client',
  'catalog.warehouse': 'Warehouse',
  'catalog.database': 'Namespace',
  'tables.raw': 'Table of samples',
  'tables.errors': 'Table of dead letters',
  'tables.daily': 'Table of days',
  'tables.weekly': 'Table of weeks',
  'tables.monthly': 'Table of months',
  'tables.layout': 'Layout of new tables',
  's3.endpoint': 'Storage address',
  's3.accessKey': 'Storage access key',
  's3.secretKey': 'Storage secret key',
  's3.pathStyle': 'Bucket in the path',
  's3.bucket': 'Bucket',
  's3.region': 'Region',
  'kafka.brokers': 'Brokers',
  'kafka.topic': 'Topic',
  'kafka.groupId': 'Consumer group',
  'kafka.autoOffsetReset': 'Start at',
  'kafka.securityProtocol': 'Security',
  'kafka.saslMechanism': 'Login method',
  'kafka.saslUsername': 'Login name',
  'kafka.saslPassword': 'Kafka password',
  'kafka.sslCaFile': 'Certificate authority',
  'registry.url': 'Schema registry',
  pipeline: 'Name in the ledger',
  'commit.seconds': 'Commit every',
  'commit.bytes': 'Commit at',
  'rollup.seconds': 'Roll up every',
  'rollup.timezone': 'Days begin in',
  'lag.alertSeconds': 'Notice on lag over',
  memoryBytes: 'Memory for loading',
  maxMessageBytes: 'Longest message',
  'validation.strict': 'Strict rules',
  'validation.ranges': 'Accepted ranges',
  'kafka.start': 'First start at',
}

export const nameOf = (one: Pick<SettingView, 'key' | 'env'>): string => NAMES[one.key] ?? one.env

/** What a setting means beyond its line of help. */
const MORE: Readonly<Record<string, string>> = {
  'commit.seconds': 'Shorter is fresher and makes more, smaller files; longer makes fewer and larger ones.',
  'commit.bytes': 'Whichever of the two is reached first makes the commit.',
  'rollup.seconds': 'A day that is touched often is written once per this time.',
  'rollup.timezone': 'Days already rolled up keep their borders until the aggregates are rebuilt.',
  memoryBytes: 'When it is used up, reading waits; nothing is lost.',
  'validation.ranges': 'A data type that is not named keeps its built-in range.',
  pipeline: 'Another name starts a ledger of its own.',
  'tables.layout': 'Tables that are there keep theirs; the check compares them with this.',
  'kafka.autoOffsetReset': 'Where the table already holds a position, that rules instead.',
}

export const aboutOf = (one: SettingView): string => [`${one.help}.`, MORE[one.key]].filter(Boolean).join(' ')

/** What texts a setting takes. */
export function allowedOf({ kind, choices }: Pick<SettingView, 'kind' | 'choices'>): string {
  switch (kind) {
    case 'choice':
      return choices.join(', ')
    case 'boolean':
      return 'on or off'
    case 'seconds':
      return 'over 0 to 86,400 s'
    case 'bytes':
      return '1 KiB or more'
    case 'url':
      return 'http:// or https://'
    case 'list':
      return 'host:port, comma between'
    case 'timezone':
      return 'a zone such as Europe/Berlin'
    case 'name':
      return 'letters, digits, _ . and -'
    case 'ranges':
      return 'JSON, least and most by type'
    case 'start':
      return 'an instant with its zone, or partition:offset pairs'
    case 'location':
      return 's3://, file:// or a folder'
    case 'file':
      return 'path of a file'
    case 'folder':
      return 'path of a folder'
    case 'text':
      return 'any text'
  }
}

/** When a change begins to hold. */
export function effectOf({ key, group }: Pick<SettingView, 'key' | 'group'>): string {
  if (key === 'home') return 'with the next start of Tarn'
  if (group === 'load' || group === 'kafka' || group === 'registry') return 'with the next load'
  if (group === 'validation') return 'with the next load or replay'
  return 'at once, the lake is opened anew'
}

const FROM = {
  sample: 'sample',
  flag: 'flag',
  environment: 'environment',
  keystore: 'key store',
  file: 'file',
  default: 'default',
} as const

/** The badge of where a value comes from. */
export const sourceWord = (from: keyof typeof FROM | undefined): string =>
  from === undefined ? 'none' : FROM[from]

const SIZES = [
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['B', 1],
] as const
const WRITTEN: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
}

/** A value as its field shows it: the figure, and the unit that stands behind it. */
export function fieldOf(kind: SettingView['kind'], text: string): { figure: string; unit: string | null } {
  if (kind === 'seconds') return { figure: text, unit: 's' }
  if (kind !== 'bytes') return { figure: text, unit: null }
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  const bytes = Number(match?.[1]) * (WRITTEN[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN)
  const [unit, size] = SIZES.find(([, of]) => bytes % of === 0) ?? ['B', 1]
  return Number.isFinite(bytes) ? { figure: String(bytes / size), unit } : { figure: text, unit: null }
}

/** What is saved of what was typed: a bare figure counts in the unit that stands behind the field. */
export function writtenOf(kind: SettingView['kind'], typed: string, unit: string | null): string {
  const bare = /^\d+(\.\d+)?$/.test(typed.trim())
  return kind === 'bytes' && bare && unit !== null ? `${typed.trim()} ${unit}` : typed.trim()
}

/** A value in words, with its unit. */
export function shownOf(kind: SettingView['kind'], text: string): string {
  if (kind === 'boolean') return /^(true|yes|on|1)$/i.test(text.trim()) ? 'on' : 'off'
  const { figure, unit } = fieldOf(kind, text)
  return unit === null ? figure : `${figure} ${unit}`
}

/** Settings as lines for a shell: all that differ from the default and are no secret. */
export function asEnvironment(settings: readonly SettingView[]): string {
  return settings
    .filter((one) => !one.secret && one.value !== null && one.origin?.from !== 'default')
    .map((one) => `export ${one.env}='${one.value?.replaceAll("'", `'\\''`)}'`)
    .join('\n')
}
