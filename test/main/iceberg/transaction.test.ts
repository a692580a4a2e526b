import { describe, expect, test } from 'vitest'
import { headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { liveFiles } from '../../../src/main/iceberg/snapshot.ts'
import { COMMIT_KEY, commitSnapshot, type SnapshotChange } from '../../../src/main/iceberg/transaction.ts'
import type { DataFile } from '../../../src/main/iceberg/types.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import { dataFile, type FakeLake, fakeLake, serverError, unknownError } from './fake-lake.ts'

const change = (id: string, add: DataFile[], more: Partial<SnapshotChange> = {}): SnapshotChange => ({
  commitId: id,
  operation: 'append',
  add,
  summary: { 'tarn.pipeline': 'p' },
  ...more,
})
const commit = (lake: FakeLake, c: SnapshotChange, signal?: AbortSignal) =>
  commitSnapshot(lake.io, lake.load(), c, signal)

async function livePaths(lake: FakeLake): Promise<string[]> {
  const head = headSnapshot(lake.metadata)
  if (!head) return []
  const files = await liveFiles(lake.storage, lake.metadata, head['snapshot-id'])
  return files.map((f) => f.file.path.split('/').at(-1)!).sort()
}

/** Metadata objects that no snapshot of the table refers to. */
async function orphans(lake: FakeLake): Promise<string[]> {
  const { readManifestList } = await import('../../../src/main/iceberg/manifest-list.ts')
  const used = new Set<string>()
  for (const snapshot of lake.metadata.snapshots) {
    used.add(snapshot['manifest-list']!)
    for (const manifest of await readManifestList(lake.storage, snapshot)) used.add(manifest.path)
  }
  return [...lake.storage.objects.keys()].filter((path) => !used.has(path))
}

/** A commit by another writer, straight into the table. */
async function other(lake: FakeLake, name: string): Promise<() => void> {
  const { commitSnapshot: run } = await import('../../../src/main/iceberg/transaction.ts')
  const twin = fakeLake()
  twin.metadata = lake.metadata
  const io = { ...twin.io, storage: lake.storage }
  await run(io, twin.load(), change(`other-${name}`, [dataFile(name)]))
  const after = twin.metadata
  return () => {
    lake.metadata = after
  }
}

describe('an append', () => {
  test('rule 22: asserts uuid and head only, adds the snapshot and moves main', async () => {
    const lake = fakeLake()
    const first = await commit(lake, change('c1', [dataFile('a')]))
    const second = await commit(lake, change('c2', [dataFile('b')]))
    expect(lake.commits.map((c) => c.requirements)).toEqual([
      [
        { type: 'assert-table-uuid', uuid: lake.metadata['table-uuid'] },
        { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null },
      ],
      [
        { type: 'assert-table-uuid', uuid: lake.metadata['table-uuid'] },
        { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': first.snapshot['snapshot-id'] },
      ],
    ])
    expect(lake.commits[1]!.updates).toEqual([
      { action: 'add-snapshot', snapshot: second.snapshot },
      {
        action: 'set-snapshot-ref',
        'ref-name': 'main',
        type: 'branch',
        'snapshot-id': second.snapshot['snapshot-id'],
      },
    ])
    expect([first.attempts, first.found, second.found]).toEqual([1, false, false])
    expect(await livePaths(lake)).toEqual(['a', 'b'])
  })

  test('costs one manifest and one manifest list, and reads one list', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a'), dataFile('b', null)]))
    expect(lake.storage.counts).toMatchObject({ writes: 2, reads: 0, deletes: 0, lists: 0, stats: 0 })
    lake.storage.reset()
    await commit(lake, change('c2', [dataFile('c')]))
    expect(lake.storage.counts).toMatchObject({ writes: 2, reads: 1, deletes: 0, lists: 0, stats: 0 })
    expect(lake.loads).toBe(0)
  })

  test('rule 20: snapshot id, parent, sequence number, schema id, operation, clock', async () => {
    const lake = fakeLake()
    const { snapshot: first } = await commit(lake, change('c1', [dataFile('a')]))
    lake.now -= 3_600_000
    const { snapshot: second } = await commit(lake, change('c2', [dataFile('b')]))
    expect(first).not.toHaveProperty('parent-snapshot-id')
    expect(first['snapshot-id']).toBeGreaterThan(0n)
    expect(first['snapshot-id']).toBeLessThan(2n ** 63n)
    expect(second['parent-snapshot-id']).toBe(first['snapshot-id'])
    expect([first['sequence-number'], second['sequence-number']]).toEqual([1, 2])
    expect(second['schema-id']).toBe(0)
    expect(second.summary.operation).toBe('append')
    expect(second['timestamp-ms']).toBeGreaterThan(first['timestamp-ms'])
  })

  test('rule 21: summary values are strings, totals go on from the branch head', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a', 'x', 5)]))
    const { snapshot } = await commit(lake, change('c2', [dataFile('b', 'y', 7), dataFile('c', 'y', 1)]))
    expect(snapshot.summary).toEqual({
      operation: 'append',
      'tarn.pipeline': 'p',
      [COMMIT_KEY]: 'c2',
      'engine-name': 'tarn',
      'added-data-files': '2',
      'added-records': '8',
      'added-files-size': '208',
      'changed-partition-count': '1',
      'total-data-files': '3',
      'total-records': '13',
      'total-files-size': '313',
      'total-delete-files': '0',
      'total-position-deletes': '0',
      'total-equality-deletes': '0',
      'manifests-created': '1',
      'manifests-kept': '1',
      'manifests-replaced': '0',
    })
  })

  test('rule 21: a total that the parent lacks is left out', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a')]))
    const [snapshot] = lake.metadata.snapshots
    const { 'total-records': _, ...summary } = snapshot!.summary
    lake.metadata = { ...lake.metadata, snapshots: [{ ...snapshot!, summary }] }
    const { snapshot: next } = await commit(lake, change('c2', [dataFile('b')]))
    expect(next.summary).not.toHaveProperty('total-records')
    expect(next.summary['total-data-files']).toBe('2')
  })

  test('properties are set in the same commit, computed from the table as it is', async () => {
    const lake = fakeLake({ n: '1' })
    await commit(
      lake,
      change('c1', [dataFile('a')], { properties: (m) => ({ n: String(Number(m.properties.n) + 1) }) }),
    )
    expect(lake.commits).toHaveLength(1)
    expect(lake.metadata.properties.n).toBe('2')
  })

  test('a commit without files carries its ledger all the same', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a')]))
    const { snapshot } = await commit(lake, change('c2', []))
    expect(snapshot.summary['total-data-files']).toBe('1')
    expect(await livePaths(lake)).toEqual(['a'])
  })

  test('retention settings of main survive', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a')]))
    lake.metadata = {
      ...lake.metadata,
      refs: { main: { ...lake.metadata.refs.main!, 'min-snapshots-to-keep': 7 } },
    }
    await commit(lake, change('c2', [dataFile('b')]))
    expect(lake.metadata.refs.main!['min-snapshots-to-keep']).toBe(7)
  })

  test('a table of format v1 or v3 is refused before anything is written', async () => {
    for (const version of [1, 3] as const) {
      const lake = fakeLake()
      lake.metadata = { ...lake.metadata, 'format-version': version }
      await expect(commit(lake, change('c1', [dataFile('a')]))).rejects.toMatchObject({ code: 'UNSUPPORTED' })
      expect(lake.storage.objects.size).toBe(0)
    }
  })
})

