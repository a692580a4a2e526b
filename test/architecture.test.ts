import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, join, posix, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

/** A folder imports lower levels only; folders of one level never import each other. */
const LEVELS: Readonly<Record<string, number>> = {
  'src/shared': 0,
  'src/main/base': 1,
  'src/main/storage': 2,
  'src/main/avro': 2,
  'src/main/parquet': 2,
  'src/main/iceberg': 3,
  'src/main/catalog': 4,
  'src/main/source': 4,
  'src/main/decode': 4,
  'src/main/ingest': 5,
  'src/main/replay': 5,
  'src/main/rollup': 5,
  'src/main/maintenance': 5,
  'src/main/app': 6,
  'src/main/hosts': 7,
}

/** The page's folders. `features/*` are apart from each other. */
const PAGE_LEVELS: Readonly<Record<string, number>> = {
  'src/shared': 0,
  'src/renderer/ui': 1,
  'src/renderer/api': 1,
  'src/renderer/query': 1,
  'src/renderer/chart': 2,
  'src/renderer/features': 3,
  'src/renderer': 4,
}
/** The page knows main's routes by their types alone. */
const PAGE_EDGE = { from: 'src/renderer/api/client.ts', to: 'src/main/app/api.ts' }

/** Who may import a heavy package. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  undici: /^src\/main\/base\/http\.ts$/,
  pino: /^src\/main\/base\/log\.ts$/,
  'parquet-wasm': /^src\/main\/parquet\/wasm\.ts$|^src\/renderer\/query\//,
  hyparquet: /^src\/main\/parquet\//,
  'apache-arrow': /^src\/main\/parquet\/|^src\/main\/app\/query\/arrow\.ts$|^src\/renderer\/query\//,
  kafkajs: /^src\/main\/source\/kafka[^/]*\.ts$/,
  avsc: /^src\/main\/avro\/|^src\/main\/decode\/avro\.ts$/,
  hono: /^src\/main\/catalog\/(server|embedded)\.ts$|^src\/main\/(app|hosts)\/|^src\/renderer\/api\/client\.ts$/,
  '@hono': /^src\/main\/(app|hosts)\//,
  '@smithy': /^src\/main\/storage\//,
  '@duckdb/duckdb-wasm': /^src\/renderer\/query\//,
  '@observablehq/plot': /^src\/renderer\/chart\//,
  electron: /^src\/main\/hosts\/electron\//,
  'node:sqlite': /^src\/main\/(catalog|rollup|app)\//,
}

const MAX_LINES = 600
const MAX_COMPONENT_LINES = 300

interface Import {
  readonly from: string
  /** A path from the root, or a package. */
  readonly to: string
  readonly typeOnly: boolean
}

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .map((path) => posix.join('src', path.split(sep).join('/')))
  .filter((path) => /\.tsx?$/.test(path))
const text = new Map(sources.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))

