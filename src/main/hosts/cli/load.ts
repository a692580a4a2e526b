import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { LakeError } from '../../../shared/errors.ts'
import type { LoadSummary, LoadView } from '../../../shared/model.ts'
import type { App } from '../../app/app.ts'
import type { LoadRequest, LoadSource } from '../../app/load/load.ts'
import { plural } from '../../base/plural.ts'
import type { Acceptance } from '../../ingest/resume.ts'
import type { Command, Context } from './command.ts'
import { follow } from './job.ts'

export const load: Command = {
  name: 'load',
  summary: 'consume, write, dead-letter and roll up, until stopped',
  options: {
    'until-caught-up': { type: 'boolean', help: 'end at the end offsets read at the start' },
    source: {
      type: 'string',
      value: 'SOURCE',
      help: 'kafka (default), file:PATH (one payload a line, .gz too) or generator',
    },
    'accept-gap': {
      type: 'string',
      value: 'N',
      help: 'go on although N messages are lost, as a refusal named them',
    },
    'accept-topic': { type: 'string', value: 'ID', help: 'go on with a topic that was made anew' },
    'accept-cluster': { type: 'string', value: 'ID', help: 'go on with another Kafka cluster' },
    'accept-rollback': {
      type: 'string',
      value: 'N',
      help: 'load N messages again that a table lost when it was set back',
    },
    'start-newest': {
      type: 'boolean',
      help: 'with an accepted refusal: begin with what comes, and record what waits as given up',
    },
    fill: {
      type: 'string',
      value: 'FILE',
      help: 'read messages that retention took from a copy of the topic, as kcat -C -J prints it',
    },
    'accept-table': { type: 'string', value: 'UUID', help: 'go on with a table that was made anew' },
  },
  async run(context) {
    const app = context.openApp()
    const result = await runLoad(context, app, {
      source: filledOf(sourceOf(context.options.source), context.options.fill),
      untilCaughtUp: context.options['until-caught-up'] === true,
      accept: acceptanceOf(context.options),
    })
    printLoad(context, result)
    return { code: 0, result }
  },
}

/** Loads to the end, or until an interrupt: then what is read is committed and rolled up first. */
export async function runLoad(context: Context, app: App, request: LoadRequest): Promise<LoadSummary> {
  const unsubscribe = app.events.subscribe((name, data) => {
    const now = name === 'load' ? loadProgress(data as LoadView) : null
    if (now !== null) context.progress.show(now.text, now.fraction)
  })
  try {
    const stop = () => void app.load.stop()
    const { kind: _, ...result } = await follow(context, app, app.load.start(request), 'load', stop)
    return result
  } finally {
    unsubscribe()
  }
}

/** How far a load is, beginning with what it waits for, if anything; null where there is nothing to tell of. */
export function loadProgress(
  view: Pick<LoadView, 'state' | 'lag' | 'messages' | 'rows' | 'rejected' | 'troubles'>,
): { readonly text: string; readonly fraction: number | null } | null {
  if (view.state === 'idle' || view.state === 'done' || view.state === 'failed') return null
  const lag = view.lag === null ? null : Number(view.lag)
  const read = `${plural(view.messages, 'message')}, ${plural(view.rows, 'row')}, ${view.rejected} rejected`
  const away = view.troubles?.find(({ kind, endedAt }) => endedAt === null && kind !== 'lag-high')
  const waiting = away === undefined ? '' : `waiting (${away.title}), `
  if (view.state === 'stopping' || lag === 0)
    return { text: `${waiting}committing and rolling up: ${read}`, fraction: null }
  const state = view.state === 'running' ? 'loading' : view.state
  return {
    text: `${waiting}${state}: ${read}${lag === null ? '' : `, ${lag} behind`}`,
    fraction: lag === null || view.messages + lag === 0 ? null : view.messages / (view.messages + lag),
  }
}

export function printLoad(context: Context, result: LoadSummary): void {
  const { commits } = result
  context.print(
    `✓ Loaded ${plural(result.messages, 'message')} in ${result.seconds.toFixed(1)} s: ${plural(result.rows, 'row')}, ${plural(result.rejected, 'dead letter')}, ${result.skipped} skipped`,
  )
  context.print(
    `  Commits: ${Object.entries(commits)
      .map(([role, count]) => `${role} ${count}`)
      .join(', ')}`,
  )
}

/** `kafka`, `file:PATH`, `generator`. A file that is not there is a usage error. */
export function sourceOf(text: Context['options'][string]): LoadSource {
  if (text === undefined || text === 'kafka') return { kind: 'kafka' }
  if (text === 'generator') return { kind: 'generator' }
  if (typeof text === 'string' && text.startsWith('file:')) {
    const path = resolve(text.slice('file:'.length))
    if (existsSync(path)) return { kind: 'file', path }
    throw new LakeError('USAGE', `--source ${text}: there is no such file`, {
      context: { setting: '--source', origin: 'the command line', path },
    })
  }
  throw new LakeError('USAGE', `--source ${String(text)} is none of kafka, file:PATH, generator`, {
    context: { setting: '--source', origin: 'the command line' },
  })
}

/** Kafka with a copy beside it. */
function filledOf(source: LoadSource, fill: Context['options'][string]): LoadSource {
  if (typeof fill !== 'string') return source
  const path = resolve(fill)
  const problem =
    source.kind !== 'kafka' ? 'it goes with Kafka only' : existsSync(path) ? null : 'there is no such file'
  if (problem === null) return { kind: 'kafka', fill: path }
  throw new LakeError('USAGE', `--fill ${fill}: ${problem}`, {
    context: { setting: '--fill', origin: 'the command line', path },
  })
}

function acceptanceOf(options: Context['options']): Acceptance {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined)
  const number = (name: string): bigint | undefined => {
    const given = text(name)
    if (given === undefined || /^\d{1,18}$/.test(given))
      return given === undefined ? undefined : BigInt(given)
    throw new LakeError('USAGE', `--${name} ${given} is no number of messages`, {
      context: { setting: `--${name}`, origin: 'the command line' },
    })
  }
  const gap = number('accept-gap')
  const rollback = number('accept-rollback')
  const topic = text('accept-topic')
  const cluster = text('accept-cluster')
  const table = text('accept-table')
  return {
    ...(gap === undefined ? {} : { gap }),
    ...(rollback === undefined ? {} : { rollback }),
    ...(options['start-newest'] === true ? { newest: true } : {}),
    ...(topic === undefined ? {} : { topic }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(table === undefined ? {} : { table }),
  }
}
