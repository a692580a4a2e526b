import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLake } from '../../../src/main/app/lake.ts'
import type { Parts } from '../../../src/main/app/parts.ts'
import type { MainSettings } from '../../../src/main/app/settings/settings.ts'
import { browserCommand } from '../../../src/main/hosts/cli/browser.ts'
import { catalog } from '../../../src/main/hosts/cli/catalog.ts'
import { check } from '../../../src/main/hosts/cli/check.ts'
import { load, loadProgress } from '../../../src/main/hosts/cli/load.ts'
import { createProgress } from '../../../src/main/hosts/cli/progress.ts'
import { rollup } from '../../../src/main/hosts/cli/rollup.ts'
import { exitCode, run } from '../../../src/main/hosts/cli/run.ts'
import { serve } from '../../../src/main/hosts/cli/serve.ts'
import { verify } from '../../../src/main/hosts/cli/verify.ts'
import { ERROR_CODES, LakeError } from '../../../src/shared/errors.ts'
import type { LoadSummary, LoadView } from '../../../src/shared/model.ts'

const COMMANDS = [check, load, rollup, verify, serve, catalog]
const SUMMARY: LoadSummary = {
  messages: 10,
  rows: 9,
  rejected: 1,
  skipped: 0,
  bytes: 1000,
  seconds: 1,
  peakRssBytes: 1,
  commits: { raw: 1, errors: 1, daily: 1, weekly: 1, monthly: 1 },
  positions: { t: { '0': '10' } },
}

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-cli-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly exits: number[]
}

/** Runs the command line in this process. `signals` are sent once it listens, one after the other. */
async function tarn(
  argv: string[],
  parts: Partial<Parts> = {},
  options: {
    env?: Record<string, string>
    onListen?: (send: (signal: 'SIGINT' | 'SIGTERM') => void) => void
  } = {},
): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  const exits: number[] = []
  const never = async () => {
    throw new LakeError('INTERNAL', 'not part of this test')
  }
  const code = await run(
    argv,
    {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      env: { TARN_HOME: home, ...options.env },
      clock: Date.now,
      onSignal(handler) {
        options.onListen?.(handler)
        return () => {}
      },
      exit: (status) => exits.push(status),
    },
    COMMANDS,
    { openLake, begin: never, check: never, rollup: never, verify: never, probe: never, ...parts },
  )
  return { code, stdout, stderr, exits }
}

const failing = (error: LakeError): Partial<Parts> => ({
  rollup: async () => {
    throw error
  },
})