describe('rule 7: a path is live once', () => {
  test('named twice in one commit', async () => {
    const lake = fakeLake()
    await expect(commit(lake, change('c1', [dataFile('a'), dataFile('a')]))).rejects.toMatchObject({
      code: 'INVALID',
    })
    expect(lake.commits).toHaveLength(0)
    expect(lake.storage.objects.size).toBe(0)
  })
  test('live already, whether we wrote it or another did', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a')]))
    await expect(commit(lake, change('c2', [dataFile('a')]))).rejects.toMatchObject({ code: 'INVALID' })
    const fresh = fakeLake()
    fresh.metadata = lake.metadata
    for (const [path, object] of lake.storage.objects) await fresh.storage.write(path, object.bytes)
    await expect(commit(fresh, change('c2', [dataFile('a')]))).rejects.toMatchObject({
      code: 'INVALID',
      context: { file: dataFile('a').path },
    })
  })
  test('manifests of other partitions are not read for it, and no manifest twice', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a', 'x')]))
    await commit(lake, change('c2', [dataFile('b', 'y')]))
    const fresh = fakeLake()
    fresh.metadata = lake.metadata
    for (const [path, object] of lake.storage.objects) await fresh.storage.write(path, object.bytes)
    fresh.storage.reset()
    await commit(fresh, change('c3', [dataFile('c', 'x')]))
    expect(fresh.storage.counts.reads).toBe(2)
    fresh.storage.reset()
    await commit(fresh, change('c4', [dataFile('d', 'x')]))
    expect(fresh.storage.counts.reads).toBe(1)
  })
})

