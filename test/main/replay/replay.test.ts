import { beforeEach, describe, expect, test } from 'vitest'
import type { Lake } from '../../../src/main/app/lake.ts'
import { marksIn } from '../../../src/main/app/letters/letter-index.ts'
import { ancestors, headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { CRASH_POINTS, type CrashPoint } from '../../../src/main/replay/batch.ts'
import { openBatches } from '../../../src/main/replay/settle.ts'
import { MAX_ATTEMPTS, stateOf } from '../../../src/main/replay/state.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import type { Fix } from '../../../src/shared/letters.ts'
import { lakeOf, letterRows, payloadOf, replayAll, sampleOf } from '../../helpers/letters.ts'
import { type MemoryLake, memoryLake } from '../../helpers/memory-lake.ts'

const TO_CELSIUS: Fix = {
  kind: 'convert',
  type: 'bodyTemperature',
  from: 'degF',
  to: '°C',
  formula: '(value - 32) / 1.8',
}
const MARKS_TABLE = 'health_data_replays'

let memory: MemoryLake
let lake: Lake

beforeEach(() => {
  memory = memoryLake()
  lake = lakeOf(memory)
})

/** Five letters of samples in degF, and one payload whose time lacks its zone: two of its samples are right, one is not. */
async function poison(): Promise<void> {
  const temperatures = Array.from({ length: 5 }, (_, i) =>
    payloadOf([sampleOf({ id: `t-${i}`, value: 98 + i })]),
  )
  await memory.append('errors', letterRows(temperatures))
}

async function landedIds(): Promise<string[]> {
  return (await memory.rows('raw')).map((row) => String(row.sample_id)).sort()
}
const ALL = ['t-0', 't-1', 't-2', 't-3', 't-4']

async function states(): Promise<string[]> {
  const marks = await marksIn(lake)
  return (await memory.rows('errors')).map((row) => stateOf(marks.ofLetter.get(String(row.error_id)))).sort()
}

describe('a replay', () => {
  test('lands every letter once, fixed, and says so in its marks and in the commits', async () => {
    await poison()
    expect(await replayAll(lake, TO_CELSIUS)).toEqual({
      state: 'landed',
      letters: 5,
      landed: 5,
      failed: 0,
      rows: 5,
    })
    const rows = await memory.rows('raw')
    expect(rows.map(({ sample_id, value, unit }) => [sample_id, value, unit]).sort()).toEqual(
      ALL.map((id, i) => [id, Number(((66 + i) / 1.8).toPrecision(12)), '°C']),
    )
    expect(await states()).toEqual(new Array(5).fill('landed'))
    const raw = memory.metadata('raw')
    const history = [...ancestors(raw, headSnapshot(raw)?.['snapshot-id'] as bigint)]
    expect(history.map(({ summary }) => summary['tarn.replay.batch']).reverse()).toEqual(['0', '1', '2'])
    expect(history.every(({ summary }) => summary['tarn.kafka.offsets'] === undefined)).toBe(true)
    const marks = await marksIn(lake)
    const snapshots = new Set(history.map((one) => one['snapshot-id']))
    for (const mark of marks.all().filter(({ state }) => state === 'landed'))
      expect(snapshots.has(mark.snapshot as bigint)).toBe(true)
  })

  test('a second time adds nothing', async () => {
    await poison()
    await replayAll(lake, TO_CELSIUS)
    const again = await replayAll(lake, TO_CELSIUS, { id: '22222222-2222-4222-8222-222222222222' })
    expect(again).toMatchObject({ letters: 0, landed: 0 })
    expect(await landedIds()).toEqual(ALL)
  })

  test('leaves the errors table as it is', async () => {
    await poison()
    const before = memory.metadata('errors')
    await replayAll(lake, TO_CELSIUS)
    expect(memory.metadata('errors')).toEqual(before)
  })

  test('a letter that fails again is linked to its first, and is not sent for ever', async () => {
    await poison()
    for (let attempt = 0; attempt < MAX_ATTEMPTS + 2; attempt++) {
      const id = `3333333${attempt}-3333-4333-8333-333333333333`
      const result = await replayAll(lake, { kind: 'none' }, { id })
      const held = attempt >= MAX_ATTEMPTS
      expect(result).toMatchObject({ letters: held ? 0 : 5, failed: held ? 0 : 5, landed: 0 })
    }
    expect(await states()).toEqual(new Array(5).fill('failed'))
    const marks = await marksIn(lake)
    const failed = [...marks.all()].filter(({ state }) => state === 'failed')
    expect(failed).toHaveLength(5 * MAX_ATTEMPTS)
    for (const mark of failed) {
      expect(mark.firstLetter).toBe(mark.letter)
      expect(mark.reason).toMatch(/must be from 30 to 45 for bodyTemperature$/)
    }
    // Another fix is another matter.
    expect(await replayAll(lake, TO_CELSIUS, { id: '44444444-4444-4444-8444-444444444444' })).toMatchObject({
      landed: 5,
    })
  })

  test('of a payload what is right lands; the rest becomes letters that go back to it', async () => {
    const samples = [
      sampleOf({ id: 'a', value: 37, unit: '°C' }),
      sampleOf({ id: 'b', value: 400 }),
      sampleOf({ id: 'c', value: 38, unit: '°C' }),
    ]
    await memory.append('errors', letterRows([payloadOf(samples, { timestamp: '2026-01-01T08:00:01' })]))
    const [first] = await memory.rows('errors')
    expect(await replayAll(lake, { kind: 'zone', offset: '+02:00' })).toMatchObject({ landed: 1, rows: 2 })
    expect(await landedIds()).toEqual(['a', 'c'])
    const errors = await memory.rows('errors')
    expect(errors).toHaveLength(2)
    const rest = errors.find((row) => row.error_id !== first?.error_id)
    expect(rest).toMatchObject({ sample_id: 'b', kafka_offset: 0n, error_type: 'VALIDATION_ERROR' })
    const marks = await marksIn(lake)
    expect(marks.ofLetter.get(String(rest?.error_id))?.[0]).toMatchObject({
      state: 'split',
      firstLetter: first?.error_id,
    })
    const range: Fix = { kind: 'range', type: 'bodyTemperature', min: 0, max: 500 }
    const id = '55555555-5555-4555-8555-555555555555'
    expect(await replayAll(lake, range, { id })).toMatchObject({ letters: 1, landed: 1 })
    expect(await landedIds()).toEqual(['a', 'b', 'c'])
    expect((await marksIn(lake)).ofLetter.get(String(rest?.error_id))?.at(-1)).toMatchObject({
      state: 'landed',
      firstLetter: first?.error_id,
    })
  })

  test('ends between batches when it is cancelled', async () => {
    await poison()
    const controller = new AbortController()
    const result = await replayAll(lake, TO_CELSIUS, {
      signal: controller.signal,
      onBatch: () => controller.abort(),
    })
    expect(result).toMatchObject({ state: 'cancelled', letters: 2, landed: 2 })
    expect((await states()).filter((state) => state === 'open')).toHaveLength(3)
    await replayAll(lake, TO_CELSIUS, { id: '22222222-2222-4222-8222-222222222222' })
    expect(await landedIds()).toEqual(ALL)
  })

  test('ends by itself where too many fail again', async () => {
    const bad = Array.from({ length: 300 }, (_, i) => payloadOf([sampleOf({ id: `${i}`, value: 2000 })]))
    await memory.append('errors', letterRows(bad))
    const result = await replayAll(lake, TO_CELSIUS, { batch: 50, stopAbove: 0.01 })
    expect(result).toMatchObject({ state: 'stopped', letters: 100, failed: 100 })
  })
})

class Crash extends Error {}
const crashAt = (point: CrashPoint, nth: number) => {
  let seen = 0
  return (at: CrashPoint) => {
    if (at === point && ++seen === nth) throw new Crash(point)
  }
}

describe('exactly once', () => {
  test.each(
    CRASH_POINTS.flatMap((point) => [1, 2].map((nth) => [point, nth] as const)).filter(
      // The two payloads that split are of one batch.
      ([point, nth]) => point !== 'errors-committed' || nth === 1,
    ),
  )('cut at %s of batch %i, then resumed', async (point, nth) => {
    await poison()
    const split = payloadOf(
      [sampleOf({ id: 'ok', value: 37, unit: '°C' }), sampleOf({ id: 'bad', value: -1 })],
      { timestamp: '2026-01-01T08:00:01' },
    )
    await memory.append('errors', letterRows([split, split], 100n))
    const fix: Fix = { kind: 'merge', target: 'envelope', patch: { timestamp: '2026-01-01T08:00:01Z' } }
    const range = {
      ...lake,
      settings: { ...lake.settings, validation: { strict: false, ranges: { bodyTemperature: [0, 200] } } },
    } as unknown as Lake
    await expect(replayAll(range, fix, { crash: crashAt(point, nth) })).rejects.toThrow(Crash)
    const result = await replayAll(range, fix)
    expect(result).toMatchObject({ state: 'landed', letters: 7, landed: 7, rows: 7 })
    expect(await landedIds()).toEqual(['ok', 'ok', ...ALL])
    expect(openBatches(await marksIn(range))).toEqual([])
    const errors = (await memory.rows('errors')).map((row) => row.error_id)
    expect(errors).toHaveLength(9)
    expect(new Set(errors).size).toBe(9)
  })

  const pairs = CRASH_POINTS.flatMap((first) => CRASH_POINTS.map((second) => [first, second] as const))
  test.each(pairs)('cut at %s, cut at %s while it recovers, then resumed', async (first, second) => {
    const split = payloadOf(
      [sampleOf({ id: 'ok', value: 37, unit: '°C' }), sampleOf({ id: 'bad', value: -1 })],
      { timestamp: '2026-01-01T08:00:01' },
    )
    await memory.append('errors', letterRows([split, split, split]))
    const fix: Fix = { kind: 'merge', target: 'envelope', patch: { timestamp: '2026-01-01T08:00:01Z' } }
    await expect(replayAll(lake, fix, { crash: crashAt(first, 1) })).rejects.toThrow(Crash)
    await expect(replayAll(lake, fix, { crash: crashAt(second, 1) })).rejects.toThrow(Crash)
    expect(await replayAll(lake, fix)).toMatchObject({ state: 'landed', letters: 3, landed: 3, rows: 3 })
    expect(await landedIds()).toEqual(['ok', 'ok', 'ok'])
    expect(openBatches(await marksIn(lake))).toEqual([])
    const errors = (await memory.rows('errors')).map((row) => row.error_id)
    expect(errors).toHaveLength(6)
    expect(new Set(errors).size).toBe(6)
  })

  test.each(CRASH_POINTS.filter((point) => point !== 'errors-committed'))(
    'cut at %s, then another replay begins: what was open is settled first',
    async (point) => {
      await poison()
      await expect(replayAll(lake, TO_CELSIUS, { crash: crashAt(point, 1) })).rejects.toThrow(Crash)
      await replayAll(lake, TO_CELSIUS, { id: '22222222-2222-4222-8222-222222222222' })
      expect(await landedIds()).toEqual(ALL)
      expect(await states()).toEqual(new Array(5).fill('landed'))
    },
  )

  test.each(['before', 'after'] as const)(
    'a lost answer %s a commit is applied, to either table',
    async (when) => {
      for (const table of ['health_data_raw', MARKS_TABLE]) {
        memory = memoryLake()
        lake = lakeOf(memory)
        await poison()
        for (let i = 0; i < 3; i++)
          memory.faults.push({
            table,
            when,
            error: new LakeError('COMMIT_UNKNOWN', 'cut', { outcome: 'unknown' }),
          })
        expect(await replayAll(lake, TO_CELSIUS)).toMatchObject({ landed: 5 })
        expect(await landedIds()).toEqual(ALL)
        expect(await states()).toEqual(new Array(5).fill('landed'))
      }
    },
  )

  test('an outcome that cannot be settled leaves the letters pending, and nobody sends them again before it is', async () => {
    await poison()
    memory.faults.push({
      table: 'health_data_raw',
      when: 'after',
      error: new LakeError('COMMIT_UNKNOWN', 'cut', { outcome: 'unknown' }),
      thenDown: true,
    })
    await expect(replayAll(lake, TO_CELSIUS)).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN' })
    expect((await states()).filter((state) => state === 'pending')).toHaveLength(2)
    memory.down.clear()
    await replayAll(lake, TO_CELSIUS)
    expect(await landedIds()).toEqual(ALL)
  })

  test('a landing whose snapshot has expired is known by the property', async () => {
    await poison()
    await expect(replayAll(lake, TO_CELSIUS, { crash: crashAt('raw-committed', 1) })).rejects.toThrow(Crash)
    const raw = memory.metadata('raw')
    const snapshots = raw.snapshots.map((one) => {
      const { 'tarn.commit': _, ...summary } = one.summary
      return { ...one, summary: summary as typeof one.summary }
    })
    memory.setMetadata('raw', { ...raw, snapshots })
    await replayAll(lake, TO_CELSIUS)
    expect(await landedIds()).toEqual(ALL)
  })

  test('two at once: the second sees that marks were made meanwhile and writes nothing', async () => {
    await poison()
    const other = lakeOf(memory)
    let second: unknown = null
    await replayAll(lake, TO_CELSIUS, {
      onStart: (batch) => {
        if (batch === 0)
          second = replayAll(other, TO_CELSIUS, { id: '22222222-2222-4222-8222-222222222222' }).catch(
            (error: unknown) => error,
          )
      },
    }).catch((error: unknown) => error)
    await second
    await replayAll(lake, TO_CELSIUS)
    await replayAll(lake, TO_CELSIUS, { id: '66666666-6666-4666-8666-666666666666' })
    expect(await landedIds()).toEqual(ALL)
    expect(await states()).toEqual(new Array(5).fill('landed'))
  })
})
