import { describe, expect, test } from 'vitest'
import { compareSnapshots, valueChanges } from '../../../../src/main/app/inspect/compare.ts'
import { exportList } from '../../../../src/main/app/inspect/export.ts'
import { filePage } from '../../../../src/main/app/inspect/file-lists.ts'
import { allSnapshots } from '../../../../src/main/app/inspect/snapshots.ts'
import { openFixture } from '../../../helpers/fixture-lake.ts'

const ALL = { page: 0, pageSize: 500 }
const { signal } = new AbortController()

describe.each(['evolved', 'merge-on-read', 'repartitioned'])('two snapshots of %s', (name) => {
  test('differ by the files that one holds and the other does not', async () => {
    const { table } = await openFixture(name)
    const snapshots = allSnapshots(table)
    for (const a of snapshots) {
      for (const b of snapshots) {
        const filesOf = async (id: string) =>
          new Map((await filePage(table, { ...ALL, snapshot: id })).files.map((file) => [file.path, file]))
        const [inA, inB] = [await filesOf(a.id), await filesOf(b.id)]
        const sum = (from: typeof inA, without: typeof inA) => {
          const files = [...from.values()].filter((file) => !without.has(file.path))
          const data = files.filter((file) => file.content === 'data')
          return {
            files: data.length,
            rows: data.reduce((total, file) => total + file.rows, 0),
            bytes: files.reduce((total, file) => total + file.bytes, 0),
            deleteFiles: files.length - data.length,
          }
        }
        const found = await compareSnapshots(table, { a: a.id, b: b.id })
        expect(found.added).toEqual(sum(inB, inA))
        expect(found.removed).toEqual(sum(inA, inB))
        for (const of of ['added', 'removed'] as const) {
          expect(found.partitions.reduce((total, one) => total + one[of].bytes, 0)).toBe(found[of].bytes)
          expect(
            found.kinds.length === 0 || found.kinds.reduce((total, one) => total + one[of].rows, 0),
          ).toBe(found.kinds.length === 0 || found[of].rows)
        }
      }
    }
  })
})

describe('a comparison', () => {
  test('reads two manifest lists, the manifests that differ and the metadata of both times: no shared one', async () => {
    const { table, storage } = await openFixture('repartitioned')
    const [newest, before] = allSnapshots(table)
    storage.reset()
    const found = await compareSnapshots(table, { a: before!.id, b: newest!.id })
    const read = storage.requests.map((request) => request.location.split('/').at(-1) ?? '')
    expect(read.filter((path) => path.startsWith('snap-'))).toHaveLength(2)
    expect(read.filter((path) => /-m\d+\.avro$/.test(path))).toHaveLength(found.manifests.read)
    expect(found.manifests.shared).toBeGreaterThan(0)
    expect(found.commits).toBe(1)
  })

  test('tells the table properties as they were at both times', async () => {
    const { table } = await openFixture('repartitioned')
    const snapshots = allSnapshots(table)
    const found = await compareSnapshots(table, { a: snapshots.at(-1)!.id, b: snapshots[0]!.id })
    expect(found.properties?.changes).toEqual([
      { name: 'added', a: null, b: 'later' },
      { name: 'owner', a: 'one', b: 'two' },
    ])
  })

  test('says where a snapshot is gone', async () => {
    const { table } = await openFixture('evolved')
    await expect(compareSnapshots(table, { a: '1', b: allSnapshots(table)[0]!.id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  test('names only the values that differ', () => {
    expect(valueChanges({ x: '1', y: '2' }, { y: '3', z: '4', x: '1' })).toEqual([
      { name: 'y', a: '2', b: '3' },
      { name: 'z', a: null, b: '4' },
    ])
  })
})

describe('an exported list', () => {
  test('has every row of the list, as CSV and as JSON', async () => {
    const { table } = await openFixture('merge-on-read')
    for (const list of ['files', 'partitions', 'snapshots'] as const) {
      const json = JSON.parse(await exportList(table, list, 'json', {}, signal)) as Record<string, unknown>[]
      const csv = (await exportList(table, list, 'csv', {}, signal)).trimEnd().split('\r\n')
      expect(json.length).toBeGreaterThan(0)
      expect(csv[0]?.split(',')).toEqual(Object.keys(json[0]!))
      expect(csv).toHaveLength(json.length + 1)
    }
    const { files, total } = await filePage(table, ALL)
    const rows = JSON.parse(await exportList(table, 'files', 'json', {}, signal)) as { path: string }[]
    expect(rows.map((row) => row.path)).toEqual(files.map((file) => file.path).toSorted())
    expect(rows).toHaveLength(total)
  })

  test('holds only what the list is filtered by', async () => {
    const { table } = await openFixture('merge-on-read')
    const rows = JSON.parse(await exportList(table, 'files', 'json', { content: 'deletes' }, signal)) as {
      content: string
    }[]
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.every((row) => row.content !== 'data')).toBe(true)
  })
})