describe('fault row 3: 409, another writer was first', () => {
  test('reloads, checks again, writes only a new manifest list', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a')]))
    const before = await other(lake, 'theirs')
    lake.faults.push({ kind: 'none', before })
    lake.storage.reset()
    const seen: number[] = []
    const result = await commit(
      lake,
      change('c2', [dataFile('b')], { check: (t) => void seen.push(t.metadata.snapshots.length) }),
    )
    expect(result).toMatchObject({ attempts: 2, found: false })
    expect(seen).toEqual([1, 2])
    expect(lake.storage.counts.writes).toBe(3)
    expect(
      lake.storage.requests.filter((r) => r.operation === 'write' && r.location.includes('-m')),
    ).toHaveLength(1)
    expect(await livePaths(lake)).toEqual(['a', 'b', 'theirs'])
    expect(result.snapshot.summary['total-data-files']).toBe('3')
    expect(await orphans(lake)).toEqual([])
  })

  test('gives up after commit.retry.num-retries with growing waits, and cleans up', async () => {
    const lake = fakeLake({ 'commit.retry.num-retries': '2', 'commit.retry.min-wait-ms': '1000' })
    for (let i = 0; i < 9; i++) lake.faults.push({ kind: 'conflict' })
    await expect(commit(lake, change('c1', [dataFile('a')]))).rejects.toMatchObject({
      code: 'CONFLICT',
      outcome: 'retry',
    })
    expect(lake.commits).toHaveLength(3)
    expect(lake.waits).toEqual([750, 1500])
    expect(lake.storage.objects.size).toBe(0)
  })

  test('no attempt begins after commit.retry.total-timeout-ms', async () => {
    const lake = fakeLake({ 'commit.retry.min-wait-ms': '1000', 'commit.retry.total-timeout-ms': '1000' })
    for (let i = 0; i < 9; i++) lake.faults.push({ kind: 'conflict' })
    await expect(commit(lake, change('c1', [dataFile('a')]))).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(lake.commits).toHaveLength(2)
  })

  test('the caller may refuse on the fresh table', async () => {
    const lake = fakeLake()
    lake.faults.push({ kind: 'conflict' })
    const check = () => {
      if (lake.loads > 0) throw new LakeError('GAP', 'positions moved')
    }
    await expect(commit(lake, change('c1', [dataFile('a')], { check }))).rejects.toMatchObject({
      code: 'GAP',
    })
    expect(lake.storage.objects.size).toBe(0)
  })

  test('properties are computed anew', async () => {
    const lake = fakeLake({ at: '5' })
    lake.faults.push({
      kind: 'conflict',
      before: () => {
        lake.metadata = { ...lake.metadata, properties: { at: '9' } }
      },
    })
    const properties = (m: { properties: Readonly<Record<string, string>> }) => ({
      at: String(Math.max(7, Number(m.properties.at))),
    })
    await commit(lake, change('c1', [dataFile('a')], { properties }))
    expect(lake.metadata.properties.at).toBe('9')
  })
})

