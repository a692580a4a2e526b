import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Pages print instants through the one part: zone of the window, whole instant on hover, a `time` element for machines. */

const FEATURES = join(import.meta.dirname, '../../../src/renderer/features')
const pages = readdirSync(FEATURES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.tsx'))
  .map((path) => ({ path, text: readFileSync(join(FEATURES, path), 'utf8') }))

/** What a page writes instead of the part: a call as content, as the title of an element, or as the cell of a column. */
const DIRECT = [
  />\s*\{(instant|clock|moment|ago|absolute)\(/,
  /^\s*\{(instant|clock|moment|ago|absolute)\([^)]*\)\}/m,
  /title=\{(instant|absolute)\(/,
  /cell: \(\w+\) => (instant|clock|moment|ago|absolute)\(/,
  /\{new Date\(|\{[^{}`]*\.toLocale(Date|Time)?String\(\)/,
]

describe('times on pages', () => {
  test('every page is looked at', () => expect(pages.length).toBeGreaterThan(100))
  test.each(pages)('$path prints none past <Time>', ({ text }) => {
    expect(DIRECT.flatMap((one) => text.match(one)?.[0] ?? [])).toEqual([])
  })
})
