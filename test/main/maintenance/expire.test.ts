import { beforeEach, describe, expect, test } from 'vitest'
import { headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { planScan } from '../../../src/main/iceberg/scan.ts'
import { planCompact, runCompact } from '../../../src/main/maintenance/compact.ts'
import { type ExpireWish, planExpire, runExpire } from '../../../src/main/maintenance/expire.ts'
import { planOrphans } from '../../../src/main/maintenance/orphans.ts'
import { withFaults } from '../../../src/main/storage/faults.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import { sample } from '../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake } from '../../helpers/memory-lake.ts'

let lake: MemoryLake
const signal = new AbortController().signal
const AT = BigInt(Date.parse('2026-03-01T00:00:00Z')) * 1000n
const HOUR = 3_600_000

beforeEach(() => {
  lake = memoryLake()
})

const append = async (id: string): Promise<bigint> => {
  lake.now += HOUR
  await lake.append('raw', [sample({ id, at: AT })])
  return headSnapshot(lake.metadata('raw'))!['snapshot-id']
}
const ids = async () => (await lake.rows('raw')).map((one) => one.sample_id).sort()
const plan = async (wish: Partial<ExpireWish> = {}) =>
  planExpire(lake.io, await lake.load('raw'), { before: lake.now, keep: 1, needed: new Map(), ...wish })
const compact = async () => {
  lake.now += HOUR
  return runCompact(lake.io, await planCompact(lake.io, await lake.load('raw')), { signal })
}
const paths = () => [...lake.storage.objects.keys()].filter((path) => path.includes('health_data_raw'))
/** What an orphan search in a distant future finds: what nothing refers to. */
const orphans = async () => {
  const now = lake.now
  lake.now = Date.now() + 30 * 24 * HOUR
  const found = await planOrphans(lake.io, await lake.load('raw'), { days: 1, pending: [], others: [] })
  lake.now = now
  return found.files.map((file) => file.path)
}

test('what only old snapshots hold is planned: after a compaction the files that it replaced', async () => {
  const old = [await append('a'), await append('b'), await append('c'), await append('d')]
  const small = (await planScan(lake.io, lake.metadata('raw'))).files.map(({ file }) => file)
  await compact()
  const { snapshots, files, spared } = await plan()
  expect(snapshots.map((one) => one['snapshot-id'])).toEqual(old)
  expect(spared).toEqual([])
  const data = files.filter((file) => file.kind === 'data')
  expect(data.map((file) => file.path).sort()).toEqual(small.map((file) => file.path).sort())
  expect(data.reduce((sum, file) => sum + file.bytes!, 0)).toBe(
    small.reduce((sum, one) => sum + one.fileSize, 0),
  )
  expect(files.filter((file) => file.kind === 'manifest-list')).toHaveLength(4)
})

test('a run takes exactly those, and the table says what it said', async () => {
  for (const id of ['a', 'b', 'c', 'd']) await append(id)
  await compact()
  const planned = await plan()
  const before = paths()
  const result = await runExpire(lake.io, planned, { signal })
  expect(result).toMatchObject({ snapshots: 4, files: planned.files.length, failed: 0 })
  const gone = before.filter((path) => !lake.storage.objects.has(path))
  expect(gone.sort()).toEqual(planned.files.map((file) => file.path).sort())
  expect(lake.metadata('raw').snapshots).toHaveLength(1)
  expect(await ids()).toEqual(['a', 'b', 'c', 'd'])
  expect(await orphans()).toEqual([])
})

test('without a compaction only lists and metadata of appends go, never their rows', async () => {
  for (const id of ['a', 'b', 'c']) await append(id)
  const { files } = await plan()
  expect(new Set(files.map((file) => file.kind))).toEqual(new Set(['manifest-list']))
  await runExpire(lake.io, await plan(), { signal })
  expect(await ids()).toEqual(['a', 'b', 'c'])
})

describe('what stays', () => {
  test('snapshots younger than asked for', async () => {
    const old = await append('a')
    await append('b')
    await append('c')
    const { snapshots } = await plan({ before: lake.now - 1.5 * HOUR })
    expect(snapshots.map((one) => one['snapshot-id'])).toEqual([old])
  })

  test('as many of the history as asked for', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await append(id)
    expect((await plan({ keep: 3 })).snapshots).toHaveLength(1)
    expect((await plan({ keep: 9 })).snapshots).toHaveLength(0)
  })

  test('what a tag or a branch points to, and what a branch keeps by its own settings', async () => {
    const [a, b] = [await append('a'), await append('b')]
    for (const id of ['c', 'd', 'e']) await append(id)
    const metadata = lake.metadata('raw')
    lake.setMetadata('raw', {
      ...metadata,
      refs: {
        main: { ...metadata.refs.main!, 'min-snapshots-to-keep': 2 },
        audit: { 'snapshot-id': a, type: 'tag' },
        dev: { 'snapshot-id': b, type: 'branch' },
      },
    })
    expect((await plan()).snapshots).toHaveLength(1)
  })

  test('what is needed, with the reason', async () => {
    const old = await append('a')
    await append('b')
    await append('c')
    const { snapshots, spared } = await plan({ needed: new Map([[old, 'the aggregates are of it']]) })
    expect(snapshots).toHaveLength(1)
    expect(spared.map((one) => [one.snapshot['snapshot-id'], one.reason])).toEqual([
      [old, 'the aggregates are of it'],
    ])
  })

  test('everything where the table forbids it', async () => {
    await append('a')
    lake.setMetadata('raw', { ...lake.metadata('raw'), properties: { 'gc.enabled': 'false' } })
    await expect(plan()).rejects.toThrow('gc.enabled')
  })
})