describe('fault row 4: no answer, not applied', () => {
  test.each([500, 502, 503, 504])(
    '%d: found absent, committed again, nothing deleted meanwhile',
    async (status) => {
      const lake = fakeLake()
      lake.faults.push({ kind: 'fail', error: unknownError(status) })
      const result = await commit(lake, change('c1', [dataFile('a')]))
      expect(result).toMatchObject({ attempts: 2, found: false })
      const requests = lake.storage.requests.map((r) => r.operation)
      expect(requests.indexOf('delete')).toBe(requests.length - 1)
      expect(await livePaths(lake)).toEqual(['a'])
      expect(await orphans(lake)).toEqual([])
      const ids = lake.commits.map((c) => c.updates[0] as { snapshot: { 'snapshot-id': bigint } })
      expect(ids[0]!.snapshot['snapshot-id']).toBe(ids[1]!.snapshot['snapshot-id'])
    },
  )
})

describe('fault rows 5 and 6: applied, answer lost', () => {
  test.each([
    ['503', unknownError(503)],
    ['cut connection', new LakeError('NETWORK', 'reset', { outcome: 'unknown' })],
    ['timeout', new LakeError('TIMEOUT', 'no answer', { outcome: 'unknown' })],
    ['an unreadable answer', new LakeError('BAD_RESPONSE', 'not JSON')],
  ])('%s: found, reported once, no second append', async (_name, error) => {
    const lake = fakeLake()
    lake.faults.push({ kind: 'lose', error })
    const result = await commit(lake, change('c1', [dataFile('a')]))
    expect(result).toMatchObject({ attempts: 1, found: true })
    expect(result.table.metadata.snapshots).toHaveLength(1)
    expect(lake.commits).toHaveLength(1)
    expect(lake.storage.counts.deletes).toBe(0)
    expect(await livePaths(lake)).toEqual(['a'])
  })

  test('found below commits that others made since', async () => {
    const lake = fakeLake()
    lake.faults.push({ kind: 'lose', error: unknownError() })
    const io = lake.io
    const late = { ...io, sleep: async () => (await other(lake, 'theirs'))() }
    const result = await commitSnapshot(late, lake.load(), change('c1', [dataFile('a')]))
    expect(result.found).toBe(true)
    expect(await livePaths(lake)).toEqual(['a', 'theirs'])
  })

  test('a later call with the same commit id appends nothing (rule 26)', async () => {
    const lake = fakeLake()
    const first = await commit(lake, change('c1', [dataFile('a')]))
    const again = await commit(lake, change('c1', [dataFile('z')]))
    expect(again).toMatchObject({ attempts: 0, found: true })
    expect(again.snapshot['snapshot-id']).toBe(first.snapshot['snapshot-id'])
    expect(await livePaths(lake)).toEqual(['a'])
    expect(await orphans(lake)).toEqual([])
  })
})