const imports: readonly Import[] = sources.flatMap((from) => {
  const code = text.get(from) ?? ''
  const statements = code.matchAll(
    /^\s*(import|export)\b(\s+type\b)?([^'"`;]*?\bfrom\s*)?\s*['"]([^'"]+)['"]/gm,
  )
  const found = [...statements].map((match) => ({ target: match[4] ?? '', typeOnly: match[2] !== undefined }))
  const dynamic = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map((match) => ({
    target: match[1] ?? '',
    typeOnly: false,
  }))
  return [...found, ...dynamic].map(({ target, typeOnly }) => ({
    from,
    to: target.startsWith('.') ? posix.normalize(posix.join(dirname(from), target)) : target,
    typeOnly,
  }))
})

function folderOf(path: string, levels: Readonly<Record<string, number>>): string | null {
  const folders = Object.keys(levels).filter((folder) => path.startsWith(`${folder}/`))
  return folders.sort((a, b) => b.length - a.length)[0] ?? null
}

const edge = ({ from, to }: Import) => `${from} -> ${to}`
const inside = (edgeOf: Import) => edgeOf.to.startsWith('src/')

describe('direction', () => {
  test('the test sees the imports', () => {
    expect(imports.filter(inside).length).toBeGreaterThan(300)
    expect(imports).toContainEqual({
      from: 'src/main/app/settings/settings.ts',
      to: 'src/main/base/secret.ts',
      typeOnly: false,
    })
  })

  test('every file under src/main has a level', () => {
    expect(sources.filter((path) => path.startsWith('src/main/') && folderOf(path, LEVELS) === null)).toEqual(
      [],
    )
  })

  test('a folder of main imports lower levels only', () => {
    const wrong = imports.filter((one) => {
      if (!one.from.startsWith('src/main/') && !one.from.startsWith('src/shared/')) return false
      if (!inside(one)) return false
      const from = folderOf(one.from, LEVELS)
      const to = folderOf(one.to, LEVELS)
      if (from === to && from !== null) return false
      return from === null || to === null || (LEVELS[to] ?? 9) >= (LEVELS[from] ?? 0)
    })
    expect(wrong.map(edge)).toEqual([])
  })

  test('a folder of the page imports lower levels of the page, and main as types of one file', () => {
    const wrong = imports.filter((one) => {
      if (!one.from.startsWith('src/renderer/') || !inside(one)) return false
      if (one.from === PAGE_EDGE.from && one.to === PAGE_EDGE.to) return !one.typeOnly
      const from = folderOf(one.from, PAGE_LEVELS)
      const to = folderOf(one.to, PAGE_LEVELS)
      if (from === null || to === null) return true
      if (from === to) return from === 'src/renderer/features' && feature(one.from) !== feature(one.to)
      return (PAGE_LEVELS[to] ?? 9) >= (PAGE_LEVELS[from] ?? 0)
    })
    expect(wrong.map(edge)).toEqual([])
  })

  test('a heavy package has one owner', () => {
    // A type weighs nothing at run time.
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      if (typeOnly) return false
      const owner = Object.keys(OWNERS).find((name) => to === name || to.startsWith(`${name}/`))
      return owner !== undefined && !OWNERS[owner]?.test(from)
    })
    expect(wrong.map(edge)).toEqual([])
  })

  test('no file imports itself in a circle', () => {
    const next = new Map<string, string[]>()
    for (const one of imports) {
      if (inside(one) && !one.typeOnly) next.set(one.from, [...(next.get(one.from) ?? []), one.to])
    }
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
        return
      }
      if (done.has(path)) return
      for (const to of next.get(path) ?? []) visit(to, [...trail, path])
      done.add(path)
    }
    for (const path of sources) visit(path, [])
    expect(circles).toEqual([])
  })
})

const feature = (path: string): string => path.split('/')[3] ?? ''

describe('files', () => {
  test('none is over its ceiling', () => {
    const over = sources.flatMap((path) => {
      const lines = (text.get(path) ?? '').trimEnd().split('\n').length
      const most = extname(path) === '.tsx' ? MAX_COMPONENT_LINES : MAX_LINES
      return lines > most ? [`${path}: ${lines} lines, at most ${most}`] : []
    })
    expect(over).toEqual([])
  })

  test('names are lower-case words, and none is a barrel', () => {
    const odd = sources.filter((path) => {
      const name = basename(path)
      return (
        name !== 'App.tsx' && (!/^[a-z0-9]+(-[a-z0-9]+)*\.tsx?$/.test(name) || /^index\.tsx?$/.test(name))
      )
    })
    expect(odd).toEqual([])
  })

  test.each([
    ['default exports', /^export default\b/m],
    ['syntax that Node cannot strip', /^\s*(export\s+)?(const\s+)?(enum|namespace)\s+\w+\s*\{/m],
    ['notes to do something later', /\b(TODO|FIXME|XXX)\b/],
    ['silenced compiler errors', /@ts-(ignore|nocheck|expect-error)/],
    ['certificates left unchecked', /rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/],
    [
      'markup made of data',
      /dangerouslySetInnerHTML|\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write/,
    ],
    ['embedded foreign pages', /<webview|<iframe|allowpopups|webviewTag:\s*true/],
    ['code made of text', /\beval\(|new Function\(/],
    [
      'relative imports without extension',
      /from\s+'\.[^']*(?<!\.(ts|tsx|js|css|json|wasm|svg)(\?[a-z&]+)?)'/,
    ],
  ])('no %s', (_what, pattern) => {
    expect(sources.filter((path) => pattern.test(text.get(path) ?? ''))).toEqual([])
  })
})
