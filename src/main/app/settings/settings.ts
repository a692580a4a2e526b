import { existsSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { LakeError } from '../../../shared/errors.ts'
import { type Origin, SETTINGS, type SettingDefinition, type Settings } from '../../../shared/settings.ts'
import { writePrivate } from '../../base/private-file.ts'
import { Secret } from '../../base/secret.ts'
import type { SecretStore } from './secret-store.ts'
import { closest, parseSetting } from './setting-values.ts'

export type MainSettings = Settings<Secret>

export interface SettingsInput {
  /** By flag name without dashes. */
  readonly flags: ReadonlyMap<string, string>
  readonly env: Readonly<Record<string, string | undefined>>
  /** `--config`; must exist. Otherwise `settings.json` in the home folder, if it exists. */
  readonly config?: string | undefined
  /** Where secrets are kept apart from the file, in hosts that have such a place. */
  readonly secrets?: SecretStore | null
}

/** The settings in force, and for each key where its value came from. */
export interface Resolved {
  readonly settings: MainSettings
  readonly origins: ReadonlyMap<string, Origin>
  /** As text, by key; keys without a value are absent. Holds secrets: never leaves main. */
  readonly texts: ReadonlyMap<string, string>
  /** All that was given for a key, what rules first; without defaults. Holds secrets too. */
  readonly layers: ReadonlyMap<string, readonly Found[]>
  /** The file that `saveSettings` writes. */
  readonly file: string
}

/** A value as text, and where it was found. */
export interface Found {
  readonly text: string
  readonly origin: Origin
}

const BY_KEY = new Map(SETTINGS.map((one) => [one.key, one]))
const BY_ENV = new Map(SETTINGS.map((one) => [one.env, one]))

/** Variables of our tools and tests; no settings, but not unknown either. */
const OUR_TOOLS = new Set(['TARN_CACHE', 'TARN_SERVICES', 'TARN_LOG', 'TARN_REEXEC'])
/**
 * Variables under our prefixes that other software is known for: Kafka's own scripts and images, and the links that
 * Kubernetes adds for a service of that name. Any other variable under a prefix of ours is taken for a slip of the pen.
 */
const FOREIGN = [
  /^KAFKA_(HOME|DEBUG|VERSION|CLUSTER_ID|LOG_DIR|LOG_DIRS|PORT|HEAP_OPTS|OPTS|MODE|SCALA_VERSION)$/,
  /^KAFKA_(CFG|CONNECT|NODE|ADVERTISED|LISTENER|LISTENERS|CONTROLLER|PROCESS|INTER|OFFSETS|TRANSACTION|ZOOKEEPER)(_|$)/,
  /^KAFKA_\w+_OPTS$/,
  /^(KAFKA|S3|ICEBERG|SCHEMA_REGISTRY)_(SERVICE_HOST|SERVICE_PORT\w*|PORT(_\d+_\w+)?)$/,
]
const PREFIX = /^(TARN|ICEBERG|S3|KAFKA|SCHEMA_REGISTRY)_/

/** Where Tarn keeps its things unless told otherwise: the platform's folder for application data. */
export function defaultHome(env: SettingsInput['env'], platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Tarn')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Tarn')
  const xdg = env.XDG_DATA_HOME
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share'), 'tarn')
}

/**
 * Reads flags, environment and file, in that order of precedence. Every unknown key and every value that does not
 * parse is a `SETTING` error that names the setting and where it came from.
 */