describe('fault row 7: a 409 caused by our own commit', () => {
  test('lost answer, absent at the first look, then applied: recognised as ours', async () => {
    const lake = fakeLake()
    // The first request is applied only after the status check has missed it.
    lake.faults.push({ kind: 'hang', error: unknownError(), loads: 2 })
    lake.faults.push({ kind: 'conflict' })
    const result = await commit(lake, change('c1', [dataFile('a')]))
    expect(result).toMatchObject({ attempts: 2, found: true })
    expect(lake.metadata.snapshots).toHaveLength(1)
    expect(await livePaths(lake)).toEqual(['a'])
    // The list of the attempt that did not land is gone, that of the one that did is not.
    expect(await orphans(lake)).toEqual([])
  })

  test('the retry lands first: the late request is refused by its requirement', async () => {
    const lake = fakeLake()
    lake.faults.push({ kind: 'hang', error: unknownError(), loads: 2 })
    const result = await commit(lake, change('c1', [dataFile('a')]))
    expect(result).toMatchObject({ attempts: 2, found: false })
    await lake.io.catalog.loadTable(lake.load().identifier)
    expect(lake.metadata.snapshots).toHaveLength(1)
    expect(await livePaths(lake)).toEqual(['a'])
  })

  test('a 409 on the last attempt that is our own commit is success', async () => {
    const lake = fakeLake({ 'commit.retry.num-retries': '0' })
    lake.faults.push({
      kind: 'lose',
      error: new LakeError('CONFLICT', 'a proxy repeated the request', { outcome: 'retry' }),
    })
    expect(await commit(lake, change('c1', [dataFile('a')]))).toMatchObject({ found: true, attempts: 1 })
  })
})

describe('fault row 8: the status check fails too', () => {
  test('stops as unknown, keeps every file, names the snapshot; a later call settles it', async () => {
    const lake = fakeLake()
    lake.faults.push({ kind: 'lose', error: unknownError() })
    for (let i = 0; i < 4; i++) lake.loadFaults.push(serverError())
    const failure = await commit(lake, change('c1', [dataFile('a')])).catch((error: LakeError) => error)
    expect(failure).toMatchObject({
      code: 'COMMIT_UNKNOWN',
      outcome: 'unknown',
      context: { commit: 'c1', snapshot: String(headSnapshot(lake.metadata)!['snapshot-id']) },
    })
    expect((failure as LakeError).remedy).toContain(String(headSnapshot(lake.metadata)!['snapshot-id']))
    expect(lake.loads).toBe(4)
    expect(lake.storage.counts.deletes).toBe(0)
    expect(await commit(lake, change('c1', [dataFile('a')]))).toMatchObject({ found: true, attempts: 0 })
    expect(await livePaths(lake)).toEqual(['a'])
  })

  test('every attempt unanswered and absent: still unknown, for the last may yet be applied', async () => {
    const lake = fakeLake({ 'commit.retry.num-retries': '2' })
    for (let i = 0; i < 3; i++) lake.faults.push({ kind: 'fail', error: unknownError() })
    await expect(commit(lake, change('c1', [dataFile('a')]))).rejects.toMatchObject({
      code: 'COMMIT_UNKNOWN',
    })
    expect(lake.commits).toHaveLength(3)
    expect(lake.storage.counts.deletes).toBe(0)
  })

  test.each([
    ['a refusal of rights', { fault: { kind: 'fail', error: new LakeError('FORBIDDEN', 'no') } as const }],
    ['a failing store', { store: true }],
  ])(
    '%s after an unanswered attempt leaves the outcome unknown',
    async (_name, { fault, store }: { fault?: { kind: 'fail'; error: LakeError }; store?: boolean }) => {
      const lake = fakeLake()
      lake.faults.push({
        kind: 'fail',
        error: unknownError(),
        before: () => {
          if (store) lake.storage.write = () => Promise.reject(new LakeError('DISK', 'full'))
        },
      })
      if (fault) lake.faults.push(fault)
      await expect(commit(lake, change('c1', [dataFile('a')]))).rejects.toMatchObject({
        code: 'COMMIT_UNKNOWN',
      })
      expect(lake.storage.counts.deletes).toBe(0)
    },
  )

  test('stopping while the outcome is open says so', async () => {
    const lake = fakeLake()
    const stop = new AbortController()
    lake.faults.push({ kind: 'lose', error: unknownError(), before: () => stop.abort() })
    const io = { ...lake.io, sleep: () => Promise.reject(new LakeError('CANCELLED', 'stopped')) }
    await expect(
      commitSnapshot(io, lake.load(), change('c1', [dataFile('a')]), stop.signal),
    ).rejects.toMatchObject({
      code: 'COMMIT_UNKNOWN',
    })
  })
})

