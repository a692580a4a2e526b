import { readFileSync } from 'node:fs'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { Agent, fetch as undiciFetch } from 'undici'
import { LakeError } from '../../shared/errors.ts'
import { throwIfCancelled } from './cancel.ts'
import { shownUrl, transportError } from './http-errors.ts'

export interface FetchInit {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  readonly signal?: AbortSignal
}

/**
 * One HTTP exchange. Any status is an answer, redirects too: none is followed. Failures of the transport are LakeError
 * DNS, REFUSED, TIMEOUT, TLS, NETWORK, BAD_RESPONSE (not HTTP) or CANCELLED; outcome `retry` where the request
 * surely had no effect or reads only, else `unknown`; SETTING for an address that is none or holds credentials. The body must be read or cancelled: see `readBody`.
 */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>

export interface HttpOptions {
  /** Limit for name, connection and TLS together. */
  readonly connectTimeoutMs: number
  /** Limit of each silence of the server: until its headers, and between parts of a body. */
  readonly timeoutMs: number
  /** PEM file of certificates trusted besides the well-known ones. */
  readonly caFile?: string | undefined
  /** Connections per origin at most. */
  readonly connections?: number
  /** Resolves host names instead of the machine. */
  readonly lookup?: LookupFunction
}

export interface Http {
  readonly fetch: Fetch
  /** Ends connections; running exchanges fail. */
  close(): Promise<void>
}

/** The one HTTP client. Certificates are always verified. SETTING where `caFile` cannot be read. */
export function createHttp(options: HttpOptions): Http {
  const ca =
    options.caFile === undefined ? undefined : [...rootCertificates, readCertificates(options.caFile)]
  const agent = new Agent({
    connections: options.connections ?? 64,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    allowH2: false,
    connect: {
      timeout: options.connectTimeoutMs,
      ...(ca === undefined ? {} : { ca }),
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    },
  })

  async function fetch(url: string, init: FetchInit): Promise<Response> {
    throwIfCancelled(init.signal)
    checkAddress(url)
    try {
      const response = await undiciFetch(url, {
        method: init.method,
        headers: init.headers,
        redirect: 'manual',
        dispatcher: agent,
        ...(init.body === undefined ? {} : { body: init.body }),
        ...(init.signal === undefined ? {} : { signal: init.signal }),
      })
      // undici declares its own Response; it is the class that Node exposes, of another version
      return response as unknown as Response
    } catch (error) {
      throw transportError(error, { url, method: init.method, signal: init.signal, options })
    }
  }

  return { fetch, close: () => agent.destroy() }
}

function checkAddress(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null
  const why =
    parsed === null || !/^https?:$/.test(parsed.protocol)
      ? 'is no http:// or https:// address'
      : parsed.username !== '' || parsed.password !== ''
        ? 'holds credentials, which have settings of their own'
        : null
  if (why !== null)
    throw new LakeError('SETTING', `${shownUrl(url)} ${why}`, { context: { url: shownUrl(url) } })
}

function readCertificates(path: string): string {
  const remedy = 'Choose a PEM file that holds the certificate of the authority.'
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new LakeError('SETTING', `The certificate file ${path} cannot be read`, {
      context: { path },
      remedy,
      cause,
    })
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new LakeError('SETTING', `The certificate file ${path} holds no PEM certificate`, {
    context: { path },
    remedy,
  })
}
