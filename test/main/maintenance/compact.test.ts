import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/main/base/log.ts'
import { headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { planScan } from '../../../src/main/iceberg/scan.ts'
import { liveFiles } from '../../../src/main/iceberg/snapshot.ts'
import type { TableMetadata } from '../../../src/main/iceberg/types.ts'
import { type CompactPlan, planCompact, runCompact } from '../../../src/main/maintenance/compact.ts'
import { goBack, wayBack } from '../../../src/main/maintenance/restore.ts'
import { rollUp } from '../../../src/main/rollup/rollup.ts'
import { expectAggregates, sample } from '../../helpers/aggregates.ts'
import { type MemoryLake, memoryLake, type Row } from '../../helpers/memory-lake.ts'
import { equalityDelete, positionDelete } from './deletes.ts'

let lake: MemoryLake
let folder: string
const signal = new AbortController().signal

beforeEach(() => {
  lake = memoryLake()
  folder = mkdtempSync(join(tmpdir(), 'tarn-compact-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const DAY = Date.parse('2026-03-01T00:00:00Z')
const row = (
  id: string,
  parts: { day?: number; user?: string; value?: number; type?: string } = {},
): Row => ({
  ...sample({ ...parts, id, at: BigInt(DAY + (parts.day ?? 0) * 86_400_000) * 1000n }),
  metadata: new Map([['device', id]]),
  source_bundle: id === 'a0' ? null : 'bundle',
})
const plan = async (): Promise<CompactPlan> => planCompact(lake.io, await lake.load('raw'))
const run = (planned: CompactPlan) => runCompact(lake.io, planned, { signal })
const head = () => headSnapshot(lake.metadata('raw'))!
const ids = async () => (await lake.rows('raw')).map((one) => one.sample_id as string).sort()
const texts = async () =>
  (await lake.rows('raw'))
    .map((one) =>
      JSON.stringify(one, (_, value) =>
        typeof value === 'bigint' ? `${value}n` : value instanceof Map ? [...value] : value,
      ),
    )
    .sort()
const stored = () => [...lake.storage.objects.keys()].filter((path) => path.includes('_raw/data'))

async function load(batches: number, parts: Parameters<typeof row>[1] = {}): Promise<void> {
  for (let i = 0; i < batches; i++) await lake.append('raw', [row(`a${i}`, parts), row(`b${i}`, parts)])
}

describe('what is planned', () => {
  test('partitions with four small files or more, and no others', async () => {
    await load(4)
    await load(3, { day: 1 })
    const { groups, sizes } = await plan()
    expect(groups.map((group) => [group.files.length, group.rows])).toEqual([[4, 8]])
    expect(sizes).toHaveLength(7)
  })

  test('nothing for an empty table', async () => {
    expect(await plan()).toMatchObject({ snapshotId: null, groups: [] })
  })

  test('files that deletes apply to, however few', async () => {
    const [file] = await lake.append('raw', [row('a'), row('b')])
    await lake.append('raw', [row('c', { day: 1 })])
    await lake.commit('raw', { add: [await positionDelete(lake, 'raw', file!, [0])] })
    const planned = await plan()
    expect(planned.groups.map((group) => group.files.map((one) => one.file.path))).toEqual([[file!.path]])
    expect(planned.deletes).toHaveLength(1)
  })

  test('groups end at the target size of the table', async () => {
    await load(8)
    const metadata = lake.metadata('raw')
    const size = Math.max(...(await plan()).sizes)
    lake.setMetadata('raw', {
      ...metadata,
      properties: { ...metadata.properties, 'write.target-file-size-bytes': String(size * 4) },
    })
    expect((await plan()).groups.map((group) => group.files.length)).toEqual([4, 4])
  })
})

describe('what is refused, by name', () => {
  const with_ = (change: Partial<TableMetadata>) =>
    lake.setMetadata('raw', { ...lake.metadata('raw'), ...change })

  test.each([1, 3] as const)('format version %i', async (version) => {
    with_({ 'format-version': version })
    await expect(plan()).rejects.toThrow(`format version ${version}`)
  })

  test('encryption', async () => {
    with_({ properties: { 'encryption.key-id': 'k' } })
    await expect(plan()).rejects.toThrow('encrypted')
  })

  test('columns that cannot be written', async () => {
    const [schema] = lake.metadata('raw').schemas
    const list = {
      type: 'list' as const,
      'element-id': 91,
      'element-required': false,
      element: 'string' as const,
    }
    with_({
      schemas: [
        {
          ...schema!,
          fields: [
            ...schema!.fields,
            { id: 90, name: 'tags', required: false, type: list },
            { id: 92, name: 'price', required: false, type: 'decimal(9, 2)' },
          ],
        },
      ],
    })
    await expect(plan()).rejects.toThrow('cannot write the columns tags (list), price (decimal(9, 2))')
  })

  test('deletion vectors and files of other formats', async () => {
    const [file] = await lake.append('raw', [row('a')])
    const vector = await positionDelete(lake, 'raw', file!, [0], true)
    await lake.commit('raw', { add: [{ ...vector, format: 'puffin' }] })
    await expect(plan()).rejects.toThrow('deletion vectors')
  })
})

describe('what a run leaves', () => {
  test('the same rows in one file a partition, in one replace snapshot', async () => {
    await load(5)
    await load(4, { day: 1, type: 'heartRate' })
    const before = await texts()
    const parent = head()
    const result = await run(await plan())
    expect(await texts()).toEqual(before)
    expect((await planScan(lake.io, lake.metadata('raw'))).files).toHaveLength(2)
    expect(result).toMatchObject({
      removed: { files: 9, deleteFiles: 0 },
      added: { files: 2 },
      rows: 18,
      deletedRows: 0,
    })
    expect(result.snapshots).toEqual([head()['snapshot-id']])
    expect(head()).toMatchObject({
      'parent-snapshot-id': parent['snapshot-id'],
      summary: {
        operation: 'replace',
        'tarn.maintenance': 'compact',
        'total-records': '18',
        'total-data-files': '2',
        'added-records': '18',
        'deleted-records': '18',
      },
    })
    expect((await plan()).groups).toEqual([])
  })

  test('counts, bounds and sequence number of the new file are those of its rows', async () => {
    await load(4)
    const sequence = head()['sequence-number']
    await run(await plan())
    const [live] = await liveFiles(lake.storage, lake.metadata('raw'), head()['snapshot-id'])
    expect(live!.sequenceNumber).toBe(sequence)
    expect(live!.snapshotId).toBe(head()['snapshot-id'])
    const { file } = live!
    const field = (name: string) =>
      lake.metadata('raw').schemas[0]!.fields.find((one) => one.name === name)!.id
    const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)
    expect(file.recordCount).toBe(8)
    expect(text(file.lowerBounds?.get(field('sample_id')))).toBe('a0')
    expect(text(file.upperBounds?.get(field('sample_id')))).toBe('b3')
    expect(file.nullCounts?.get(field('source_bundle'))).toBe(1)
    expect(file.sortOrderId).toBe(0)
    expect(file.fileSize).toBe(lake.storage.objects.get(file.path)?.bytes.byteLength)
  })

  test('deleted rows are gone, and so are delete files that have served', async () => {
    const [first] = await lake.append('raw', [row('a'), row('b'), row('c')])
    const [second] = await lake.append('raw', [row('d'), row('e')])
    await lake.append('raw', [row('b', { day: 1 })])
    await lake.commit('raw', {
      add: [
        await positionDelete(lake, 'raw', first!, [0]),
        await equalityDelete(lake, 'raw', second!.partition, 'sample_id', ['b', 'e']),
      ],
    })
    const result = await run(await plan())
    expect(await ids()).toEqual(['b', 'c', 'd'])
    expect(result).toMatchObject({ removed: { files: 2, deleteFiles: 2 }, rows: 2, deletedRows: 3 })
    expect(head().summary).toMatchObject({
      'total-records': '3',
      'total-delete-files': '0',
      'total-position-deletes': '0',
      'total-equality-deletes': '0',
    })
    const deletes = await liveFiles(lake.storage, lake.metadata('raw'), head()['snapshot-id'], {
      content: 'deletes',
    })
    expect(deletes).toEqual([])
  })

  test('a partition whose rows were all deleted has no file', async () => {
    const [file] = await lake.append('raw', [row('a')])
    await lake.append('raw', [row('b', { day: 1 })])
    await lake.commit('raw', { add: [await positionDelete(lake, 'raw', file!, [0])] })
    expect(await run(await plan())).toMatchObject({ added: { files: 0 }, rows: 0, deletedRows: 1 })
    expect(await ids()).toEqual(['b'])
    expect(head().summary['total-records']).toBe('1')
  })

  test('table properties, the positions of loads among them', async () => {
    await load(4)
    await lake.commit('raw', {
      operation: 'append',
      add: await lake.write('raw', [row('p')]),
      properties: () => ({ 'tarn.offsets.health': '{"next":{"0":"9"}}' }),
    })
    const { properties } = lake.metadata('raw')
    await run(await plan())
    expect(lake.metadata('raw').properties).toEqual(properties)
  })
})

describe('other writers meanwhile', () => {
  test('an append is kept', async () => {
    await load(4)
    const planned = await plan()
    await lake.append('raw', [row('late')])
    await run(planned)
    expect(await ids()).toEqual(['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3', 'late'])
  })

  test('equality deletes still apply to the rows rewritten', async () => {
    await load(4)
    const planned = await plan()
    const { partition } = planned.groups[0]!
    await lake.commit('raw', {
      add: [await equalityDelete(lake, 'raw', partition, 'sample_id', ['a1', 'b2'])],
    })
    await run(planned)
    expect(await ids()).toEqual(['a0', 'a2', 'a3', 'b0', 'b1', 'b3'])
    // And the next compaction takes them in.
    expect(await run(await plan())).toMatchObject({ deletedRows: 2, removed: { deleteFiles: 1 } })
    expect(await ids()).toEqual(['a0', 'a2', 'a3', 'b0', 'b1', 'b3'])
  })

  test('position deletes of a planned file refuse it', async () => {
    await load(4)
    const planned = await plan()
    const { file } = planned.groups[0]!.files[1]!
    const files = stored().length
    await lake.commit('raw', { add: [await positionDelete(lake, 'raw', file, [0])], operation: 'delete' })
    await expect(run(planned)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await ids()).length).toBe(7)
    // Only the delete file is new.
    expect(stored()).toHaveLength(files + 1)
  })

  test('a planned file that was removed refuses it', async () => {
    await load(4)
    const planned = await plan()
    const gone = planned.groups[0]!.files[0]!.file.path
    await lake.commit('raw', { operation: 'delete', removePaths: new Set([gone]) })
    await expect(run(planned)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await ids()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3'])
  })

  test('another compaction of the same files refuses it, and nothing is left behind', async () => {
    await load(4)
    const [one, two] = [await plan(), await plan()]
    await run(one)
    const files = stored().length
    await expect(run(two)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(stored()).toHaveLength(files)
    expect(await ids()).toHaveLength(8)
  })

  test('a delete file that still applies to others stays', async () => {
    await load(4)
    const planned = await plan()
    const late = await lake.append('raw', [row('late'), row('gone')])
    await lake.commit('raw', { add: [await positionDelete(lake, 'raw', late[0]!, [1], true)] })
    await run(planned)
    expect(await ids()).not.toContain('gone')
    expect(await ids()).toHaveLength(9)
  })
})

describe('cancelled', () => {
  test('the table is as it was, and no file is left', async () => {
    await load(4)
    await load(4, { day: 1 })
    const planned = await plan()
    const [files, at] = [stored().length, head()['snapshot-id']]
    const stop = new AbortController()
    const running = runCompact(lake.io, planned, { signal: stop.signal, onProgress: () => stop.abort() })
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(head()['snapshot-id']).toBe(at)
    expect(stored()).toHaveLength(files)
  })
})

describe('more than one commit holds', () => {
  /** The plan as it would be if each group were too large to share a commit. */
  const large = async (): Promise<CompactPlan> => {
    const planned = await plan()
    return { ...planned, groups: planned.groups.map((group) => ({ ...group, bytes: 400 << 20 })) }
  }

  test('is committed in steps, a delete file going with the last that it applies to', async () => {
    const files = [
      ...(await lake.append('raw', [row('a'), row('x')])),
      ...(await lake.append('raw', [row('b')])),
    ]
    await lake.append('raw', [row('c', { day: 1 }), row('y', { day: 1 })])
    const [first] = files
    await lake.commit('raw', {
      add: [
        await positionDelete(lake, 'raw', first!, [1], true),
        await equalityDelete(lake, 'raw', first!.partition, 'sample_id', ['b']),
      ],
    })
    const other = (await planScan(lake.io, lake.metadata('raw'))).files.find(
      ({ deletes }) => deletes.length === 0,
    )!
    await lake.commit('raw', { add: [await positionDelete(lake, 'raw', other.file, [1], true)] })
    const before = head()['snapshot-id']
    const result = await run(await large())
    expect(result).toMatchObject({ rows: 2, deletedRows: 3, removed: { files: 3, deleteFiles: 3 } })
    expect(result.snapshots).toHaveLength(2)
    expect(head()['snapshot-id']).toBe(result.snapshots[1])
    expect(await ids()).toEqual(['a', 'c'])
    expect(head().summary['total-delete-files']).toBe('0')
    expect(wayBack(lake.metadata('raw'))?.to['snapshot-id']).toBe(before)
  })

  test('cancelled between two commits it keeps the first', async () => {
    await load(4)
    await load(4, { day: 1 })
    const before = await ids()
    const stop = new AbortController()
    // The second group's files are done, its commit is not.
    const onProgress = ({ done }: { done: number }) => done > 4 && stop.abort()
    const running = runCompact(lake.io, await large(), { signal: stop.signal, onProgress })
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await ids()).toEqual(before)
    expect(head().summary).toMatchObject({ operation: 'replace', 'total-data-files': '5' })
    const live = await liveFiles(lake.storage, lake.metadata('raw'), head()['snapshot-id'])
    // Nothing is stored but what is live now and what the compaction replaced.
    expect(stored()).toHaveLength(live.length + 4)
  })
})

describe('the rollup', () => {
  const roll = () =>
    rollUp({
      io: lake.io,
      tables: lake.tables,
      statePath: join(folder, 'state.db'),
      timezone: 'UTC',
      clock: lake.io.clock,
      log: silentLog,
    })

  test('reads nothing for a compaction, and only what is new after it', async () => {
    await load(5)
    await roll()
    await run(await plan())
    expect(await roll()).toMatchObject({ rebuilt: null, filesRead: 0, rowsWritten: 0 })
    await lake.append('raw', [row('late', { value: 7 })])
    expect(await roll()).toMatchObject({ rebuilt: null, filesRead: 1 })
    await expectAggregates(lake, (await lake.rows('raw')) as Row[], 'UTC')
  })

  test('goes on where a compaction came between it and what it last read', async () => {
    await load(3)
    await roll()
    await load(3)
    await run(await plan())
    await load(1)
    expect(await roll()).toMatchObject({ rebuilt: null, filesRead: 4 })
    await expectAggregates(lake, (await lake.rows('raw')) as Row[], 'UTC')
  })

  test('is not rebuilt where the table goes back to the snapshot before', async () => {
    await load(5)
    await run(await plan())
    await roll()
    const { from, to } = wayBack(lake.metadata('raw'))!
    await goBack(lake.io, lake.tables.raw, { from: from['snapshot-id'], to: to['snapshot-id'] })
    await lake.append('raw', [row('late')])
    expect(await roll()).toMatchObject({ rebuilt: null, filesRead: 1 })
    await expectAggregates(lake, (await lake.rows('raw')) as Row[], 'UTC')
  })

  test('an aggregate may be compacted itself: its partitions are replaced as before', async () => {
    lake = memoryLake('compact')
    const users = Array.from({ length: 6 }, (_, i) => row(`u${i}`, { user: `user-${i}` }))
    for (const one of users) {
      await lake.append('raw', [one])
      await roll()
    }
    // As another tool would have left it: a file for each row.
    const rows = (await lake.rows('daily')) as Row[]
    const live = await liveFiles(
      lake.storage,
      lake.metadata('daily'),
      headSnapshot(lake.metadata('daily'))!['snapshot-id'],
    )
    const add = (await Promise.all(rows.map((one) => lake.write('daily', [one])))).flat()
    await lake.commit('daily', {
      operation: 'replace',
      add,
      removePaths: new Set(live.map(({ file }) => file.path)),
    })
    const planned = await planCompact(lake.io, await lake.load('daily'))
    expect(planned.groups.map((group) => group.rows)).toEqual([6])
    await runCompact(lake.io, planned, { signal })
    await lake.append('raw', [row('v', { user: 'user-1', value: 9 })])
    expect(await roll()).toMatchObject({ rebuilt: null })
    await expectAggregates(lake, (await lake.rows('raw')) as Row[], 'UTC')
  })
})

describe('the way back', () => {
  test('sets the table to the snapshot before, from which a load goes on', async () => {
    await load(4)
    const before = await planScan(lake.io, lake.metadata('raw'))
    await run(await plan())
    const { from, to } = wayBack(lake.metadata('raw'))!
    await goBack(lake.io, lake.tables.raw, { from: from['snapshot-id'], to: to['snapshot-id'] })
    const after = await planScan(lake.io, lake.metadata('raw'))
    expect(after.files.map(({ file }) => file.path)).toEqual(before.files.map(({ file }) => file.path))
    await lake.append('raw', [row('late')])
    expect(await ids()).toHaveLength(9)
    expect(wayBack(lake.metadata('raw'))).toBeNull()
  })

  test('is refused with the reason once something was committed', async () => {
    await load(4)
    await run(await plan())
    const { from, to } = wayBack(lake.metadata('raw'))!
    await lake.append('raw', [row('late')])
    const ask = goBack(lake.io, lake.tables.raw, { from: from['snapshot-id'], to: to['snapshot-id'] })
    await expect(ask).rejects.toMatchObject({ code: 'CONFLICT', context: { commits: 1 } })
    expect(await ids()).toContain('late')
  })

  test('steps over no snapshot that changed rows', async () => {
    await load(4)
    const to = head()['snapshot-id']
    await lake.append('raw', [row('x')])
    const ask = goBack(lake.io, lake.tables.raw, { from: head()['snapshot-id'], to })
    await expect(ask).rejects.toMatchObject({ code: 'INVALID' })
  })
})
