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
  return `${Math.floor(hours / 24)} days`
}

/** How long before `now` an instant lies, both in ms since the epoch: `6 s ago`. */
export function ago(then: number, now: number): string {
  const passed = Math.max(0, now - then)
  return passed < 1000 ? 'just now' : `${duration(passed).replace(/\.\d/, '')} ago`
}

const two = (value: number) => String(value).padStart(2, '0')

/** `2026-05-14 09:41:52` in the zone of the window. */
export function instant(ms: number, zone: View['zone']): string {
  const date = new Date(ms)
  if (zone === 'utc') return date.toISOString().slice(0, 19).replace('T', ' ')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `09:41:52` in the zone of the window. */
export function clock(ms: number, zone: View['zone']): string {
  return instant(ms, zone).slice(11)
}

/** First four and last four of a long id: `7219...2471`. */
export function shortId(id: string): string {
  return id.length <= 10 ? id : `${id.slice(0, 4)}\u2026${id.slice(-4)}`
}
