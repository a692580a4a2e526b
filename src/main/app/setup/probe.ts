import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { assertNever } from '../../../shared/assert.ts'
import { LakeError, toFault } from '../../../shared/errors.ts'
import type { ProbeTarget, ProbeView } from '../../../shared/model.ts'
import { systemClock } from '../../base/clock.ts'
import { createHttp, type Http } from '../../base/http.ts'
import { silentLog } from '../../base/log.ts'
import { plural } from '../../base/plural.ts'
import { restCatalog } from '../../catalog/rest.ts'
import { createKafka } from '../../source/kafka-client.ts'
import { openProbe } from '../../source/kafka-probe.ts'
import { bucketExists } from '../../storage/s3-bucket.ts'
import type { MainSettings } from '../settings/settings.ts'
import { bucketOf } from './check.ts'

/** A page waits for these, so they are shorter than those of the work itself. */
const CONNECT_MS = 4_000
const SILENCE_MS = 8_000

/** Tries each connection by itself, side by side. Nothing is created or changed. */
export async function probe(
  settings: MainSettings,
  targets: readonly ProbeTarget[],
  signal: AbortSignal,
): Promise<ProbeView[]> {
  const http = createHttp({ connectTimeoutMs: CONNECT_MS, timeoutMs: SILENCE_MS })
  try {
    return await Promise.all(
      targets.map(async (target) => {
        const started = performance.now()
        const done = (rest: Pick<ProbeView, 'state' | 'text' | 'fault'>): ProbeView => ({
          target,
          ms: Math.round(performance.now() - started),
          ...rest,
        })
        try {
          const text = await attempt(target, settings, http, signal)
          return done(text === null ? SKIPPED : { state: 'passed', text, fault: null })
        } catch (error) {
          const fault = toFault(error)
          return done({ state: 'failed', text: fault.title, fault })
        }
      }),
    )
  } finally {
    await http.close()
  }
}

const SKIPPED = { state: 'skipped', text: 'Not set', fault: null } as const

/** What was found, or null where there is nothing to try. */
function attempt(
  target: ProbeTarget,
  settings: MainSettings,
  http: Http,
  signal: AbortSignal,
): Promise<string | null> {
  switch (target) {
    case 'catalog':
      return settings.catalog.type === 'rest' ? restProbe(settings, http, signal) : folderProbe(settings.home)
    case 'storage':
      return storageProbe(settings, http, signal)
    case 'kafka':
      return kafkaProbe(settings)
    case 'registry':
      return registryProbe(settings, http, signal)
    default:
      return assertNever(target)
  }
}

async function restProbe({ catalog }: MainSettings, http: Http, signal: AbortSignal): Promise<string> {
  const { uri, warehouse, token, credential } = catalog
  const client = restCatalog({ uri, fetch: http.fetch, clock: systemClock, warehouse, token, credential })
  try {
    const namespaces = await client.listNamespaces(undefined, signal)
    const there = namespaces.some((one) => one.join('.') === catalog.database)
    return `${plural(namespaces.length, 'namespace')}, ${catalog.database} ${there ? 'is there' : 'is not there yet'}`
  } finally {
    await client.close()
  }
}

/** The nearest folder that exists must be writable. */
export async function folderProbe(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      await access(at, constants.W_OK)
      return `Folder ${folder}${at === folder ? '' : ', to be created'}`
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && dirname(at) !== at) continue
      throw new LakeError('DISK', `${folder} cannot be written`, {
        cause,
        remedy: 'Choose another folder, or mend its permissions.',
      })
    }
  }
}

async function storageProbe(settings: MainSettings, http: Http, signal: AbortSignal): Promise<string> {
  const bucket = bucketOf(settings)
  if (bucket === null) return folderProbe(settings.catalog.warehouse.replace(/^file:\/\//, ''))
  const there = await bucketExists(
    { ...settings.s3, http, clock: systemClock, retry: { attempts: 2 } },
    bucket,
    signal,
  )
  return `Bucket ${bucket} ${there ? 'is there' : 'is not there yet'}`
}

async function kafkaProbe({ kafka }: MainSettings): Promise<string> {
  const client = await openProbe(await createKafka(kafka, silentLog), kafka)
  try {
    const marks = await client.watermarks()
    const messages = [...marks.values()].reduce((sum, { low, high }) => sum + (high - low), 0n)
    return `${kafka.topic}: ${plural(marks.size, 'partition')}, ${plural(messages, 'message')}`
  } finally {
    await client.close()
  }
}

export async function registryProbe(
  { registry }: MainSettings,
  http: Http,
  signal: AbortSignal,
): Promise<string | null> {
  if (registry.url === null) return null
  const url = `${registry.url}/subjects`
  const response = await http.fetch(url, { method: 'GET', headers: { accept: 'application/json' }, signal })
  await response.body?.cancel()
  if (response.ok) return 'Answers'
  throw new LakeError('BAD_RESPONSE', `the schema registry answered ${response.status} to ${url}`, {
    context: { url, status: response.status },
    likely:
      response.status === 404
        ? 'SCHEMA_REGISTRY_URL points to something else.'
        : 'The registry refuses or is in trouble.',
    remedy: 'Check SCHEMA_REGISTRY_URL.',
  })
}
