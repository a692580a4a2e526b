import { lookup } from 'node:dns/promises'
import { connect, type Socket } from 'node:net'
import type { ContainerView, FoundAddress, ServiceId } from '../../../shared/setup.ts'
import { createHttp, type Http } from '../../base/http.ts'
import type { MainSettings } from '../settings/settings.ts'
import { containers } from './docker.ts'

/** Where these services listen by default, on this computer and as Docker publishes them. */
const USUAL: Readonly<Record<ServiceId, readonly string[]>> = {
  kafka: ['localhost:9092', 'localhost:29092', 'localhost:19092', 'localhost:9094'],
  catalog: ['localhost:8181', 'localhost:8080', 'localhost:19120'],
  storage: ['localhost:9000', 'localhost:4566'],
  registry: ['localhost:8081'],
}

/** A listener on this computer answers within a few ms; more is a firewall that drops. */
const LIMIT_MS = 1_500

export interface Discovered {
  readonly found: readonly FoundAddress[]
  /** Null where no Docker answers. */
  readonly containers: readonly ContainerView[] | null
}

/**
 * Tries the usual addresses, those of the settings and the ports that containers publish, all side by side. Reads only;
 * sends no secret.
 */
export async function discover(
  settings: MainSettings,
  sockets: readonly string[],
  signal: AbortSignal,
): Promise<Discovered> {
  const published = await containers(sockets, signal)
  const wanted: [ServiceId, string][] = []
  const add = (service: ServiceId, address: string | null): void => {
    if (address !== null && !wanted.some(([, known]) => known === address)) wanted.push([service, address])
  }
  for (const broker of settings.kafka.brokers) add('kafka', broker)
  for (const one of USUAL.kafka) add('kafka', one)
  if (settings.catalog.type === 'rest') add('catalog', hostPort(settings.catalog.uri))
  for (const one of USUAL.catalog) add('catalog', one)
  add('storage', hostPort(settings.s3.endpoint))
  for (const one of USUAL.storage) add('storage', one)
  if (settings.registry.url !== null) add('registry', hostPort(settings.registry.url))
  for (const one of USUAL.registry) add('registry', one)
  for (const [service, address] of publishedServices(published ?? [])) add(service, address)
  const http = createHttp({ connectTimeoutMs: LIMIT_MS, timeoutMs: LIMIT_MS })
  try {
    const found = await Promise.all(
      wanted.map(([service, address]) => identify(service, address, http, signal)),
    )
    const by = new Map(
      published?.flatMap((one) => one.addresses.map((address) => [address, one.name] as const)),
    )
    return {
      found: found.map((one) => ({
        ...one,
        container: by.get(one.address.replace('127.0.0.1', 'localhost')) ?? null,
      })),
      containers: published,
    }
  } finally {
    await http.close()
  }
}

/** What an image is likely to be; what it is, its answers tell. */
const IMAGES: readonly (readonly [ServiceId, RegExp])[] = [
  ['registry', /schema-registry|apicurio|karapace/i],
  ['kafka', /kafka|redpanda/i],
  ['catalog', /iceberg|nessie|polaris|lakekeeper|gravitino/i],
  ['storage', /minio|localstack|s3|ceph|garage|seaweed/i],
]

function publishedServices(published: readonly ContainerView[]): [ServiceId, string][] {
  return published.flatMap(({ image, addresses }) => {
    const service = IMAGES.find(([, pattern]) => pattern.test(image))?.[0]
    return service === undefined ? [] : addresses.map((address): [ServiceId, string] => [service, address])
  })
}

/** The first usual address at which `service` answers, that of the settings' port on this computer before others. */
export async function elsewhere(
  service: ServiceId,
  configured: string,
  signal: AbortSignal,
): Promise<FoundAddress | null> {
  const port = /:(\d+)$/.exec(configured)?.[1]
  const addresses = [...new Set([...(port ? [`localhost:${port}`] : []), ...USUAL[service]])].filter(
    (one) => one !== configured,
  )
  const http = createHttp({ connectTimeoutMs: LIMIT_MS, timeoutMs: LIMIT_MS })
  try {
    const found = await Promise.all(addresses.map((address) => identify(service, address, http, signal)))
    return found.find((one) => one.service === service) ?? null
  } finally {
    await http.close()
  }
}

/** `http://host:9000/x` as `host:9000`; null where it is no address. */
export function hostPort(url: string): string | null {
  if (!URL.canParse(url)) return null
  const { hostname, port, protocol } = new URL(url)
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
}

