import { describe, expect, test } from 'vitest'
import { fileDetail, filePage } from '../../../../src/main/app/inspect/file-lists.ts'
import { readingOf, snapshotFiles } from '../../../../src/main/app/inspect/files.ts'
import { footerPage } from '../../../../src/main/app/inspect/footer.ts'
import { fileLimits } from '../../../../src/main/app/inspect/health.ts'
import { partitionPage, sizesOf } from '../../../../src/main/app/inspect/partitions.ts'
import { openTable } from '../../../../src/main/app/inspect/table.ts'
import type { LiveFile } from '../../../../src/main/iceberg/types.ts'
import { lakeWith, openFixture } from '../../../helpers/fixture-lake.ts'
import { fixtureTable } from '../../../helpers/fixture-table.ts'

const ALL = { page: 0, pageSize: 500 }

describe('the files of a snapshot', () => {
  test('are read once: paging, filtering and sorting cost no request, a neighbour only its own manifests', async () => {
    const { table, storage } = await openFixture('evolved')
    const first = await filePage(table, { page: 0, pageSize: 2 })
    const cost = storage.counts.reads
    expect(cost).toBeGreaterThan(1)
    storage.reset()
    const rest = await filePage(table, { page: 1, pageSize: 2 })
    await filePage(table, { ...ALL, find: 'a', sort: 'largest' })
    await partitionPage(table, ALL)
    expect(storage.counts.reads).toBe(0)
    expect(first.total).toBe(rest.total)
    const parent = table.metadata.snapshots.find(
      (one) => one['snapshot-id'] === table.metadata['current-snapshot-id'],
    )
    await filePage(table, { ...ALL, snapshot: String(parent?.['parent-snapshot-id']) })
    expect(storage.counts.reads).toBeLessThanOrEqual(cost)
  })

  test('match by words, content and partition, in the order that is asked for', async () => {
    const { table } = await openFixture('merge-on-read')
    const all = await filePage(table, ALL)
    const deletes = await filePage(table, { ...ALL, content: 'deletes' })
    const data = await filePage(table, { ...ALL, content: 'data', sort: 'largest' })
    expect(deletes.total + data.total).toBe(all.total)
    expect(all.inAll).toBe(all.total)
    expect(data.files.map((file) => file.bytes)).toEqual(
      data.files.map((file) => file.bytes).toSorted((a, b) => b - a),
    )
    const partition = all.files[0]!.partition
    const one = await filePage(table, { ...ALL, partition })
    expect(one.files.every((file) => file.partition === partition)).toBe(true)
    expect((await filePage(table, { ...ALL, find: 'EQUALITY parquet' })).total).toBe(
      deletes.files.filter((file) => file.content === 'equality-deletes').length,
    )
    expect(await filePage(table, { ...ALL, find: 'no such file' })).toMatchObject({
      total: 0,
      inAll: all.total,
    })
  })

  test('tell which deletes may apply to them, as the reader finds them', async () => {
    const { table } = await openFixture('merge-on-read')
    const { files } = await filePage(table, { ...ALL, content: 'data' })
    const touched = files.filter((file) => file.positionDeletes + file.equalityDeletes > 0)
    expect(touched.length).toBeGreaterThan(0)
    const detail = await fileDetail(table, { path: touched[0]!.path })
    expect(detail.deletes).toHaveLength(touched[0]!.positionDeletes + touched[0]!.equalityDeletes)
    const equality = (await filePage(table, ALL)).files.find((file) => file.content === 'equality-deletes')
    expect((await fileDetail(table, { path: equality!.path })).equalityColumns.length).toBeGreaterThan(0)
  })

  test('that nobody waits for any more are read no further, and can be asked for again', async () => {
    const { storage, metadata } = await fixtureTable('evolved')
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    let stopped = 0
    const slow = {
      ...storage,
      read: async (location: string, options: { signal?: AbortSignal } = {}) => {
        if (!location.includes('-m')) return storage.read(location)
        options.signal?.addEventListener('abort', () => {
          stopped += 1
        })
        await Promise.race([
          gate,
          new Promise((_, reject) =>
            options.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
          ),
        ])
        return storage.read(location)
      },
    }
    const { lake } = lakeWith('evolved', metadata, slow, null)
    const { metadata: at } = await openTable(lake, { namespace: ['db'], name: 'evolved' })
    const id = at['current-snapshot-id']!
    const [one, other] = [new AbortController(), new AbortController()]
    const first = snapshotFiles(lake, at, id, one.signal)
    const second = snapshotFiles(lake, at, id, other.signal)
    await expect.poll(() => readingOf(lake, at, id)?.total).toBeGreaterThan(0)
    one.abort()
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(stopped).toBe(0)
    other.abort()
    await expect(second).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(stopped).toBeGreaterThan(0)
    expect(readingOf(lake, at, id)).toBeNull()
    release()
    expect((await snapshotFiles(lake, at, id)).files.length).toBeGreaterThan(0)
  })
})

describe('what cannot be read', () => {
  const file = (of: Partial<LiveFile['file']>) =>
    ({ file: { content: 'data', format: 'parquet', ...of }, sequenceNumber: 1, snapshotId: 1n }) as LiveFile
  const titles = (files: LiveFile[]) => fileLimits(files).map((one) => one.title)

  test('is said by name, with how much there is of it', () => {
    expect(titles([file({}), file({ content: 'position-deletes' })])).toEqual([])
    expect(titles([file({ content: 'position-deletes', format: 'puffin' })])).toEqual([
      'Deletion vectors (format v3): 1',
    ])
    expect(
      titles([file({ keyMetadata: new Uint8Array(1) }), file({ format: 'orc' }), file({ format: 'orc' })]),
    ).toEqual(['Encrypted files: 1', 'Files in ORC: 2'])
    expect(titles([file({ format: 'avro' }), file({ format: 'avro', content: 'equality-deletes' })])).toEqual(
      ['Data files in Avro: 1', 'Delete files in Avro: 1'],
    )
  })

  test('a path that the table does not hold is never opened', async () => {
    const { table, storage } = await openFixture('evolved')
    await filePage(table, ALL)
    storage.reset()
    for (const path of ['file:///etc/passwd', 'file:///tmp/tarn-fixture/lake/db/evolved/metadata/x.json']) {
      await expect(footerPage(table, { ...ALL, path })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(storage.requests.filter((request) => request.location.endsWith('.json'))).toEqual([])
    await expect(footerPage(table, { ...ALL, manifest: 99, entry: 0 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

test('file sizes fall into doublings, the smallest joined', () => {
  expect(sizesOf([])).toEqual([])
  expect(sizesOf([100, 120, 130, 300])).toEqual([
    { from: 0, to: 128, files: 2 },
    { from: 128, to: 256, files: 1 },
    { from: 256, to: 512, files: 1 },
  ])
  const wide = sizesOf([1, 1 << 20, 1 << 30])
  expect(wide).toHaveLength(9)
  expect(wide[0]).toMatchObject({ from: 0, files: 2 })
})
