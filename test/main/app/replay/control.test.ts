import { Worker } from 'node:worker_threads'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createEventBus, type EventBus } from '../../../../src/main/app/events.ts'
import { createJobs, type Jobs } from '../../../../src/main/app/jobs.ts'
import type { Lake } from '../../../../src/main/app/lake.ts'
import { createReplayControl, type ReplayControl } from '../../../../src/main/app/replay/control.ts'
import { SLICE } from '../../../../src/main/replay/bench.ts'
import { LakeError } from '../../../../src/shared/errors.ts'
import type { DryRun, Fix } from '../../../../src/shared/letters.ts'
import type { JobView } from '../../../../src/shared/model.ts'
import { lakeOf, letterRows, payloadOf, sampleOf } from '../../../helpers/letters.ts'
import { type MemoryLake, memoryLake } from '../../../helpers/memory-lake.ts'

const TO_CELSIUS: Fix = {
  kind: 'convert',
  type: null,
  from: 'degF',
  to: '°C',
  formula: '(value - 32) / 1.8',
}
const signal = new AbortController().signal
let memory: MemoryLake
let lake: Lake
let jobs: Jobs
let replays: ReplayControl
let events: EventBus
let rolledUp: number
let changed: string[]

beforeEach(async () => {
  memory = memoryLake()
  lake = lakeOf(memory)
  await memory.append(
    'errors',
    letterRows([98, 99, 2000].map((value, i) => payloadOf([sampleOf({ id: `${i}`, value })]))),
  )
  events = createEventBus()
  changed = []
  events.subscribe((name, data) => {
    if (name === 'table') changed.push((data as { snapshotId: string }).snapshotId)
  })
  jobs = createJobs(events, () => memory.now)
  rolledUp = 0
  replays = createReplayControl({ lake: async () => lake, jobs, events, rollUp: () => void rolledUp++ })
})

const ended = async (job: JobView) => jobs.wait(job.id)
async function tryOut(fix: Fix): Promise<DryRun> {
  const job = await ended(replays.startDryRun({}, fix))
  if (job.result?.kind !== 'dry-run' || job.result.dry === null) throw new Error(job.fault?.title)
  return job.result.dry
}

