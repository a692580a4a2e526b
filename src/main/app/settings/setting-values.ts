import { isAbsolute, resolve } from 'node:path'
import { assertNever } from '../../../shared/assert.ts'
import { parseStart, type SettingDefinition } from '../../../shared/settings.ts'

export type Parsed = { readonly value: unknown } | { readonly problem: string }

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
}
const STORES = /^(s3|s3a|s3n|file):\/\//i
const SCHEME = /^[a-z][a-z0-9+.-]+:/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/

/**
 * The text of a setting as the value that its kind says, or why it is none. A problem never repeats a secret's text.
 */
export function parseSetting(one: SettingDefinition, text: string): Parsed {
  const shown = one.secret ? 'its value' : JSON.stringify(text.slice(0, 100))
  if (CONTROL.test(text)) return { problem: 'holds control characters' }
  const trimmed = text.trim()
  if (trimmed === '') return { problem: 'is empty' }
  switch (one.kind) {
    case 'text':
      return { value: text }
    case 'name':
      return /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(trimmed)
        ? { value: trimmed }
        : { problem: `${shown} is no name: letters, digits, _ . and -` }
    case 'choice':
      return choice(one.choices ?? [], trimmed, shown)
    case 'url':
      return url(trimmed, shown)
    case 'list': {
      const items = trimmed.split(',').map((item) => item.trim())
      const bad = items.find((item) => !/^(\[[0-9a-f:]+\]|[^\s:/]+):\d{1,5}$/i.test(item))
      return bad === undefined
        ? { value: items }
        : { problem: `holds ${JSON.stringify(bad)}, which is not host:port` }
    }
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(trimmed)) return { value: true }
      return /^(false|no|off|0)$/i.test(trimmed)
        ? { value: false }
        : { problem: `${shown} is neither true nor false` }
    case 'seconds': {
      const seconds = /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : Number.NaN
      return seconds > 0 && seconds <= 86_400
        ? { value: seconds }
        : { problem: `${shown} is not a number of seconds between 0 and 86400` }
    }
    case 'bytes':
      return bytes(trimmed, shown)
    case 'timezone':
      return timezone(trimmed, shown)
    case 'location':
      if (STORES.test(trimmed)) return { value: trimmed.replace(/(?<!\/)\/+$/, '') }
      if (SCHEME.test(trimmed) && !isAbsolute(trimmed))
        return { problem: `${shown} has a scheme that Tarn does not read; s3, s3a, s3n and file are known` }
      return { value: fileUri(resolve(trimmed)) }
    case 'file':
    case 'folder':
      return { value: resolve(trimmed) }
    case 'ranges':
      return ranges(trimmed)
    case 'start': {
      const start = parseStart(trimmed)
      return start === null
        ? {
            problem: `${shown} is neither an instant, such as 2026-05-13T00:00:00Z, nor offsets, such as 0:100,1:250`,
          }
        : { value: start }
    }
    default:
      return assertNever(one.kind)
  }
}

/** `file:///…` of an absolute path, with the path as it is: locations in Iceberg are not percent-encoded. */
function fileUri(path: string): string {
  const slashed = path.replaceAll('\\', '/')
  return `file://${slashed.startsWith('/') ? '' : '/'}${slashed}`
}

function choice(choices: readonly string[], text: string, shown: string): Parsed {
  const found = choices.find((one) => one.toLowerCase() === text.toLowerCase())
  return found === undefined ? { problem: `${shown} is none of ${choices.join(', ')}` } : { value: found }
}

function url(text: string, shown: string): Parsed {
  const parsed = URL.canParse(text) ? new URL(text) : null
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    return { problem: `${shown.replace(/\/\/[^"]*@/, '//…@')} is no http or https address` }
  if (parsed.username !== '' || parsed.password !== '')
    return { problem: 'holds a login; use the setting made for it' }
  return { value: text.replace(/\/+$/, '') }
}

function bytes(text: string, shown: string): Parsed {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text)
  const unit = UNITS[match?.[2]?.toLowerCase() ?? '?']
  const value = match && unit !== undefined ? Math.round(Number(match[1]) * unit) : Number.NaN
  if (!(value >= 1024 && value <= Number.MAX_SAFE_INTEGER))
    return { problem: `${shown} is no size of at least 1 KiB, such as 134217728 or 128 MiB` }
  return { value }
}

function timezone(text: string, shown: string): Parsed {
  try {
    return {
      value:
        new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone === 'UTC' ? 'UTC' : text,
    }
  } catch {
    return { problem: `${shown} is no time zone, such as UTC or Europe/Berlin` }
  }
}

function ranges(text: string): Parsed {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { problem: 'is not JSON' }
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { problem: 'must be an object such as {"heartRate": [30, 250]}' }
  const value: Record<string, readonly [number, number]> = Object.create(null)
  for (const [type, range] of Object.entries(parsed)) {
    const [min, max] = Array.isArray(range) && range.length === 2 ? (range as unknown[]) : []
    if (typeof min !== 'number' || typeof max !== 'number' || !(min <= max))
      return { problem: `holds no [min, max] for ${JSON.stringify(type)}` }
    value[type] = [min, max]
  }
  return { value }
}

/** The known name that `name` is most likely a misspelling of, or null. */
export function closest(name: string, known: readonly string[]): string | null {
  let best: string | null = null
  let least = Math.max(2, Math.floor(name.length / 4)) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace))
    }
    row = next
  }
  return row[b.length] ?? 0
}
