import { type Fault, LakeError, toFault } from '../../../shared/errors.ts'
import type { StepView } from '../../../shared/model.ts'
import { proofSteps } from '../../../shared/proof.ts'
import type { ProveResult } from '../../../shared/setup.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import type { JobControl } from '../jobs.ts'
import type { Lake } from '../lake.ts'
import { checkLake } from './check-job.ts'
import {
  leftovers,
  PROBE_USER,
  readProbe,
  removeProbe,
  type WrittenProbe,
  writeProbe,
} from './prove-probe.ts'
import { sampleTopic } from './sample.ts'

/** What the page's query engine found of the probe. */
export interface PageRead {
  readonly rows: number
  readonly ms: number
  readonly fault: Fault | null
}

export interface ProveOptions {
  /** Asks the page's query engine for the rows; absent where no page is there. Null: it did not answer. */
  readonly readInPage?: (sampleIds: readonly string[], signal: AbortSignal) => Promise<PageRead | null>
  /** In tests: reads one message of the topic. */
  readonly readMessage?: (lake: Lake, signal: AbortSignal) => Promise<string>
}

interface Probe {
  readonly number: number
  readonly title: string
  readonly needs: readonly number[]
  /** Runs even after a cancel, once what it needs has passed. */
  readonly always?: true
  run(): Promise<string>
}

/**
 * The ten steps, then a probe from Kafka to the query engine and back. Steps that do not need a failed one go on. What
 * the probe wrote is removed whatever comes between; what an earlier, cut one left is removed first.
 */
export async function proveLake(
  lake: Lake,
  control: Pick<JobControl, 'signal' | 'step'>,
  options: ProveOptions = {},
): Promise<ProveResult> {
  const { io, tables } = lake
  const { signal } = control
  const bad = new Set<number>()
  const checked = await checkLake(lake, {
    signal,
    step: (step) => {
      if (step.state === 'failed' || step.state === 'skipped') bad.add(step.number)
      control.step(step)
    },
  })
  let written: WrittenProbe | null = null
  const planned = proofSteps({
    database: lake.settings.catalog.database,
    raw: lake.settings.tables.raw,
    errors: lake.settings.tables.errors,
  })
  const titleOf = (number: number): string => planned[number - 1]!.title
  const probes: Probe[] = [
    {
      number: 11,
      title: titleOf(11),
      needs: [],
      run: () => (options.readMessage ?? readMessage)(lake, signal),
    },
    {
      number: 12,
      title: titleOf(12),
      needs: [6],
      async run() {
        const { metadata } = await io.catalog.loadTable(tables.raw, signal)
        const left = await leftovers(io, metadata)
        if (left.size > 0) await removeProbe(lake, left)
        written = await writeProbe(lake, signal)
        const rest = left.size > 0 ? `; ${left.size} files of a probe that was cut were removed first` : ''
        return `${written.rows.length} rows in ${written.files.length} files, snapshot ${written.snapshotId}${rest}`
      },
    },
    {
      number: 13,
      title: titleOf(13),
      needs: [12],
      run: async () => `${await readProbe(io, need(written), signal)} rows, each as written`,
    },
    ...(options.readInPage
      ? [
          {
            number: 14,
            title: titleOf(14),
            needs: [12],
            run: () => inPage(need(written), options, signal),
          },
        ]
      : []),
    {
      number: options.readInPage ? 15 : 14,
      title: titleOf(15),
      needs: [12],
      always: true,
      async run() {
        const { files, rows } = need(written)
        await removeProbe(lake, new Set(files.map((file) => file.path)))
        return `${rows.length} rows and their ${files.length} files are out of the table`
      },
    },
  ]
  for (const { number, title, needs } of probes)
    if (!needs.some((one) => bad.has(one))) {
      control.step(view(number, title, 'waiting', 'waits for its turn'))
    }
  for (const probe of probes) await runProbe(probe, bad, control)
  throwIfCancelled(signal)
  return {
    passed: checked.passed && bad.size === 0,
    rows: need(written, false)?.rows.length ?? 0,
    tables: checked.tables,
  }
}

async function runProbe(
  { number, title, needs, always, run }: Probe,
  bad: Set<number>,
  { signal, step }: Pick<JobControl, 'signal' | 'step'>,
): Promise<void> {
  const causes = needs.filter((one) => bad.has(one))
  if (causes.length > 0) {
    bad.add(number)
    step(view(number, title, 'skipped', `waits for check ${causes.join(' and ')}`))
    return
  }
  if (signal.aborted && !always) {
    bad.add(number)
    step(view(number, title, 'skipped', 'cancelled'))
    return
  }
  const started = performance.now()
  step(view(number, title, 'running', ''))
  try {
    const text = await run()
    step({ ...view(number, title, 'passed', text), ms: Math.round(performance.now() - started) })
  } catch (error) {
    bad.add(number)
    const fault = toFault(error)
    step({
      ...view(number, title, 'failed', fault.title),
      ms: Math.round(performance.now() - started),
      fault,
    })
  }
}

function view(number: number, title: string, state: StepView['state'], text: string): StepView {
  const mark = state === 'passed' ? 'pass' : state === 'failed' ? 'fail' : 'info'
  return { number, title, state, lines: text === '' ? [] : [{ mark, text }], ms: null, fault: null }
}

function need(written: WrittenProbe | null): WrittenProbe
function need(written: WrittenProbe | null, must: false): WrittenProbe | null
function need(written: WrittenProbe | null, must = true): WrittenProbe | null {
  if (written === null && must) throw new LakeError('INTERNAL', 'nothing was written')
  return written
}

async function readMessage({ settings }: Lake, signal: AbortSignal): Promise<string> {
  const { messages } = await sampleTopic(settings, 1, signal)
  const [one] = messages
  if (one === undefined) return `topic ${settings.kafka.topic} is there and empty`
  const place = `partition ${one.partition}, offset ${one.offset}`
  if (one.rejected === 0) return `${place}, ${one.accepted} valid samples`
  return `${place}, ${one.accepted} valid and ${one.rejected} rejected: ${one.problems[0]?.type ?? ''}`
}

async function inPage(written: WrittenProbe, options: ProveOptions, signal: AbortSignal): Promise<string> {
  const wanted = written.rows.map((row) => row.sampleId)
  const found = (await options.readInPage?.(wanted, signal)) ?? null
  if (found === null) {
    throw new LakeError('TIMEOUT', 'the page with the query engine gave no answer', {
      outcome: 'retry',
      context: { rows: wanted.length },
      likely: 'Its window was closed or reloaded meanwhile.',
      remedy: 'Keep the page open and check again.',
    })
  }
  if (found.fault !== null) {
    const { code, title, ...rest } = found.fault
    throw new LakeError(code, title, rest)
  }
  if (found.rows === wanted.length)
    return `${found.rows} rows where user_id = '${PROBE_USER}', in ${found.ms} ms`
  throw new LakeError(
    'CORRUPT',
    `${wanted.length} rows were written and the query engine found ${found.rows}`,
    {
      context: { written: wanted.length, found: found.rows },
      remedy: 'Check again; the snapshots of the raw table show who else writes to it.',
    },
  )
}
