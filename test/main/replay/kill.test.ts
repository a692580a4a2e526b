import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../../src/main/app/app.ts'
import { parts } from '../../../src/main/app/compose.ts'
import { marksIn } from '../../../src/main/app/letters/letter-index.ts'
import { resolveSettings } from '../../../src/main/app/settings/settings.ts'
import { systemClock } from '../../../src/main/base/clock.ts'
import { silentLog } from '../../../src/main/base/log.ts'
import { createScrubber } from '../../../src/main/base/scrub.ts'
import { replay as command } from '../../../src/main/hosts/cli/replay.ts'
import { run } from '../../../src/main/hosts/cli/run.ts'
import { ancestors, headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { CRASH_POINTS } from '../../../src/main/replay/batch.ts'
import { openBatches } from '../../../src/main/replay/settle.ts'
import { stateOf } from '../../../src/main/replay/state.ts'
import { readTable } from '../../helpers/load.ts'
import { COUNTS, FIX, poisonedMessages } from './poisoned.ts'

const CHILD = join(import.meta.dirname, 'replay-child.ts')
const NODE = join(import.meta.dirname, '../../../node_modules/.bin/node')
/** Each the second time that it is come to; the batches split payloads once each, so errors are committed twice. */
const PLACES = [
  ...CRASH_POINTS,
  'data-file-stored',
  'manifest-stored',
  'manifest-list-stored',
  'health_data_replays to be committed',
  'health_data_replays committed, answer unread',
  'health_data_errors committed, answer unread',
  'health_data_raw to be committed',
  'health_data_raw committed, answer unread',
]

/** Of the second process, which settles what the first left open: each the first time that it is come to. */
const PLACES_AGAIN = [
  ['intended', 'stored'],
  ['health_data_errors committed, answer unread', 'health_data_raw to be committed'],
  ['stored', 'health_data_raw committed, answer unread'],
  ['raw-committed', 'health_data_replays committed, answer unread'],
] as const

const folder = mkdtempSync(join(tmpdir(), 'tarn-replay-kill-'))
const home = join(folder, 'home')
const loaded = join(folder, 'loaded')
let offsets: string | undefined
const { lines, good, fixed } = poisonedMessages()

function openApp(): App {
  return createApp({
    resolve: () => resolveSettings({ flags: new Map(), env: { TARN_HOME: home } }),
    parts,
    host: 'server',
    version: '0.0.0-test',
    sample: false,
    log: silentLog,
    scrubber: createScrubber(),
    clock: systemClock,
  })
}

function replay(
  place: string,
  cut?: string,
): Promise<{ signal: string | null; code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, [CHILD, home, place, ...(cut === undefined ? [] : [cut])], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ signal, code, stderr }))
  })
}

