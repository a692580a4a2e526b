import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApi } from '../../../src/main/app/api.ts'
import { savedFixes } from '../../../src/main/app/letters/fix.ts'
import type { Fix } from '../../../src/shared/letters.ts'
import { type TestApp, testApp } from '../../helpers/app.ts'

const ZONE: Fix = { kind: 'zone', offset: 'Z' }
let tarn: TestApp
let folder: string

beforeEach(() => {
  tarn = testApp()
  folder = mkdtempSync(join(tmpdir(), 'tarn-shelf-'))
})
afterEach(async () => {
  await tarn.close()
  rmSync(folder, { recursive: true, force: true })
})

const ORIGIN = 'http://127.0.0.1:4000'

const ask = async (method: string, path: string, body?: object) => {
  const api = createApi(tarn.app, { pages: tmpdir(), hosts: ['127.0.0.1:4000'], origins: [ORIGIN] })
  const response = await api.request(`${ORIGIN}/api${path}`, {
    method,
    headers: { Host: '127.0.0.1:4000', Origin: ORIGIN, 'Content-Type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

test('a fix is kept by name as the file that the command line takes, and forgotten', async () => {
  const kept = await ask('PUT', '/dead-letters/fixes', { name: 'Zone of the old app', fix: ZONE })
  const path = join(tarn.home, 'fixes', 'Zone of the old app.json')
  expect(kept).toEqual({ status: 200, json: { name: 'Zone of the old app', path, fix: ZONE } })
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(ZONE)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect((await ask('GET', '/dead-letters/fixes')).json.fixes).toEqual([kept.json])
  await ask('DELETE', '/dead-letters/fixes', { name: 'Zone of the old app' })
  expect((await ask('GET', '/dead-letters/fixes')).json.fixes).toEqual([])
  expect(await ask('DELETE', '/dead-letters/fixes', { name: 'Zone of the old app' })).toMatchObject({
    status: 404,
  })
})

test.each(['../evil', 'a/b', '.hidden', 'con', '', 'a\u0000b'])('%j is no name', async (name) => {
  expect(await ask('PUT', '/dead-letters/fixes', { name, fix: ZONE })).toMatchObject({ status: 400 })
})

test('what makes no sense is not kept, what cannot be read is left out', async () => {
  const wrong = { kind: 'range', type: 'heartRate', min: 3, max: 1 }
  expect(await ask('PUT', '/dead-letters/fixes', { name: 'x', fix: wrong })).toMatchObject({ status: 400 })
  await ask('PUT', '/dead-letters/fixes', { name: 'good', fix: ZONE })
  writeFileSync(join(tarn.home, 'fixes', 'torn.json'), '{"kind":')
  writeFileSync(join(folder, 'secret.json'), JSON.stringify(ZONE))
  symlinkSync(join(folder, 'secret.json'), join(tarn.home, 'fixes', 'linked.json'))
  expect(
    savedFixes(tarn.home)
      .list()
      .map(({ name }) => name),
  ).toEqual(['good'])
})

test('a filter is kept by name', async () => {
  const filter = { partition: '3', text: 'degF', state: 'failed' }
  await ask('PUT', '/dead-letters/filters', { name: 'Third', filter })
  expect((await ask('GET', '/dead-letters/filters')).json).toEqual({ filters: [{ name: 'Third', filter }] })
  expect(await ask('PUT', '/dead-letters/filters', { name: 'Bad', filter: { colour: 'red' } })).toMatchObject(
    { status: 400 },
  )
})
