import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cancelled } from '../../../src/main/base/cancel.ts'
import { sleep } from '../../../src/main/base/retry.ts'
import { exitCode } from '../../../src/main/hosts/cli/run.ts'
import type { Catalog } from '../../../src/main/iceberg/catalog.ts'
import { ancestors, headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { readPositions } from '../../../src/main/ingest/offsets.ts'
import { GENERATOR_DEFAULTS, generatorSource } from '../../../src/main/source/generator.ts'
import { packMessages } from '../../../src/main/source/pack.ts'
import type { MessageBatch, Source, Watermark } from '../../../src/main/source/source.ts'
import { type StorageFault, withFaults } from '../../../src/main/storage/faults.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import {
  errorKeys,
  expectedOf,
  loadInto,
  readTable,
  removeStateFolders,
  sampleIdsOf,
  stateFolder,
} from '../../helpers/load.ts'
import { type MemoryLake, memoryLake } from '../../helpers/memory-lake.ts'

const made = { ...GENERATOR_DEFAULTS, messages: 1_200, partitions: 3, badEvery: 20 }
const expected = expectedOf(made)

let lake: MemoryLake
beforeEach(() => {
  lake = memoryLake()
})
afterEach(removeStateFolders)

async function contents(of: MemoryLake = lake) {
  const raw = await readTable(of.io, of.metadata('raw'))
  const errors = await readTable(of.io, of.metadata('errors'))
  const paths = [...raw.files, ...errors.files].map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
  return { sampleIds: sampleIdsOf(raw.rows), errors: errorKeys(errors.rows), raw, letters: errors }
}

async function expectExactlyOnce(of: MemoryLake = lake) {
  const { sampleIds, errors } = await contents(of)
  expect(sampleIds).toEqual(expected.sampleIds)
  expect(errors).toEqual(expected.errors)
}

function head(role: 'raw' | 'errors') {
  const snapshot = headSnapshot(lake.metadata(role))
  if (snapshot === null) throw new Error(`${role} has no snapshot`)
  return snapshot
}

/** A source of given batches, which ends after them. */
function listed(batches: readonly MessageBatch[], marks: Record<number, Watermark>, topicId = 't1'): Source {
  const left = [...batches]
  let from: ReadonlyMap<number, bigint> = new Map()
  return {
    identity: { cluster: 'c1', topic: 'topic', topicId },
    finite: true,
    watermarks: async () => new Map(Object.entries(marks).map(([p, mark]) => [Number(p), mark])),
    start: async (positions) => {
      from = positions
    },
    next: async () => {
      for (;;) {
        const batch = left.shift()
        if (batch === undefined) return null
        if ((batch.next ?? 0n) > (from.get(batch.partition) ?? 0n)) return structuredClone(batch)
      }
    },
    acknowledge: async () => {},
    close: async () => {},
  }
}

const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const payload = (ids: string[]) => ({
  deviceId: 'd',
  userId: 'u',
  timestamp: '2026-03-02T10:00:00Z',
  appVersion: '1',
  samples: ids.map((id) => ({
    id,
    type: 'steps',
    value: 1,
    unit: 'count',
    startDate: '2026-03-02T09:00:00Z',
    endDate: '2026-03-02T09:00:00Z',
    isSynced: true,
    createdAt: '2026-03-02T09:00:00Z',
  })),
})
const messages = (partition: number, from: number, values: (Uint8Array | null)[], next?: bigint) =>
  packMessages(
    partition,
    values.map((value, i) => ({ offset: BigInt(from + i), timestamp: 0, value })),
    next ?? BigInt(from + values.length),
  )

