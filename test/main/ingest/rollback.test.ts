import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readLedger } from '../../../src/main/app/load/ledger.ts'
import { headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { readPositions, rolledBack } from '../../../src/main/ingest/offsets.ts'
import { GENERATOR_DEFAULTS, generateMessage, generatorSource } from '../../../src/main/source/generator.ts'
import type { Source } from '../../../src/main/source/source.ts'
import { loadInto, readTable, removeStateFolders, sampleIdsOf } from '../../helpers/load.ts'
import { type MemoryLake, memoryLake } from '../../helpers/memory-lake.ts'

const made = { ...GENERATOR_DEFAULTS, messages: 900, partitions: 3, badEvery: 20 }
/** The topic as it was when it held the first `messages`. */
function upTo(messages: number): Source {
  const mark = { low: 0n, high: BigInt(messages / made.partitions) }
  return { ...generatorSource(made), watermarks: async () => new Map([0, 1, 2].map((p) => [p, mark])) }
}
const idsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => generateMessage(made, from + i).accepted.map(({ id }) => id))
    .flat()
    .sort()

let lake: MemoryLake
beforeEach(async () => {
  lake = memoryLake()
  await loadInto(lake, upTo(300)).done
  await loadInto(lake, upTo(600)).done
})
afterEach(removeStateFolders)

const raw = () => lake.metadata('raw')
const headId = () => headSnapshot(raw())?.['snapshot-id'] as bigint
const ledger = () => readLedger(raw(), lake.metadata('errors'), 'health', 0)
const sampleIds = async () => sampleIdsOf((await readTable(lake.io, raw())).rows)

/** As `CALL system.rollback_to_snapshot` of Spark: main names an older snapshot, properties stay. */
function setBack(role: 'raw' | 'errors' = 'raw'): void {
  const metadata = lake.metadata(role)
  const parent = headSnapshot(metadata)?.['parent-snapshot-id'] as bigint
  const main = { ...metadata.refs?.main, 'snapshot-id': parent, type: 'branch' as const }
  lake.setMetadata(role, { ...metadata, 'current-snapshot-id': parent, refs: { ...metadata.refs, main } })
}

describe('a raw table that another tool set back', () => {
  test('is told from one that only grew', async () => {
    expect(rolledBack(raw(), 'health')).toBeNull()
    setBack()
    expect(rolledBack(raw(), 'health')).toEqual(
      new Map([
        [0, 100n],
        [1, 100n],
        [2, 100n],
      ]),
    )
    expect(rolledBack(raw(), 'other')).toBeNull()
  })

  test('is told after others wrote on, not where the history that could tell has expired', async () => {
    const { snapshots } = raw()
    setBack()
    await lake.commit('raw', { operation: 'append', add: await lake.write('raw', []) })
    expect(rolledBack(raw(), 'health')).not.toBeNull()
    const kept = raw().snapshots.filter((one) => !snapshots.includes(one))
    lake.setMetadata('raw', { ...raw(), snapshots: kept })
    expect(rolledBack(raw(), 'health')).toBeNull()
  })

  test('is refused with the messages that are no longer in it', async () => {
    setBack()
    const run = loadInto(lake, upTo(900))
    await expect(run.done).rejects.toMatchObject({
      code: 'TABLE_ROLLED_BACK',
      context: { missing: '300', flag: '--accept-rollback 300' },
    })
    expect(run.status().refusal).toMatchObject({
      code: 'TABLE_ROLLED_BACK',
      accept: '300',
      partitions: [
        { partition: 0, position: '200', missing: '100', missingFrom: '100', waiting: '100' },
        {},
        {},
      ],
    })
  })

  test('is loaded again: every sample once, and the ledger balances', async () => {
    setBack()
    await loadInto(lake, upTo(900), { accept: { rollback: 300n } }).done
    expect(await sampleIds()).toEqual(idsOf(0, 900))
    expect(ledger()).toMatchObject({ gap: 0, problems: [] })
    expect(readPositions(raw(), 'health')?.next.get(0)).toBe(300n)
    expect(readPositions(raw(), 'health')?.accepted).toMatchObject([
      { kind: 'rollback', detail: { missing: '300', 0: '[100, 200)' } },
    ])
    // and it is no refusal any more
    await loadInto(lake, upTo(900)).done
  })

  test('goes on without them where the user decides so, and says so for good', async () => {
    setBack()
    await loadInto(lake, upTo(900), { accept: { gap: 300n } }).done
    expect(await sampleIds()).toEqual([...idsOf(0, 300), ...idsOf(600, 900)].sort())
    expect(ledger()).toMatchObject({
      accepted: '300',
      partitions: [{ missing: '0', accepted: '100' }, {}, {}],
    })
  })

  test('while it is loaded, ends the load before anything is written on top', async () => {
    const source = upTo(900)
    const run = loadInto(lake, source, { commit: { seconds: 0.01, bytes: 1 << 27 } })
    run.onCommit((commits) => {
      if (commits.some(({ role }) => role === 'raw')) setBack()
    })
    const before = headId()
    await expect(run.done.then(() => loadInto(lake, upTo(900)).done)).rejects.toMatchObject({
      code: 'TABLE_ROLLED_BACK',
    })
    expect(headId()).toBe(before)
  })

  test('to before the first load counts from what the source still holds', async () => {
    setBack()
    setBack()
    expect(headSnapshot(raw())).toBeNull()
    await expect(loadInto(lake, upTo(600)).done).rejects.toMatchObject({ context: { missing: '600' } })
    await loadInto(lake, upTo(600), { accept: { rollback: 600n } }).done
    expect(await sampleIds()).toEqual(idsOf(0, 600))
  })

  test('keeps the decision where nothing is left to read', async () => {
    setBack()
    await loadInto(lake, upTo(600), { accept: { gap: 300n } }).done
    await loadInto(lake, upTo(600)).done
    expect(readPositions(raw(), 'health')?.accepted).toMatchObject([
      { kind: 'gap', detail: { missing: '300' } },
    ])
    expect(ledger()).toMatchObject({ accepted: '300', problems: [] })
  })
})
