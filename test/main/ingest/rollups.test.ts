import { expect, test } from 'vitest'
import { silentLog } from '../../../src/main/base/log.ts'
import { Meter } from '../../../src/main/ingest/meter.ts'
import type { RolledUp } from '../../../src/main/ingest/pipeline.ts'
import { Rollups } from '../../../src/main/ingest/rollups.ts'
import { TroubleLog } from '../../../src/main/ingest/trouble.ts'
import { Ages } from '../../../src/main/ingest/waiting.ts'
import { LakeError, type Outcome } from '../../../src/shared/errors.ts'
import { memoryLake } from '../../helpers/memory-lake.ts'

const failing = (outcome: Outcome) => new LakeError('SERVER', 'answered 503', { outcome })
const ROLLED: RolledUp = { commits: { daily: 1, weekly: 1, monthly: 1 }, rowsWritten: 3 }

/** Rollups of which the first ones fail like this. */
function rollupsThat(failures: LakeError[], patienceMs = 60_000) {
  const abort = new AbortController()
  const troubles = new TroubleLog(Date.now)
  const meter = new Meter(() => performance.now())
  const seen = { calls: 0 }
  const rollups = new Rollups({
    io: { ...memoryLake().io, log: silentLog },
    rollUp: async () => {
      seen.calls += 1
      const failure = failures.shift()
      if (failure) throw failure
      return ROLLED
    },
    seconds: 0,
    patienceMs,
    meter,
    troubles,
    signal: abort.signal,
  })
  return { rollups, troubles, meter, seen, abort }
}

test('the last rollup is tried again until it lands, and that is told as one trouble that is over', async () => {
  const { rollups, troubles, meter, seen } = rollupsThat([failing('retry'), failing('unknown')])
  await rollups.last()
  expect(seen.calls).toBe(3)
  expect(meter.commits).toMatchObject({ daily: 1, weekly: 1, monthly: 1 })
  expect(troubles.view()).toMatchObject([
    { kind: 'rollup-failed', title: 'Answered 503', endedAt: expect.any(Number) as number },
  ])
})

test('the last rollup gives up at once where trying again cannot help', async () => {
  const { rollups, seen } = rollupsThat([failing('reject')])
  await expect(rollups.last()).rejects.toMatchObject({ code: 'SERVER', outcome: 'reject' })
  expect(seen.calls).toBe(1)
})

test('the last rollup gives up when its patience is over', async () => {
  const { rollups, troubles } = rollupsThat(
    Array.from({ length: 100 }, () => failing('retry')),
    0,
  )
  await expect(rollups.last()).rejects.toMatchObject({ code: 'SERVER' })
  expect(troubles.view()).toEqual([])
})

test('ending the load ends its waiting for the last rollup', async () => {
  const { rollups, troubles, abort } = rollupsThat(Array.from({ length: 100 }, () => failing('retry')))
  const last = rollups.last()
  const ended = expect(last).rejects.toMatchObject({ code: 'CANCELLED' })
  while (troubles.view().length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  abort.abort()
  await ended
})

test('one that fails while loading is made up for by the next, and loading never sees it', async () => {
  const { rollups, seen, meter } = rollupsThat([failing('reject')])
  rollups.beginInTime()
  expect(seen.calls).toBe(0)
  const ages = new Ages()
  ages.addMany(Date.now() - 5_000, 1)
  rollups.committed(ages)
  rollups.beginInTime()
  await rollups.settled()
  expect(rollups.trouble).toMatchObject({ code: 'SERVER' })
  await rollups.last()
  expect([seen.calls, meter.commits.daily]).toEqual([2, 1])
})
