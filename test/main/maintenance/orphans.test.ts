import { beforeEach, describe, expect, test } from 'vitest'
import { type OrphanWish, planOrphans, runOrphans } from '../../../src/main/maintenance/orphans.ts'
import { locationKey } from '../../../src/main/maintenance/reach.ts'
import { sample } from '../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake } from '../../helpers/memory-lake.ts'

let lake: MemoryLake
const signal = new AbortController().signal
const DAY = 86_400_000
const ROOT = 'memory://lake/db/health_data_raw'

beforeEach(async () => {
  lake = memoryLake()
  for (const id of ['a', 'b']) await lake.append('raw', [sample({ id, at: 0n })])
  lake.now = Date.now()
})

/** A file that is `days` old. */
function put(path: string, days: number): string {
  const location = path.startsWith('memory:') ? path : `${ROOT}/${path}`
  lake.storage.objects.set(location, { bytes: new Uint8Array(7), modified: lake.now - days * DAY, etag: 'x' })
  return location
}
/** Makes everything there is `days` old. */
function age(days: number): void {
  for (const [path, object] of lake.storage.objects)
    lake.storage.objects.set(path, { ...object, modified: lake.now - days * DAY })
}
const plan = async (wish: Partial<OrphanWish> = {}) =>
  planOrphans(lake.io, await lake.load('raw'), { days: 3, pending: [], others: [], ...wish })
const paths = async (wish: Partial<OrphanWish> = {}) => (await plan(wish)).files.map((file) => file.path)

test('files under the table that nothing refers to, old enough; all else stays', async () => {
  age(30)
  const orphan = put('data/lost.parquet', 4)
  put('data/young.parquet', 2)
  put('memory://lake/db/health_data_errors/data/other.parquet', 30)
  const { files, listed, spared } = await plan()
  expect(files).toEqual([{ path: orphan, kind: 'data', bytes: 7, modified: lake.now - 4 * DAY }])
  expect(spared).toEqual({ young: 1, pending: 0, foreign: 0 })
  expect(listed).toBe([...lake.storage.objects.keys()].filter((path) => path.startsWith(`${ROOT}/`)).length)
})

test('metadata files: the present one, those of its log and the hint stay', async () => {
  const [present, logged, old] = [
    put('metadata/3.metadata.json', 9),
    put('metadata/2.metadata.json', 9),
    put('metadata/1.metadata.json', 9),
  ]
  put('metadata/version-hint.text', 9)
  const table = await lake.load('raw')
  const found = await planOrphans(
    lake.io,
    {
      ...table,
      metadataLocation: present!,
      metadata: { ...table.metadata, 'metadata-log': [{ 'metadata-file': logged!, 'timestamp-ms': 1 }] },
    },
    { days: 3, pending: [], others: [] },
  )
  expect(found.files.map((file) => file.path)).toEqual([old])
})

test('files of a commit whose end is not known stay', async () => {
  put('data/11111111-2222-4333-8444-555555555555-00001.parquet', 9)
  const { files, spared } = await plan({ pending: ['11111111-2222-4333-8444-555555555555'] })
  expect(files).toEqual([])
  expect(spared.pending).toBe(1)
})

test('another table in a folder below is left alone, known or not', async () => {
  put('inner/metadata/00001.metadata.json', 9)
  put('inner/data/x.parquet', 9)
  put('named/data/y.parquet', 9)
  expect(await paths({ others: [`${ROOT}/named`] })).toEqual([])
})

test.each([0, 0.5, -1, Number.NaN])('less than a day is refused: %s', async (days) => {
  await expect(plan({ days })).rejects.toMatchObject({ code: 'INVALID' })
})

test.each([
  ['s3a://bucket/a/b', 's3://bucket/a/b'],
  ['s3n://bucket/a/b', 's3://bucket/a/b'],
  ['file:/a/b', 'file:///a/b'],
  ['/a/b', 'file:///a/b'],
])('%s and %s are one place', (one, two) => {
  expect(locationKey(one)).toBe(locationKey(two))
})

test('an encoded name is another name', () => {
  expect(locationKey('s3://b/a%2Fb')).not.toBe(locationKey('s3://b/a/b'))
})

describe('a run', () => {
  test('deletes exactly what was planned', async () => {
    const orphan = put('data/lost.parquet', 4)
    const planned = await plan()
    const later = put('data/later.parquet', 9)
    expect(await runOrphans(lake.io, planned, { signal })).toEqual({ files: 1, bytes: 7, held: 0, failed: 0 })
    expect(lake.storage.objects.has(orphan)).toBe(false)
    expect(lake.storage.objects.has(later)).toBe(true)
    expect(await lake.rows('raw')).toHaveLength(2)
  })

  test('spares a file that a commit took up since', async () => {
    const [file] = await lake.write('raw', [sample({ id: 'c', at: 0n })])
    const object = lake.storage.objects.get(file!.path)!
    lake.storage.objects.set(file!.path, { ...object, modified: lake.now - 9 * DAY })
    const planned = await plan()
    expect(planned.files.map((one) => one.path)).toEqual([file!.path])
    await lake.commit('raw', { operation: 'append', add: [file!] })
    expect(await runOrphans(lake.io, planned, { signal })).toMatchObject({ files: 0 })
    expect(await lake.rows('raw')).toHaveLength(3)
  })
})