async function identify(
  service: ServiceId,
  address: string,
  http: Http,
  signal: AbortSignal,
): Promise<FoundAddress> {
  const started = performance.now()
  const found = await (service === 'kafka' ? askKafka(address) : askHttp(service, address, http, signal))
  return { address, ...found, ms: Math.round(performance.now() - started), container: null }
}

type Answer = Pick<FoundAddress, 'service' | 'text'>
const nothing = (text: string): Answer => ({ service: null, text })

/** ApiVersions v0, which every broker answers before any login: whatever sends the correlation id back is Kafka. */
async function askKafka(address: string): Promise<Answer> {
  const correlation = 0x7461726e
  const request = Buffer.alloc(14)
  request.writeInt32BE(10, 0)
  request.writeInt16BE(18, 4)
  request.writeInt16BE(0, 6)
  request.writeInt32BE(correlation, 8)
  request.writeInt16BE(-1, 12)
  try {
    const answer = await exchange(address, request)
    const ours = answer.length >= 8 && answer.readInt32BE(4) === correlation
    return ours ? { service: 'kafka', text: 'Kafka' } : nothing('something else than Kafka')
  } catch (error) {
    return nothing(reasonOf(error))
  }
}

/** Sends `bytes` and takes the first that come back; without `bytes` only connects. */
export async function exchange(address: string, bytes: Uint8Array | null): Promise<Buffer> {
  const { hostname, port } = new URL(`tcp://${address}`)
  // Resolved first, so that an unknown name is told from a silent port.
  await lookup(hostname.replace(/^\[|\]$/g, ''))
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port),
      timeout: LIMIT_MS,
    })
    const end = (settle: () => void): void => {
      socket.destroy()
      settle()
    }
    socket.once('connect', () => (bytes === null ? end(() => resolve(Buffer.alloc(0))) : socket.write(bytes)))
    socket.once('data', (data) => end(() => resolve(data)))
    socket.once('timeout', () =>
      end(() => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))),
    )
    socket.once('end', () => end(() => resolve(Buffer.alloc(0))))
    socket.once('error', (error) => end(() => reject(error)))
  })
}

/** Why a connection failed, in two or three words. */
export function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  const inner = error instanceof AggregateError ? (error.errors[0] as { code?: unknown }).code : code
  switch (inner) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'DNS':
      return 'no such name'
    case 'ECONNREFUSED':
    case 'REFUSED':
      return 'refused'
    case 'ETIMEDOUT':
    case 'TIMEOUT':
      return 'no answer'
    case 'TLS':
      return 'TLS refused'
    default:
      return 'no answer of use'
  }
}

const PATHS = { catalog: '/v1/config', storage: '/', registry: '/subjects' } as const

async function askHttp(
  service: keyof typeof PATHS,
  address: string,
  http: Http,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await http.fetch(`http://${address}${PATHS[service]}`, {
      method: 'GET',
      headers: { accept: 'application/json, application/xml' },
      signal,
    })
    const type = response.headers.get('content-type') ?? ''
    const server = response.headers.get('server') ?? ''
    const text = (await limitedText(response)).slice(0, 4096)
    if (service === 'catalog') {
      if (/json/.test(type) && (response.ok ? /"defaults"|"overrides"/.test(text) : /"error"/.test(text)))
        return { service, text: response.ok ? 'Iceberg REST' : `Iceberg REST, answers ${response.status}` }
      return nothing(/html/.test(type) ? 'HTML, no catalog' : `answers ${response.status}, no catalog`)
    }
    if (service === 'storage') {
      if (/minio/i.test(server)) return { service, text: 'MinIO, S3' }
      if (/<Error>|<ListAllMyBucketsResult/.test(text)) return { service, text: server || 'S3' }
      return nothing(`answers ${response.status}, no S3`)
    }
    if (response.ok && text.trimStart().startsWith('[')) return { service, text: 'Schema registry' }
    return nothing(`answers ${response.status}, no registry`)
  } catch (error) {
    return nothing(reasonOf(error))
  }
}

/** At most 64 KiB of a body; what follows is left. */
async function limitedText(response: Response): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader()
  if (!reader) return ''
  const parts: Uint8Array[] = []
  let held = 0
  while (held < 65_536) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    held += value.length
  }
  await reader.cancel().catch(() => {})
  return Buffer.concat(parts).toString('utf8')
}