describe('a replay by the app', () => {
  test('lands what its dry run judged, tells pages and rolls up', async () => {
    const dry = await tryOut(TO_CELSIUS)
    expect(dry).toMatchObject({ letters: 3, wouldLand: 2, wouldFail: 1 })
    const job = await ended(replays.start(dry.id, TO_CELSIUS))
    expect(job.result).toMatchObject({ kind: 'replay', state: 'landed', landed: 2, failed: 1, rows: 2 })
    const [view] = await replays.list(signal)
    expect(view).toMatchObject({
      state: 'landed',
      letters: 3,
      landed: 2,
      failed: 1,
      rows: 2,
      fix: TO_CELSIUS,
    })
    expect(view?.batches).toMatchObject([{ number: 0, letters: 3, state: 'landed' }])
    expect(changed).toEqual([view?.snapshotId])
    expect(rolledUp).toBe(1)
  })

  test('is refused without a dry run of exactly its fix, and a dry run serves once', async () => {
    const dry = await tryOut(TO_CELSIUS)
    const other: Fix = { ...TO_CELSIUS, to: 'C' }
    for (const start of [
      () => replays.start(dry.id, other),
      () => replays.start('00000000-0000-4000-8000-000000000000', TO_CELSIUS),
    ])
      expect(start).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    await ended(replays.start(dry.id, TO_CELSIUS))
    expect(() => replays.start(dry.id, TO_CELSIUS)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  })

  test('is refused where the rules have changed since', async () => {
    const dry = await tryOut(TO_CELSIUS)
    const { settings } = lake
    Object.assign(settings, { validation: { strict: true, ranges: {} } })
    const job = await ended(replays.start(dry.id, TO_CELSIUS))
    expect(job).toMatchObject({ state: 'failed', fault: { code: 'CONFLICT' } })
    expect(await memory.rows('raw')).toEqual([])
  })

  test('takes the letters of the dry run, not those that came later', async () => {
    const dry = await tryOut(TO_CELSIUS)
    await memory.append('errors', letterRows([payloadOf([sampleOf({ id: 'late' })])], 50n))
    await ended(replays.start(dry.id, TO_CELSIUS))
    expect((await memory.rows('raw')).map((row) => row.sample_id).sort()).toEqual(['0', '1'])
  })

  test('is told as interrupted again wherever going on with it fails before its first batch', async () => {
    const dry = await tryOut(TO_CELSIUS)
    memory.faults.push({
      table: 'health_data_raw',
      when: 'after',
      error: new LakeError('COMMIT_UNKNOWN', 'cut', { outcome: 'unknown' }),
      thenDown: true,
    })
    await ended(replays.start(dry.id, TO_CELSIUS))
    memory.down.clear()
    const [cut] = await replays.list(signal)
    const { catalog } = lake.io
    for (let readings = 0; ; readings++) {
      let left = readings
      const loadTable: typeof catalog.loadTable = async (identifier, stop) => {
        if (left-- === 0) throw new LakeError('NETWORK', 'cut', { outcome: 'retry' })
        return catalog.loadTable(identifier, stop)
      }
      Object.assign(lake.io, { catalog: { ...catalog, loadTable } })
      const job = await ended(replays.resume(cut?.id ?? ''))
      Object.assign(lake.io, { catalog })
      const [view] = await replays.list(signal)
      if (view?.state === 'landed') {
        expect(readings).toBeGreaterThan(3)
        break
      }
      expect(job).toMatchObject({ state: 'failed', fault: { code: 'NETWORK' } })
      expect(view).toMatchObject({ state: 'interrupted', jobId: null })
    }
  })

  test('that was cut is told as interrupted, and goes on where it was', async () => {
    const dry = await tryOut(TO_CELSIUS)
    memory.faults.push({
      table: 'health_data_raw',
      when: 'after',
      error: new LakeError('COMMIT_UNKNOWN', 'cut', { outcome: 'unknown' }),
      thenDown: true,
    })
    const cut = await ended(replays.start(dry.id, TO_CELSIUS))
    expect(cut).toMatchObject({ state: 'failed', fault: { code: 'COMMIT_UNKNOWN' } })
    memory.down.clear()
    const [view] = await replays.list(signal)
    expect(view).toMatchObject({ state: 'interrupted', batches: [{ state: 'pending' }] })
    const job = await ended(replays.resume(view?.id ?? ''))
    expect(job.result).toMatchObject({ state: 'landed', landed: 2, failed: 1 })
    expect(await memory.rows('raw')).toHaveLength(2)
    const again = await ended(replays.resume(view?.id ?? ''))
    expect(again).toMatchObject({ state: 'failed', fault: { code: 'CONFLICT' } })
  })

  test('that was cancelled goes on with the letters it left, and lands none twice', async () => {
    const many = Array.from({ length: 9_000 }, (_, i) =>
      payloadOf([sampleOf({ id: `many-${i}`, value: 98 })]),
    )
    await memory.append('errors', letterRows(many, 100n))
    const dry = await tryOut(TO_CELSIUS)
    const cancelled = replays.start(dry.id, TO_CELSIUS)
    events.subscribe((name) => name === 'table' && jobs.cancel(cancelled.id))
    await ended(cancelled)
    const [left] = await replays.list(signal)
    expect(left).toMatchObject({ state: 'cancelled', letters: 9_003 })
    expect(left?.batches).toHaveLength(1)
    const first = await memory.rows('raw')
    expect(first.length).toBeLessThan(9_000)
    const resumed = await ended(replays.resume(left?.id ?? ''))
    expect(resumed.result).toMatchObject({ state: 'landed', letters: 9_003, landed: 9_002, failed: 1 })
    const rows = (await memory.rows('raw')).map((row) => row.sample_id)
    expect(rows).toHaveLength(9_002)
    expect(new Set(rows).size).toBe(9_002)
    const [view] = await replays.list(signal)
    expect(view).toMatchObject({ id: left?.id, state: 'landed', landed: 9_002, failed: 1 })
    expect(view?.batches.map(({ number }) => number)).toEqual([0, 1, 2])
    expect(await ended(replays.resume(left?.id ?? ''))).toMatchObject({ fault: { code: 'CONFLICT' } })
  })

  test.each(['dry run', 'replay'])(
    'that is cancelled says so at once, and judges a slice more at most: %s',
    async (what) => {
      const many = Array.from({ length: 40_000 }, (_, i) =>
        payloadOf([sampleOf({ id: `many-${i}`, value: 98 })]),
      )
      await memory.append('errors', letterRows(many, 100n))
      const dry = what === 'replay' ? await tryOut(TO_CELSIUS) : null
      let job: JobView | null = null
      let after = 0
      const heard: JobView[] = []
      const post = Worker.prototype.postMessage
      const spy = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (
        this: Worker,
        ...[request, transfer]
      ) {
        const { kind, letters } = request as { kind: string; letters?: readonly unknown[] }
        if (kind === 'judge') {
          if (job?.cancelling) after += letters?.length ?? 0
          // In a later turn, as a request to the server comes.
          else
            setImmediate(() => {
              const stop = events.subscribe((name, data) => name === 'job' && heard.push(data as JobView))
              if (job !== null) job = jobs.cancel(job.id)
              stop()
            })
        }
        post.call(this, request, transfer as [])
      })
      try {
        job = dry === null ? replays.startDryRun({}, TO_CELSIUS) : replays.start(dry.id, TO_CELSIUS)
        const end = await ended(job)
        expect(heard[0]).toMatchObject({ state: 'running', cancelling: true })
        expect(end.cancelling).toBeUndefined()
        if (dry === null) expect(end).toMatchObject({ state: 'cancelled', fault: { code: 'CANCELLED' } })
        else expect(end.result).toMatchObject({ state: 'cancelled', landed: 0, failed: 0 })
        expect(after).toBeLessThanOrEqual(SLICE)
        expect(await memory.rows('raw')).toEqual([])
      } finally {
        spy.mockRestore()
      }
    },
  )

  test('tells a fix that makes no sense before it begins', async () => {
    const job = await ended(replays.startDryRun({}, { kind: 'zone', offset: 'x' }))
    expect(job).toMatchObject({ state: 'failed', fault: { code: 'INVALID' } })
  })
})
