import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { removeFolder } from '../../../src/main/base/remove.ts'

let top: string

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'tarn-remove-'))
})
afterEach(() => rm(top, { recursive: true }))

describe('removing a folder', () => {
  test('takes all in it, tells the files, and follows no link', async () => {
    await writeFile(join(top, 'kept'), 'kept')
    const folder = join(top, 'gone')
    for (let index = 0; index < 40; index++) {
      await mkdir(join(folder, `day=${index}/deep`), { recursive: true })
      await writeFile(join(folder, `day=${index}/deep/x`), 'x')
    }
    await symlink(top, join(folder, 'link'))
    const told: number[] = []
    await removeFolder(folder, (files) => told.push(files))
    expect(await readdir(top)).toEqual(['kept'])
    expect(await readFile(join(top, 'kept'), 'utf8')).toBe('kept')
    expect(told).toEqual(Array.from({ length: 41 }, (_, index) => index + 1))
  })

  test('takes an absent one for removed', async () => {
    await removeFolder(join(top, 'absent'))
    expect(existsSync(top)).toBe(true)
  })
})
