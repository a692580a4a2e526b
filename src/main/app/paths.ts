import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder with `package.json`: the same number of levels up from the sources and from the build. */
const ROOT = new URL('../../..', import.meta.url)

/** The built page. */
export const PAGES = fileURLToPath(new URL('out/renderer', ROOT))
/** The recorded topic of `demo`: one payload a line. */
export const SAMPLE_TOPIC = fileURLToPath(new URL('resources/sample-topic.jsonl.gz', ROOT))

/** The version in `package.json`. */
export function version(): string {
  const document: unknown = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
  return String((document as { version: unknown }).version)
}
