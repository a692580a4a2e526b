import type { MiddlewareHandler } from 'hono'

export interface GuardOptions {
  /** `host` or `host:port` that requests may name, exactly. */
  readonly hosts: readonly string[]
  /** Origins that pages of ours have, exactly. */
  readonly origins: readonly string[]
}

const SAFE = new Set(['GET', 'HEAD'])
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE'])
/** No form can send these, and no other site's script without being asked for. */
const BODIES = new Set(['application/json', 'application/octet-stream'])

/**
 * Lets through only what a page of ours sends (security.md 17, 19). The name in `Host` must be ours, or a page of
 * another site could reach the handler by rebinding its own name to this machine; what changes something must come with our
 * `Origin` and as JSON or bytes, which no form can send. A refusal has no body.
 */
export function guard(options: GuardOptions): MiddlewareHandler {
  const hosts = new Set(options.hosts)
  const origins = new Set(options.origins)
  return async (context, next) => {
    const { req } = context
    const host = req.header('host') ?? new URL(req.url).host
    const origin = req.header('origin')
    const site = req.header('sec-fetch-site')
    const safe = SAFE.has(req.method)
    if (!METHODS.has(req.method)) return context.body(null, 405)
    if (!hosts.has(host)) return context.body(null, 403)
    if (origin === undefined ? !safe : !origins.has(origin)) return context.body(null, 403)
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return context.body(null, 403)
    const type = req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
    if (!safe && !BODIES.has(type)) return context.body(null, 415)
    await next()
  }
}

/**
 * The policy of every answer, worker scripts included: a page's policy does not bind its workers. `nonce` is for the
 * style elements that CodeMirror and Plot put in.
 */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "connect-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Headers of every answer; a route's own `Cache-Control` stays. */
export function securityHeaders(nonce: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(nonce),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), usb=(), serial=(), hid=(), payment=()',
  }
}
