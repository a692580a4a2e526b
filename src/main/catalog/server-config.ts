import { array, type JsonRecord, member, optional, string, strings } from '../iceberg/fields.ts'
import { lifetimeMs } from './idempotency.ts'
import { UNIT_SEPARATOR } from './names.ts'
import { trustedConfig } from './trust.ts'

/** What /v1/config said, as far as it is heeded. */
export interface ServerConfig {
  /** With slashes on both sides: `/v1/` or `/v1/PREFIX/`. */
  readonly root: string
  readonly separator: string
  /** Null where the server lists none: the specification's default set. */
  readonly endpoints: ReadonlySet<string> | null
  /** Milliseconds a key may be repeated; null where keys are not offered. */
  readonly idempotencyMs: number | null
  readonly shown: Readonly<Record<string, string>>
}

/** Defaults, then what is set here, then overrides (REST specification, getConfig); only the result's harmless part. */
export function serverConfig(raw: JsonRecord, warehouse: string | undefined): ServerConfig {
  const merged: Readonly<Record<string, string>> = {
    ...optional(raw, 'defaults', strings, {}),
    ...(warehouse === undefined ? {} : { warehouse }),
    ...optional(raw, 'overrides', strings, {}),
  }
  const prefix = merged.prefix ?? ''
  const segments = prefix
    .split('/')
    .filter((segment) => segment !== '')
    .map(encodeSegment)
  const listed = member(raw, 'endpoints') === undefined ? null : array(raw, 'endpoints')
  const lifetime = optional(raw, 'idempotency-key-lifetime', string, null)
  return {
    root: `/${['v1', ...segments].join('/')}/`,
    separator: separatorOf(merged['namespace-separator']),
    endpoints: listed === null ? null : new Set(listed.map(String)),
    idempotencyMs: lifetime === null ? null : lifetimeMs(lifetime),
    shown: trustedConfig(merged),
  }
}

/** A prefix may come encoded already. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(decoded(segment))
}

function separatorOf(encoded: string | undefined): string {
  return encoded === undefined || encoded === '' ? UNIT_SEPARATOR : decoded(encoded)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
