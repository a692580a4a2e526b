import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitThread } from '../../../../src/main/app/thread/commit-thread.ts'
import { decoderOf } from '../../../../src/main/app/thread/message.ts'
import { findOrigin } from '../../../../src/main/app/thread/origin.ts'
import { type ThreadRequest, threadOf } from '../../../../src/main/app/thread/thread.ts'
import { topicView } from '../../../../src/main/app/thread/topic.ts'
import { silentLog } from '../../../../src/main/base/log.ts'
import { ancestors, headSnapshot } from '../../../../src/main/iceberg/metadata.ts'
import { rollUp } from '../../../../src/main/rollup/rollup.ts'
import {
  GENERATOR_DEFAULTS,
  generateMessage,
  generatorSource,
} from '../../../../src/main/source/generator.ts'
import { sourceReader } from '../../../../src/main/source/source-reader.ts'
import type { OriginLine, ThreadView } from '../../../../src/shared/trace.ts'
import { sample } from '../../../helpers/aggregates.ts'
import { lakeOf, letterRows, payloadOf, replayAll, sampleOf } from '../../../helpers/letters.ts'
import { loadInto, removeStateFolders } from '../../../helpers/load.ts'
import { type MemoryLake, memoryLake, type Row } from '../../../helpers/memory-lake.ts'

const never = new AbortController().signal
const ask = (memory: MemoryLake, request: Partial<ThreadRequest>) =>
  threadOf(
    lakeOf(memory),
    { table: 'raw', pick: 0, order: 'highest', all: false, ...request },
    never,
    () => {},
  )

const made = { ...GENERATOR_DEFAULTS, messages: 600, partitions: 3, badEvery: 20 }

/** Where each accepted sample was put, told by the maker alone. */
const places = new Map<
  string,
  { partition: number; offset: bigint; user: string; type: string; value: number }
>()
for (let index = 0; index < made.messages; index++) {
  const { accepted, userId } = generateMessage(made, index)
  for (const { id, type, value } of accepted)
    places.set(id, {
      partition: index % made.partitions,
      offset: BigInt(Math.floor(index / made.partitions)),
      user: userId,
      type,
      value,
    })
}

let lake: MemoryLake
beforeAll(async () => {
  lake = memoryLake()
  await loadInto(lake, generatorSource(made), { commit: { seconds: 60, bytes: 40_000 } }).done
  await rollUp({
    io: lake.io,
    tables: lake.tables,
    statePath: ':memory:',
    timezone: 'UTC',
    clock: lake.io.clock,
    log: silentLog,
  })
}, 60_000)
afterAll(removeStateFolders)

const cell = (view: ThreadView, name: string, row = view.chosen) =>
  view.rows[row]?.cells.find((one) => one.name === name)

async function originOf(view: ThreadView) {
  const { ledger } = view.origin ?? {}
  if (!ledger) throw new Error('no ledger')
  const reader = await sourceReader(async () => generatorSource(made))
  const lines: OriginLine[] = []
  await findOrigin(
    reader,
    await topicView(reader),
    ledger.ranges.map(({ partition, from, to }) => ({ partition, from: BigInt(from), to: BigInt(to) })),
    {
      sampleId: String(cell(view, 'sample_id')?.key),
      userId: String(cell(view, 'user_id')?.key),
      dataType: String(cell(view, 'data_type')?.key),
      start: BigInt(String(cell(view, 'start_date')?.key)),
      value: Number(cell(view, 'value')?.key),
    },
    () => decoderOf(lakeOf(lake).settings, ledger.topic),
    (line) => lines.push(line),
    never,
  )
  await reader.close()
  return lines
}

