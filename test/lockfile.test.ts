import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
const locked = (read('package-lock.json') as { packages: Readonly<Record<string, Locked>> }).packages

/** `npm ci` refuses a lockfile that leaves out a package which only another platform would install. */
test('the lockfile names the optional packages of every platform', () => {
  const missing = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => {
      for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1))) {
        if (`${from === '' ? '' : `${from}/`}node_modules/${name}` in locked) return false
        if (from === '') return true
      }
    }),
  )
  expect(missing).toEqual([])
})

test('every package is pinned, and no lockfile entry names the place it came from', () => {
  const manifest = read('package.json') as Record<string, Record<string, string>>
  const pins = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.values(manifest[kind] ?? {}),
  )
  expect(pins.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  expect(Object.values(locked).filter((entry) => entry.resolved !== undefined)).toEqual([])
})