/** Loads the poisoned topic once; each test begins with a copy of what that left. */
beforeAll(async () => {
  const topic = join(folder, 'topic.jsonl')
  writeFileSync(topic, `${lines.join('\n')}\n`)
  const app = openApp()
  const job = app.load.start({ source: { kind: 'file', path: topic }, untilCaughtUp: true, accept: {} })
  const { fault, result: load } = await app.jobs.wait(job.id)
  offsets = (await headOf(app, 'raw')).properties['tarn.offsets.health']
  await app.close()
  expect({ fault, result: load }).toMatchObject({
    fault: null,
    result: { rows: good.length, rejected: COUNTS.letters },
  })
  cpSync(home, loaded, { recursive: true })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const result = { state: 'landed', landed: fixed.length, failed: COUNTS.hopeless }
const signal = new AbortController().signal

describe('a replay that is killed', () => {
  beforeEach(() => {
    rmSync(home, { recursive: true, force: true })
    cpSync(loaded, home, { recursive: true })
  })

  test.each(PLACES)(
    'at %s lands every letter once after it is resumed',
    { timeout: 120_000 },
    async (place) => {
      expect(await replay(place)).toMatchObject({ signal: 'SIGKILL' })
      const app = openApp()
      try {
        const [cut] = await app.replays.list(signal)
        expect(cut).toMatchObject({ state: 'interrupted' })
        // (i) What was open is at its end in bounded time, without work by hand.
        expect(await app.jobs.wait(app.replays.resume(cut?.id ?? '').id)).toMatchObject({
          fault: null,
          result,
        })
        await app.jobs.wait(app.jobs.list().find(({ kind }) => kind === 'rollup')?.id ?? '')
        await expectOnce(app, 3)
      } finally {
        await app.close()
      }
    },
  )

  test.each(PLACES_AGAIN)(
    'at %s, and at %s while it recovers, lands every letter once after the command is given again',
    { timeout: 120_000 },
    async (place, again) => {
      expect(await replay(place)).toMatchObject({ signal: 'SIGKILL' })
      expect(await replay(again, await idOfCut())).toMatchObject({ signal: 'SIGKILL' })
      await idOfCut()
      const fix = join(folder, 'fix.json')
      writeFileSync(fix, JSON.stringify(FIX))
      const said = await tarn(['replay', '--fix', fix, '--json'])
      // Letters failed again, which the command ends with 1 for.
      expect({ ...said, result: JSON.parse(said.stdout) }).toMatchObject({
        code: 1,
        result: { replay: expect.any(String), ...result },
      })
      const app = openApp()
      try {
        await expectOnce(app, 6)
      } finally {
        await app.close()
      }
    },
  )
})

async function idOfCut(): Promise<string> {
  const app = openApp()
  try {
    const [cut, ...others] = await app.replays.list(signal)
    expect(cut).toMatchObject({ state: 'interrupted' })
    expect(others).toEqual([])
    return cut?.id ?? ''
  } finally {
    await app.close()
  }
}

/** The command line, in this process. */
async function tarn(argv: string[]): Promise<{ code: number; stdout: string }> {
  let stdout = ''
  const code = await run(
    argv,
    {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: () => undefined },
      env: { TARN_HOME: home },
      clock: Date.now,
      onSignal: () => () => {},
      exit: () => {},
    },
    [command],
    parts,
  )
  return { code, stdout }
}

/** The nine points of the oracle; at most `orphans` data files of each table that nothing refers to. */
async function expectOnce(app: App, orphans: number): Promise<void> {
  const marks = await marksIn(await app.lake())
  expect(openBatches(marks)).toEqual([])

  // (a, b) Every sample that is right is in raw once; every letter is there once, and landed or failed once.
  const [raw, errors] = await Promise.all([tableOf(app, 'raw'), tableOf(app, 'errors')])
  expect(raw.rows.map((row) => String(row.sample_id)).sort()).toEqual([...good, ...fixed].sort())
  const ids = errors.rows.map((row) => String(row.error_id))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toHaveLength(COUNTS.letters + COUNTS.split)
  const states = Object.groupBy(ids, (id) => stateOf(marks.ofLetter.get(id)))
  // (c) None is left that nobody decided about.
  expect({ ...states, landed: states.landed?.length, failed: states.failed?.length }).toEqual({
    landed: fixed.length,
    failed: COUNTS.hopeless + COUNTS.split,
  })
  for (const id of ids) {
    const mine = marks.ofLetter.get(id)?.filter(({ state }) => state === 'landed') ?? []
    expect(mine.length).toBeLessThanOrEqual(1)
  }

  // (d) Positions stay; batches go up along the chain, each once.
  expect(raw.metadata.properties['tarn.offsets.health']).toBe(offsets)
  const head = headSnapshot(raw.metadata)
  const batches = [...ancestors(raw.metadata, head?.['snapshot-id'] as bigint)]
    .flatMap(({ summary }) => summary['tarn.replay.batch'] ?? [])
    .reverse()
  expect(batches).toEqual(['0', '1'])

  // (e, f, g) Files are there with their length and live once, aggregates are those of raw, the ledger balances.
  const verified = await app.jobs.wait(app.startVerify().id)
  expect(verified.result).toMatchObject({ clean: true, differences: [] })

  // (h) What no table refers to is at most what the cut attempt had stored.
  for (const { metadata, files } of [raw, errors]) {
    const live = new Set(files.map(({ path }) => path))
    const stored = dataFiles(new URL(`${metadata.location}/data`))
    expect(stored.filter((path) => !live.has(path)).length).toBeLessThanOrEqual(orphans)
  }

  // A second replay adds nothing.
  const dry = await app.jobs.wait(app.replays.startDryRun({}, FIX).id)
  expect(dry.result).toMatchObject({
    landed: 0,
    landedBefore: fixed.length,
    failed: COUNTS.hopeless + COUNTS.split,
  })
}

async function headOf(app: App, role: 'raw' | 'errors') {
  const lake = await app.lake()
  return (await lake.io.catalog.loadTable(lake.tables[role])).metadata
}

async function tableOf(app: App, role: 'raw' | 'errors') {
  const lake = await app.lake()
  const metadata = await headOf(app, role)
  return { metadata, ...(await readTable(lake.io, metadata)) }
}

function dataFiles(folderUrl: URL): string[] {
  return readdirSync(folderUrl, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.parquet'))
    .map((path) => pathToFileURL(join(folderUrl.pathname, path)).href)
}
