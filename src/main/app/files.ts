import { readFile, realpath } from 'node:fs/promises'
import { extname, resolve, sep } from 'node:path'

/** What the page may load. Anything else in the folder is not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
  '.ico': 'image/x-icon',
}

export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  /** Names with a hash of their content never change. */
  readonly immutable: boolean
}

/**
 * The file of `root` for the path of a URL, as it came over the wire, or null. The path is decoded once; whatever then
 * is not a plain path down from `root`, or leaves it by a link, is null (security.md 4). `dress` is given the page itself.
 */
export async function staticFile(
  root: string,
  pathname: string,
  dress: (html: string) => string,
): Promise<StaticFile | null> {
  const path = plainPath(pathname === '/' ? '/index.html' : pathname)
  if (path === null) return null
  const type = TYPES[extname(path)]
  if (type === undefined) return null
  const base = await realpath(root).catch(() => null)
  if (base === null) return null
  const full = resolve(base, `.${path}`)
  // A link, or another spelling on a file system that ignores case, resolves to another path than the one asked for.
  if (!full.startsWith(base + sep) || (await realpath(full).catch(() => null)) !== full) return null
  const bytes = await readFile(full).catch(() => null)
  if (bytes === null) return null
  if (path !== '/index.html')
    return { bytes: new Uint8Array(bytes), type, immutable: path.startsWith('/assets/') }
  return { bytes: new TextEncoder().encode(dress(bytes.toString('utf8'))), type, immutable: false }
}

/** The page with the nonce where its code finds it for style elements. */
export function withNonce(html: string, nonce: string): string {
  return html.replace('<head>', `<head><meta property="csp-nonce" nonce="${nonce}">`)
}

function plainPath(pathname: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return null
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  if (/[\\:%\u0000-\u001f\u007f]/.test(path) || !path.startsWith('/')) return null
  const segments = path.slice(1).split('/')
  return segments.every((segment) => segment !== '' && !segment.startsWith('.')) ? path : null
}
