import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lake } from '../../../../src/main/app/lake.ts'
import { readLedger } from '../../../../src/main/app/load/ledger.ts'
import { createLedgerWatch } from '../../../../src/main/app/load/ledger-watch.ts'
import type { TableMetadata } from '../../../../src/main/iceberg/types.ts'
import { GENERATOR_DEFAULTS, generatorSource } from '../../../../src/main/source/generator.ts'
import { LakeError } from '../../../../src/shared/errors.ts'
import type { LoadView } from '../../../../src/shared/model.ts'
import { expectedOf, loadInto, removeStateFolders } from '../../../helpers/load.ts'
import { type MemoryLake, memoryLake } from '../../../helpers/memory-lake.ts'

const made = { ...GENERATOR_DEFAULTS, messages: 400, partitions: 2, badEvery: 10 }
const expected = expectedOf(made)
const samples = expected.sampleIds.length + expected.errors.length
let lake: MemoryLake

beforeEach(() => {
  lake = memoryLake()
})
afterEach(removeStateFolders)

const ledgerOf = (raw: TableMetadata = lake.metadata('raw'), errors = lake.metadata('errors')) =>
  readLedger(raw, errors, 'health', 9)

/** The same metadata with the summary of its newest snapshot changed. */
function tampered(metadata: TableMetadata, change: Record<string, string>): TableMetadata {
  const snapshots = metadata.snapshots.map((snapshot) =>
    snapshot['snapshot-id'] === metadata['current-snapshot-id']
      ? { ...snapshot, summary: { ...snapshot.summary, ...change } }
      : snapshot,
  )
  return { ...metadata, snapshots } as TableMetadata
}

describe('the ledger read back', () => {
  test('is none before the first commit', () => {
    expect(ledgerOf()).toBeNull()
  })

  test('balances over several loads, with every sample produced', async () => {
    await loadInto(lake, generatorSource({ ...made, messages: 400 }), {
      commit: { seconds: 60, bytes: 40_000 },
    }).done
    const ledger = ledgerOf()
    expect(ledger).toMatchObject({
      at: 9,
      consumed: samples,
      written: expected.sampleIds.length,
      deadLettered: expected.errors.length,
      skipped: 0,
      gap: 0,
      messages: 400,
      problems: [],
    })
    expect(ledger?.commits).toBeGreaterThan(1)
    expect(ledger?.partitions).toEqual(
      [0, 1].map((partition) => ({
        partition,
        from: '0',
        to: '200',
        consumed: '200',
        missing: '0',
        accepted: '0',
      })),
    )
  })

  test('balances where a load was cut between both commits', async () => {
    lake.faults.push({
      table: 'health_data_raw',
      when: 'before',
      error: new LakeError('FORBIDDEN', 'no right to commit'),
    })
    await expect(loadInto(lake, generatorSource(made)).done).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(ledgerOf()).toBeNull()
    await loadInto(lake, generatorSource(made)).done
    expect(ledgerOf()).toMatchObject({
      consumed: samples,
      deadLettered: 0,
      skipped: expected.errors.length,
      gap: 0,
    })
  })

  test('names the gap exactly where rows or dead letters are fewer than the loader counted', async () => {
    await loadInto(lake, generatorSource(made)).done
    const rows = Number(lake.metadata('raw').snapshots.at(-1)?.summary['added-records'])
    const less = ledgerOf(tampered(lake.metadata('raw'), { 'added-records': String(rows - 7) }))
    expect(less?.gap).toBe(7)
    expect(less?.problems).toHaveLength(1)
    const letters = Number(lake.metadata('errors').snapshots.at(-1)?.summary['added-records'])
    const lost = ledgerOf(
      undefined,
      tampered(lake.metadata('errors'), { 'added-records': String(letters - 2) }),
    )
    expect(lost?.gap).toBe(2)
    expect(lost?.problems[0]).toContain('dead letters')
  })

  test('names offsets that no commit covers', async () => {
    await loadInto(lake, generatorSource({ ...made, messages: 200 }), {
      commit: { seconds: 60, bytes: 40_000 },
    }).done
    const raw = lake.metadata('raw')
    const newest = JSON.parse(raw.snapshots.at(-1)?.summary['tarn.kafka.offsets'] ?? '{}') as Record<
      string,
      [string, string]
    >
    const [partition, [start, end]] = Object.entries(newest)[0] ?? ['', ['0', '0']]
    const moved = { ...newest, [partition]: [String(BigInt(start) + 3n), end] }
    const ledger = ledgerOf(tampered(raw, { 'tarn.kafka.offsets': JSON.stringify(moved) }))
    expect(ledger?.problems).toEqual([`partition ${partition}: 3 offsets are in no commit`])
  })
})

test('the watch holds a load to what the table tells of it', async () => {
  const run = loadInto(lake, generatorSource(made))
  const watch = createLedgerWatch({
    lake: async () =>
      ({ io: lake.io, tables: lake.tables, settings: { pipeline: 'health' } }) as unknown as Lake,
    clock: () => 1,
  })
  watch.begin()
  await run.done
  const view = run.status() as unknown as LoadView
  watch.tick(view)
  expect(await watch.read()).toMatchObject({ gap: 0, consumed: samples })
  expect(watch.sums(view)).toMatchObject({ consumed: samples, pending: 0, gap: 0 })
  expect(watch.sums({ ...view, rows: view.rows + 5 })).toMatchObject({ consumed: samples + 5, pending: 5 })
})
