import { describe, expect, test } from 'vitest'
import { readManifest } from '../../../src/main/iceberg/manifest.ts'
import { readManifestList } from '../../../src/main/iceberg/manifest-list.ts'
import { planMerges } from '../../../src/main/iceberg/merge.ts'
import { headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { addedFiles, liveFiles, snapshotChanges } from '../../../src/main/iceberg/snapshot.ts'
import { commitSnapshot, type SnapshotChange } from '../../../src/main/iceberg/transaction.ts'
import type { ManifestEntry } from '../../../src/main/iceberg/types.ts'
import { dataFile, type FakeLake, fakeLake } from './fake-lake.ts'

let commits = 0
const commit = (lake: FakeLake, change: Partial<SnapshotChange>) =>
  commitSnapshot(lake.io, lake.load(), {
    commitId: `c${++commits}`,
    operation: 'append',
    add: [],
    summary: {},
    ...change,
  })
const name = (path: string) => path.split('/').at(-1)!

async function entries(lake: FakeLake): Promise<(ManifestEntry & { manifest: string })[]> {
  const manifests = await readManifestList(lake.storage, headSnapshot(lake.metadata)!)
  const all = await Promise.all(
    manifests.map(async (m) =>
      (await readManifest(lake.storage, m, lake.metadata)).map((e) => ({ ...e, manifest: m.path })),
    ),
  )
  return all.flat()
}
const shown = async (lake: FakeLake) =>
  (await entries(lake)).map((e) => `${e.status} ${name(e.file.path)} ${e.sequenceNumber}`)

describe('replacing partitions', () => {
  test('removes every live file of the partition, keeps the others with their numbers', async () => {
    const lake = fakeLake()
    await commit(lake, { add: [dataFile('a', 'x', 3), dataFile('b', 'y', 4)] })
    await commit(lake, { add: [dataFile('c', 'x', 5)] })
    const { snapshot } = await commit(lake, {
      operation: 'overwrite',
      add: [dataFile('d', 'x', 6)],
      replacePartitions: [['x']],
    })
    expect(await shown(lake)).toEqual(['added d 3', 'deleted c 2', 'deleted a 1', 'existing b 1'])
    expect(snapshot.summary).toMatchObject({
      operation: 'overwrite',
      'added-data-files': '1',
      'deleted-data-files': '2',
      'added-records': '6',
      'deleted-records': '8',
      'total-data-files': '2',
      'total-records': '10',
      'changed-partition-count': '1',
    })
    const deleted = (await entries(lake)).filter((e) => e.status === 'deleted')
    expect(new Set(deleted.map((e) => e.snapshotId))).toEqual(new Set([snapshot['snapshot-id']]))
  })

  test('rule 7: deleted entries stand only in the snapshot that deletes', async () => {
    const lake = fakeLake()
    await commit(lake, { add: [dataFile('a', 'x')] })
    await commit(lake, { operation: 'overwrite', add: [dataFile('b', 'x')], replacePartitions: [['x']] })
    await commit(lake, { add: [dataFile('c', 'x')] })
    expect(await shown(lake)).toEqual(['added c 3', 'added b 2'])
    await commit(lake, { operation: 'overwrite', add: [], replacePartitions: [['x']] })
    await commit(lake, { add: [] })
    expect(await shown(lake)).toEqual([])
  })

  test('reads only manifests that may hold the partition', async () => {
    const lake = fakeLake()
    for (const kind of ['a', 'b', 'c', 'd']) await commit(lake, { add: [dataFile(`${kind}1`, kind)] })
    lake.storage.reset()
    await commit(lake, {
      operation: 'overwrite',
      add: [dataFile('b2', 'b')],
      replacePartitions: [['b'], [null]],
    })
    // The manifest list and one manifest; written: added files, the rewritten manifest, the list.
    expect(lake.storage.counts).toMatchObject({ reads: 2, writes: 3 })
  })

  test('a retry uses the rewritten manifests again', async () => {
    const lake = fakeLake()
    await commit(lake, { add: [dataFile('a', 'x'), dataFile('b', 'y')] })
    lake.storage.reset()
    lake.faults.push({ kind: 'conflict' })
    await commit(lake, { operation: 'overwrite', add: [dataFile('c', 'x')], replacePartitions: [['x']] })
    expect(lake.storage.counts).toMatchObject({ writes: 4, deletes: 1 })
    expect(await shown(lake)).toEqual(['added c 2', 'deleted a 1', 'existing b 1'])
  })

  test('delete files of the partition go too, in a manifest of their own', async () => {
    const lake = fakeLake()
    const deletes = { ...dataFile('del', 'x', 2), content: 'position-deletes' as const }
    await commit(lake, { add: [dataFile('a', 'x')] })
    const { snapshot } = await commit(lake, { operation: 'delete', add: [deletes] })
    expect(snapshot.summary).toMatchObject({
      'added-delete-files': '1',
      'added-position-delete-files': '1',
      'added-position-deletes': '2',
      'total-delete-files': '1',
      'total-position-deletes': '2',
    })
    const manifests = await readManifestList(lake.storage, snapshot)
    expect(manifests.map((m) => m.content)).toEqual(['data', 'deletes'])
    const { snapshot: last } = await commit(lake, {
      operation: 'overwrite',
      add: [dataFile('b', 'x')],
      replacePartitions: [['x']],
    })
    expect(last.summary).toMatchObject({ 'removed-delete-files': '1', 'total-delete-files': '0' })
    const live = await liveFiles(lake.storage, lake.metadata, last['snapshot-id'])
    expect(live.map((f) => name(f.file.path))).toEqual(['b'])
  })

  test('files of an older partition spec beside them are refused, not doubled', async () => {
    const lake = fakeLake()
    await commit(lake, { add: [dataFile('a', 'x')] })
    lake.metadata = {
      ...lake.metadata,
      'partition-specs': [...lake.metadata['partition-specs'], { 'spec-id': 1, fields: [] }],
      'default-spec-id': 1,
    }
    const change = { operation: 'overwrite' as const, add: [], replacePartitions: [[]] }
    await expect(commit(lake, change)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('removing files by path', () => {
  test('rule 33: refused where another writer removed one meanwhile', async () => {
    const lake = fakeLake()
    await commit(lake, { add: [dataFile('a', 'x'), dataFile('b', 'x')] })
    const stale = lake.load()
    await commit(lake, { operation: 'delete', removePaths: new Set([dataFile('a').path]) })
    const compaction: SnapshotChange = {
      commitId: 'compact',
      operation: 'replace',
      add: [dataFile('ab', 'x', 20)],
      removePaths: new Set([dataFile('a').path, dataFile('b').path]),
      summary: {},
    }
    const objects = lake.storage.objects.size
    await expect(commitSnapshot(lake.io, stale, compaction)).rejects.toMatchObject({
      code: 'CONFLICT',
      outcome: 'reject',
    })
    expect(await shown(lake)).toEqual(['deleted a 1', 'existing b 1'])
    expect(lake.storage.objects.size).toBe(objects)
  })

  test('changes of one snapshot are told apart from what it carried over', async () => {
    const lake = fakeLake()
    await commit(lake, { add: [dataFile('a', 'x'), dataFile('b', 'x')] })
    const { snapshot } = await commit(lake, {
      operation: 'overwrite',
      add: [dataFile('c', 'x')],
      removePaths: new Set([dataFile('a').path]),
    })
    const id = snapshot['snapshot-id']
    const changes = await snapshotChanges(lake.storage, lake.metadata, id)
    expect(changes.added.map((f) => name(f.file.path))).toEqual(['c'])
    expect(changes.removed.map((f) => name(f.file.path))).toEqual(['a'])
    expect(await addedFiles(lake.storage, lake.metadata, id)).toEqual(changes.added)
  })
})

describe('manifests are joined so that their number stays bounded', () => {
  test('300 appends keep at most 100 manifests, every file and every number', async () => {
    const lake = fakeLake()
    let most = 0
    for (let i = 1; i <= 300; i++) {
      const { snapshot } = await commit(lake, { add: [dataFile(`f${i}`, `k${i % 3}`)] })
      most = Math.max(most, (await readManifestList(lake.storage, snapshot)).length)
      const added = await addedFiles(lake.storage, lake.metadata, snapshot['snapshot-id'])
      expect(added.map((f) => name(f.file.path))).toEqual([`f${i}`])
    }
    expect(most).toBe(99)
    const head = headSnapshot(lake.metadata)!
    const live = await liveFiles(lake.storage, lake.metadata, head['snapshot-id'])
    expect(live.map((f) => `${name(f.file.path)} ${f.sequenceNumber}`).sort()).toEqual(
      Array.from({ length: 300 }, (_, i) => `f${i + 1} ${i + 1}`).sort(),
    )
    for (const file of live) {
      const by = lake.metadata.snapshots.find((s) => s['snapshot-id'] === file.snapshotId)
      expect(by!['sequence-number']).toBe(file.sequenceNumber)
    }
    expect(head.summary['total-data-files']).toBe('300')
  })

  test('the table properties decide', async () => {
    const lake = fakeLake({ 'commit.manifest.min-count-to-merge': '3' })
    const counts: number[] = []
    for (let i = 0; i < 6; i++) {
      const { snapshot } = await commit(lake, { add: [dataFile(`f${i}`)] })
      counts.push((await readManifestList(lake.storage, snapshot)).length)
    }
    expect(counts).toEqual([1, 2, 1, 2, 1, 2])
    const never = fakeLake({
      'commit.manifest.min-count-to-merge': '3',
      'commit.manifest-merge.enabled': 'false',
    })
    for (let i = 0; i < 6; i++) await commit(never, { add: [dataFile(`f${i}`)] })
    expect(await readManifestList(never.storage, headSnapshot(never.metadata)!)).toHaveLength(6)
  })

  test('a retry uses the joined manifest again, beside what another writer added', async () => {
    const lake = fakeLake({ 'commit.manifest.min-count-to-merge': '3' })
    await commit(lake, { add: [dataFile('a')] })
    await commit(lake, { add: [dataFile('b')] })
    const rival = fakeLake()
    rival.metadata = lake.metadata
    const twin = { ...rival.io, storage: lake.storage }
    await commitSnapshot(twin, rival.load(), {
      commitId: 'r',
      operation: 'append',
      add: [dataFile('r')],
      summary: {},
    })
    lake.faults.push({
      kind: 'none',
      before: () => {
        lake.metadata = rival.metadata
      },
    })
    lake.storage.reset()
    await commit(lake, { add: [dataFile('c')] })
    expect(
      lake.storage.requests.filter((r) => r.operation === 'write' && r.location.includes('-m')),
    ).toHaveLength(2)
    expect((await shown(lake)).sort()).toEqual(['added c 4', 'added r 3', 'existing a 1', 'existing b 2'])
  })

  test('groups are filled from the oldest end, by content and spec', () => {
    const manifest = (path: string, length: number, specId = 0, content: 'data' | 'deletes' = 'data') => ({
      path,
      length,
      specId,
      content,
    })
    const policy = { enabled: true, minCount: 3, targetBytes: 10 }
    const bins = planMerges(
      [
        manifest('new', 2),
        manifest('d', 4),
        manifest('x', 1, 1),
        manifest('c', 5),
        manifest('b', 5),
        manifest('del', 1, 0, 'deletes'),
        manifest('a', 5),
      ],
      policy,
    )
    expect(bins.map((bin) => bin.map((m) => m.path))).toEqual([
      ['d', 'c'],
      ['b', 'a'],
    ])
  })
})
