import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tableDetail } from '../../../../src/main/app/inspect/detail.ts'
import { fileDetail, filePage } from '../../../../src/main/app/inspect/file-lists.ts'
import { footerPage } from '../../../../src/main/app/inspect/footer.ts'
import { entryPage, manifestPage } from '../../../../src/main/app/inspect/levels.ts'
import { partitionPage } from '../../../../src/main/app/inspect/partitions.ts'
import { allSnapshots, snapshotDetail } from '../../../../src/main/app/inspect/snapshots.ts'
import { openFixture } from '../../../helpers/fixture-lake.ts'

/** What PyIceberg's own inspection says of the tables (test/fixtures/make/inspection.py). */
interface Inspection {
  readonly snapshots: readonly {
    id: string
    parent: string | null
    operation: string
    list: string
    at: number
  }[]
  readonly refs: readonly {
    name: string
    type: string
    id: string
    maxRefAge: number | null
    minSnapshots: number | null
    maxSnapshotAge: number | null
  }[]
  readonly manifests: readonly {
    content: number
    path: string
    bytes: number
    spec: number
    snapshot: string
    data: readonly number[]
    deletes: readonly number[]
    partitions: readonly (readonly [boolean, string | null, string | null])[]
  }[]
  readonly metadata: readonly string[]
  readonly at: Readonly<
    Record<
      string,
      {
        files: readonly {
          content: number
          path: string
          format: string
          spec: number
          rows: number
          bytes: number
          bounds: Readonly<
            Record<
              string,
              readonly [string | null, string | null, number | null, number | null, number | null]
            >
          >
        }[]
        partitions: readonly {
          rows: number
          files: number
          bytes: number
          positionDeletes: number
          equalityDeletes: number
          updated: number | null
        }[]
      }
    >
  >
}

const inspectionOf = (name: string) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../fixtures/tables', name, 'inspect.json'), 'utf8'),
  ) as Inspection

const ALL = { page: 0, pageSize: 500 }
const CONTENTS = ['data', 'position-deletes', 'equality-deletes']
const sorted = <T>(all: readonly T[]) => all.map((one) => JSON.stringify(one)).toSorted()

