/**
 * Slices of JSON text as it was sent. A rejected sample is kept with every field, number and escape untouched, which
 * parsing and printing again would not do (1e999, -0, 20-digit integers, `__proto__`). The text is known to be valid:
 * `JSON.parse` took it. No recursion, so depth costs nothing.
 */

/** First position at or after `at` that is not JSON white space. */
function skipSpace(text: string, at: number): number {
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return at
    at++
  }
}

/** End of the string that starts (with its quote) at `at`. */
function skipString(text: string, at: number): number {
  for (at++; ; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 92) at++
    else if (unit === 34) return at + 1
  }
}

/** End of the value that starts at `at`. */
function skipValue(text: string, at: number): number {
  let depth = 0
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit === 34) at = skipString(text, at)
    else if (unit === 123 || unit === 91) {
      depth++
      at++
      continue
    } else if (unit === 125 || unit === 93) {
      depth--
      at++
    } else if (unit === 44 || unit === 58 || unit === 32 || unit === 10 || unit === 13 || unit === 9) {
      at++
      continue
    } else at = skipScalar(text, at)
    if (depth === 0) return at
  }
}

/** End of the number, `true`, `false` or `null` that starts at `at`. */
function skipScalar(text: string, at: number): number {
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 44 || unit === 93 || unit === 125 || unit <= 32) break
  }
  return at
}

interface Member {
  readonly key: string
  /** The member as written, `"key": value`. */
  readonly text: string
  readonly valueAt: number
}

/** Members of the object that `text` is, as written, duplicates included. */
function members(text: string): Member[] {
  const found: Member[] = []
  let at = skipSpace(text, text.charCodeAt(0) === 0xfeff ? 1 : 0) + 1
  for (;;) {
    at = skipSpace(text, at)
    if (text.charCodeAt(at) === 125) return found
    const start = at
    at = skipString(text, at)
    const key: unknown = JSON.parse(text.slice(start, at))
    at = skipSpace(text, skipSpace(text, at) + 1)
    const valueAt = at
    at = skipValue(text, at)
    found.push({ key: String(key), text: text.slice(start, at), valueAt })
    at = skipSpace(text, at)
    if (text.charCodeAt(at) === 44) at++
  }
}

/** A payload's text cut once, from which any sample's own payload can be put together. */
export interface PayloadText {
  /** The envelope as sent with sample `index` alone: a JSON object that can be replayed. */
  withSample(index: number): string
}

/** Cuts `text`, a JSON object whose last member `samples` is an array. */
export function cutPayload(text: string): PayloadText {
  const all = members(text)
  const envelope = all.filter((member) => member.key !== 'samples').map((member) => member.text)
  const last = all.findLast((member) => member.key === 'samples')
  const samples: string[] = []
  if (last !== undefined) {
    let at = skipSpace(text, last.valueAt + 1)
    while (text.charCodeAt(at) !== 93) {
      const end = skipValue(text, at)
      samples.push(text.slice(at, end))
      at = skipSpace(text, end)
      if (text.charCodeAt(at) === 44) at = skipSpace(text, at + 1)
    }
  }
  return { withSample: (index) => `{${[...envelope, `"samples":[${samples[index] ?? ''}]`].join(',')}}` }
}
