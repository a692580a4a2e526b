import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportRoutes } from '../../../../src/main/app/export/api.ts'
import { createExports, type Exports, fileName } from '../../../../src/main/app/export/exports.ts'
import { columnsOf, encodeIpc } from '../../../../src/main/parquet/write.ts'
import { rowsOf } from '../../../helpers/parquet.ts'

let home: string
let exports: Exports
let now = 1_000

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-exports-'))
  exports = createExports(home, () => now)
})
afterEach(async () => {
  await exports.close()
  rmSync(home, { recursive: true, force: true })
})

const text = (value: string) => new TextEncoder().encode(value)
const listed = () => readdirSync(join(home, 'exports')).sort()

test('chunks become a file under the name that was asked for', async () => {
  const { id } = await exports.start({ name: 'Heart rate by day', format: 'csv' })
  await exports.write(id, 0, text('a,b\r\n'))
  await exports.write(id, 1, text('1,2\r\n'))
  expect(listed()).toEqual([`.${id}.part`])
  const file = await exports.finish(id, 1)
  expect(file).toEqual({
    id,
    format: 'csv',
    name: 'Heart rate by day.csv',
    path: join(home, 'exports', 'Heart rate by day.csv'),
    bytes: 10,
    rows: 1,
    at: 1_000,
  })
  expect(listed()).toEqual(['Heart rate by day.csv'])
  expect(readFileSync(file.path, 'utf8')).toBe('a,b\r\n1,2\r\n')
  expect(exports.finished()).toEqual([file])
})

test('never over another file', async () => {
  const names: string[] = []
  for (let i = 0; i < 3; i++) {
    const { id } = await exports.start({ name: 'x', format: 'jsonl' })
    await exports.write(id, 0, text(`${i}\n`))
    names.push((await exports.finish(id, 1)).name)
  }
  expect(names).toEqual(['x.jsonl', 'x 2.jsonl', 'x 3.jsonl'])
  expect(readFileSync(join(home, 'exports', 'x.jsonl'), 'utf8')).toBe('0\n')
})

test('a chunk sent twice is written once, one that is missing is said', async () => {
  const { id } = await exports.start({ name: 'x', format: 'csv' })
  await Promise.all([exports.write(id, 0, text('a')), exports.write(id, 0, text('a'))])
  await expect(exports.write(id, 2, text('c'))).rejects.toThrow('chunk 1 is missing')
  await exports.write(id, 1, text('b'))
  expect((await exports.finish(id, 1)).bytes).toBe(2)
})

test('one that is dropped, or goes idle, or is open when Tarn closes leaves nothing', async () => {
  const { id } = await exports.start({ name: 'x', format: 'parquet' })
  await exports.drop(id)
  await exports.drop(id)
  await expect(exports.write(id, 0, text('a'))).rejects.toMatchObject({ code: 'NOT_FOUND' })

  const quick = createExports(home, () => now, 10)
  await quick.start({ name: 'y', format: 'csv' })
  for (let i = 0; i < 200 && listed().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(listed()).toEqual([])

  await exports.start({ name: 'z', format: 'parquet' })
  await exports.close()
  expect(listed()).toEqual([])
})

test('parts that an earlier run left are swept, nothing else', async () => {
  const folder = join(home, 'exports')
  mkdirSync(folder)
  const old = '.00000000-0000-4000-8000-000000000000.part'
  const young = '.00000000-0000-4000-8000-000000000001.part'
  for (const name of [old, young, '.part', 'mine.part', 'kept.csv']) writeFileSync(join(folder, name), 'x')
  now = Date.now()
  utimesSync(join(folder, old), now / 1000 - 3600, now / 1000 - 3600)
  const { id } = await exports.start({ name: 'x', format: 'csv' })
  expect(listed()).toEqual([young, `.${id}.part`, '.part', 'kept.csv', 'mine.part'].sort())
})

test('a part that vanishes while parts are swept hinders no export', async () => {
  const folder = join(home, 'exports')
  mkdirSync(folder)
  symlinkSync(join(home, 'nowhere'), join(folder, '.00000000-0000-4000-8000-000000000000.part'))
  const { id } = await exports.start({ name: 'x', format: 'csv' })
  await exports.write(id, 0, text('a'))
  expect((await exports.finish(id, 1)).name).toBe('x.csv')
})

test('a part that cannot be removed keeps neither a drop nor the end of Tarn from going on', async () => {
  const { id } = await exports.start({ name: 'x', format: 'csv' })
  const part = join(home, 'exports', `.${id}.part`)
  rmSync(part)
  mkdirSync(join(part, 'held'), { recursive: true })
  await exports.close()
  expect(listed()).toEqual([`.${id}.part`])
  await expect(exports.write(id, 0, text('a'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('Arrow becomes Parquet, and what is no Arrow leaves nothing', async () => {
  const schema = { fields: [{ id: 1, name: 'n', required: false, type: 'long' }] }
  const ipc = (from: number, count: number) =>
    encodeIpc(
      columnsOf(
        schema,
        Array.from({ length: count }, (_, i) => ({ n: BigInt(from + i) })),
      ),
    )
  const { id } = await exports.start({ name: 'numbers', format: 'parquet' })
  for (let chunk = 0; chunk < 5; chunk++) await exports.write(id, chunk, ipc(chunk * 1000, 1000))
  const file = await exports.finish(id, 5000)
  const bytes = new Uint8Array(readFileSync(file.path))
  expect(file.bytes).toBe(bytes.length)
  expect(await rowsOf(bytes)).toEqual(Array.from({ length: 5000 }, (_, n) => ({ n: BigInt(n) })))

  const broken = await exports.start({ name: 'broken', format: 'parquet' })
  const failed = exports.write(broken.id, 0, text('no Arrow at all')).then(() => exports.finish(broken.id, 0))
  await expect(failed).rejects.toThrow()
  expect(listed()).toEqual(['numbers.parquet'])
})

test.each([
  ['../../etc/passwd', 'etc-passwd'],
  ['  .hidden. ', 'hidden'],
  ['con', 'con-'],
  ['a\u0000b\nc/d\\e:f*g?"<>|', 'a-b-c-d-e-f-g-'],
  ['', 'answer'],
  ['Größe 1.0 (neu)', 'Größe 1.0 (neu)'],
  ['x'.repeat(300), 'x'.repeat(80)],
])('%j is called %j', (name, stem) => {
  expect(fileName({ name, format: 'csv' }).stem.replace(/-$/, '')).toBe(stem.replace(/-$/, ''))
})

test('the routes take chunks and give the file', async () => {
  const app = exportRoutes({ exports })
  const json = (body: object) => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  })
  const { id } = (await (await app.request('/exports', json({ name: 'é', format: 'csv' }))).json()) as {
    id: string
  }
  const put = (chunk: number, body: string) =>
    app.request(`/exports/${id}?chunk=${chunk}`, { method: 'PUT', body })
  expect((await put(0, 'a\r\n')).status).toBe(200)
  expect((await put(1, '')).status).toBe(500)
  expect((await app.request(`/exports/${id}/finish`, json({ rows: 0 }))).status).toBe(200)
  const file = await app.request(`/exports/${id}/file`)
  expect(await file.text()).toBe('a\r\n')
  expect(file.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''%C3%A9.csv")
  rmSync(join(home, 'exports', 'é.csv'))
  expect((await app.request(`/exports/${id}/file`)).status).toBe(500)
})
