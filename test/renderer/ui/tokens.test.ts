import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const RENDERER = resolve(import.meta.dirname, '../../../src/renderer')
const css = readFileSync(join(RENDERER, 'ui/tokens.css'), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')

type Tokens = Readonly<Record<string, string>>

function blockOf(selector: string): Tokens {
  const blocks = css.matchAll(new RegExp(`${selector}\\s*\\{([^}]*)\\}`, 'g'))
  return Object.fromEntries(
    [...blocks].flatMap((block) =>
      [...(block[1] ?? '').matchAll(/--([\w-]+)\s*:\s*([^;]+);?/g)].map((one) => [one[1], one[2]?.trim()]),
    ),
  )
}
const light = blockOf(':root')
const dark: Tokens = { ...light, ...blockOf('\\[data-theme=dark\\]') }
const THEMES = [
  ['light', light],
  ['dark', dark],
] as const

function colour(tokens: Tokens, name: string): readonly number[] {
  const value = tokens[name] ?? ''
  if (!/^#[0-9a-f]{6}$/i.test(value)) throw new Error(`--${name} is no colour of six digits: ${value}`)
  return [1, 3, 5].map((at) => {
    const part = Number.parseInt(value.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
}
function luminance(tokens: Tokens, name: string): number {
  const [r = 0, g = 0, b = 0] = colour(tokens, name)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
/** Contrast of two tokens as WCAG 2 defines it. */
function contrast(tokens: Tokens, a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(tokens, a), luminance(tokens, b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

const SURFACES = 'chrome panel work raised inset'
const STATES = ['passed', 'attention', 'failed', 'running']
const cross = (over: string, under: string, least: number): [string, string, number][] =>
  over.split(' ').flatMap((a) => under.split(' ').map((b): [string, string, number] => [a, b, least]))
const PAIRS = [
  ...cross('text text-2 text-3', `${SURFACES} hover sel-idle sel accent-soft`, 4.5),
  ...cross('text text-2', 'press accent-mid', 4.5),
  ...cross('work', 'text', 4.5),
  ...cross('accent accent-hover', `${SURFACES} hover sel accent-soft`, 4.5),
  ...cross('on-accent', 'accent accent-hover accent-press', 4.5),
  ...STATES.flatMap((state) => [
    ...cross(state, `${state}-soft ${SURFACES} hover sel`, 4.5),
    ...cross('text text-2', `${state}-soft`, 4.5),
    ...cross(`${state}-line`, `${SURFACES} ${state}-soft`, 3),
  ]),
  ...cross('control', SURFACES, 3),
  ...cross('accent-line', 'work panel raised', 3),
  ...cross('c1 c2 c3 c3-2 c4 c5 c6 c-other', 'work panel raised inset', 3),
  ...cross('axis', 'work panel raised', 4.5),
  ...cross('mark', 'work band band-2', 4.5),
  ...cross('syn-key syn-fn syn-str syn-num syn-com', 'work inset raised sel accent-soft', 4.5),
  ...cross('seq-5 seq-6 seq-7 div-1 div-2 div-6 div-7', 'work', 3),
]

describe.each(THEMES)('colours of the %s theme', (_name, tokens) => {
  test('every pair of text and surface, edge and surface, mark and surface can be told apart', () => {
    const weak = PAIRS.flatMap(([over, under, least]) => {
      const found = contrast(tokens, over, under)
      return found < least ? [`--${over} on --${under}: ${found.toFixed(2)}, needs ${least}`] : []
    })
    expect(PAIRS.length).toBeGreaterThan(180)
    expect(weak).toEqual([])
  })
})

/** Machado, Oliveira and Fernandes 2009, full severity. */
const SIGHT: Readonly<Record<string, readonly (readonly number[])[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

/** A linear colour in OKLab, where distance is what an eye sees. */
function lab([r = 0, g = 0, b = 0]: readonly number[]): readonly number[] {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

test.each(THEMES)(
  'the six chart colours of the %s theme stay apart for every kind of sight',
  (_name, tokens) => {
    const close = Object.entries(SIGHT).flatMap(([kind, matrix]) => {
      const seen = [1, 2, 3, 4, 5, 6].map((i) => {
        const rgb = colour(tokens, `c${i}`)
        return lab(
          matrix.map((row) =>
            Math.max(
              0,
              row.reduce((sum, part, k) => sum + part * (rgb[k] ?? 0), 0),
            ),
          ),
        )
      })
      return seen.flatMap((a, i) =>
        seen.slice(0, i).flatMap((b, j) => {
          const distance = 100 * Math.hypot(...a.map((part, k) => part - (b[k] ?? 0)))
          return distance < 8 ? [`c${i + 1} and c${j + 1}, ${kind}: ${distance.toFixed(1)}`] : []
        }),
      )
    })
    expect(close).toEqual([])
  },
)

const files = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' }).map((path) =>
  path.replaceAll('\\', '/'),
)
const sources = files.filter((path) => /\.(tsx?|css)$/.test(path))
const read = (path: string) => readFileSync(join(RENDERER, path), 'utf8')

describe('who may use what', () => {
  test('colours of states stand in the status component and the fault block only', () => {
    // The editor underlines the place of a fault as the kit does, in the editor's own style sheet.
    const allowed = new Set(['ui/tokens.css', 'ui/kit.css', 'ui/parts.css', 'features/sql/editor.tsx'])
    // A page may give the fault block its place; the edge that it then draws is still the fault's.
    const faults = /[^{}]*\.fault[^{}]*\{[^}]*\}/g
    const wearing = sources.filter(
      (path) =>
        !allowed.has(path) &&
        /--(passed|attention|failed|running)(-soft|-line)?\b/.test(read(path).replace(faults, '')),
    )
    expect(wearing).toEqual([])
  })

  test('chips are made by the status component only, so that a state never lacks its icon and word', () => {
    const chips = sources.filter(
      (path) =>
        path.endsWith('.tsx') && path !== 'ui/status.tsx' && /className=[^>]*\bchip\b/.test(read(path)),
    )
    expect(chips).toEqual([])
  })

  test('raw colours stand in the tokens only', () => {
    const raw = sources.filter(
      (path) =>
        path !== 'ui/tokens.css' &&
        /(?<![&\w/#-])#(?:[0-9a-f]{6}|[0-9a-f]{3})\b(?![\w-])|\brgba?\(|\bhsla?\(|\boklch\(/i.test(
          read(path).replace(/url\([^)]*\)|href=["'{][^"'}]*/g, ''),
        ),
    )
    expect(raw).toEqual([])
  })

  test('every custom property in use is a token, a size that is remembered, or given in place', () => {
    const known = new Set([...Object.keys(light), 'k', 'lv', 'gallery-pane', 'seq-', 'letter-h'])
    const unknown = sources.flatMap((path) => {
      const text = read(path)
      const local = new Set([...text.matchAll(/['"]?--([\w-]+)['"]?\s*:/g)].map((one) => one[1]))
      return [...text.matchAll(/var\(--([\w-]+)/g)]
        .map((one) => one[1] ?? '')
        .filter(
          (name) => !known.has(name) && !local.has(name) && !/^(available|anchor)-(width|height)$/.test(name),
        )
        .map((name) => `${path}: --${name}`)
    })
    expect(unknown).toEqual([])
  })
})