describe('a row of raw', () => {
  test('leads to its file, its commit and exactly its message', async () => {
    expect(
      [...ancestors(lake.metadata('raw'), headSnapshot(lake.metadata('raw'))?.['snapshot-id'] ?? 0n)].length,
    ).toBeGreaterThan(2)
    const ids = [...places.keys()].filter((_, i) => i % 37 === 0)
    expect(ids.length).toBeGreaterThan(15)
    for (const id of ids) {
      const place = places.get(id)
      const view = await ask(lake, {
        keys: { sample_id: id, user_id: place?.user ?? '', data_type: place?.type ?? '' },
      })
      expect(view.rows).toHaveLength(1)
      expect(cell(view, 'value')?.key).toBe(place?.value)
      expect(view.end).toEqual({ kind: 'messages' })
      const range = view.origin?.ledger?.ranges.find((one) => one.partition === place?.partition)
      expect(BigInt(range?.from ?? -1) <= (place?.offset ?? 0n)).toBe(true)
      expect(BigInt(range?.to ?? -1) > (place?.offset ?? 0n)).toBe(true)
      const lines = await originOf(view)
      const messages = lines.filter((line) => line.kind === 'message')
      expect(messages.map(({ message }) => [message.partition, message.offset])).toEqual([
        [place?.partition, String(place?.offset)],
      ])
      const { text, payload, rows } = messages[0]?.message ?? {}
      expect(JSON.parse(text ?? '{}').samples[messages[0]?.index ?? -1]?.id).toBe(id)
      expect(rows?.accepted.map(({ sampleId }) => sampleId)).toContain(id)
      const shown = payload?.lines.filter(({ change }) => change === 'now').map(({ text: line }) => line)
      expect(JSON.parse((shown ?? []).join('').replace(/,$/, ''))).toMatchObject({ id })
      expect(lines.at(-1)).toMatchObject({ kind: 'end', found: 1 })
    }
  }, 60_000)

  test('costs the manifests and the files that its bounds leave over', async () => {
    const [id, place] = [...places][5] ?? ['', undefined]
    const { search } = await ask(lake, {
      keys: { sample_id: id, user_id: place?.user ?? '', data_type: place?.type ?? '' },
    })
    expect(search.candidates).toBeLessThan(search.files / 3)
    expect(search.read).toBe(search.candidates)
    expect(search.left).toBe(0)
    // A manifest list, the manifests, and each candidate once: small files come whole.
    expect(search.requests).toBeLessThanOrEqual(search.candidates + 1 + lake.metadata('raw').snapshots.length)
  })

  test('says so where nothing has these values, and names columns the table lacks', async () => {
    expect(await ask(lake, { keys: { sample_id: 'none such' } })).toMatchObject({
      rows: [],
      origin: null,
      end: null,
    })
    await expect(ask(lake, { keys: { nothing: 1 } })).rejects.toMatchObject({ code: 'INVALID' })
    await expect(ask(lake, { keys: { value: 'warm' } })).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('lists rows that share the values, and takes the one picked', async () => {
    const user = [...places.values()][0]?.user ?? ''
    const view = await ask(lake, { keys: { user_id: user }, pick: 3 })
    expect(view.rows.length).toBe(50)
    expect(view.chosen).toBe(3)
    expect(view.files[view.rows[3]?.file ?? -1]?.snapshotId).toBe(view.origin?.snapshotId)
  })
})

describe('a row of an aggregate', () => {
  test('leads to the rows of raw behind it, highest first, and these to their messages', async () => {
    const [daily] = await lake.rows('daily')
    const { user_id, data_type, aggregation_date } = daily as Record<string, string>
    const view = await ask(lake, {
      table: 'daily',
      keys: {
        user_id: user_id ?? '',
        data_type: data_type ?? '',
        aggregation_date: aggregation_date ?? '',
      },
    })
    expect(view.end).toEqual({ kind: 'rollup' })
    const mine = (await lake.rows('raw')).filter(
      (row) =>
        row.user_id === user_id &&
        row.data_type === data_type &&
        new Date(Number((row.start_date as bigint) / 1000n))
          .toISOString()
          .startsWith(aggregation_date ?? '-'),
    )
    const values = mine.map((row) => row.value as number).sort((a, b) => b - a)
    expect(view.aggregate).toMatchObject({
      kept: true,
      count: mine.length,
      said: mine.length,
      lowest: values.at(-1),
      highest: values[0],
    })
    expect(view.aggregate?.sourceSnapshot).toBe(String(headSnapshot(lake.metadata('raw'))?.['snapshot-id']))
    expect(view.aggregate?.rows.map(({ value }) => value)).toEqual(values)
    expect(view.aggregate?.commits.reduce((sum, { rows }) => sum + rows, 0)).toBe(mine.length)
    const top = view.aggregate?.rows[0]
    const below = await ask(lake, { table: 'raw', keys: top?.keys ?? {} })
    expect(below.rows).toHaveLength(1)
    const found = (await originOf(below)).filter((line) => line.kind === 'message')
    expect(found[0]?.message).toMatchObject({
      partition: places.get(top?.sampleId ?? '')?.partition,
      offset: String(places.get(top?.sampleId ?? '')?.offset),
    })
  })
})

test('a commit tells what it took, its files and its rows', async () => {
  const head = headSnapshot(lake.metadata('raw'))
  const id = String(head?.['snapshot-id'])
  const view = await commitThread(lakeOf(lake), 'raw', id, never, () => {})
  expect(view.commit).toMatchObject({ snapshotId: id, writer: 'load', operation: 'append' })
  expect(view.filesInAll).toBe(Number(head?.summary['added-data-files']))
  expect(view.rows).toHaveLength(Math.min(200, Number(head?.summary['added-records'])))
  expect(view.span?.column).toBe('processing_time')
  await expect(commitThread(lakeOf(lake), 'raw', '12', never, () => {})).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

describe('where files were rewritten', () => {
  const rows = (from: number, count: number): Row[] =>
    Array.from({ length: count }, (_, i) =>
      sample({
        user: 'u',
        type: 'steps',
        value: from + i,
        at: 1_767_225_600_000_000n + BigInt(i),
        id: `${from + i}`,
      }),
    )
  const ledger = (from: number, to: number) => ({
    'tarn.pipeline': 'health',
    'tarn.kafka.cluster': 'c',
    'tarn.kafka.topic': 't',
    'tarn.kafka.offsets': JSON.stringify({ 0: [String(from), String(to)] }),
  })

  async function compacted(): Promise<MemoryLake> {
    const memory = memoryLake()
    const a = await memory.append('raw', rows(0, 5), ledger(0, 5))
    const b = await memory.append('raw', rows(5, 5), ledger(5, 10))
    const merged = await memory.write('raw', [...rows(0, 5), ...rows(5, 5)])
    await memory.commit('raw', {
      operation: 'replace',
      add: merged,
      removePaths: new Set([...a, ...b].map(({ path }) => path)),
      commitId: randomUUID(),
    })
    return memory
  }

  test('goes back through the compaction to the commit that appended the row', async () => {
    const memory = await compacted()
    const view = await ask(memory, { keys: { sample_id: '7' } })
    expect(view.rewrites).toHaveLength(1)
    expect(view.rewrites[0]?.commit).toMatchObject({ writer: 'maintenance', operation: 'replace' })
    expect(view.origin?.ledger?.ranges).toEqual([{ partition: 0, from: '5', to: '10' }])
    expect(view.end).toEqual({ kind: 'messages' })
  })

  test('says expired where the snapshot before it is gone, and what bounds it', async () => {
    const memory = await compacted()
    await memory.append('raw', rows(20, 1), ledger(10, 11))
    const metadata = memory.metadata('raw')
    memory.setMetadata('raw', { ...metadata, snapshots: metadata.snapshots.slice(2) })
    const view = await ask(memory, { keys: { sample_id: '7' } })
    expect(view.rewrites).toEqual([])
    expect(view.end).toMatchObject({ kind: 'expired', before: { ranges: [{ from: '10', to: '11' }] } })
  })

  test('says other where an engine without a ledger wrote the row', async () => {
    const memory = memoryLake()
    await memory.append('raw', rows(0, 2))
    const metadata = memory.metadata('raw')
    const summary = { operation: 'append', 'engine-name': 'spark', 'engine-version': '3.5.1' }
    memory.setMetadata('raw', {
      ...metadata,
      snapshots: metadata.snapshots.map((snapshot) => ({ ...snapshot, summary })),
    })
    const view = await ask(memory, { keys: { sample_id: '1' } })
    expect(view.origin).toMatchObject({ writer: 'other', engine: 'spark 3.5.1', ledger: null })
    expect(view.end).toEqual({ kind: 'other' })
  })
})

test('a replayed row leads to its dead letter, and the letter to the snapshot where it landed', async () => {
  const memory = memoryLake()
  await memory.append(
    'errors',
    letterRows([payloadOf([sampleOf({ id: 'warm' })]), payloadOf([sampleOf({ id: 'warmer', value: 99 })])]),
  )
  await replayAll(lakeOf(memory), {
    kind: 'convert',
    type: null,
    from: 'degF',
    to: '°C',
    formula: '(value - 32) / 1.8',
  })
  const row = await ask(memory, { keys: { sample_id: 'warmer' } })
  expect(row.origin?.writer).toBe('replay')
  const [, letter] = await memory.rows('errors')
  expect(row.end).toEqual({
    kind: 'letter',
    letter: { id: letter?.error_id, topic: 'health-data-raw', partition: '0', offset: '1' },
  })
  const back = await ask(memory, { table: 'errors', keys: { error_id: String(letter?.error_id) } })
  expect(back.letter?.landed.map(({ snapshotId }) => snapshotId)).toEqual([row.origin?.snapshotId])
})
