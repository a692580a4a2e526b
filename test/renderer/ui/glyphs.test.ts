import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { charactersOf } from '../../helpers/font.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const FONT = (family: string, weight: number) =>
  join(ROOT, `node_modules/@fontsource/${family}/files/${family}-latin-${weight}-normal.woff2`)
const FACES = [
  ...[400, 500, 600].map((weight) => FONT('ibm-plex-sans', weight)),
  ...[400, 500].map((weight) => FONT('ibm-plex-mono', weight)),
]
const faces = FACES.map(charactersOf)
const every = new Set([...(faces[0] ?? [])].filter((char) => faces.every((face) => face.has(char))))

/** What a source file may write on the screen: strings, templates and the text between tags; comments are left out. */
function words(source: string): string {
  return (
    source
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
      // Patterns match data; they are not shown.
      .replace(/(?<=[=(,]\s*)\/(?:\\.|\[[^\]\n]*\]|[^/\n\\])+\/[a-z]*/g, '')
      .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  )
}

const missingIn = (text: string): string[] => [
  ...new Set([...text].filter((char) => char.codePointAt(0)! > 126 && !every.has(char.codePointAt(0)!))),
]

test('the fonts were read, and lack what the rules say they lack', () => {
  for (const char of 'AZaz09.,\u2026\u00d7\u00b7') expect(every.has(char.codePointAt(0)!)).toBe(true)
  // Arrow, check mark, less or equal, sigma.
  expect(missingIn('\u2192 \u2713 \u2264 \u03c3')).toHaveLength(4)
})

test('the page writes nothing that its fonts lack', () => {
  const folder = join(ROOT, 'src/renderer')
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(tsx?|html)$/.test(path))
    .flatMap((path) => {
      // Characters that data may hold are no words of ours.
      const data = /renderer\/(query)\//.test(`renderer/${path}`)
      const missing = data ? [] : missingIn(words(readFileSync(join(folder, path), 'utf8')))
      return missing.filter((char) => char !== '\ufeff').map((char) => `${path}: ${char}`)
    })
  expect(found).toEqual([])
})

test('failures of main that the page shows write nothing that its fonts lack', () => {
  const folder = join(ROOT, 'src')
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^(shared|main)\/.*\.ts$/.test(path) && !path.startsWith('main/hosts/cli/'))
    .flatMap((path) => {
      const calls = words(readFileSync(join(folder, path), 'utf8')).matchAll(
        /(?:likely|remedy|title|text):\s*(`[^`]*`|'[^']*')|new LakeError\(\s*'\w+',\s*(`[^`]*`|'[^']*')/g,
      )
      return [...calls].flatMap((call) => missingIn(call[0]).map((char) => `${path}: ${char}`))
    })
  expect(found).toEqual([])
})
