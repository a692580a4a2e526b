import { beforeEach, expect, test } from 'vitest'
import { readManifest } from '../../../src/main/iceberg/manifest.ts'
import { readManifestList } from '../../../src/main/iceberg/manifest-list.ts'
import { headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { liveFiles } from '../../../src/main/iceberg/snapshot.ts'
import { planManifests, runManifests } from '../../../src/main/maintenance/manifests.ts'
import { sample } from '../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake } from '../../helpers/memory-lake.ts'
import { positionDelete } from './deletes.ts'

let lake: MemoryLake
const signal = new AbortController().signal
const DAY = 86_400_000_000n

beforeEach(() => {
  lake = memoryLake()
})

const append = (id: string, day: number) => lake.append('raw', [sample({ id, at: BigInt(day) * DAY })])
const head = () => headSnapshot(lake.metadata('raw'))!
const manifests = () => readManifestList(lake.storage, head())
const plan = async () => planManifests(lake.io, await lake.load('raw'))
/** Everything of the live files but which manifest they stand in. */
const files = async () =>
  (await liveFiles(lake.storage, lake.metadata('raw'), head()['snapshot-id'])).sort((a, b) =>
    a.file.path < b.file.path ? -1 : 1,
  )

test('manifests are joined without touching a file, each with its own sequence number', async () => {
  for (const [i, day] of [3, 1, 2, 1, 3].entries()) await append(`s${i}`, day)
  const before = await files()
  const writes = lake.storage.counts.writes
  const planned = await plan()
  expect([planned.manifests.length, planned.after]).toEqual([5, 1])
  const snapshot = await runManifests(lake.io, planned, signal)
  expect(head()).toMatchObject({
    'snapshot-id': snapshot,
    summary: {
      operation: 'replace',
      'tarn.maintenance': 'manifests',
      'total-records': '5',
      'total-data-files': '5',
      'manifests-created': '1',
      'manifests-replaced': '5',
      'manifests-kept': '0',
    },
  })
  expect(head().summary['added-data-files']).toBeUndefined()
  expect(await files()).toEqual(before)
  // One manifest and one list.
  expect(lake.storage.counts.writes - writes).toBe(2)
  expect((await plan()).manifests).toEqual([])
})

test('entries of one partition lie together, where one manifest is not enough', async () => {
  for (let i = 0; i < 12; i++) await append(`s${i}`, i % 3)
  const metadata = lake.metadata('raw')
  const total = (await plan()).sizes.reduce((sum, size) => sum + size, 0)
  lake.setMetadata('raw', {
    ...metadata,
    properties: { ...metadata.properties, 'commit.manifest.target-size-bytes': String(Math.ceil(total / 3)) },
  })
  await runManifests(lake.io, await plan(), signal)
  const days = await Promise.all(
    (await manifests()).map(async (one) => [
      ...new Set((await readManifest(lake.storage, one, metadata)).map(({ file }) => file.partition[0])),
    ]),
  )
  expect(days).toEqual([[0], [1], [2]])
})

test('delete manifests stay apart from data manifests', async () => {
  for (let i = 0; i < 2; i++) {
    const [file] = await append(`s${i}`, i)
    await lake.commit('raw', { add: [await positionDelete(lake, 'raw', file!, [0], true)] })
  }
  await append('s9', 9)
  await runManifests(lake.io, await plan(), signal)
  expect((await manifests()).map((one) => one.content)).toEqual(['data', 'deletes'])
  expect(await lake.rows('raw')).toHaveLength(1)
})

test('an append meanwhile is kept, and stands in a manifest of its own', async () => {
  for (let i = 0; i < 4; i++) await append(`s${i}`, 0)
  const planned = await plan()
  await append('late', 0)
  await runManifests(lake.io, planned, signal)
  expect(await manifests()).toHaveLength(2)
  expect(await lake.rows('raw')).toHaveLength(5)
})

test('manifests that another commit joined since refuse it', async () => {
  for (let i = 0; i < 4; i++) await append(`s${i}`, 0)
  const [one, two] = [await plan(), await plan()]
  await runManifests(lake.io, one, signal)
  await expect(runManifests(lake.io, two, signal)).rejects.toMatchObject({ code: 'CONFLICT' })
})
