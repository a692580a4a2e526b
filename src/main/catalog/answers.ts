/** What a catalog's refusals mean: HTTP answers as `LakeError` with the cause that the evidence names and the remedy. */

import { type ErrorCode, type ErrorContext, LakeError, type Outcome } from '../../shared/errors.ts'
import { shownUrl } from '../base/http-errors.ts'
import { isRecord, member } from '../iceberg/fields.ts'
import { parseJson } from '../iceberg/json.ts'

/** `read` changes nothing; `change` creates, drops or renames; `commit` is a commit to one table or several. */
export type CallKind = 'read' | 'change' | 'commit'

export interface Call {
  readonly kind: CallKind
  /** What was asked for, for titles: `load table health_db.raw`. */
  readonly what: string
  readonly method: string
  readonly url: string
  /** How the request was signed in. */
  readonly auth: 'none' | 'token' | 'client'
}

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly location: string | null
  /** Seconds or a date, as sent. */
  readonly retryAfter: string | null
}

interface Refusal {
  readonly type: string
  readonly message: string
}

/** The error object of the REST specification, or OAuth's; null for anything else (a proxy, another service). */
function refusalOf(answer: Answer): Refusal | null {
  let parsed: unknown
  try {
    parsed = parseJson(answer.body)
  } catch {
    return null
  }
  if (!isRecord(parsed)) return null
  const error = member(parsed, 'error')
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  if (isRecord(error)) return { type: text(member(error, 'type')), message: text(member(error, 'message')) }
  if (typeof error === 'string')
    return { type: error, message: text(member(parsed, 'error_description')) || error }
  return null
}

/** The error document of S3. */
const isS3 = (answer: Answer): boolean => /<Error>\s*<Code>/.test(answer.body)

/** What answered instead of a catalog, from what it said. */
const stranger = (answer: Answer) => (isS3(answer) ? OBJECT_STORAGE : isHtml(answer) ? WEB_PAGE : WRONG_PATH)

const isHtml = (answer: Answer): boolean =>
  answer.contentType.includes('html') || /^\s*<(!doctype|html)/i.test(answer.body)

interface Verdict {
  readonly code: ErrorCode
  readonly outcome: Outcome
  readonly title: string
  readonly likely?: string
  readonly remedy?: string
}

/** The error for an answer that is no success. */
export function refusalError(answer: Answer, call: Call): LakeError {
  const refusal = refusalOf(answer)
  const verdict = judge(answer, refusal, call)
  const said = refusal === null || refusal.message === '' ? '' : `: ${firstLine(refusal.message)}`
  const context: Record<string, string | number> = {
    url: shownUrl(call.url),
    method: call.method,
    status: answer.status,
  }
  if (refusal !== null && refusal.type !== '') context.type = refusal.type
  const seconds = Number(answer.retryAfter ?? Number.NaN)
  if (seconds > 0) context.retryAfterMs = seconds * 1000
  return build(verdict, `${verdict.title}${said}`, context)
}

/** The error for an answer whose status is a success and whose body is not what the specification says. */
export function badAnswer(answer: Answer, call: Call, why: string): LakeError {
  const unknown: Outcome = call.kind === 'read' ? 'reject' : 'unknown'
  const verdict: Verdict = {
    code: call.kind === 'commit' ? 'COMMIT_UNKNOWN' : 'BAD_RESPONSE',
    outcome: unknown,
    title: `The answer to "${call.what}" is not that of an Iceberg REST catalog: ${why}`,
    ...(isHtml(answer) ? WEB_PAGE : {}),
  }
  return build(verdict, verdict.title, {
    url: shownUrl(call.url),
    method: call.method,
    status: answer.status,
  })
}

function build(verdict: Verdict, message: string, context: ErrorContext): LakeError {
  return new LakeError(verdict.code, message, {
    outcome: verdict.outcome,
    context,
    ...(verdict.likely === undefined ? {} : { likely: verdict.likely }),
    ...(verdict.remedy === undefined ? {} : { remedy: verdict.remedy }),
  })
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 500)

const WEB_PAGE = {
  likely: 'A web page answered: the address is that of a user interface, a login page or a proxy.',
  remedy: 'Set ICEBERG_CATALOG_URI to the address of the REST API; its path /v1/config must answer JSON.',
} as const

