import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may use the headless host: whoever opened the printed URL first, and programs that can read the token file. */
export interface Session {
  /** In the printed URL; lets in once. */
  readonly once: string
  /** In the token file, for `Authorization: Bearer`. */
  readonly bearer: string
  /**
   * An answer to send at once (the entry with its cookie, or a refusal), or null to go on. Cookies do not know ports, so the
   * cookie's name holds it.
   */
  check(request: Request): Response | null
}

const random = () => randomBytes(32).toString('base64url')

export function createSession(port: number): Session {
  const once = random()
  const bearer = random()
  const cookie = random()
  const name = `tarn-${port}`
  let used = false
  return {
    once,
    bearer,
    check(request) {
      const url = new URL(request.url)
      const given = url.searchParams.get('token')
      if (given !== null && url.pathname === '/' && request.method === 'GET') {
        if (used || !same(given, once)) return refusal()
        used = true
        return new Response(null, {
          status: 303,
          headers: {
            // Away from the URL with the token, which so leaves neither referrer nor history.
            Location: '/',
            'Set-Cookie': `${name}=${cookie}; HttpOnly; SameSite=Strict; Path=/`,
            'Cache-Control': 'no-store',
            'Referrer-Policy': 'no-referrer',
          },
        })
      }
      const authorization = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
      if (authorization !== undefined) return same(authorization, bearer) ? null : refusal()
      return cookies(request, name).some((value) => same(value, cookie)) ? null : refusal()
    },
  }
}

const refusal = () =>
  new Response('Open the address that `tarn serve` printed. It lets in once; start again for a new one.\n', {
    status: 401,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  })

function cookies(request: Request, name: string): string[] {
  const header = request.headers.get('cookie') ?? ''
  return header.split(';').flatMap((part) => {
    const at = part.indexOf('=')
    return part.slice(0, at).trim() === name ? [part.slice(at + 1).trim()] : []
  })
}

/** Equal, in a time that tells nothing of where they differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
