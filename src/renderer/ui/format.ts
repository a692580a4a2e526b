import type { View } from './view.ts'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `41,806`. 64-bit values come as decimal strings and keep every digit. */
export function count(value: number | bigint | string): string {
  return whole.format(typeof value === 'string' ? BigInt(value) : value)
}

/** `1 file`, `41,806 files`. */
export function counted(value: number | bigint | string, one: string, many = `${one}s`): string {
  return `${count(value)} ${String(value) === '1' ? one : many}`
}

const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** A count in little room: `421`, `20.4 k`, `412 M`. */
export function shortCount(value: number): string {
  return short.format(value).replace(/[A-Z]$/, (unit) => ` ${unit === 'K' ? 'k' : unit}`)
}

/** Bytes as B, KiB, MiB or GiB: `11.4 MiB`. */
export function bytes(value: number): string {
  if (value < 1024) return `${whole.format(value)} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let size = value / 1024
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${size < 100 ? size.toFixed(size < 10 ? 2 : 1) : whole.format(size)} ${units[unit]}`
}

/** A length of time given in ms: `267 ms`, `3.4 s`, `12 s`, `1 h 29 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return counted(Math.floor(hours / 24), 'day')
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long before `now` an instant lies, both in ms since the epoch: `6 s ago`, `3 h ago`, `2 days ago`. */
export function ago(then: number, now: number): string {
  const passed = Math.max(0, now - then)
  if (passed < 1000) return 'just now'
  if (passed < MINUTE) return `${Math.floor(passed / 1000)} s ago`
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`
  return `${counted(Math.floor(passed / DAY), 'day')} ago`
}

const two = (value: number) => String(value).padStart(2, '0')

/** `2026-05-14 09:41:52` in the zone of the window. */
export function instant(ms: number, zone: View['zone']): string {
  const date = new Date(ms)
  if (zone === 'utc') return date.toISOString().slice(0, 19).replace('T', ' ')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** An instant as a person types it: `2026-05-14 09:00`, with seconds where there are some. */
export function typedInstant(ms: number, zone: View['zone']): string {
  return instant(ms, zone).replace(/:00$/, '')
}

/**
 * Ms since the epoch of `2026-05-14`, `2026-05-14 09:00` or ISO 8601, in the zone of the window where none is told; null
 * where it is no time.
 */
export function readInstant(text: string, zone: View['zone']): number | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(
    text.trim(),
  )
  if (!match) return null
  const [, day, time = '00:00', seconds = ':00', own = zone === 'utc' ? 'Z' : ''] = match
  const at = Date.parse(`${day}T${time}${seconds}${own}`)
  return Number.isNaN(at) ? null : at
}

/** `09:41:52` in the zone of the window. */
export function clock(ms: number, zone: View['zone']): string {
  return instant(ms, zone).slice(11)
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `09:41:52` on the day of `now`, `12 May 06:03` before it, `12 May 2025` in another year; in the zone of the window. */
export function moment(ms: number, zone: View['zone'], now: number): string {
  const text = instant(ms, zone)
  const today = instant(now, zone)
  if (text.slice(0, 10) === today.slice(0, 10)) return text.slice(11)
  const day = `${Number(text.slice(8, 10))} ${MONTHS[Number(text.slice(5, 7)) - 1]}`
  return text.slice(0, 4) === today.slice(0, 4)
    ? `${day} ${text.slice(11, 16)}`
    : `${day} ${text.slice(0, 4)}`
}

/** `2026-05-14 09:41:52 UTC`, or with the difference to UTC where the window shows local time. */
export function absolute(ms: number, zone: View['zone']): string {
  return `${instant(ms, zone)} ${zone === 'utc' ? 'UTC' : offset(ms)}`
}

/** How far local time was ahead of UTC at an instant: `UTC+02:00`. */
function offset(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset()
  const size = Math.abs(minutes)
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** The name of a file in little room: what tells it apart is at both ends. */
export function fileWords(path: string): string {
  const name = path.split('/').at(-1) ?? path
  return name.length <= 30 ? name : `${name.slice(0, 9)}\u2026${name.slice(-18)}`
}

/** First four and last four of a long id: `7219...2471`. */
export function shortId(id: string): string {
  return id.length <= 10 ? id : `${id.slice(0, 4)}\u2026${id.slice(-4)}`
}
