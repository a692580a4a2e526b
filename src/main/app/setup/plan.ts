import { isLakeError, toFault } from '../../../shared/errors.ts'
import type { SettingView } from '../../../shared/model.ts'
import { SETTINGS } from '../../../shared/settings.ts'
import type { NamesView, PlannedTable, PlanView } from '../../../shared/setup.ts'
import { TABLE_ROLES, type TableRole, tableOf } from '../../../shared/tables.ts'
import { systemClock } from '../../base/clock.ts'
import { createHttp } from '../../base/http.ts'
import { silentLog } from '../../base/log.ts'
import type { Catalog } from '../../iceberg/catalog.ts'
import { lookAtKafka } from '../../source/kafka-look.ts'
import { bucketExists, bucketFacts } from '../../storage/s3-bucket.ts'
import type { Lake } from '../lake.ts'
import type { MainSettings } from '../settings/settings.ts'
import { bucketOf } from './check.ts'
import { layoutAdvice, tableDifferences } from './tables.ts'

/** Namespace and bucket as they are. What cannot be asked is a fault in the answer, not thrown. */
export async function names(lake: Lake, signal: AbortSignal): Promise<NamesView> {
  const { settings, io } = lake
  const { database, warehouse } = settings.catalog
  const faults: NamesView['faults'][number][] = []
  const attempt = async <T>(work: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work
    } catch (error) {
      faults.push(toFault(error))
      return otherwise
    }
  }
  const [namespaces, bucket] = await Promise.all([
    attempt(io.catalog.listNamespaces(undefined, signal), []),
    attempt(bucketState(settings, signal), null),
  ])
  const all = namespaces.map((one) => one.join('.')).sort()
  const exists = all.includes(database)
  const [tables, properties] = exists
    ? await Promise.all([
        attempt(io.catalog.listTables([database], signal), []),
        attempt(io.catalog.loadNamespace([database], signal), null),
      ])
    : [[], null]
  return {
    namespaces: all,
    namespace: { name: database, exists, tables: tables.map((table) => table.name).sort() },
    properties: properties ?? {},
    free: [2, 3, 4, 5]
      .map((number) => `${database}_${number}`)
      .filter((name) => !all.includes(name))
      .slice(0, 2),
    bucket,
    warehouse,
    faults,
  }
}

async function bucketState(settings: MainSettings, signal: AbortSignal): Promise<NamesView['bucket']> {
  const name = bucketOf(settings)
  if (name === null) return null
  const http = createHttp({ connectTimeoutMs: 4_000, timeoutMs: 8_000 })
  try {
    const s3 = { ...settings.s3, http, clock: systemClock, retry: { attempts: 2 } }
    if (await bucketExists(s3, name, signal))
      return { name, exists: true, ...(await bucketFacts(s3, name, signal)) }
    return { name, exists: false, versioning: null, lock: null, expiry: null }
  } finally {
    await http.close()
  }
}

/** The five tables: to be made, there as specified, or there and different. */
export function plannedTables(lake: Lake, signal: AbortSignal): Promise<PlannedTable[]> {
  return Promise.all(TABLE_ROLES.map((role) => plannedTable(lake.io.catalog, lake, role, signal)))
}

async function plannedTable(
  catalog: Catalog,
  { tables, settings }: Lake,
  role: TableRole,
  signal: AbortSignal,
): Promise<PlannedTable> {
  const { name } = tables[role]
  const none = { role, name, location: null, differences: [], advice: null, fault: null }
  try {
    const { metadata } = await catalog.loadTable(tables[role], signal)
    const differences = tableDifferences(tableOf(role, settings.tables.layout), metadata)
    return {
      ...none,
      state: differences.length === 0 ? 'there' : 'differs',
      location: metadata.location,
      differences,
      advice: layoutAdvice(role, settings.tables.layout, metadata)?.remedy ?? null,
    }
  } catch (error) {
    if (isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')) return { ...none, state: 'make' }
    return { ...none, state: 'unknown', fault: toFault(error) }
  }
}

/** All that the next step will make or find. Makes nothing. */
export async function plan(
  lake: Lake,
  settings: readonly SettingView[],
  changes: Readonly<Record<string, string | null>>,
  signal: AbortSignal,
): Promise<PlanView> {
  const [found, tables, topic] = await Promise.all([
    names(lake, signal),
    plannedTables(lake, signal),
    topicState(lake.settings).catch((error: unknown) => toFault(error)),
  ])
  const failed = 'code' in topic
  return {
    names: found,
    tables,
    topic: failed ? null : topic,
    topicFault: failed ? topic : null,
    environment: environmentOf(lake.settings, settings, changes),
    commands: ['npx tarn check', 'npx tarn load', 'npx tarn verify'],
  }
}

async function topicState({ kafka }: MainSettings): Promise<NonNullable<PlanView['topic']>> {
  const look = await lookAtKafka(kafka, silentLog)
  try {
    const { topics } = await look.cluster()
    if (!topics.includes(kafka.topic)) return { name: kafka.topic, exists: false, partitions: 0 }
    const [facts] = await look.topics([kafka.topic])
    return { name: kafka.topic, exists: true, partitions: facts?.watermarks.size ?? 0 }
  } finally {
    await look.close()
  }
}

const GROUPS = ['catalog', 'tables', 'storage', 'kafka', 'registry', 'validation']

/** The same set-up as variables of the environment. A secret's value is left for the reader to fill in. */
function environmentOf(
  resolved: MainSettings,
  settings: readonly SettingView[],
  changes: Readonly<Record<string, string | null>>,
): string[] {
  return SETTINGS.flatMap((one) => {
    if (!GROUPS.includes(one.group)) return []
    const view = settings.find((setting) => setting.key === one.key)
    const changed = Object.hasOwn(changes, one.key)
    const chosen = changed
      ? changes[one.key] !== null
      : view?.origin !== null && view?.origin?.from !== 'default'
    if (one.secret) return chosen ? [`${one.env}=  # the value is kept in Tarn and not shown`] : []
    const always = ['catalog.type', 'catalog.warehouse', 'catalog.database', 'kafka.brokers', 'kafka.topic']
    if (!chosen && !always.includes(one.key)) return []
    return [`${one.env}=${quoted(textOf(resolved, one.key))}`]
  })
}

function textOf(resolved: MainSettings, key: string): string {
  const value = key
    .split('.')
    .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], resolved)
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