const OBJECT_STORAGE = {
  likely: 'An object storage (S3 or MinIO) answered: its address was given for that of the catalog.',
  remedy: 'Set ICEBERG_CATALOG_URI to the address of the REST catalog, for example http://localhost:8181.',
} as const

const WRONG_PATH = {
  likely: 'The server has no such route: the base path of the address is wrong.',
  remedy:
    'Set ICEBERG_CATALOG_URI to the base address of the REST API, without /v1, for example http://localhost:8181 ' +
    'or https://host/api/catalog.',
} as const

function judge(answer: Answer, refusal: Refusal | null, call: Call): Verdict {
  const { status } = answer
  const failed = `The catalog refused to ${call.what} (${status})`
  if (status >= 300 && status < 400) {
    return {
      code: 'BAD_RESPONSE',
      outcome: 'reject',
      title: `The catalog's address redirects elsewhere (${status})`,
      likely:
        answer.location === null
          ? 'The address is not that of the API.'
          : `The server points to ${shownUrl(answer.location)}.`,
      remedy:
        'Set ICEBERG_CATALOG_URI to the final address. Redirects are not followed, so that no credential leaves with them.',
    }
  }
  // a storage refuses strangers with 403: that is no login of a catalog
  if (refusal === null && isS3(answer)) {
    return { code: 'BAD_RESPONSE', outcome: 'reject', title: failed, ...OBJECT_STORAGE }
  }
  switch (status) {
    case 400:
      return refusal === null
        ? {
            code: 'BAD_RESPONSE',
            outcome: 'reject',
            title: failed,
            ...stranger(answer),
          }
        : badRequest(refusal, failed)
    case 401:
    case 419:
      return unauthorized(status, call)
    case 403:
      return {
        code: 'FORBIDDEN',
        outcome: 'reject',
        title: failed,
        likely:
          call.auth === 'none'
            ? 'The catalog needs a login and none is set.'
            : 'The login is known and lacks the right to do this.',
        remedy:
          call.auth === 'none'
            ? SET_LOGIN
            : 'Ask the administrator of the catalog for that right, or use another login.',
      }
    case 404:
      return notFound(answer, refusal, call, failed)
    case 405:
      return {
        code: 'UNSUPPORTED',
        outcome: 'reject',
        title: failed,
        ...(refusal === null ? WRONG_PATH : {}),
      }
    case 406:
      return { code: 'UNSUPPORTED', outcome: 'reject', title: `The catalog does not offer to ${call.what}` }
    case 409:
      return conflict(refusal, call, failed)
    case 413:
    case 422:
      return { code: 'INVALID', outcome: 'reject', title: failed }
    case 423:
      return {
        code: 'LOCKED',
        outcome: 'reject',
        title: failed,
        likely: 'Another instance of Tarn has opened this warehouse.',
        remedy: 'Close the other instance, or use that one.',
      }
    case 429:
      return {
        code: 'THROTTLED',
        outcome: 'retry',
        title: failed,
        likely: 'The catalog limits the rate of requests.',
      }
    default:
      return status >= 500
        ? serverError(refusal, call, status)
        : { code: 'BAD_RESPONSE', outcome: 'reject', title: failed }
  }
}

const SET_LOGIN =
  'Set ICEBERG_CATALOG_TOKEN (a bearer token) or ICEBERG_CATALOG_CREDENTIAL (an OAuth2 client, id:secret).'

function badRequest(refusal: Refusal, title: string): Verdict {
  if (/warehouse/i.test(refusal.type) || /warehouse.*(not|does not|unknown)/i.test(refusal.message)) {
    return {
      code: 'NOT_FOUND',
      outcome: 'reject',
      title,
      likely: 'The catalog has no warehouse of this name.',
      remedy: 'Set ICEBERG_WAREHOUSE to a warehouse that the catalog knows.',
    }
  }
  if (/no route/i.test(refusal.message)) return { code: 'NOT_FOUND', outcome: 'reject', title, ...WRONG_PATH }
  return { code: 'INVALID', outcome: 'reject', title }
}

function unauthorized(status: number, call: Call): Verdict {
  const login = {
    none: 'The catalog needs a login and none is set.',
    token: 'The token has expired, or is not one of this catalog.',
    client: 'The OAuth2 client is unknown to the catalog, or its secret is wrong.',
  }[call.auth]
  return {
    code: 'UNAUTHORIZED',
    outcome: 'reject',
    title: `The catalog did not accept the login (${status})`,
    likely: login,
    remedy: call.auth === 'none' ? SET_LOGIN : 'Renew the token or correct the client, then repeat.',
  }
}