describe('a load', () => {
  test('brings every sample and every dead letter, each once, with its ledger', async () => {
    const summary = await loadInto(lake, generatorSource(made)).done
    await expectExactlyOnce()
    expect(summary).toMatchObject({
      messages: 1_200,
      rows: expected.sampleIds.length,
      rejected: expected.errors.length,
      skipped: 0,
      commits: { raw: 1, errors: 1, daily: 0, weekly: 0, monthly: 0 },
      positions: { 'health-data-raw': { 0: '400', 1: '400', 2: '400' } },
    })
    for (const role of ['raw', 'errors'] as const) {
      expect(head(role).summary).toMatchObject({
        'tarn.pipeline': 'health',
        'tarn.commit': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'tarn.kafka.cluster': 'generator',
        'tarn.kafka.topic': 'health-data-raw',
        'tarn.kafka.offsets': '{"0":["0","400"],"1":["0","400"],"2":["0","400"]}',
        'tarn.rows.accepted': String(expected.sampleIds.length),
        'tarn.rows.rejected': String(expected.errors.length),
        'tarn.rows.skipped': '0',
      })
      expect(JSON.parse(lake.metadata(role).properties['tarn.offsets.health'] ?? '')).toEqual({
        cluster: 'generator',
        topic: 'health-data-raw',
        next: { 0: '400', 1: '400', 2: '400' },
      })
    }
  })

  test('stores one file a touched partition, and three metadata objects a commit', async () => {
    lake.storage.reset()
    await loadInto(lake, generatorSource(made)).done
    const { raw, letters } = await contents()
    const partitionsOf = (files: typeof raw.files) =>
      new Set(files.map(({ partition }) => partition.join('/'))).size
    expect(raw.files.length).toBe(partitionsOf(raw.files))
    expect(letters.files.length).toBe(partitionsOf(letters.files))
    const writes = lake.storage.requests.filter(({ operation }) => operation === 'write')
    // Per table a manifest and a manifest list; the catalog writes the metadata file.
    expect(writes.length).toBe(raw.files.length + letters.files.length + 4)
    expect(lake.storage.counts.deletes).toBe(0)
    expect(lake.commits.map(({ table }) => table)).toEqual(['health_data_errors', 'health_data_raw'])
    for (const { path } of raw.files) {
      expect(path).toMatch(
        /^memory:\/\/lake\/db\/health_data_raw\/data\/start_date_day=\d{4}-\d\d-\d\d\/data_type=\w+\//,
      )
    }
  })

  test('goes on at the tables’ positions, commit by commit', async () => {
    const stateFolderOfAll = stateFolder()
    let runs = 0
    for (let done = false; !done && runs < 10; runs++) {
      const run = loadInto(lake, generatorSource(made), {
        commit: { seconds: 60, bytes: 150_000 },
        stateFolder: stateFolderOfAll,
      })
      let commits = 0
      run.onCommit(() => {
        commits += 1
        if (commits === 2) void run.stop()
      })
      const summary = await run.done
      done = Object.values(summary.positions['health-data-raw'] ?? {}).every((next) => next === '400')
    }
    expect(runs).toBeGreaterThan(2)
    await expectExactlyOnce()
    const ends = new Map<string, bigint>()
    for (const snapshot of Array.from(
      ancestors(lake.metadata('raw'), head('raw')['snapshot-id']),
    ).reverse()) {
      const ranges = JSON.parse(snapshot.summary['tarn.kafka.offsets'] ?? '{}') as Record<
        string,
        [string, string]
      >
      for (const [partition, [start, end]] of Object.entries(ranges)) {
        expect(BigInt(start)).toBe(ends.get(partition) ?? 0n)
        ends.set(partition, BigInt(end))
      }
    }
    expect(ends).toEqual(
      new Map([
        ['0', 400n],
        ['1', 400n],
        ['2', 400n],
      ]),
    )
  })

  test('finds nothing to do the second time, and commits nothing', async () => {
    await loadInto(lake, generatorSource(made)).done
    const before = lake.commits.length
    const summary = await loadInto(lake, generatorSource(made)).done
    expect(lake.commits.length).toBe(before)
    expect(summary).toMatchObject({ messages: 0, rows: 0, commits: { raw: 0, errors: 0 } })
    await expectExactlyOnce()
  })

  test('drops what its table has when it was cut between dead letters and rows', async () => {
    lake.faults.push({
      table: 'health_data_raw',
      when: 'before',
      error: new LakeError('FORBIDDEN', 'answered 403'),
    })
    await expect(loadInto(lake, generatorSource(made)).done).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect((await contents()).errors).toEqual(expected.errors)
    expect((await contents()).sampleIds).toEqual([])
    const summary = await loadInto(lake, generatorSource(made)).done
    expect(summary).toMatchObject({ rejected: 0, skipped: expected.errors.length })
    await expectExactlyOnce()
  })

  test('takes a commit whose answer was lost for what it is', async () => {
    lake.faults.push({
      table: 'health_data_raw',
      when: 'after',
      error: new LakeError('COMMIT_UNKNOWN', 'no answer', { outcome: 'unknown' }),
    })
    const summary = await loadInto(lake, generatorSource(made)).done
    expect(summary.commits.raw).toBe(1)
    await expectExactlyOnce()
  })

  test('stops safe when a commit’s fate cannot be learnt, and the next load settles it', async () => {
    for (const when of ['before', 'after'] as const) {
      lake = memoryLake()
      const error = new LakeError('COMMIT_UNKNOWN', 'no answer', { outcome: 'unknown' })
      lake.faults.push({ table: 'health_data_raw', when, error, thenDown: true })
      const run = loadInto(lake, generatorSource(made))
      await expect(run.done).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN', outcome: 'unknown' })
      expect(lake.storage.counts.deletes).toBe(0)
      lake.down.clear()
      await loadInto(lake, generatorSource(made)).done
      await expectExactlyOnce()
    }
  })

  test.each(['before', 'after'] as const)(
    'goes on by itself when the catalog falls silent %s a commit and comes back in time',
    async (when) => {
      const error = new LakeError('COMMIT_UNKNOWN', 'no answer', { outcome: 'unknown' })
      lake.faults.push({ table: 'health_data_raw', when, error, thenDown: true })
      const run = loadInto(lake, generatorSource(made), { patienceMs: 30_000 })
      while (!run.status().troubles?.some(({ endedAt }) => endedAt === null)) await sleep(10)
      lake.down.clear()
      const summary = await run.done
      expect(summary.commits.raw).toBe(1)
      expect(run.status().troubles?.map(({ endedAt }) => endedAt === null)).not.toContain(true)
      await expectExactlyOnce()
    },
  )

  const cut = new LakeError('NETWORK', 'the connection was cut', { outcome: 'unknown' })
  const overStorage = (faults: readonly StorageFault[]) => ({
    tables: lake.tables,
    io: { ...lake.io, storage: withFaults(lake.storage, faults) },
  })

  test.each(['fail', 'lose-reply'] as const)(
    'stores a file again whose PUT was cut (%s), under the same name',
    async (kind) => {
      const fault: StorageFault = { operation: 'write', match: /\.parquet$/, nth: 2, kind, error: cut }
      const run = loadInto(overStorage([fault]), generatorSource(made), { patienceMs: 30_000 })
      await run.done
      expect(run.status().troubles).toMatchObject([
        { kind: 'storage-away', endedAt: expect.any(Number) as number },
      ])
      await expectExactlyOnce()
      const { raw, letters } = await contents()
      const stored = Array.from(lake.storage.objects.keys()).filter((path) => path.endsWith('.parquet'))
      expect(stored.toSorted()).toEqual([...raw.files, ...letters.files].map(({ path }) => path).toSorted())
    },
  )

  test('a store that is cut for longer than the load is patient ends it; the next one takes all, once', async () => {
    const faults: StorageFault[] = [
      { operation: 'write', match: /\.parquet$/, kind: 'lose-reply', times: 1e9, error: cut },
    ]
    const run = loadInto(overStorage(faults), generatorSource(made), { patienceMs: 50 })
    await expect(run.done).rejects.toMatchObject({ code: 'NETWORK', outcome: 'unknown' })
    expect(lake.commits).toEqual([])
    await loadInto(lake, generatorSource(made)).done
    await expectExactlyOnce()
  })

  test('ended at once commits no more; the next load reads the rest again, each once', async () => {
    const run = loadInto(lake, generatorSource({ ...made, messages: null, messagesPerSecond: 400 }), {
      untilCaughtUp: false,
    })
    while (run.status().messages < 20) await sleep(10)
    run.abort()
    await expect(run.done).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(lake.commits).toEqual([])
  })

  test('tells of each commit where its time went and how old its messages were', async () => {
    const run = loadInto(lake, generatorSource(made))
    await run.done
    const { recentCommits, freshness, landed, rows, rejected } = run.status()
    const [raw] = recentCommits
    expect(raw).toMatchObject({
      role: 'raw',
      attempts: 1,
      found: false,
      taken: { partitions: made.partitions, messages: made.messages },
      age: { oldestMs: expect.any(Number) as number },
    })
    const path = raw?.path ?? { waitMs: 0, decodeMs: 0, encodeMs: 0, uploadMs: 0, catalogMs: 0 }
    for (const ms of Object.values(path)) expect(ms).toBeGreaterThanOrEqual(0)
    expect(path.decodeMs + path.encodeMs).toBeGreaterThan(0)
    expect(landed).toBe(rows + rejected)
    expect(freshness?.committedMs).toBe(raw?.age?.oldestMs)
    expect(run.commit(raw?.snapshotId ?? '')?.ranges).toHaveLength(made.partitions)
  })

  test('refuses to commit when another loader has moved on, and names its commit', async () => {
    let landed = false
    const source: Source = {
      ...generatorSource(made),
      // The next commit waits for this one's acknowledgement, so the other loader comes in between.
      acknowledge: async () => {
        if (landed) return
        landed = true
        lake.now = Date.UTC(2026, 2, 2, 10)
        const moved = {
          cluster: 'generator',
          topic: 'health-data-raw',
          next: { 0: '399', 1: '399', 2: '399' },
        }
        await lake.commit('raw', {
          operation: 'append',
          summary: { 'tarn.pipeline': 'health' },
          properties: () => ({ 'tarn.offsets.health': JSON.stringify(moved) }),
        })
      },
    }
    const run = loadInto(lake, source, { commit: { seconds: 60, bytes: 150_000 } })
    const error = (await run.done.catch((thrown: unknown) => thrown)) as LakeError
    const theirs = String(head('raw')['snapshot-id'])
    expect(error).toMatchObject({
      code: 'OVERTAKEN',
      outcome: 'reject',
      context: {
        table: 'health_data_raw',
        pipeline: 'health',
        snapshot: theirs,
        at: '2026-03-02T10:00:00.000Z',
      },
    })
    expect(error.message).toMatch(
      /^another loader moved the positions of pipeline health in health_data_raw: partition 0 from \d+ to 399, .* to 399$/,
    )
    expect(error.likely).toContain(theirs)
    expect(error.remedy).toContain('TARN_PIPELINE')
    expect(exitCode(error.code)).toBe(3)
  })

  test('commits by time, tells its state, pauses and goes on', async () => {
    const run = loadInto(
      lake,
      generatorSource({ ...made, messages: null as unknown as number, messagesPerSecond: 400 }),
      {
        untilCaughtUp: false,
        commit: { seconds: 0.3, bytes: 1e9 },
      },
    )
    await new Promise<void>((resolve) => {
      const end = run.onCommit(() => {
        end()
        resolve()
      })
    })
    const status = run.status()
    expect(status.commits.raw).toBeGreaterThanOrEqual(1)
    expect(status.partitions.length).toBe(3)
    expect(status.recentCommits[0]?.files).toBeGreaterThan(0)
    expect(status.source).toEqual({ kind: 'generator', topic: 'health-data-raw', cluster: 'generator' })
    run.pause()
    await new Promise((resolve) => setTimeout(resolve, 700))
    const paused = run.status()
    expect(paused.paused).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(run.status().messages).toBe(paused.messages)
    run.resume()
    while (run.status().messages <= paused.messages) await sleep(10)
    const summary = await run.stop()
    const { sampleIds } = await contents()
    expect(sampleIds.length).toBe(summary.rows)
    expect(new Set(sampleIds).size).toBe(sampleIds.length)
  })

  test('rolls up in its time and at the end', async () => {
    let rolled = 0
    const summary = await loadInto(lake, generatorSource(made), {
      commit: { seconds: 60, bytes: 100_000 },
      rollupSeconds: 0,
      rollUp: async () => {
        rolled += 1
        return { commits: { daily: 1, weekly: 1, monthly: 0 } }
      },
    }).done
    expect(rolled).toBeGreaterThan(1)
    expect(summary.commits).toMatchObject({ daily: rolled, weekly: rolled, monthly: 0 })
  })

  test('moves its position over messages without rows, and over offsets without messages', async () => {
    const batches = [messages(0, 0, [bytes(payload([]))], 1n), messages(0, 1, [], 7n)]
    const source = () => listed(batches, { 0: { low: 0n, high: 7n } })
    const summary = await loadInto(lake, source()).done
    expect(summary).toMatchObject({ messages: 1, rows: 0, rejected: 0, commits: { raw: 1, errors: 0 } })
    expect(readPositions(lake.metadata('raw'), 'health')?.next).toEqual(new Map([[0, 7n]]))
    expect((await loadInto(lake, source()).done).commits.raw).toBe(0)
  })

  test('ends exactly at the ends it read at the start', async () => {
    const batches = [
      messages(
        0,
        0,
        ['a', 'b', 'c', 'd'].map((id) => bytes(payload([id]))),
      ),
    ]
    const summary = await loadInto(lake, listed(batches, { 0: { low: 0n, high: 3n } })).done
    expect(summary).toMatchObject({ messages: 3, rows: 3, positions: { topic: { 0: '3' } } })
  })

  test('with positions lost from the property goes on from the snapshots', async () => {
    await loadInto(lake, generatorSource(made)).done
    const metadata = lake.metadata('raw')
    const { 'tarn.offsets.health': _, ...properties } = metadata.properties
    lake.setMetadata('raw', { ...metadata, properties })
    await loadInto(lake, generatorSource(made)).done
    await expectExactlyOnce()
  })

  test('keeps two pipelines of one table apart', async () => {
    await loadInto(lake, generatorSource(made)).done
    await loadInto(lake, generatorSource({ ...made, seed: 2 }), { pipeline: 'second' }).done
    expect(readPositions(lake.metadata('raw'), 'health')?.next.get(0)).toBe(400n)
    expect(readPositions(lake.metadata('raw'), 'second')?.next.get(0)).toBe(400n)
    expect((await contents()).sampleIds.length).toBeGreaterThan(expected.sampleIds.length)
  })

  test('keeps what was read before its source failed, and says why it ended', async () => {
    const batches = [messages(0, 0, [bytes(payload(['a']))])]
    const source = listed(batches, { 0: { low: 0n, high: 9n } })
    let calls = 0
    const failing: Source = {
      ...source,
      next: async (wait) => {
        calls += 1
        if (calls > 1) throw new LakeError('GAP', 'gone')
        return source.next(wait)
      },
    }
    await expect(loadInto(lake, failing).done).rejects.toMatchObject({ code: 'GAP' })
    expect((await contents()).sampleIds).toEqual(['a'])
  })

  test('refuses a gap with its number, and keeps what was accepted in the ledger for good', async () => {
    const first = [
      messages(
        0,
        0,
        ['a', 'b'].map((id) => bytes(payload([id]))),
      ),
    ]
    await loadInto(lake, listed(first, { 0: { low: 0n, high: 2n } })).done
    const later = () => listed([messages(0, 5, [bytes(payload(['f']))])], { 0: { low: 5n, high: 6n } })
    const commits = lake.commits.length
    await expect(loadInto(lake, later()).done).rejects.toMatchObject({
      code: 'GAP',
      context: { missing: '3', flag: '--accept-gap 3' },
    })
    expect(lake.commits.length).toBe(commits)
    await loadInto(lake, later(), { accept: { gap: 3n } }).done
    expect((await contents()).sampleIds).toEqual(['a', 'b', 'f'])
    expect(head('raw').summary['tarn.kafka.offsets']).toBe('{"0":["5","6"]}')
    expect(readPositions(lake.metadata('raw'), 'health')?.accepted).toMatchObject([
      { kind: 'gap', detail: { missing: '3', 0: '[2, 5)' } },
    ])
  })

  test('refuses a topic that was made again, and loads it whole once that is accepted', async () => {
    const batches = (ids: string[]) => [
      messages(
        0,
        0,
        ids.map((id) => bytes(payload([id]))),
      ),
    ]
    const marks = (high: bigint) => ({ 0: { low: 0n, high } })
    await loadInto(lake, listed(batches(['a', 'b', 'c']), marks(3n), 'old')).done
    const again = () => listed(batches(['d', 'e']), marks(2n), 'new')
    await expect(loadInto(lake, again()).done).rejects.toMatchObject({
      code: 'TOPIC_REPLACED',
      context: { flag: '--accept-topic new' },
    })
    await loadInto(lake, again(), { accept: { topic: 'new' } }).done
    expect((await contents()).sampleIds).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(readPositions(lake.metadata('raw'), 'health')?.next).toEqual(new Map([[0, 2n]]))
    expect((await loadInto(lake, again()).done).messages).toBe(0)
  })

  test('can be called off while its source still connects', async () => {
    const closed = Promise.withResolvers<void>()
    const connecting = Promise.withResolvers<void>()
    // Stopped before it was started, nobody waits for it.
    closed.promise.catch(() => {})
    const source: Source = {
      ...listed([], { 0: { low: 0n, high: 9n } }),
      start: () => {
        connecting.resolve()
        return closed.promise
      },
      close: async () => closed.reject(new LakeError('CANCELLED', 'closed')),
    }
    const run = loadInto(lake, source)
    await connecting.promise
    expect(await run.stop()).toMatchObject({ messages: 0, commits: { raw: 0 } })
  })

  describe.each(['catalog', 'source'] as const)('whose %s does not answer while it opens', (silent) => {
    function silentLoad() {
      const asked = Promise.withResolvers<void>()
      let closed = 0
      const never = (signal?: AbortSignal): Promise<never> => {
        asked.resolve()
        return new Promise((_, reject) => {
          // The catalog's client ends its request; a source knows no such thing.
          if (silent === 'catalog') signal?.addEventListener('abort', () => reject(cancelled(signal)))
        })
      }
      const source: Source = {
        ...listed([], { 0: { low: 0n, high: 9n } }),
        ...(silent === 'source' ? { watermarks: () => never() } : {}),
        close: async () => void closed++,
      }
      const catalog: Catalog =
        silent === 'catalog'
          ? { ...lake.io.catalog, loadTable: (_, signal) => never(signal) }
          : lake.io.catalog
      const run = loadInto({ ...lake, io: { ...lake.io, catalog } }, source, { untilCaughtUp: false })
      return { run, asked: asked.promise, closed: () => closed }
    }

    test('ends at once where it is stopped, with nothing read', async () => {
      const { run, asked, closed } = silentLoad()
      await asked
      expect(await run.stop()).toMatchObject({ messages: 0, commits: { raw: 0 } })
      expect(closed()).toBeGreaterThan(0)
    })

    test('ends at once where it is aborted', async () => {
      const { run, asked, closed } = silentLoad()
      await asked
      run.abort()
      await expect(run.done).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(closed()).toBeGreaterThan(0)
    })
  })
})
