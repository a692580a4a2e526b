import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { mapConcurrent } from '../../../src/main/base/concurrent.ts'
import { localStorage } from '../../../src/main/storage/local.ts'
import { createFolders } from '../../../src/main/storage/local-folders.ts'

const calls = vi.hoisted(() => ({ fsync: 0, realpath: 0 }))

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const fsync = (...args: Parameters<typeof fs.fsync>) => {
    calls.fsync += 1
    fs.fsync(...args)
  }
  const native = (path: string, done: (error: Error | null, real: string) => void) => {
    calls.realpath += 1
    fs.realpath.native(path, done)
  }
  return { ...fs, fsync, realpath: Object.assign(() => {}, { native }) }
})

let top: string
let root: string
const bytes = new TextEncoder().encode('hello')

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'tarn-folders-'))
  root = join(top, 'warehouse')
  await mkdir(root)
})
afterEach(() => rm(top, { recursive: true }))

describe('folders of a local storage', () => {
  test('cost few calls where many objects each have one of their own', async () => {
    const storage = localStorage({ root, now: () => 0 })
    const names = Array.from({ length: 256 }, (_, index) => `file://${root}/data/user=1/day=${index}/x`)
    Object.assign(calls, { fsync: 0, realpath: 0 })
    await mapConcurrent(names, 16, (name) => storage.write(name, bytes))
    // The file, its folder and at most the folder above, each; and the new folders above that.
    expect(calls.fsync).toBeGreaterThanOrEqual(2 * 256 + 1)
    expect(calls.fsync).toBeLessThanOrEqual(3 * 256 + 3)
    expect(calls.realpath).toBeLessThan(10)
    for (const name of names) expect(await storage.read(name)).toEqual(bytes)
  })

  test('are synced once for all that ask while none is under way', async () => {
    const folders = createFolders(root, () => 0)
    Object.assign(calls, { fsync: 0 })
    await Promise.all(Array.from({ length: 10 }, () => folders.sync(root)))
    expect(calls.fsync).toBe(1)
  })

  test('are synced up to the last that was new', async () => {
    Object.assign(calls, { fsync: 0 })
    await localStorage({ root }).write(`file://${root}/a/b/c/x`, bytes)
    // The file, its folder, and the three folders that got a new name.
    expect(calls.fsync).toBe(5)
  })

  test('that somebody removed are made again', async () => {
    const storage = localStorage({ root })
    await storage.write(`file://${root}/a/b/x`, bytes)
    await rm(join(root, 'a'), { recursive: true })
    await storage.write(`file://${root}/a/b/x`, bytes)
    expect(await readdir(join(root, 'a/b'))).toEqual(['x'])
  })

  test('are refused a second after they became links to the outside', async () => {
    let now = 0
    const storage = localStorage({ root, now: () => now })
    await storage.write(`file://${root}/a/x`, bytes)
    await rename(join(root, 'a'), join(top, 'outside'))
    await symlink(join(top, 'outside'), join(root, 'a'))
    now = 1000
    await expect(storage.write(`file://${root}/a/y`, bytes)).rejects.toMatchObject({ code: 'INVALID' })
    await expect(storage.write(`file://${root}/a/b/y`, bytes)).rejects.toMatchObject({ code: 'INVALID' })
    expect(await readdir(join(top, 'outside'))).toEqual(['x'])
  })

  test('hold no object over a link to the outside', async () => {
    await symlink(join(top, 'secret'), join(root, 'x'))
    await mkdir(join(top, 'secret'))
    await expect(localStorage({ root }).write(`file://${root}/x`, bytes)).rejects.toMatchObject({
      code: 'INVALID',
    })
    expect(await readdir(join(top, 'secret'))).toEqual([])
  })
})
