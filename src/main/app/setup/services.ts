import { lookup } from 'node:dns/promises'
import { type Fault, isLakeError, LakeError, toFault } from '../../../shared/errors.ts'
import {
  type CheckView,
  checksOf,
  type FoundAddress,
  type ServiceId,
  type ServiceView,
  type Suggestion,
} from '../../../shared/setup.ts'
import { systemClock } from '../../base/clock.ts'
import { createHttp, type Http } from '../../base/http.ts'
import { silentLog } from '../../base/log.ts'
import { plural } from '../../base/plural.ts'
import { restCatalog } from '../../catalog/rest.ts'
import { lookAtKafka } from '../../source/kafka-look.ts'
import { bucketExists } from '../../storage/s3-bucket.ts'
import type { MainSettings } from '../settings/settings.ts'
import { bucketOf } from './check.ts'
import { elsewhere, exchange, hostPort, reasonOf } from './discover.ts'
import { folderProbe, registryProbe } from './probe.ts'

/** A page waits for these, so they are shorter than those of the work itself. */
const CONNECT_MS = 4_000
const SILENCE_MS = 8_000
const KAFKA_MS = 10_000

interface Run {
  readonly settings: MainSettings
  readonly http: Http
  readonly signal: AbortSignal
}

/** A check's work: what was found in words, where it is worth saying. Its failure names the check that failed. */
type Work = (run: Run) => Promise<string | null>

/** A failure that belongs to another check than the one that met it. */
class At extends Error {
  readonly check: string
  readonly reason: unknown
  constructor(check: string, reason: unknown) {
    super('a check failed')
    this.check = check
    this.reason = reason
  }
}

/**
 * Asks a service the checks in `ids`, in their order, until one fails; later ones wait. Creates nothing. A failure
 * comes with what was tried to find its cause.
 */
