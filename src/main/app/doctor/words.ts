/** How the doctor writes: whole sentences, evidence line by line, and never a secret. */
import type { ErrorContext } from '../../../shared/errors.ts'
import { SETTINGS } from '../../../shared/settings.ts'
import type { Secret } from '../../base/secret.ts'
import type { MainSettings } from '../settings/settings.ts'

/** `GET http://localhost:9000/data-lake 403 NoSuchBucket`, then what else is known, a line each. */
export function evidenceOf(context: ErrorContext): string[] {
  const { url, method, status, s3Code, type, ...rest } = context
  // the embedded catalog is asked without a network, under a name that is none
  const place = String(url ?? '').replace('http://embedded.invalid', 'embedded:')
  const request = [method, place, status, s3Code, type].filter((part) => part !== undefined && part !== '')
  const others = Object.entries(rest).filter(([, value]) => value !== '' && value !== null)
  return [
    ...(request.length === 0 ? [] : [request.join(' ')]),
    ...others.map(([key, value]) => `${key}: ${value}`),
  ]
}

const HIDDEN = '[secret]'
/** Shorter ones are hidden as whole words only, or every text would be full of holes. */
const LONG = 4

/** Takes every secret of the settings out of a text, also as servers echo them: encoded, or half of `id:secret`. */
export function redactor(settings: MainSettings): (text: string) => string {
  const forms = new Set<string>()
  for (const { key } of SETTINGS.filter((one) => one.secret)) {
    const [head = '', tail = ''] = key.split('.')
    const branch = Reflect.get(settings, head) as Record<string, Secret | null> | undefined
    const value = branch?.[tail]?.reveal()
    if (value === undefined || value === '') continue
    const parts = key === 'catalog.credential' ? [value, ...value.split(/:(.*)/s).slice(1, 2)] : [value]
    for (const part of parts) {
      if (part === '') continue
      const bytes = Buffer.from(part)
      for (const form of [
        part,
        encodeURIComponent(part),
        new URLSearchParams({ x: part }).toString().slice(2),
        JSON.stringify(part).slice(1, -1),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        bytes.toString('hex'),
      ])
        forms.add(form)
    }
  }
  const login = settings.kafka.saslPassword?.reveal()
  if (login) forms.add(Buffer.from(`${settings.kafka.saslUsername ?? ''}:${login}`).toString('base64'))
  // the longest first, so that no rest of one is left
  const patterns = [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => {
      const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return form.length < LONG ? `(?<!\\w)${escaped}(?!\\w)` : escaped
    })
  if (patterns.length === 0) return (text) => text
  const all = new RegExp(patterns.join('|'), 'g')
  return (text) => text.replace(all, HIDDEN)
}

/** `212 GiB`, `1.5 MiB`. */
export function size(bytes: number): string {
  let value = bytes
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${value < 10 && unit !== 'B' ? value.toFixed(1) : Math.round(value)} ${unit}`
    value /= 1024
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} TiB`
}

/** `17 min 4 s`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}