function notFound(answer: Answer, refusal: Refusal | null, call: Call, title: string): Verdict {
  const text = refusal === null ? '' : `${refusal.type} ${refusal.message}`
  if (/NoSuchNamespace|namespace does not exist/i.test(text)) {
    return {
      code: 'NO_NAMESPACE',
      outcome: 'reject',
      title: `No such namespace (to ${call.what})`,
      remedy: 'Run the set-up (tarn check): it creates what is missing. Or correct ICEBERG_DATABASE.',
    }
  }
  if (/NoSuchTable|table does not exist/i.test(text)) {
    return {
      code: 'NO_TABLE',
      outcome: 'reject',
      title: `No such table (to ${call.what})`,
      remedy: 'Run the set-up (tarn check): it creates what is missing. Or correct the names of the tables.',
    }
  }
  if (/warehouse/i.test(text)) return badRequest({ type: 'warehouse', message: '' }, title)
  return {
    code: 'NOT_FOUND',
    outcome: 'reject',
    title,
    ...(refusal === null ? stranger(answer) : WRONG_PATH),
  }
}

function conflict(refusal: Refusal | null, call: Call, title: string): Verdict {
  if (call.kind === 'commit') {
    return {
      code: 'CONFLICT',
      outcome: 'retry',
      title: `The table was changed by another writer (to ${call.what})`,
    }
  }
  if (refusal !== null && /NotEmpty|not empty/i.test(`${refusal.type} ${refusal.message}`)) {
    return { code: 'CONFLICT', outcome: 'reject', title: `Not empty (to ${call.what})` }
  }
  return { code: 'ALREADY_EXISTS', outcome: 'reject', title }
}

function serverError(refusal: Refusal | null, call: Call, status: number): Verdict {
  const text = refusal === null ? '' : `${refusal.type} ${refusal.message}`
  const evidence = explainServer(text)
  if (call.kind === 'commit') {
    return {
      code: 'COMMIT_UNKNOWN',
      outcome: 'unknown',
      title: `The catalog failed (${status}) while it was asked to ${call.what}; the commit may have happened`,
      likely: evidence?.likely ?? 'The catalog or a proxy before it failed in the middle of the commit.',
      remedy:
        evidence?.remedy ??
        'Nothing is deleted. The table is looked at before anything is repeated; see the log of the catalog.',
    }
  }
  const title = `The catalog failed (${status}) when asked to ${call.what}`
  if (evidence !== null)
    return { code: evidence.code, outcome: 'reject', title, likely: evidence.likely, remedy: evidence.remedy }
  const unavailable = status === 502 || status === 503 || status === 504
  return {
    code: 'SERVER',
    outcome: call.kind === 'read' ? 'retry' : 'unknown',
    title,
    likely: unavailable
      ? 'The catalog is starting, overloaded or down behind its proxy.'
      : 'A fault inside the catalog.',
    remedy: unavailable ? 'Wait and repeat.' : 'See the log of the catalog.',
  }
}

/** Catalogs pass on what their storage told them: the words of it name the cause. */
function explainServer(text: string): { code: ErrorCode; likely: string; remedy: string } | null {
  if (/NoSuchBucket|bucket does not exist/i.test(text)) {
    return {
      code: 'NO_BUCKET',
      likely: 'The bucket of the warehouse does not exist.',
      remedy:
        'Run the set-up (tarn check), which creates the bucket S3_BUCKET; check that the warehouse of the catalog is in it.',
    }
  }
  if (/InvalidAccessKeyId|SignatureDoesNotMatch|Access ?Denied|Status Code: 403/i.test(text)) {
    return {
      code: 'FORBIDDEN',
      likely: 'The object storage refuses the keys that the catalog itself uses.',
      remedy: 'Correct the storage keys in the configuration of the catalog server.',
    }
  }
  if (/UnknownHost|Connection refused|Unable to execute HTTP request/i.test(text)) {
    return {
      code: 'SERVER',
      likely: 'The catalog cannot reach its object storage or database.',
      remedy: 'Start the storage, or correct its address in the configuration of the catalog server.',
    }
  }
  return null
}