describe('failures that are certain', () => {
  test('a refused request deletes what was written and is not repeated', async () => {
    const lake = fakeLake()
    lake.faults.push({ kind: 'fail', error: new LakeError('FORBIDDEN', 'no') })
    await expect(commit(lake, change('c1', [dataFile('a')]))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(lake.commits).toHaveLength(1)
    expect(lake.storage.objects.size).toBe(0)
  })

  test('a request that could not be sent is repeated', async () => {
    const lake = fakeLake()
    lake.faults.push({ kind: 'fail', error: new LakeError('REFUSED', 'no server', { outcome: 'retry' }) })
    lake.loadFaults.push(new LakeError('REFUSED', 'no server', { outcome: 'retry' }))
    expect(await commit(lake, change('c1', [dataFile('a')]))).toMatchObject({ attempts: 2, found: false })
  })

  test('row 11: a table dropped and created again is never written to', async () => {
    const lake = fakeLake()
    await commit(lake, change('c1', [dataFile('a')]))
    const stale = lake.load()
    const replaced = fakeLake()
    lake.metadata = { ...replaced.metadata, 'table-uuid': 'e4b3c0a5-0000-4000-8000-000000000000' }
    await expect(commitSnapshot(lake.io, stale, change('c2', [dataFile('b')]))).rejects.toMatchObject({
      code: 'TABLE_REPLACED',
      outcome: 'reject',
    })
    expect(lake.metadata.snapshots).toHaveLength(0)
  })

  test('a store that fails before the commit request leaves nothing', async () => {
    const lake = fakeLake()
    const write = lake.storage.write
    let calls = 0
    lake.storage.write = (location, bytes, options) =>
      ++calls === 2 ? Promise.reject(new LakeError('DISK', 'full')) : write(location, bytes, options)
    await expect(commit(lake, change('c1', [dataFile('a')]))).rejects.toMatchObject({ code: 'DISK' })
    expect(lake.commits).toHaveLength(0)
    expect(lake.storage.objects.size).toBe(0)
  })
})

test('fault row 26: a clock that jumps never lets snapshot times fall', async () => {
  const lake = fakeLake()
  const times: number[] = []
  for (const jump of [0, -120_000, 86_400_000, -86_400_000, 5]) {
    lake.now += jump
    const { snapshot } = await commit(lake, change(`c${times.length}`, [dataFile(`f${times.length}`)]))
    times.push(snapshot['timestamp-ms'])
  }
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(new Set(times).size).toBe(times.length)
})

test('two writers at once: every file exactly once, over 200 seeded races', async () => {
  let seed = 20260101
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed / 2147483648
  }
  const lake = fakeLake({ 'commit.retry.num-retries': '20' })
  const expected: string[] = []
  for (let i = 0; i < 200; i++) {
    const race = random()
    if (race < 0.25) lake.faults.push({ kind: 'none', before: await other(lake, `o${i}`) })
    else if (race < 0.45) lake.faults.push({ kind: 'lose', error: unknownError() })
    else if (race < 0.6) lake.faults.push({ kind: 'fail', error: unknownError() })
    else if (race < 0.75)
      lake.faults.push({ kind: 'hang', error: unknownError(), loads: 1 + Math.floor(random() * 3) })
    if (race < 0.25) expected.push(`o${i}`)
    await commit(lake, change(`c${i}`, [dataFile(`f${i}`)]))
    expected.push(`f${i}`)
  }
  expect(await livePaths(lake)).toEqual(expected.sort())
  expect(headSnapshot(lake.metadata)!.summary['total-data-files']).toBe(String(expected.length))
  expect(await orphans(lake)).toEqual([])
})
