import { afterAll, expect, test } from 'vitest'
import { Differences } from '../../../src/main/app/verify/differences.ts'
import { verifyLedger } from '../../../src/main/app/verify/ledger.ts'
import { ancestors, headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { readPositions, rolledBack } from '../../../src/main/ingest/offsets.ts'
import { planCompact, runCompact } from '../../../src/main/maintenance/compact.ts'
import { planExpire, runExpire } from '../../../src/main/maintenance/expire.ts'
import { planManifests, runManifests } from '../../../src/main/maintenance/manifests.ts'
import { goBack, wayBack } from '../../../src/main/maintenance/restore.ts'
import { GENERATOR_DEFAULTS, generateMessage, generatorSource } from '../../../src/main/source/generator.ts'
import { isLakeError } from '../../../src/shared/errors.ts'
import { loadInto, removeStateFolders } from '../../helpers/load.ts'
import { type MemoryLake, memoryLake } from '../../helpers/memory-lake.ts'

afterAll(removeStateFolders)

// Without late samples: which ones are late depends on how many messages there are.
const made = { ...GENERATOR_DEFAULTS, messages: 600, partitions: 3, badEvery: 20, lateRatio: 0 }
const signal = new AbortController().signal
const commit = { seconds: 60, bytes: 20_000 }

/** The same topic before it had all its messages. */
const upTo = (messages: number) => ({
  ...generatorSource({ ...made, messages }),
  identity: generatorSource(made).identity,
})

const wanted = Array.from({ length: made.messages }, (_, index) =>
  generateMessage(made, index).accepted.map(({ id }) => id),
)
  .flat()
  .sort()
const idsIn = async (lake: MemoryLake) =>
  (await lake.rows('raw')).map((row) => row.sample_id as string).sort()

test('a load and maintenance of its table go on side by side, and no row is lost or twice', async () => {
  const lake = memoryLake()
  let over = false
  const load = loadInto(lake, generatorSource(made), { commit })
  const loading = load.done.finally(() => {
    over = true
  })
  let compactions = 0
  while (!over) {
    const table = await lake.load('raw')
    try {
      const { snapshots } = await runCompact(lake.io, await planCompact(lake.io, table), { signal })
      compactions += snapshots.length
      await runManifests(lake.io, await planManifests(lake.io, await lake.load('raw')), signal)
    } catch (error) {
      if (!isLakeError(error, 'CONFLICT')) throw error
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  await loading
  expect(compactions).toBeGreaterThan(0)
  const head = headSnapshot(lake.metadata('raw'))!
  const operations = [...ancestors(lake.metadata('raw'), head['snapshot-id'])].map(
    (one) => one.summary.operation,
  )
  expect(operations.filter((one) => one === 'append').length).toBeGreaterThan(3)
  expect(await idsIn(lake)).toEqual(wanted)
  expect(head.summary['total-records']).toBe(String(wanted.length))
})

test('a load goes on from its positions behind a compaction, and behind the way back from it', async () => {
  const lake = memoryLake()
  await loadInto(lake, upTo(200), { commit }).done
  const before = readPositions(lake.metadata('raw'), 'health')
  await runCompact(lake.io, await planCompact(lake.io, await lake.load('raw')), { signal })
  expect(readPositions(lake.metadata('raw'), 'health')).toEqual(before)
  expect(rolledBack(lake.metadata('raw'), 'health')).toBeNull()
  await loadInto(lake, upTo(450), { commit }).done
  await runCompact(lake.io, await planCompact(lake.io, await lake.load('raw')), { signal })
  const { from, to } = wayBack(lake.metadata('raw'))!
  await goBack(lake.io, lake.tables.raw, { from: from['snapshot-id'], to: to['snapshot-id'] })
  expect(rolledBack(lake.metadata('raw'), 'health')).toBeNull()
  await loadInto(lake, generatorSource(made), { commit }).done
  expect(await idsIn(lake)).toEqual(wanted)
})

test('the ledger of a load balances after the beginning of its history expired', async () => {
  const lake = memoryLake()
  await loadInto(lake, generatorSource(made), { commit }).done
  for (const role of ['raw', 'errors'] as const) {
    const plan = await planExpire(lake.io, await lake.load(role), {
      before: Number.MAX_SAFE_INTEGER,
      keep: 2,
      needed: new Map(),
    })
    expect(plan.snapshots.length, role).toBeGreaterThan(1)
    await runExpire(lake.io, plan, { signal })
  }
  const differences = new Differences()
  const tables = { raw: lake.metadata('raw'), errors: lake.metadata('errors') }
  const { lines } = await verifyLedger(lake.io, tables, differences)
  expect(differences.list()).toEqual([])
  expect(lines.every((line) => line.balanced)).toBe(true)
})
