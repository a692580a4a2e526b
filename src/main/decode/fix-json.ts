/** JSON values as a fix changes them. Nothing given is ever changed in place, and `__proto__` is a key like any other. */

type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `fields` with `changes` in place: an undefined value removes its key, others keep theirs or go to the end. */
export function withFields(fields: Fields, changes: ReadonlyMap<string, unknown>): Fields {
  const entries = new Map(Object.entries(fields))
  for (const [key, value] of changes) {
    if (value === undefined) entries.delete(key)
    else entries.set(key, value)
  }
  return Object.fromEntries(entries)
}

/** JSON merge patch (RFC 7396, section 2): an object merges, null removes, all else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch
  const fields = isFields(target) ? target : {}
  const changes = new Map<string, unknown>()
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) changes.set(key, undefined)
    else changes.set(key, mergePatch(Object.hasOwn(fields, key) ? fields[key] : undefined, value))
  }
  return withFields(fields, changes)
}

/** As `JSON.stringify`, but -0 keeps its sign and numbers beyond a double's range stay so. */
export function printJson(value: unknown): string {
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return '-0'
    if (!Number.isFinite(value)) return value > 0 ? '1e999' : value < 0 ? '-1e999' : 'null'
    return String(value)
  }
  if (Array.isArray(value)) return `[${value.map(printJson).join(',')}]`
  if (isFields(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${printJson(item)}`)
      .join(',')}}`
  }
  return JSON.stringify(value ?? null)
}