describe('others meanwhile', () => {
  test('a commit that came since the plan is no hindrance', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await append(id)
    await compact()
    const planned = await plan()
    await append('e')
    await runExpire(lake.io, planned, { signal })
    expect(await ids()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(lake.metadata('raw').snapshots).toHaveLength(2)
  })

  test('a tag set on a planned snapshot refuses it', async () => {
    const old = await append('a')
    await append('b')
    const planned = await plan()
    const metadata = lake.metadata('raw')
    lake.setMetadata('raw', {
      ...metadata,
      refs: { ...metadata.refs, t: { 'snapshot-id': old, type: 'tag' } },
    })
    const before = paths()
    await expect(runExpire(lake.io, planned, { signal })).rejects.toThrow('tag t points to snapshot')
    expect(paths()).toEqual(before)
  })

  test('a planned file that a new snapshot holds again stays', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await append(id)
    const { files } = await planScan(lake.io, lake.metadata('raw'))
    const again = files[0]!.file
    await compact()
    const planned = await plan()
    await lake.commit('raw', { operation: 'append', add: [again] })
    const result = await runExpire(lake.io, planned, { signal })
    expect(result).toMatchObject({ files: planned.files.length - 1, held: 1, failed: 0 })
    expect(lake.storage.objects.has(again.path)).toBe(true)
    expect(await ids()).toHaveLength(5)
  })
})

test("what others expired since the plan is not counted as this run's", async () => {
  const [oldest] = [await append('a'), await append('b'), await append('c')]
  const planned = await plan()
  const theirs = await planExpire(lake.io, await lake.load('raw'), {
    before: lake.now,
    keep: 1,
    needed: new Map(planned.snapshots.slice(1).map((one) => [one['snapshot-id'], 'needed'])),
  })
  expect(theirs.snapshots.map((one) => one['snapshot-id'])).toEqual([oldest])
  expect(await runExpire(lake.io, theirs, { signal })).toMatchObject({ snapshots: 1, gone: 0 })
  expect(await runExpire(lake.io, planned, { signal })).toMatchObject({ snapshots: 1, gone: 1 })
  expect(await runExpire(lake.io, planned, { signal })).toMatchObject({ snapshots: 0, gone: 2 })
})

test('a file that cannot be deleted is told, and not counted', async () => {
  for (const id of ['a', 'b', 'c']) await append(id)
  const planned = await plan()
  const error = new LakeError('FORBIDDEN', 'denied')
  const storage = withFaults(lake.storage, [{ operation: 'delete', kind: 'fail', error }])
  const result = await runExpire({ ...lake.io, storage }, planned, { signal })
  expect(result).toMatchObject({ snapshots: 2, files: planned.files.length - 1, failed: 1 })
})

test('an answer that was lost is settled by reading the table again', async () => {
  for (const id of ['a', 'b', 'c']) await append(id)
  const planned = await plan()
  const error = new LakeError('COMMIT_UNKNOWN', 'cut', { outcome: 'unknown' })
  lake.faults.push({ table: 'health_data_raw', when: 'after', error })
  expect(await runExpire(lake.io, planned, { signal })).toMatchObject({ snapshots: 2, failed: 0 })
  expect(lake.metadata('raw').snapshots).toHaveLength(1)
  expect(await orphans()).toEqual([])
})

test('cut between the commit and the last deletion it leaves orphans, and no snapshot without its files', async () => {
  for (const id of ['a', 'b', 'c', 'd']) await append(id)
  await compact()
  const planned = await plan()
  const stop = new AbortController()
  const running = runExpire(lake.io, planned, {
    signal: stop.signal,
    onProgress: (done) => done === 2 && stop.abort(),
  })
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(await ids()).toEqual(['a', 'b', 'c', 'd'])
  const left = planned.files.map((file) => file.path).filter((path) => lake.storage.objects.has(path))
  expect((await orphans()).sort()).toEqual(left.sort())
})