export function resolveSettings(input: SettingsInput): Resolved {
  const flags = fromFlags(input.flags)
  const env = fromEnvironment(input.env)
  const homeText = flags.get('home') ?? env.get('home')
  const home = resolve(homeText?.text ?? defaultHome(input.env))
  const file = input.config === undefined ? join(home, 'settings.json') : resolve(input.config)
  const saved = fromFile(file, input.config !== undefined)
  const stored = fromSecrets(input.secrets ?? null)
  const found = new Map<string, Found>([...saved, ...stored, ...env, ...flags])
  const layers = new Map(
    [...found.keys()].map((key) => [
      key,
      [flags, env, stored, saved].flatMap((layer) => layer.get(key) ?? []),
    ]),
  )
  found.set('home', {
    text: home,
    origin: homeText?.origin ?? { from: 'default', detail: 'folder for application data' },
  })
  const settings = complete(found, home)
  return {
    settings,
    origins: new Map([...found].map(([key, value]) => [key, value.origin])),
    texts: new Map([...found].map(([key, value]) => [key, value.text])),
    layers,
    file,
  }
}

function fromFlags(flags: ReadonlyMap<string, string>): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const [flag, text] of flags) {
    const one = SETTINGS.find((setting) => setting.flag === flag)
    if (!one)
      throw unknown(
        `--${flag}`,
        'the command line',
        SETTINGS.flatMap((s) => (s.flag ? [`--${s.flag}`] : [])),
      )
    found.set(one.key, { text, origin: { from: 'flag', detail: `--${flag}` } })
  }
  return found
}

function fromEnvironment(env: SettingsInput['env']): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const [name, text] of Object.entries(env)) {
    // A variable that is set to nothing is how compose files and shells say "not set".
    if (text === undefined || text === '') continue
    const one = BY_ENV.get(name)
    if (one) found.set(one.key, { text, origin: { from: 'environment', detail: name } })
    else if (PREFIX.test(name) && !OUR_TOOLS.has(name) && !FOREIGN.some((pattern) => pattern.test(name))) {
      throw unknown(name, 'the environment', [...BY_ENV.keys()])
    }
  }
  return found
}

function fromSecrets(secrets: SecretStore | null): Map<string, Found> {
  const found = new Map<string, Found>()
  if (secrets === null) return found
  for (const [key, { text }] of secrets.read()) {
    if (BY_KEY.get(key)?.secret) found.set(key, { text, origin: { from: 'keystore', detail: secrets.name } })
  }
  return found
}

/** Keys may be nested objects, dotted paths or the names of the environment variables, but each only once. */
function fromFile(file: string, required: boolean): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const [key, text] of Object.entries(readDocument(file, required))) {
    const one = BY_KEY.get(key) ?? BY_ENV.get(key)
    if (!one || one.key === 'home')
      throw unknown(
        key,
        file,
        [...BY_KEY.keys()].filter((known) => known !== 'home'),
      )
    if (found.has(one.key)) throw settingError(one.key, file, 'is set twice in one file')
    found.set(one.key, { text, origin: { from: 'file', detail: file } })
  }
  return found
}

function readDocument(file: string, required: boolean): Record<string, string> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return Object.create(null)
    throw new LakeError('SETTING', `the settings file ${file} cannot be read`, {
      cause: error,
      context: { setting: 'config', origin: required ? '--config' : file },
      remedy: 'Check the path and its permissions.',
    })
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw new LakeError(
      'SETTING',
      `${file} is not JSON: ${(error as Error).message.replace(/, "[\s\S]*$/, '')}`,
      {
        context: { setting: '(whole file)', origin: file },
        remedy: 'Mend the file, or delete it to start from the defaults.',
      },
    )
  }
  if (!isObject(document)) throw settingError('(whole file)', file, 'must hold one JSON object')
  const flat: Record<string, string> = Object.create(null)
  flatten(document, '', file, flat)
  return flat
}

