import type { PayloadLine, PayloadView, Span } from '../../../shared/letters.ts'

/**
 * Payloads as lines to show. JSON is laid out from its own tokens, never printed anew, so that numbers, escapes and
 * duplicate keys stand as they were sent. What is long is cut: a page can show it all, and nobody can read it.
 */

const MAX_LINES = 400
const MAX_TOKEN = 300
const MAX_DEPTH = 40
/** Characters of a payload that are looked at. */
const MAX_TEXT = 4_000_000

interface Line {
  text: string
  hit: Span | null
}

/** `path` marks the value that a rule refused, such as `$.samples[0].value`. */
export function payloadView(payload: string, path: string | null, most = MAX_LINES): PayloadView {
  const json = payload.length <= MAX_TEXT && isJson(payload)
  const laidOut = json ? layOut(payload, path, most) : plain(payload)
  return {
    lines: laidOut.lines.slice(0, most).map((line): PayloadLine => ({ ...line, change: null })),
    cut: laidOut.cut || laidOut.lines.length > most,
  }
}

/** Both sides with the lines that differ marked. */
export function compareViews(before: PayloadView, after: PayloadView): [PayloadView, PayloadView] {
  const same = commonLines(
    before.lines.map(({ text }) => text),
    after.lines.map(({ text }) => text),
  )
  const mark = (view: PayloadView, kept: ReadonlySet<number>, change: 'was' | 'now'): PayloadView => ({
    ...view,
    lines: view.lines.map((line, index) => (kept.has(index) ? line : { ...line, change })),
  })
  return [mark(before, same.left, 'was'), mark(after, same.right, 'now')]
}

/** Longest common subsequence; neither a comma more or less nor another spelling of a number (72.0) is a change. */
function commonLines(a: readonly string[], b: readonly string[]) {
  const bare = (text: string) =>
    text
      .replace(/,$/, '')
      .replace(/(^|: )(-?\d[\d.eE+-]*)$/, (_, before: string, number: string) => before + Number(number))
  const [before, after] = [a.map(bare), b.map(bare)]
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0)
    }
  }
  const left = new Set<number>()
  const right = new Set<number>()
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (before[i] === after[j]) {
      left.add(i++)
      right.add(j++)
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++
    else j++
  }
  return { left, right }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
    return true
  } catch {
    return false
  }
}

function plain(text: string): { lines: Line[]; cut: boolean } {
  const shown = text.slice(0, MAX_LINES * MAX_TOKEN)
  const lines = shown.split(/\r\n|\r|\n/).map((line) => ({ text: clip(line), hit: null }))
  return { lines, cut: shown.length < text.length || lines.some(({ text: line }) => line.endsWith(MORE)) }
}

const MORE = '\u2026'

function clip(text: string): string {
  return text.length <= MAX_TOKEN ? text : `${text.slice(0, MAX_TOKEN)}${MORE}`
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([{}[\],:])|([^\s{}[\],:"]+))/y

/** One level of nesting while walking. */
interface Level {
  readonly path: string
  readonly array: boolean
  index: number
  key: string
  empty: boolean
}

/** Walks the tokens without recursion. Nesting beyond `MAX_DEPTH` is left out. */
function layOut(text: string, wanted: string | null, most: number): { lines: Line[]; cut: boolean } {
  const lines: Line[] = [{ text: '', hit: null }]
  const levels: Level[] = []
  let cut = false
  let skipping = 0
  let expectKey = false
  const line = () => lines[lines.length - 1] as Line
  const indent = () => '  '.repeat(levels.length)
  const pathNow = (): string => {
    const level = levels[levels.length - 1]
    if (level === undefined) return '$'
    return level.array ? `${level.path}[${level.index}]` : `${level.path}${member(level.key)}`
  }
  const put = (token: string, isValue: boolean): void => {
    const shown = clip(token)
    cut ||= shown.length < token.length
    const at = line().text.length
    line().text += shown
    if (isValue && wanted !== null && pathNow() === wanted) line().hit = [at, at + shown.length]
  }
  const begin = (): void => {
    const level = levels[levels.length - 1]
    if (level?.empty) {
      level.empty = false
      lines.push({ text: indent(), hit: null })
    }
  }
  TOKEN.lastIndex = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (lines.length <= most) {
    const match = TOKEN.exec(text)
    if (match === null) break
    const [, string, sign, scalar] = match
    if (skipping > 0) {
      if (sign === '{' || sign === '[') skipping++
      else if (sign === '}' || sign === ']') skipping--
      continue
    }
    if (sign === '{' || sign === '[') {
      begin()
      if (levels.length >= MAX_DEPTH) {
        put(sign === '{' ? `{${MORE}}` : `[${MORE}]`, true)
        cut = true
        skipping = 1
        continue
      }
      const path = pathNow()
      put(sign, true)
      levels.push({ path, array: sign === '[', index: 0, key: '', empty: true })
      expectKey = sign === '{'
    } else if (sign === '}' || sign === ']') {
      const level = levels.pop()
      if (!level?.empty) lines.push({ text: indent(), hit: null })
      line().text += sign
      expectKey = false
    } else if (sign === ',') {
      const level = levels[levels.length - 1]
      line().text += ','
      lines.push({ text: indent(), hit: null })
      if (level?.array) level.index++
      else expectKey = true
    } else if (sign === ':') {
      line().text += ': '
      expectKey = false
    } else {
      begin()
      const level = levels[levels.length - 1]
      if (expectKey && level !== undefined && string !== undefined) {
        level.key = String(JSON.parse(string))
        put(string, false)
      } else put(string ?? scalar ?? '', true)
    }
  }
  return { lines, cut }
}

/** As the decoder spells paths: names plainly, keys of metadata in brackets. */
function member(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

/** The path as the letter's own payload has it: a sample's letter holds that sample alone, at 0. */
export function pathInPayload(path: string, wholePayload: boolean): string {
  return wholePayload ? path : path.replace(/^\$\.samples\[\d+\]/, '$.samples[0]')
}