describe('usage', () => {
  test.each([
    [['nonsense'], 'there is no command "nonsense"'],
    [['chek'], 'Did you mean check?'],
    [['load', '--until-caught'], '--until-caught-up'],
    [['load', 'extra'], '"extra"'],
    [['load', '--source'], '--source needs a value'],
    [['load', '--source', 'tape'], '--source tape'],
    [['load', '--source', 'file:/no/such/file'], 'no such file'],
    [['load', '--accept-gap', 'all'], '--accept-gap all'],
    [['load', '--until-caught-up=yes'], 'takes no value'],
    [['serve', '--port', '70000'], '--port 70000'],
    [['check', '--s3-secret-key', 'hunter2'], 'S3_SECRET_KEY'],
    [['check', '--commit-seconds', 'soon'], 'TARN_COMMIT_SECONDS'],
    [['check', '--config', '/no/such.json'], '/no/such.json'],
    [['catalog', '--iceberg-catalog-type', 'rest'], '--iceberg-catalog-type'],
  ])('%j ends with 2 and says why', async (argv, text) => {
    const { code, stdout, stderr } = await tarn(argv)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(text)
    expect(stderr).not.toMatch(/hunter2|\n\s+at /)
  })

  test('settings errors name the setting and where it came from', async () => {
    const env = await tarn(['check'], {}, { env: { KAFKA_BROKER: 'h:1' } })
    expect([env.code, env.stderr.includes('KAFKA_BROKER'), env.stderr.includes('the environment')]).toEqual([
      2,
      true,
      true,
    ])
    writeFileSync(join(home, 'settings.json'), '{"kafka": {"topics": "x"}}')
    const file = await tarn(['check', '--json'])
    expect(file.code).toBe(2)
    expect(JSON.parse(file.stdout)).toMatchObject({
      error: { code: 'SETTING', context: { setting: 'kafka.topics', origin: join(home, 'settings.json') } },
    })
  })

  test('help and version', async () => {
    expect(await tarn(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    })
    const help = await tarn(['--help'])
    expect(help.code).toBe(0)
    for (const word of ['check', 'load', 'KAFKA_BROKERS', '--kafka-brokers', 'S3_SECRET_KEY'])
      expect(help.stdout).toContain(word)
    expect(help.stdout).not.toContain('--s3-secret-key')
    expect((await tarn(['load', '--help'])).stdout).toContain('--accept-gap N')
    expect(await tarn([])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('exit codes', () => {
  test('every error code has one', () => {
    expect(ERROR_CODES.map((code) => [code, exitCode(code)]).filter(([, exit]) => exit === 3)).toEqual([
      ['TABLE_REPLACED', 3],
      ['TABLE_ROLLED_BACK', 3],
      ['OVERTAKEN', 3],
      ['GAP', 3],
      ['TOPIC_REPLACED', 3],
      ['CLUSTER_REPLACED', 3],
    ])
    for (const code of ['DNS', 'REFUSED', 'TIMEOUT', 'NO_BROKER'] as const) expect(exitCode(code)).toBe(4)
  })

  test('a failure is told in words, with cause and next step, and as JSON where asked', async () => {
    const error = new LakeError('REFUSED', 'nothing listens', {
      likely: 'It is down.',
      remedy: 'Start it.',
      context: { port: 1 },
    })
    expect(await tarn(['rollup'], failing(error))).toMatchObject({
      code: 4,
      stdout: '',
      stderr: '✗ nothing listens\n  Likely: It is down.\n  Next:   Start it.\n',
    })
    const json = await tarn(['rollup', '--json'], failing(error))
    expect(JSON.parse(json.stdout)).toEqual({
      error: {
        code: 'REFUSED',
        outcome: 'reject',
        title: 'nothing listens',
        likely: 'It is down.',
        remedy: 'Start it.',
        context: { port: 1 },
      },
    })
  })

  test('verify ends with 1 where something differs, and names it', async () => {
    const verified = await tarn(['verify'], {
      verify: async () => ({
        clean: false,
        differences: ['daily: 3 rows differ'],
        ledger: [],
        checked: { files: 2 },
      }),
    })
    expect(verified.code).toBe(1)
    expect(verified.stdout).toContain('✗ daily: 3 rows differ')
  })

  test('check ends with 1 where a step failed', async () => {
    const parts: Partial<Parts> = {
      check: async (_lake, control) => {
        control.step({
          number: 2,
          title: 'Two...',
          state: 'failed',
          lines: [],
          ms: 1,
          fault: { code: 'DNS', outcome: 'retry', title: 'no such host', remedy: 'Mend it.', context: {} },
        })
        return { passed: false, tables: [] }
      },
    }
    const checked = await tarn(['check'], parts)
    expect(checked.code).toBe(1)
    expect(checked.stdout).toContain('2. Two...\n   ✗ no such host')
    expect(JSON.parse((await tarn(['check', '--json'], parts)).stdout)).toMatchObject({
      passed: false,
      steps: [{ number: 2 }],
    })
  })
})

describe('load', () => {
  const view: Omit<LoadView, 'state' | 'jobId' | 'startedAt' | 'endedAt' | 'fault'> = {
    pipeline: 'p',
    source: null,
    messages: 5,
    rows: 5,
    rejected: 0,
    skipped: 0,
    warnings: 0,
    bytes: 0,
    messagesPerSecond: 0,
    rowsPerSecond: 0,
    bytesPerSecond: 0,
    bufferedBytes: 0,
    budgetBytes: 1,
    commits: SUMMARY.commits,
    lastCommitAt: null,
    nextCommitInMs: null,
    recentCommits: [],
    partitions: [],
    lag: '5',
  }
  /** A load that ends when it is stopped, or at once. */
  const begin = (
    endless: boolean,
    seen: { requests: unknown[]; stopped: number; settings?: MainSettings },
  ): Partial<Parts> => ({
    begin: async (request, lake) => {
      seen.requests.push(request)
      seen.settings = lake.settings
      const done = Promise.withResolvers<LoadSummary>()
      if (!endless) done.resolve(SUMMARY)
      return {
        view: () => ({ ...view, paused: false, fault: null }),
        pause() {},
        resume() {},
        abort() {},
        stop() {
          seen.stopped += 1
          done.resolve(SUMMARY)
        },
        done: done.promise,
      }
    },
  })

  test('prints its counts, and with --json exactly the object of the contract', async () => {
    const seen = { requests: [] as unknown[], stopped: 0 }
    const ran = await tarn(
      ['load', '--until-caught-up', '--json', '--accept-gap', '7', '--pipeline', 'two'],
      begin(false, seen),
    )
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.stdout)).toEqual(SUMMARY)
    expect(ran.stdout.trim().split('\n')).toHaveLength(1)
    expect(seen.requests).toEqual([{ source: { kind: 'kafka' }, untilCaughtUp: true, accept: { gap: 7n } }])
    expect(seen).toMatchObject({ settings: { pipeline: 'two' } })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s stops it in order and ends with 0; a second one at once',
    async (signal) => {
      const seen = { requests: [] as unknown[], stopped: 0 }
      let send: (signal: 'SIGINT' | 'SIGTERM') => void = () => {}
      const running = tarn(['load'], begin(true, seen), { onListen: (given) => (send = given) })
      await new Promise((resolve) => setTimeout(resolve, 100))
      send(signal)
      const ran = await running
      expect(ran.code).toBe(0)
      expect(seen.stopped).toBeGreaterThan(0)
      expect(ran.exits).toEqual([])
      send(signal)
      expect(ran.exits).toEqual([signal === 'SIGINT' ? 130 : 143])
    },
  )
})

describe('progress', () => {
  test('of a load begins with what it waits for', () => {
    const view = { state: 'running', lag: '300', messages: 100, rows: 500, rejected: 1 } as const
    const trouble = { kind: 'storage-away', at: 1, endedAt: null, text: '', fault: null } as const
    const title = 'Nothing listens at localhost:9000'
    expect(loadProgress({ ...view, troubles: [{ ...trouble, title }] })).toEqual({
      text: `waiting (${title}), loading: 100 messages, 500 rows, 1 rejected, 300 behind`,
      fraction: 0.25,
    })
    expect(loadProgress({ ...view, troubles: [{ ...trouble, title, endedAt: 2 }] })?.text).toBe(
      'loading: 100 messages, 500 rows, 1 rejected, 300 behind',
    )
    expect(loadProgress({ ...view, state: 'done' })).toBe(null)
  })

  const collect = (isTTY: boolean) => {
    let now = 0
    const written: string[] = []
    const progress = createProgress({ write: (text) => written.push(text), isTTY, columns: 60 }, () => now)
    return { progress, written, at: (ms: number) => (now = ms) }
  }

  test('says nothing in the first two seconds, then a line every five', () => {
    const { progress, written, at } = collect(false)
    for (let ms = 0; ms <= 12_500; ms += 100) {
      at(ms)
      progress.show('loading', 0.5)
    }
    expect(written).toEqual(['loading, 50 %, 2 s\n', 'loading, 50 %, 7 s\n', 'loading, 50 %, 12 s\n'])
  })

  test('draws a bar on a terminal, never wider than it, and clears it', () => {
    const { progress, written, at } = collect(true)
    at(2100)
    progress.show('x'.repeat(200), 0.5)
    expect(written[0]).toContain('[############------------] 50 %')
    expect((written[0] ?? '').replace('\r\u001b[2K', '').length).toBeLessThan(60)
    progress.clear()
    expect(written.at(-1)).toBe('\r\u001b[2K')
  })
})

test('a browser is opened only where there is a desktop', () => {
  expect(browserCommand({ PATH: '/usr/bin' }, 'linux')).toBeNull()
  expect(browserCommand({ DISPLAY: ':0', PATH: '/nowhere' }, 'linux')).toBeNull()
  expect(browserCommand({}, 'darwin')).toEqual(['open'])
})