describe.each(['evolved', 'imported', 'merge-on-read', 'repartitioned'])('%s, against PyIceberg', (name) => {
  const expected = inspectionOf(name)

  test('snapshots, references and the metadata log', async () => {
    const { table, storage } = await openFixture(name)
    const found = allSnapshots(table)
    expect(
      found.toReversed().map(({ id, parentId, operation, at }) => ({ id, parent: parentId, operation, at })),
    ).toEqual(expected.snapshots.map(({ list: _, ...one }) => one))
    for (const { id, list } of expected.snapshots) {
      expect(snapshotDetail(table, id).manifestList).toBe(list)
    }
    const detail = tableDetail(table)
    expect(
      sorted(
        detail.refs.map((ref) => ({
          name: ref.name,
          type: ref.type,
          id: ref.snapshotId,
          maxRefAge: ref.maxRefAgeMs,
          minSnapshots: ref.minSnapshots,
          maxSnapshotAge: ref.maxSnapshotAgeMs,
        })),
      ),
    ).toEqual(sorted(expected.refs))
    expect([...detail.metadataLog.map((one) => one.file).toReversed(), detail.metadataLocation]).toEqual(
      expected.metadata,
    )
    expect(storage.counts.reads).toBe(0)
  })

  test('files and partitions of every snapshot', async () => {
    const { table } = await openFixture(name)
    for (const { id } of expected.snapshots) {
      const wanted = expected.at[id]!
      const { files } = await filePage(table, { ...ALL, snapshot: id })
      expect(
        sorted(
          files.map(({ path, content, rows, bytes, format }) => ({ path, content, rows, bytes, format })),
        ),
      ).toEqual(
        sorted(
          wanted.files.map(({ path, content, rows, bytes, format }) => ({
            path,
            content: CONTENTS[content],
            rows,
            bytes,
            format,
          })),
        ),
      )
      const { partitions } = await partitionPage(table, { ...ALL, snapshot: id })
      const data = files.filter((file) => file.content === 'data')
      // PyIceberg counts the bytes of data files alone.
      const bytesOf = (path: string) =>
        data.filter((file) => file.partition === path).reduce((sum, file) => sum + file.bytes, 0)
      expect(
        sorted(
          partitions.map((one) => ({
            rows: one.rows,
            files: one.files,
            bytes: bytesOf(one.path),
            deletes: one.deleteFiles,
            updated: one.lastWrite,
          })),
        ),
      ).toEqual(
        sorted(
          wanted.partitions.map((one) => ({
            rows: one.rows,
            files: one.files,
            bytes: one.bytes,
            deletes: one.positionDeletes + one.equalityDeletes,
            updated: one.updated,
          })),
        ),
      )
    }
  })

  test('bounds, counts and sizes of every column of every file, decoded', async () => {
    const { table } = await openFixture(name)
    for (const { id } of expected.snapshots) {
      for (const wanted of expected.at[id]!.files) {
        const file = await fileDetail(table, { snapshot: id, path: wanted.path })
        expect(file.specId).toBe(wanted.spec)
        const found = new Map(file.columns.map((column) => [column.path, column]))
        for (const [path, [lower, upper, nulls, values, bytes]] of Object.entries(wanted.bounds)) {
          const column = found.get(path)
          expect(
            [column?.lower, column?.upper, column?.nulls, column?.values, column?.bytes],
            `${path} of ${wanted.path}`,
          ).toEqual([lower, upper, nulls, values, bytes])
        }
      }
    }
  })

  test('manifests of the newest snapshot, and their entries', async () => {
    const { table, storage } = await openFixture(name)
    const { manifests } = await manifestPage(table, ALL)
    expect(storage.counts.reads).toBe(1)
    expect(
      manifests.map((one) => ({
        content: one.content === 'data' ? 0 : 1,
        path: one.path,
        bytes: one.bytes,
        spec: one.specId,
        snapshot: one.snapshotId,
        counts: [one.addedFiles, one.existingFiles, one.removedFiles],
        partitions: one.partitions.map(({ nulls, from, to }) => [nulls, from, to]),
      })),
    ).toEqual(
      expected.manifests.map(({ data, deletes, ...one }) => ({
        ...one,
        counts: one.content === 0 ? data : deletes,
        partitions: one.partitions,
      })),
    )
    const newest = expected.snapshots.at(-1)!.id
    const live: string[] = []
    for (const { index } of manifests) {
      storage.reset()
      const { entries, total } = await entryPage(table, { ...ALL, manifest: index })
      expect(storage.counts.reads).toBe(2)
      expect(entries).toHaveLength(total)
      live.push(...entries.filter((entry) => entry.status !== 'deleted').map((entry) => entry.path))
    }
    expect(live.toSorted()).toEqual(expected.at[newest]!.files.map((file) => file.path).toSorted())
  })

  test('every file opens down to the chunks of its row groups', async () => {
    const { table, storage } = await openFixture(name)
    const { files } = await filePage(table, ALL)
    for (const file of files) {
      const { entries } = await placeOf(file.path)
      storage.reset()
      const footer = await footerPage(table, { ...ALL, ...entries })
      // The manifest list, the manifest, the footer: no data.
      expect(storage.counts.reads).toBe(3)
      expect(footer.rows).toBe(file.rows)
      expect(footer.groups.reduce((sum, group) => sum + group.rows, 0)).toBe(file.rows)
      for (const chunk of footer.groups.flatMap((group) => group.chunks)) {
        expect(chunk.bytes).toBeGreaterThan(0)
        expect(chunk.bytes).toBeLessThan(file.bytes)
      }
    }
    async function placeOf(path: string) {
      const { manifests } = await manifestPage(table, ALL)
      for (const { index } of manifests) {
        const { entries } = await entryPage(table, { ...ALL, manifest: index })
        const at = entries.find((entry) => entry.path === path && entry.status !== 'deleted')
        if (at) return { entries: { manifest: index, entry: at.index } }
      }
      throw new Error(`no manifest lists ${path}`)
    }
  })
})