export async function checkService(
  settings: MainSettings,
  service: ServiceId,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ServiceView> {
  const started = performance.now()
  const done = (rest: Omit<ServiceView, 'service' | 'ms'>): ServiceView => ({
    service,
    ms: Math.round(performance.now() - started),
    ...rest,
  })
  const wanted = checksOf(service).filter((one) => ids.includes(one.id))
  const unset = await notAsked(service, settings)
  if (unset !== null)
    return done({
      ...unset,
      checks: wanted.map(({ id }) => ({ id, state: unset.state === 'passed' ? 'passed' : 'waiting' })),
    })
  const http = createHttp({ connectTimeoutMs: CONNECT_MS, timeoutMs: SILENCE_MS })
  const run: Run = { settings, http, signal }
  const checks = new Map<string, CheckView['state']>(wanted.map(({ id }) => [id, 'waiting']))
  const view = () => [...checks].map(([id, state]) => ({ id, state }))
  let text = 'Answered'
  try {
    for (const { id } of wanted) {
      const found = await WORK[id]?.(run)
      if (found) text = found
      checks.set(id, 'passed')
    }
    return done({ state: 'passed', text, checks: view(), fault: null, suggestion: null })
  } catch (error) {
    const failed =
      error instanceof At
        ? `${service}.${error.check}`
        : ([...checks].find(([, state]) => state === 'waiting')?.[0] ?? '')
    const order = wanted.map(({ id }) => id)
    for (const id of order) {
      if (order.indexOf(id) < order.indexOf(failed)) checks.set(id, 'passed')
      else checks.set(id, id === failed ? 'failed' : 'waiting')
    }
    const fault = toFault(error instanceof At ? error.reason : error)
    const evidence = await evidenceFor(service, fault, run)
    return done({ state: 'failed', text: fault.title, checks: view(), ...evidence })
  } finally {
    await http.close()
  }
}

type Unasked = Pick<ServiceView, 'state' | 'text' | 'fault' | 'suggestion'>

/** The answer where there is no server to ask. */
async function notAsked(service: ServiceId, settings: MainSettings): Promise<Unasked | null> {
  if (service === 'registry' && settings.registry.url === null)
    return { state: 'unset', text: 'Optional, none', fault: null, suggestion: null }
  const folder =
    service === 'catalog' && settings.catalog.type === 'embedded'
      ? settings.home
      : service === 'storage' && settings.catalog.warehouse.startsWith('file:')
        ? settings.catalog.warehouse.replace(/^file:\/\//, '')
        : null
  if (folder === null) return null
  try {
    return { state: 'passed', text: await folderProbe(folder), fault: null, suggestion: null }
  } catch (error) {
    const fault = toFault(error)
    return { state: 'failed', text: fault.title, fault, suggestion: null }
  }
}

const addressOf = (url: string): string => hostPort(url) ?? url

/** The address that a service's name and port checks are about. */
function configured(service: ServiceId, settings: MainSettings): string {
  switch (service) {
    case 'kafka':
      return settings.kafka.brokers[0] ?? ''
    case 'catalog':
      return addressOf(settings.catalog.uri)
    case 'storage':
      return addressOf(settings.s3.endpoint)
    case 'registry':
      return addressOf(settings.registry.url ?? '')
  }
}

const addresses = (service: ServiceId, settings: MainSettings): readonly string[] =>
  service === 'kafka' ? settings.kafka.brokers : [configured(service, settings)]

const name =
  (service: ServiceId): Work =>
  async ({ settings }) => {
    await anyOf(addresses(service, settings), async (address) => {
      const host = new URL(`tcp://${address}`).hostname.replace(/^\[|\]$/g, '')
      try {
        await lookup(host)
      } catch (cause) {
        throw new LakeError('DNS', `the name ${host} is not known here`, {
          outcome: 'retry',
          context: { address, answer: String((cause as NodeJS.ErrnoException).code ?? cause) },
          remedy: 'Use a name or an address that this computer can resolve.',
          cause,
        })
      }
    })
    return null
  }

const port =
  (service: ServiceId): Work =>
  async ({ settings }) => {
    await anyOf(addresses(service, settings), async (address) => {
      try {
        await exchange(address, null)
      } catch (cause) {
        const reason = reasonOf(cause)
        throw new LakeError(
          reason === 'refused' ? 'REFUSED' : 'TIMEOUT',
          reason === 'refused'
            ? `nothing listens at ${address}`
            : `${address} gives no answer to a connection`,
          {
            outcome: 'retry',
            context: { address, answer: String((cause as NodeJS.ErrnoException).code ?? reason) },
            likely:
              reason === 'refused'
                ? 'The service is not started, or it listens on another port.'
                : 'A firewall drops the connection, or the host is off.',
            remedy: 'Start the service, or correct the port.',
            cause,
          },
        )
      }
    })
    return null
  }

/** One of several brokers is enough; the first failure tells where none is there. */
async function anyOf(
  all: readonly string[],
  attempt: (address: string) => Promise<unknown>,
): Promise<unknown> {
  const results = await Promise.allSettled(all.map(attempt))
  const failed = results.find((one) => one.status === 'rejected')
  if (failed && results.every((one) => one.status === 'rejected')) throw failed.reason
  return null
}

const kafka: Work = async ({ settings }) => {
  try {
    const look = await within(lookAtKafka(settings.kafka, silentLog), settings)
    try {
      const { brokers, topics } = await look.cluster()
      return `Kafka, ${plural(brokers.length, 'broker')}, ${plural(topics.length, 'topic')}`
    } finally {
      await look.close()
    }
  } catch (error) {
    if (isLakeError(error, 'UNAUTHORIZED')) throw new At('login', error)
    if (isLakeError(error, 'FORBIDDEN')) throw new At('topics', error)
    throw error
  }
}

/** What is no Kafka may keep a connection open and say nothing. */
async function within<T extends { close(): Promise<void> }>(
  work: Promise<T>,
  { kafka: { brokers } }: MainSettings,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      late.reject(
        new LakeError('NO_BROKER', `no Kafka broker answers at ${brokers.join(',')} within ${KAFKA_MS} ms`, {
          outcome: 'retry',
          context: { brokers: brokers.join(',') },
          likely: 'Something else than Kafka listens there, or it expects TLS or a login.',
          remedy: 'Correct the brokers or the security protocol.',
        }),
      ),
    KAFKA_MS,
  )
  // One that comes too late is closed again.
  late.promise.catch(() => work.then((one) => one.close()).catch(() => {}))
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

const catalog: Work = async ({ settings, http, signal }) => {
  const { uri, warehouse, token, credential, database } = settings.catalog
  const client = restCatalog({ uri, fetch: http.fetch, clock: systemClock, warehouse, token, credential })
  try {
    const namespaces = await client.listNamespaces(undefined, signal)
    const there = namespaces.some((one) => one.join('.') === database)
    return `Iceberg REST, ${plural(namespaces.length, 'namespace')}${there ? `, ${database} among them` : ''}`
  } catch (error) {
    if (isLakeError(error, 'UNAUTHORIZED')) throw new At('login', error)
    if (isLakeError(error, 'FORBIDDEN')) throw new At('namespaces', error)
    throw new At('answers', error)
  } finally {
    await client.close()
  }
}

const s3Answers: Work = async ({ settings, http, signal }) => {
  const { endpoint } = settings.s3
  const response = await http.fetch(endpoint, { method: 'GET', headers: {}, signal })
  const type = response.headers.get('content-type') ?? ''
  const server = response.headers.get('server')
  await response.body?.cancel()
  if (/xml/.test(type) || /minio/i.test(server ?? '')) return server ?? 'S3'
  throw new LakeError('BAD_RESPONSE', `${endpoint} answers ${response.status}, and it is no S3`, {
    context: { endpoint, status: response.status, type, server: server ?? '' },
    likely: /html/.test(type)
      ? 'That is a page for people: the console of MinIO has a port of its own.'
      : 'Another service listens there.',
    remedy: 'Use the address of the S3 API, which for MinIO is port 9000 by default.',
  })
}

const bucket: Work = async ({ settings, http, signal }) => {
  const wanted = bucketOf(settings)
  if (wanted === null) return null
  const s3 = { ...settings.s3, http, clock: systemClock, retry: { attempts: 2 } }
  try {
    const there = await bucketExists(s3, wanted, signal)
    return `S3, bucket ${wanted} ${there ? 'is there' : 'is not there yet'}`
  } catch (error) {
    throw new At(isLakeError(error, 'FORBIDDEN', 'SETTING') ? 'bucket' : 'login', error)
  }
}

const registry: Work = ({ settings, http, signal }) => registryProbe(settings, http, signal)
/** Settled by the request of an earlier check of the same service. */
const settled: Work = async () => null

/** The last check of a service makes the request that also settles those before it. */
const WORK: Readonly<Record<string, Work>> = {
  'kafka.name': name('kafka'),
  'kafka.port': port('kafka'),
  'kafka.answers': kafka,
  'kafka.login': settled,
  'kafka.topics': settled,
  'catalog.name': name('catalog'),
  'catalog.port': port('catalog'),
  'catalog.answers': catalog,
  'catalog.login': settled,
  'catalog.namespaces': catalog,
  'storage.name': name('storage'),
  'storage.port': port('storage'),
  'storage.answers': s3Answers,
  'storage.login': bucket,
  'storage.bucket': bucket,
  'registry.answers': registry,
}

/** What else was tried after a failure, and what it suggests. */
async function evidenceFor(
  service: ServiceId,
  fault: Fault,
  { settings, signal }: Run,
): Promise<{ readonly fault: Fault; readonly suggestion: Suggestion | null }> {
  const address = configured(service, settings)
  if (
    service === 'storage' &&
    !settings.s3.pathStyle &&
    (['DNS', 'TLS', 'NO_BUCKET', 'UNAUTHORIZED', 'REFUSED'].includes(fault.code) ||
      fault.context.pathStyle === false)
  ) {
    const answered = !String(fault.context.address ?? '').startsWith(address)
    if (answered)
      return {
        fault: {
          ...fault,
          likely: `The bucket was put in front of the host name because path-style access is off; ${address} itself answers.`,
          remedy: 'Turn on path-style access, which MinIO expects.',
        },
        suggestion: { label: 'Turn on path-style access', changes: { 's3.pathStyle': 'true' } },
      }
  }
  if (
    !['DNS', 'REFUSED', 'TIMEOUT', 'NO_BROKER', 'BAD_RESPONSE', 'NETWORK', 'NOT_FOUND'].includes(fault.code)
  )
    return { fault, suggestion: null }
  const found = await elsewhere(service, address, signal)
  if (found === null) return { fault, suggestion: null }
  const inDocker = fault.code === 'DNS' && !address.includes('.')
  const changes = changeTo(service, found)
  return {
    fault: {
      ...fault,
      ...(inDocker
        ? {
            likely: `A name without a dot, such as ${address.split(':')[0]}, is that of a container inside Docker's network. The same service is published on this computer as ${found.address}.`,
          }
        : { likely: `${fault.likely ?? ''} ${found.text} answers at ${found.address}.`.trim() }),
      remedy: `Use ${found.address}.`,
      context: { ...fault.context, [found.address]: `${found.text} answered in ${found.ms} ms` },
    },
    suggestion: { label: `Use ${found.address}`, changes },
  }
}

function changeTo(service: ServiceId, { address }: FoundAddress): Readonly<Record<string, string>> {
  switch (service) {
    case 'kafka':
      return { 'kafka.brokers': address }
    case 'catalog':
      return { 'catalog.uri': `http://${address}` }
    case 'storage':
      return { 's3.endpoint': `http://${address}` }
    case 'registry':
      return { 'registry.url': `http://${address}` }
  }
}
