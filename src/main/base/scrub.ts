import type { Secret } from './secret.ts'

export const HIDDEN = '[secret]'

/** Cuts secrets out of text; it learns those that are given later, and forgets none. */
export interface Scrubber {
  learn(secrets: Iterable<Secret>): void
  /** `text` without them, and without what others print by its shape: presigned queries, credentials, user info. */
  clean(text: string): string
}

/** Shorter values would leave every text full of holes. */
const SHORTEST = 4

export function createScrubber(secrets: Iterable<Secret> = []): Scrubber {
  const known = new Set<string>()
  /** The longest first, so that no rest of one is left. */
  let values: string[] = []
  const learn = (found: Iterable<Secret>): void => {
    for (const secret of found) {
      const value = secret.reveal()
      for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
        if (form.length >= SHORTEST) known.add(form)
    }
    values = [...known].sort((a, b) => b.length - a.length)
  }
  learn(secrets)
  return {
    learn,
    clean(text) {
      let clean = text
        .replace(/(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"\\]+/gi, `$1${HIDDEN}`)
        .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`)
        .replace(/(\/\/[^\s/"@:]*:)[^\s/"@]+@/g, `$1${HIDDEN}@`)
      for (const value of values) clean = clean.replaceAll(value, HIDDEN)
      return clean
    },
  }
}
