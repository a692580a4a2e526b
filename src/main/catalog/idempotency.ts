/** Idempotency keys of the REST specification: UUIDs of version 7, usable for the lifetime that a server states. */
import { randomBytes } from 'node:crypto'

/** A key for one logical operation: milliseconds since the epoch, then random bits (RFC 9562, section 5.7). */
export function idempotencyKey(nowMs: number): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Math.trunc(nowMs), 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Milliseconds of an ISO 8601 duration of days and smaller (`PT30M`, `P1DT12H`), or null for another text. */
export function lifetimeMs(duration: string): number | null {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(duration)
  if (match === null) return null
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0))
  return (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000
}