function flatten(
  node: Record<string, unknown>,
  prefix: string,
  file: string,
  into: Record<string, string>,
): void {
  for (const [name, value] of Object.entries(node)) {
    const key = prefix + name
    const kind = (BY_KEY.get(key) ?? BY_ENV.get(key))?.kind
    if (kind === 'ranges' && isObject(value)) into[key] = JSON.stringify(value)
    else if (kind === 'list' && Array.isArray(value)) into[key] = value.map(String).join(',')
    else if (isObject(value)) flatten(value, `${key}.`, file, into)
    else if (value === null) continue
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      into[key] = String(value)
    else throw settingError(key, file, 'must be text, a number or true or false')
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function fallbackOf(one: SettingDefinition, found: ReadonlyMap<string, Found>, home: string): Found | null {
  const because = (text: string, detail: string): Found => ({ text, origin: { from: 'default', detail } })
  switch (one.key) {
    case 'catalog.type': {
      const uri = found.get('catalog.uri')
      const chosen = uri !== undefined && uri.origin.from !== 'default'
      return chosen
        ? because('rest', 'ICEBERG_CATALOG_URI is set')
        : because('embedded', 'no catalog address is set')
    }
    case 'catalog.warehouse': {
      if (found.get('catalog.type')?.text.trim().toLowerCase() === 'embedded')
        return because(join(home, 'warehouse'), 'inside the home folder')
      const bucket = found.get('s3.bucket')
      return bucket
        ? because(`s3a://${bucket.text}/warehouse`, 'S3_BUCKET is set')
        : because('s3a://data-lake/warehouse', 'default')
    }
    case 's3.bucket': {
      const bucket = /^s3[an]?:\/\/([^/]+)/i.exec(found.get('catalog.warehouse')?.text ?? '')?.[1]
      return because(bucket ?? one.default ?? '', bucket ? 'bucket of the warehouse' : 'default')
    }
    default:
      return one.default === null ? null : because(one.default, 'default')
  }
}

/** Adds the defaults to `found` and parses all. */
function complete(found: Map<string, Found>, home: string): MainSettings {
  for (const one of SETTINGS) {
    if (found.has(one.key)) continue
    const fallback = fallbackOf(one, found, home)
    if (fallback) found.set(one.key, fallback)
  }
  return build(found, home)
}

function build(found: ReadonlyMap<string, Found>, home: string): MainSettings {
  const parsed = new Map<string, unknown>()
  for (const one of SETTINGS) {
    const entry = found.get(one.key)
    if (!entry) {
      parsed.set(one.key, null)
      continue
    }
    const result = parseSetting(one, entry.text)
    if ('problem' in result) throw settingError(one.key, entry.origin.detail, result.problem, one)
    parsed.set(one.key, one.secret ? new Secret(entry.text) : result.value)
  }
  const tree: Record<string, unknown> = { home }
  for (const [key, value] of parsed) {
    place(tree, key, value)
  }
  // The table and the interface are held together by a test that walks both.
  const settings = { ...tree, home } as unknown as MainSettings
  if (settings.kafka.securityProtocol.startsWith('SASL') && settings.kafka.saslUsername === null) {
    const origin = found.get('kafka.securityProtocol')?.origin.detail ?? ''
    throw settingError(
      'kafka.saslUsername',
      origin,
      `is needed with ${settings.kafka.securityProtocol}`,
      BY_KEY.get('kafka.saslUsername'),
    )
  }
  return settings
}

/** The settings as they would be with `changes` in the file; nothing is saved. */
export function withChanges(
  resolved: Resolved,
  changes: Readonly<Record<string, string | null>>,
): MainSettings {
  const found = new Map<string, Found>()
  for (const [key, text] of resolved.texts) {
    const origin = resolved.origins.get(key)
    const derived = origin?.from === 'default' && key !== 'home'
    if (origin && !derived && changes[key] !== null) found.set(key, { text, origin })
  }
  for (const [key, text] of Object.entries(changes)) {
    if (!BY_KEY.has(key) || key === 'home') throw unknown(key, 'the request', [...BY_KEY.keys()])
    if (text !== null) found.set(key, { text, origin: { from: 'file', detail: 'the request' } })
  }
  return complete(found, resolved.settings.home)
}

/** The secrets among values of settings by key, to be kept out of logs and answers. */
export function secretsAmong(texts: Iterable<readonly [string, string | null]>): Secret[] {
  return [...texts].flatMap(([key, text]) => {
    const one = BY_KEY.get(key)
    // A default is no secret, and hiding the user's own `minioadmin` everywhere would hide names of things.
    return !one?.secret || text === null || text === one.default ? [] : [new Secret(text)]
  })
}

/** `kafka.topic` becomes `tree.kafka.topic`. Keys have one dot at most. */
function place(tree: Record<string, unknown>, key: string, value: unknown): void {
  const [head = '', tail] = key.split('.')
  if (tail === undefined) tree[head] = value
  else {
    const branch = (tree[head] as Record<string, unknown> | undefined) ?? {}
    branch[tail] = value
    tree[head] = branch
  }
}

/**
 * Changes the settings file: null removes a key. The whole file is checked first, then replaced at once with mode 600,
 * so a crash leaves the old one or the new one. Secrets go to `secrets` where there is such a place, and out of the file.
 * Returns what puts the former state back.
 */
export function saveSettings(
  file: string,
  changes: Readonly<Record<string, string | null>>,
  secrets: SecretStore | null = null,
): () => void {
  const document = readDocument(file, false)
  const former = existsSync(file) ? readFileSync(file, 'utf8') : null
  const next = new Map<string, string>()
  for (const [key, text] of Object.entries(document))
    next.set((BY_ENV.get(key) ?? BY_KEY.get(key))?.key ?? key, text)
  const sealed: Record<string, string | null> = {}
  for (const [key, text] of Object.entries(changes)) {
    const one = BY_KEY.get(key)
    if (!one || key === 'home') throw unknown(key, 'the request', [...BY_KEY.keys()])
    if (text !== null) {
      const result = parseSetting(one, text)
      if ('problem' in result) throw settingError(key, 'the request', result.problem, one)
    }
    const apart = secrets !== null && one.secret
    if (apart) sealed[key] = text
    if (text === null || apart) next.delete(key)
    else next.set(key, text)
  }
  const tree: Record<string, unknown> = {}
  for (const one of SETTINGS) {
    const text = next.get(one.key)
    if (text !== undefined) place(tree, one.key, text)
  }
  const reopen = secrets?.write(sealed)
  writePrivate(file, `${JSON.stringify(tree, null, 2)}\n`)
  return () => {
    reopen?.()
    if (former === null) rmSync(file, { force: true })
    else writePrivate(file, former)
  }
}

/** What is wrong with a text for a setting, or null. Says nothing of a secret's text. */
export function problemOf(key: string, text: string): string | null {
  const one = BY_KEY.get(key)
  if (!one || key === 'home') throw unknown(key, 'the request', [...BY_KEY.keys()])
  const result = parseSetting(one, text)
  return 'problem' in result ? result.problem : null
}

/** The default of a key beside the other values in force, as text; null where it has none. */
export function defaultOf(resolved: Resolved, one: SettingDefinition): string | null {
  const found = new Map<string, Found>()
  for (const [key, text] of resolved.texts) {
    const origin = resolved.origins.get(key)
    if (origin && key !== one.key) found.set(key, { text, origin })
  }
  return fallbackOf(one, found, resolved.settings.home)?.text ?? null
}

function settingError(key: string, origin: string, problem: string, one?: SettingDefinition): LakeError {
  const name = one ? `${one.key} (${one.env})` : key
  return new LakeError('SETTING', `${name} ${problem}; it comes from ${origin}`, {
    context: { setting: one?.env ?? key, key, origin },
    remedy: one ? `${one.help}.` : 'Remove it or correct it.',
  })
}

function unknown(name: string, origin: string, known: readonly string[]): LakeError {
  const near = closest(name, known)
  return new LakeError('SETTING', `unknown setting ${name} in ${origin}`, {
    context: { setting: name, origin },
    ...(near ? { likely: `A misspelt ${near}.` } : {}),
    remedy: near ? `Write ${near}, or remove it.` : 'Remove it; `tarn --help` lists the settings.',
  })
}
