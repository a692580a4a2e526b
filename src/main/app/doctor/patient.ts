/** What the checks look at: each service asked once, whichever check needs its answer first. */
import { existsSync } from 'node:fs'
import { LakeError } from '../../../shared/errors.ts'
import type { TableRole } from '../../../shared/tables.ts'
import type { Clock } from '../../base/clock.ts'
import { createHttp, type Http } from '../../base/http.ts'
import { discardBody } from '../../base/http-body.ts'
import { silentLog } from '../../base/log.ts'
import { Scope } from '../../base/scope.ts'
import { restCatalog } from '../../catalog/rest.ts'
import type { Catalog, LoadedTable } from '../../iceberg/catalog.ts'
import { type ClusterFacts, type KafkaLook, lookAtKafka } from '../../source/kafka-look.ts'
import { localStorage } from '../../storage/local.ts'
import { createStorage } from '../../storage/router.ts'
import { s3Storage } from '../../storage/s3.ts'
import { bucketExists } from '../../storage/s3-bucket.ts'
import type { Storage } from '../../storage/storage.ts'
import { catalogFolder, type Lake } from '../lake.ts'
import type { MainSettings } from '../settings/settings.ts'
import { bucketOf } from '../setup/check.ts'
import type { Machine } from './machine.ts'

export interface PatientOptions {
  readonly settings: MainSettings
  readonly settingsFile: string
  /** The lake is the sample: its messages come from a recorded file, and there is no Kafka to ask. */
  readonly sample?: boolean
  /** The app's own lake: asked only where its catalog is embedded and its folder is there. */
  readonly lake: () => Promise<Lake>
  readonly machine: Machine
  readonly clock: Clock
  readonly signal: AbortSignal
  /** PEM file of certificates trusted besides the well-known ones. */
  readonly caFile?: string
  /** How long a service may take to connect, to answer, and Kafka in all: ms. */
  readonly limits?: { readonly connectMs: number; readonly silenceMs: number; readonly kafkaMs: number }
}

export type HttpService = 'catalog' | 'storage' | 'registry'

/** The plain answer of a service to a request without login. */
export interface FirstAnswer {
  readonly status: number
  readonly server: string
  readonly type: string
  /** Its clock and ours at that moment; null where it tells no time. */
  readonly time: { readonly theirs: number; readonly ours: number } | null
}

export interface Patient extends PatientOptions {
  readonly bucket: string | null
  /** Where an embedded catalog keeps its state. */
  readonly catalogFolder: string
  readonly hasLake: boolean
  url(service: HttpService): string | null
  first(service: HttpService): Promise<FirstAnswer>
  http(): Http
  catalog(): Promise<Catalog>
  storage(): Promise<Storage>
  /** Whether the bucket is there, asked by a signed listing of one key. */
  listing(): Promise<boolean>
  kafka(): Promise<{ readonly look: KafkaLook; readonly cluster: ClusterFacts }>
  table(role: TableRole): Promise<LoadedTable>
  close(): Promise<void>
}

/** A page waits for these, so they are shorter than those of the work itself. */
const LIMITS = { connectMs: 3_000, silenceMs: 8_000, kafkaMs: 12_000 }

export function openPatient(options: PatientOptions): Patient {
  const { settings, clock, signal } = options
  const { connectMs, silenceMs, kafkaMs } = options.limits ?? LIMITS
  const scope = new Scope('doctor')
  const once = new Map<string, Promise<unknown>>()
  const memo = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const begun = once.get(key) as Promise<T> | undefined
    if (begun) return begun
    const promise = work()
    // whoever asks sees the failure; a check that was never run does not
    promise.catch(() => {})
    once.set(key, promise)
    return promise
  }
  let client: Http | null = null
  const http = (): Http => {
    client ??= scope.own(
      createHttp({ connectTimeoutMs: connectMs, timeoutMs: silenceMs, caFile: options.caFile }),
    )
    return client
  }
  const bucket = bucketOf(settings)
  const folder = catalogFolder(settings)
  const embedded = settings.catalog.type === 'embedded'
  const s3 = () => ({ ...settings.s3, http: http(), clock, retry: { attempts: 2 } })

  function url(service: HttpService): string | null {
    if (service === 'catalog') return embedded ? null : settings.catalog.uri.replace(/\/+$/, '')
    if (service === 'storage') return bucket === null ? null : settings.s3.endpoint
    return settings.registry.url?.replace(/\/+$/, '') ?? null
  }
  const PATHS = { catalog: '/v1/config', storage: '', registry: '/subjects' } as const

  const patient: Patient = {
    ...options,
    bucket,
    catalogFolder: folder,
    hasLake: !embedded || existsSync(folder),
    url,
    http,
    first: (service) =>
      memo(`first ${service}`, async () => {
        const base = url(service)
        if (base === null) throw new LakeError('INTERNAL', `${service} has no address`)
        const sent = clock()
        const response = await http().fetch(`${base}${PATHS[service]}`, {
          method: 'GET',
          headers: {},
          signal,
        })
        const ours = (sent + clock()) / 2
        await discardBody(response)
        const theirs = Date.parse(response.headers.get('date') ?? '')
        return {
          status: response.status,
          server: response.headers.get('server') ?? '',
          type: response.headers.get('content-type') ?? '',
          time: Number.isNaN(theirs) ? null : { theirs, ours },
        }
      }),
    catalog: () =>
      memo('catalog', async () => {
        if (embedded) return (await options.lake()).io.catalog
        const { uri, warehouse, token, credential } = settings.catalog
        return scope.own(restCatalog({ uri, fetch: http().fetch, clock, warehouse, token, credential }))
      }),
    storage: () =>
      memo('storage', async () =>
        scope.own(
          createStorage({
            s3: s3Storage(s3()),
            ...(settings.catalog.warehouse.startsWith('file:')
              ? { local: localStorage({ root: settings.catalog.warehouse }) }
              : {}),
          }),
        ),
      ),
    listing: () => memo('listing', () => bucketExists(s3(), bucket ?? '', signal)),
    kafka: () =>
      memo('kafka', async () => {
        const opening = lookAtKafka(settings.kafka, silentLog).then(async (look) => {
          try {
            return { look, cluster: await look.cluster() }
          } catch (error) {
            await look.close()
            throw error
          }
        })
        scope.defer(() =>
          Promise.race([opening.then(({ look }) => look.close()).catch(() => {}), later(2_500)]),
        )
        return limited(opening, kafkaMs, settings, signal)
      }),
    table: (role) =>
      memo(`table ${role}`, async () =>
        (await patient.catalog()).loadTable(
          { namespace: [settings.catalog.database], name: settings.tables[role] },
          signal,
        ),
      ),
    close: () => scope.close(),
  }
  return patient
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())

/** What is no Kafka may keep a connection open and say nothing. */
async function limited<T>(
  work: Promise<T>,
  ms: number,
  { kafka: { brokers } }: MainSettings,
  signal: AbortSignal,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      reject(
        new LakeError('NO_BROKER', `What listens at ${brokers.join(', ')} does not answer as Kafka does`, {
          context: { brokers: brokers.join(','), waited: `${ms / 1000} s` },
          likely:
            'The connection stood and no answer came: another service listens there, or the broker expects TLS or a login.',
          remedy: 'Check KAFKA_BROKERS and KAFKA_SECURITY_PROTOCOL.',
        }),
      ),
    ms,
  )
  const stop = () => reject(new LakeError('CANCELLED', 'The doctor was stopped'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
