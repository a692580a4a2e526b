import { type ErrorCode, LakeError, type Outcome } from '../../shared/errors.ts'
import { cancelled } from './cancel.ts'

export interface Exchange {
  readonly url: string
  readonly method: string
  readonly signal?: AbortSignal | undefined
  readonly options?: { readonly connectTimeoutMs: number; readonly timeoutMs: number }
}

interface Explanation {
  readonly code: ErrorCode
  readonly title: string
  /** Whether the request may have reached the server. */
  readonly sent: boolean
  readonly final?: boolean
  readonly likely?: string
  readonly remedy?: string
}

/** Address without credentials and query, safe to show. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return url.split('?')[0] ?? ''
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** What undici threw, as a LakeError with the cause that its evidence names. */
export function transportError(error: unknown, exchange: Exchange): LakeError {
  if (error instanceof LakeError) return error
  const reads = exchange.method === 'GET' || exchange.method === 'HEAD'
  if (exchange.signal?.aborted) return cancelled(exchange.signal, reads ? 'reject' : 'unknown')
  const root = rootOf(error)
  const explanation = explain(root, exchange)
  const outcome: Outcome = explanation.sent && !reads ? 'unknown' : explanation.final ? 'reject' : 'retry'
  return new LakeError(explanation.code, explanation.title, {
    outcome,
    context: {
      url: shownUrl(exchange.url),
      method: exchange.method,
      reason: root.code === 'UNKNOWN' ? root.message : root.code,
    },
    cause: error,
    ...(explanation.likely === undefined ? {} : { likely: explanation.likely }),
    ...(explanation.remedy === undefined ? {} : { remedy: explanation.remedy }),
  })
}

interface Root {
  readonly code: string
  readonly message: string
}

/** The innermost error that has a code: fetch wraps it, and several addresses make an AggregateError. */
function rootOf(error: unknown): Root {
  let found: Root = { code: 'UNKNOWN', message: error instanceof Error ? error.message : String(error) }
  let current: unknown = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    const code: unknown = Reflect.get(current, 'code')
    // undici gives these no code
    if (current.name === 'HTTPParserError') found = { code: 'HTTP_PARSER', message: current.message }
    else if (typeof code === 'string') found = { code, message: current.message }
    else if (found.code === 'UNKNOWN') found = { code: 'UNKNOWN', message: current.message }
    current =
      current instanceof AggregateError && current.cause === undefined ? current.errors[0] : current.cause
  }
  return found
}

function explain(root: Root, exchange: Exchange): Explanation {
  const host = URL.canParse(exchange.url) ? new URL(exchange.url).host : exchange.url
  const name = URL.canParse(exchange.url) ? new URL(exchange.url).hostname : exchange.url
  const seconds = (ms: number | undefined) => (ms === undefined ? '' : ` within ${ms / 1000} s`)
  switch (root.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return {
        code: 'DNS',
        title: `The host name ${name} cannot be resolved`,
        sent: false,
        likely:
          root.code === 'EAI_AGAIN'
            ? 'The name server does not answer: no network, or no VPN.'
            : `This machine knows no host ${name}.`,
        remedy: 'Correct the host name in the address, or connect to the network where it is known.',
      }
    case 'ECONNREFUSED':
      return {
        code: 'REFUSED',
        title: `${host} refused the connection`,
        sent: false,
        likely: `Nothing listens at ${host}.`,
        remedy: 'Start the service, or correct host and port of its address.',
      }
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return {
        code: 'TIMEOUT',
        title: `${host} could not be reached${seconds(exchange.options?.connectTimeoutMs)}`,
        sent: false,
        likely: 'The host is down, in another network, or behind a firewall.',
        remedy: 'Check the address, the network and the firewall.',
      }
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return {
        code: 'TIMEOUT',
        title: `${host} did not answer${seconds(exchange.options?.timeoutMs)}`,
        sent: true,
        likely: 'The service accepted the connection and is overloaded or hangs.',
        remedy: 'Look at the load and the log of the service.',
      }
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'ECONNABORTED':
      return {
        code: 'NETWORK',
        title: `The connection to ${host} was cut`,
        sent: true,
        likely:
          'The service ended or restarted meanwhile, or it speaks another protocol than HTTP, as a Kafka broker does.',
        remedy: 'See whether it runs and whether the address is that of its HTTP API; then repeat.',
      }
    default:
      return explainTls(root, host) ?? explainProtocol(root, host)
  }
}

function explainTls({ code, message }: Root, host: string): Explanation | null {
  const tls = { code: 'TLS', sent: false, final: true } as const
  const untrusted = `The certificate of ${host} is not trusted`
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return {
        ...tls,
        title: untrusted,
        likely: 'It is signed by itself or by an authority that this machine does not know.',
        remedy:
          'Name the PEM file of that authority as CA file in NODE_EXTRA_CA_CERTS, then start Tarn again.',
      }
    case 'CERT_HAS_EXPIRED':
      return {
        ...tls,
        title: `The certificate of ${host} has expired`,
        remedy: 'Renew the certificate of the service.',
      }
    case 'CERT_NOT_YET_VALID':
      return {
        ...tls,
        title: `The certificate of ${host} is not valid yet`,
        likely:
          'By the clock of this machine it begins later: that clock is behind, or the certificate is for later.',
        remedy: 'Compare the clock with the real time first; if it is right, renew the certificate.',
      }
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        ...tls,
        title: `The certificate of ${host} is for another name`,
        likely: 'The address uses another name than the certificate.',
        remedy: 'Use a name that the certificate lists.',
      }
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'EPROTO':
      return {
        ...tls,
        title: `${host} does not speak TLS`,
        likely: 'The service speaks plain HTTP.',
        remedy: 'Write http:// instead of https:// if that is intended.',
      }
    default:
      return /^ERR_(SSL|TLS)_|^CERT_|^UNABLE_TO_/.test(code)
        ? { ...tls, title: `TLS with ${host} failed: ${message}` }
        : null
  }
}

function explainProtocol({ code, message }: Root, host: string): Explanation {
  if (code === 'HTTP_PARSER') {
    return {
      code: 'BAD_RESPONSE',
      title: `${host} does not answer in HTTP`,
      sent: true,
      final: true,
      likely: 'Another protocol is spoken at this port, or TLS where http:// was written.',
      remedy: 'Correct the port or the scheme of the address.',
    }
  }
  // the fetch standard closes ports of other protocols to every client; undici gives this no code
  if (message === 'bad port') {
    return {
      code: 'SETTING',
      title: `Port ${host.replace(/^.*:/, '')} is closed to every HTTP client`,
      sent: false,
      final: true,
      likely: 'The port belongs to another protocol, and the fetch standard lists it as a bad port.',
      remedy: 'Let the service listen on another port, and correct the address.',
    }
  }
  return { code: 'NETWORK', title: `The exchange with ${host} failed: ${message}`, sent: true }
}
