import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { localStorage } from '../../../src/main/storage/local.ts'
import { fileError } from '../../../src/main/storage/local-errors.ts'
import { storageContract } from '../../contract/storage.ts'
import { collect } from '../../helpers/collect.ts'

storageContract('the local folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'tarn-local-'))
  return {
    storage: localStorage({ root }),
    folder: `file://${root}/warehouse/`,
    close: () => rm(root, { recursive: true }),
  }
})

describe('the local folder', () => {
  const bytes = new TextEncoder().encode('hello')
  let top: string
  let root: string

  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), 'tarn-local-'))
    root = join(top, 'warehouse')
    await mkdir(root)
  })
  afterEach(() => rm(top, { recursive: true }))

  test('keeps folders and files for the owner, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      await localStorage({ root }).write(`file://${root}/a/b/c`, bytes)
    } finally {
      process.umask(before)
    }
    expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(root, 'a/b'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(root, 'a/b/c'))).mode & 0o777).toBe(0o600)
  })

  test('takes locations of every spelling for the same file', async () => {
    const storage = localStorage({ root })
    await storage.write(`file:${root}/x y%20z`, bytes)
    for (const location of [`file://${root}/x y%20z`, `file://localhost${root}/x y%20z`, `${root}/x y%20z`]) {
      expect(await storage.stat(location)).toMatchObject({ location, size: 5 })
    }
    expect(await readdir(root)).toEqual(['x y%20z'])
  })

  test.each([
    ['file://ROOT/../outside'],
    ['file://ROOT/a/../../outside'],
    ['file://ROOT-beside/x'],
    ['file:///etc/passwd'],
    ['file://other.host/ROOT/x'],
    ['file://ROOT/a\0b'],
    ['relative/path'],
    ['s3://bucket/key'],
  ])('refuses %s', async (pattern) => {
    const storage = localStorage({ root })
    const location = pattern.replace('ROOT', root)
    await expect(storage.read(location)).rejects.toMatchObject({ code: 'INVALID' })
    await expect(storage.write(location, bytes)).rejects.toMatchObject({ code: 'INVALID' })
    await expect(storage.delete(location)).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('follows no symlink out of the root', async () => {
    await mkdir(join(top, 'outside'))
    await writeFile(join(top, 'outside/secret'), 'secret')
    await symlink(join(top, 'outside'), join(root, 'folder'))
    await symlink(join(top, 'outside/secret'), join(root, 'file'))
    const storage = localStorage({ root })
    for (const name of ['folder/secret', 'file']) {
      await expect(storage.read(`file://${root}/${name}`)).rejects.toMatchObject({ code: 'INVALID' })
      await expect(storage.stat(`file://${root}/${name}`)).rejects.toMatchObject({ code: 'INVALID' })
      await expect(storage.delete(`file://${root}/${name}`)).rejects.toMatchObject({ code: 'INVALID' })
    }
    await expect(storage.write(`file://${root}/folder/new/x`, bytes)).rejects.toMatchObject({
      code: 'INVALID',
    })
    expect(await collect(storage.list(`file://${root}/`))).toEqual([])
    expect(await readdir(join(top, 'outside'))).toEqual(['secret'])
    expect(await readFile(join(top, 'outside/secret'), 'utf8')).toBe('secret')
  })

  test('takes a root that is itself behind a symlink', async () => {
    await symlink(root, join(top, 'alias'))
    const storage = localStorage({ root: join(top, 'alias') })
    await storage.write(`file://${top}/alias/a/b`, bytes)
    expect(await readFile(join(root, 'a/b'), 'utf8')).toBe('hello')
  })

  test('leaves no temporary file, and does not list one that a crash left', async () => {
    const storage = localStorage({ root })
    await storage.write(`file://${root}/a`, bytes)
    await storage.write(`file://${root}/a`, bytes)
    await expect(storage.write(`file://${root}/a`, bytes, { only: 'absent' })).rejects.toThrow()
    await expect(storage.write(`file://${root}/a`, bytes, { only: { etag: 'x' } })).rejects.toThrow()
    expect(await readdir(root)).toEqual(['a'])
    await writeFile(join(root, '.tarn-0123456789abcdef.tmp'), 'hel')
    const listed = await collect(storage.list(`file://${root}/`))
    expect(listed.map(({ location }) => location)).toEqual([`file://${root}/a`])
  })

  test('says DISK where a file stands in the way of a folder', async () => {
    const storage = localStorage({ root })
    await storage.write(`file://${root}/a`, bytes)
    await expect(storage.write(`file://${root}/a/b`, bytes)).rejects.toMatchObject({
      code: 'DISK',
      outcome: 'reject',
    })
    await expect(storage.read(`file://${root}/a/b`)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('says DISK with a remedy for a name that is too long', async () => {
    const location = `file://${root}/${'x'.repeat(300)}`
    await expect(localStorage({ root }).write(location, bytes)).rejects.toMatchObject({
      code: 'DISK',
      context: { errno: 'ENAMETOOLONG' },
      remedy: expect.stringContaining('shorter'),
    })
  })

  test.runIf(process.platform !== 'win32')('does not wait at a pipe', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    await expect(localStorage({ root }).read(`file://${root}/pipe`)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  test('only one of two storages of a process wins over the same version', async () => {
    const [one, two] = [localStorage({ root }), localStorage({ root })]
    const { etag } = await one.write(`file://${root}/pointer`, bytes)
    const writes = [one, two].map((storage) =>
      storage.write(`file://${root}/pointer`, bytes, { only: { etag } }),
    )
    const results = await Promise.allSettled(writes)
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test.runIf(process.platform !== 'win32')(
    'keeps the old value when the system stops a write half way',
    async () => {
      const location = `file://${root}/object`
      const storage = localStorage({ root })
      await storage.write(location, bytes)
      const child = join(import.meta.dirname, 'limited-child.ts')
      const command = 'ulimit -f 1000 && exec "$0" "$1" "$2" 5000000'
      const printed = execFileSync('bash', ['-c', command, process.execPath, child, location], {
        encoding: 'utf8',
      })
      expect(JSON.parse(printed)).toMatchObject({ code: 'DISK', context: { errno: 'EFBIG' } })
      expect(await storage.read(location)).toEqual(bytes)
      expect(await readdir(root)).toEqual(['object'])
    },
  )

  test('holds a whole value after every kill of its writer, and nothing else', async () => {
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'writer-child.ts'), root])
      const ended = once(child, 'exit')
      await once(child.stdout, 'data')
      await wait(round * 4)
      child.kill('SIGKILL')
      await ended
      const storage = localStorage({ root })
      const bytes = await storage.read(`file://${root}/deep/pointer`)
      expect(bytes).toHaveLength(2_000_000)
      expect(new Set(bytes).size).toBe(1)
      const listed = await collect(storage.list(`file://${root}/`))
      expect(listed.map(({ location }) => location)).toEqual([`file://${root}/deep/pointer`])
    }
  })
})

describe('an error of the file system', () => {
  const thrown = (code: string) => Object.assign(new Error(`${code}: failed`), { code })

  test.each([
    ['ENOSPC', 'retry', 'space'],
    ['EDQUOT', 'retry', 'space'],
    ['EMFILE', 'retry', 'ulimit'],
    ['EACCES', 'reject', 'rights'],
    ['EROFS', 'reject', 'writing'],
    ['EIO', 'retry', 'log'],
  ])('%s is DISK, %s, with a remedy', (code, outcome, remedy) => {
    expect(fileError(thrown(code), 'file:///lake/x')).toMatchObject({
      code: 'DISK',
      outcome,
      remedy: expect.stringContaining(remedy),
      context: { errno: code, location: 'file:///lake/x' },
    })
  })
})
