import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lake } from '../../../../src/main/app/lake.ts'
import { type ProveOptions, proveLake } from '../../../../src/main/app/setup/prove.ts'
import {
  leftovers,
  probePayload,
  readProbe,
  removeProbe,
  writeProbe,
} from '../../../../src/main/app/setup/prove-probe.ts'
import { verify } from '../../../../src/main/app/verify/verify.ts'
import { liveFiles } from '../../../../src/main/iceberg/snapshot.ts'
import { GENERATOR_DEFAULTS, generatorSource } from '../../../../src/main/source/generator.ts'
import { LakeError } from '../../../../src/shared/errors.ts'
import type { StepView } from '../../../../src/shared/model.ts'
import { type TestApp, testApp } from '../../../helpers/app.ts'
import { loadInto, removeStateFolders } from '../../../helpers/load.ts'

let one: TestApp
let lake: Lake
let steps: Map<number, StepView>

beforeEach(async () => {
  one = testApp()
  lake = await one.app.lake()
  steps = new Map()
})
afterEach(async () => {
  await one.close()
  removeStateFolders()
})

const control = (signal = new AbortController().signal) => ({
  signal,
  step: (step: StepView) => void steps.set(step.number, step),
})
const prove = (options: ProveOptions = {}) =>
  proveLake(lake, control(), {
    readMessage: async () => 'partition 0, offset 1, 2 valid samples',
    ...options,
  })
const raw = async () => (await lake.io.catalog.loadTable(lake.tables.raw)).metadata
const states = () => [...steps.values()].sort((a, b) => a.number - b.number).map((step) => step.state)
async function live(): Promise<string[]> {
  const metadata = await raw()
  const head = metadata['current-snapshot-id']
  if (head === null || head === undefined) return []
  return (await liveFiles(lake.io.storage, metadata, head)).map(({ file }) => file.path).sort()
}
async function verified() {
  const tools = { ...control(), id: 'x', progress: () => {} }
  return verify(lake, tools)
}

describe('the proof', () => {
  test('makes the tables, writes rows, reads them back and leaves nothing', async () => {
    const result = await prove()
    expect(result).toMatchObject({ passed: true, rows: 3 })
    expect(states()).toEqual(Array(14).fill('passed'))
    expect(await live()).toEqual([])
    expect((await raw()).snapshots.map((snapshot) => snapshot.summary.operation)).toEqual([
      'append',
      'delete',
    ])
    expect(await verified()).toMatchObject({ clean: true, differences: [] })
  })

  test('is safe on a loaded lake: its rows, positions and ledger stay as they were', async () => {
    await prove()
    const source = generatorSource({ ...GENERATOR_DEFAULTS, messages: 120, badEvery: 10 })
    await loadInto(lake, source).done
    await source.close()
    const before = { files: await live(), properties: (await raw()).properties }
    expect(before.files.length).toBeGreaterThan(0)
    expect(await prove()).toMatchObject({ passed: true })
    expect(await live()).toEqual(before.files)
    expect((await raw()).properties).toEqual(before.properties)
    const { differences } = await verified()
    expect(differences.filter((text) => !/daily|weekly|monthly/.test(text))).toEqual([])
  })

  test('goes on past a failure where a step does not need it', async () => {
    const result = await prove({
      readMessage: async () => {
        throw new LakeError('NO_BROKER', 'no Kafka broker answers', { remedy: 'Start Kafka.' })
      },
    })
    expect(result.passed).toBe(false)
    expect(states()).toEqual([...Array(10).fill('passed'), 'failed', 'passed', 'passed', 'passed'])
    expect(steps.get(11)?.fault).toMatchObject({ code: 'NO_BROKER', remedy: 'Start Kafka.' })
  })

  test('removes its rows even where the query engine finds others, or says nothing', async () => {
    expect(await prove({ readInPage: async () => ({ rows: 2, ms: 5, fault: null }) })).toMatchObject({
      passed: false,
    })
    expect(steps.get(14)?.fault?.title).toBe('3 rows were written and the query engine found 2')
    expect(steps.get(15)?.state).toBe('passed')
    expect(await prove({ readInPage: async () => null })).toMatchObject({ passed: false })
    expect(steps.get(14)?.fault?.code).toBe('TIMEOUT')
    expect(await live()).toEqual([])
  })

  test('removes what a cut proof left, before it writes its own', async () => {
    await prove()
    const cut = await writeProbe(lake)
    expect(await live()).toHaveLength(cut.files.length)
    expect(await leftovers(lake.io, await raw())).toEqual(new Set(cut.files.map((file) => file.path)))
    await prove()
    expect(steps.get(12)?.lines[0]?.text).toContain(`${cut.files.length} files of a probe that was cut`)
    expect(await live()).toEqual([])
  })

  test('a cancel between writing and removing still removes', async () => {
    const stop = new AbortController()
    const done = proveLake(lake, control(stop.signal), {
      readMessage: async () => 'read',
      readInPage: async () => {
        stop.abort()
        return null
      },
    })
    await expect(done).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(steps.get(15)?.state).toBe('passed')
    expect(await live()).toEqual([])
  })
})

describe('the probe', () => {
  test('says so where rows come back otherwise than they were written', async () => {
    await prove()
    const written = await writeProbe(lake)
    expect(await readProbe(lake.io, written)).toBe(3)
    const [first, ...rest] = written.rows
    const other = { ...written, rows: [{ ...first!, value: first!.value + 1 }, ...rest] }
    await expect(readProbe(lake.io, other)).rejects.toMatchObject({ code: 'CORRUPT' })
    await removeProbe(lake, new Set(written.files.map((file) => file.path)))
  })

  test('passes under ranges that the settings narrow', () => {
    const validation = { strict: true, ranges: { heartRate: [400, 401] as const } }
    const { rows } = probePayload({ validation }, 'id', 0)
    expect(rows.find((row) => row.type === 'heartRate')?.value).toBe(400.5)
  })
})
