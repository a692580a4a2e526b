/** How requests to a catalog sign in: not at all, by a fixed bearer token, or by an OAuth2 client that renews its token. */

import { LakeError } from '../../shared/errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Fetch } from '../base/http.ts'
import { readText } from '../base/http-body.ts'
import { Secret } from '../base/secret.ts'
import { isRecord, member } from '../iceberg/fields.ts'
import { parseJson } from '../iceberg/json.ts'
import { badAnswer, type Call, refusalError } from './answers.ts'

export interface Auth {
  readonly kind: Call['auth']
  /** The bearer token of the next request; null for none. */
  token(signal?: AbortSignal): Promise<Secret | null>
  /** Told that `token` was refused. True where another attempt may carry a new one. */
  renew(token: Secret | null): boolean
}

export const anonymous: Auth = { kind: 'none', token: async () => null, renew: () => false }

export function bearer(token: Secret): Auth {
  return { kind: 'token', token: async () => token, renew: () => false }
}

export interface ClientCredentials {
  readonly fetch: Fetch
  readonly tokenUrl: string
  /** `id:secret`, or the secret alone. */
  readonly credential: Secret
  readonly clock: Clock
}

const MAX_ANSWER_BYTES = 1024 * 1024
/** A token is renewed this long before it expires. */
const EARLY_MS = 60_000
/** The specification's default, then what Polaris asks for. */
const SCOPES = ['catalog', 'PRINCIPAL_ROLE:ALL'] as const

/** OAuth2 client credentials (RFC 6749, section 4.4). Requests made at once share one token request. */
export function clientCredentials(options: ClientCredentials): Auth {
  let current: { token: Secret; until: number } | null = null
  let pending: Promise<Secret> | null = null

  async function request(signal?: AbortSignal): Promise<Secret> {
    let refused: unknown
    for (const scope of SCOPES) {
      try {
        const { token, seconds } = await requestToken(options, scope, signal)
        const life = seconds === null ? Number.POSITIVE_INFINITY : seconds * 1000
        current = { token, until: options.clock() + Math.max(life - EARLY_MS, life / 2) }
        return token
      } catch (error) {
        if (!(error instanceof LakeError) || error.context.type !== 'invalid_scope') throw error
        refused = error
      }
    }
    throw refused
  }

  return {
    kind: 'client',
    async token(signal) {
      if (current !== null && options.clock() < current.until) return current.token
      pending ??= request(signal).finally(() => {
        pending = null
      })
      return pending
    },
    renew(token) {
      if (current !== null && current.token === token) current = null
      return true
    },
  }
}

async function requestToken(
  { fetch, tokenUrl, credential }: ClientCredentials,
  scope: string,
  signal?: AbortSignal,
): Promise<{ token: Secret; seconds: number | null }> {
  const whole = credential.reveal()
  const colon = whole.indexOf(':')
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope })
  if (colon > 0) form.set('client_id', whole.slice(0, colon))
  form.set('client_secret', whole.slice(colon + 1))
  const call: Call = { kind: 'read', what: 'give a token', method: 'POST', url: tokenUrl, auth: 'client' }
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
    ...(signal === undefined ? {} : { signal }),
  })
  const answer = {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    location: response.headers.get('location'),
    retryAfter: response.headers.get('retry-after'),
    body: await readText(response, { maxBytes: MAX_ANSWER_BYTES, signal }),
  }
  if (response.status !== 200) throw refusalError(loginRefused(answer), call)
  let parsed: unknown
  try {
    parsed = parseJson(answer.body)
  } catch {
    throw badAnswer(answer, call, 'it is not JSON')
  }
  const token = isRecord(parsed) ? member(parsed, 'access_token') : undefined
  if (typeof token !== 'string' || token === '') throw badAnswer(answer, call, 'it holds no access_token')
  const seconds = isRecord(parsed) ? member(parsed, 'expires_in') : undefined
  return { token: new Secret(token), seconds: typeof seconds === 'number' && seconds > 0 ? seconds : null }
}

/** OAuth2 says 400 for a wrong client too: told apart by its error word. */
function loginRefused<A extends { readonly status: number; readonly body: string }>(answer: A): A {
  return answer.status === 400 && /invalid_client|unauthorized_client|invalid_grant/.test(answer.body)
    ? { ...answer, status: 401 }
    : answer
}
