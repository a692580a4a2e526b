import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Pending, pendingFile } from '../../../src/main/ingest/pending.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarn-pending-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const pending: Pending = {
  version: 1,
  commits: { raw: 'a', errors: 'b' },
  ranges: { 0: ['1', '9007199254740993'] },
  at: 1,
}

test('is read as it was written, and gone once cleared', async () => {
  const file = pendingFile(join(folder, 'state', 'pending.json'))
  expect(await file.read()).toBeNull()
  await file.write(pending)
  expect(await file.read()).toEqual(pending)
  await file.clear()
  await file.clear()
  expect(await file.read()).toBeNull()
})

test.each(['', '{', 'null', '{"version":2}', '{"version":1,"commits":{"raw":"a"}}'])(
  'damaged, as %j, counts as none',
  async (text) => {
    const path = join(folder, 'pending.json')
    writeFileSync(path, text)
    expect(await pendingFile(path).read()).toBeNull()
  },
)

test('one that cannot be read is no clean end', async () => {
  const path = join(folder, 'pending.json')
  mkdirSync(path)
  await expect(pendingFile(path).read()).rejects.toMatchObject({ code: 'DISK', context: { path } })
})
