import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  preparePointers,
  readPointers,
  swapPointers,
  sweepPointers,
} from '../../../src/main/catalog/pointers.ts'
import { isLakeError } from '../../../src/shared/errors.ts'

let folder: string
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'tarn-pointers-')), 'catalog')
  await preparePointers(folder)
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const withTable = (name: string) => ({
  namespaces: [{ levels: ['db'], properties: { ü: 'y' } }],
  tables: [{ levels: ['db'], name, metadataLocation: `file:///w/${name}` }],
  keys: [],
})

test('an empty folder is an empty catalog; what is written is read', async () => {
  const empty = await readPointers(folder)
  expect(empty).toEqual({ version: 0, namespaces: [], tables: [], keys: [] })
  const written = await swapPointers(folder, empty, withTable('a'))
  expect(await readPointers(folder)).toEqual(written)
  expect(written.version).toBe(1)
})

test('of two writers with one base the second loses, and nothing of it is left', async () => {
  const base = await readPointers(folder)
  const results = await Promise.allSettled([
    swapPointers(folder, base, withTable('a')),
    swapPointers(folder, base, withTable('b')),
    swapPointers(folder, base, withTable('c')),
  ])
  expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1)
  for (const result of results) {
    if (result.status === 'rejected')
      expect(isLakeError(result.reason, 'CONFLICT') && result.reason.outcome).toBe('retry')
  }
  expect(readdirSync(folder)).toHaveLength(1)
})

test('row 25: torn at every byte, the version before it wins whole', async () => {
  const first = await swapPointers(folder, await readPointers(folder), withTable('a'))
  await swapPointers(folder, first, withTable('b'))
  const path = join(folder, '000000000002.json')
  const whole = readFileSync(path)
  for (let k = 0; k < whole.length; k++) {
    writeFileSync(path, whole.subarray(0, k))
    expect((await readPointers(folder)).tables[0]?.name, `torn at ${k}`).toBe('a')
  }
  const flipped = Buffer.from(whole)
  flipped[whole.length - 20]! ^= 1
  writeFileSync(path, flipped)
  const state = await readPointers(folder)
  expect(state).toEqual(first)
  // the next version goes past the damaged one
  expect((await swapPointers(folder, state, withTable('c'))).version).toBe(3)
  expect((await readPointers(folder)).tables[0]?.name).toBe('c')
})

test('damage to every version is told, never taken for an empty catalog', async () => {
  await swapPointers(folder, await readPointers(folder), withTable('a'))
  writeFileSync(join(folder, '000000000001.json'), 'gone')
  await expect(readPointers(folder)).rejects.toMatchObject({ code: 'CORRUPT' })
})

test('left temporary files are ignored and swept; three versions are kept; all is for the owner only', async () => {
  writeFileSync(join(folder, '.writing-x'), '{"sha256"')
  for (let i = 0; i < 6; i++) await swapPointers(folder, await readPointers(folder), withTable(`t${i}`))
  await sweepPointers(folder)
  expect(readdirSync(folder).sort()).toEqual(['000000000004.json', '000000000005.json', '000000000006.json'])
  if (process.platform !== 'win32') {
    expect(statSync(folder).mode & 0o077).toBe(0)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0)
  }
})
