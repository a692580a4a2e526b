import { existsSync, readFileSync } from 'node:fs'
import { LakeError } from '../../../shared/errors.ts'
import { type Fix, fixText, type LetterFilterView, type ReplaySummary } from '../../../shared/letters.ts'
import type { App } from '../../app/app.ts'
import { letterFilter, plain } from '../../app/letters/api.ts'
import { fixSchema, savedFixes } from '../../app/letters/fix.ts'
import { fixId } from '../../decode/fix.ts'
import type { Command, Context } from './command.ts'
import { follow } from './job.ts'

/** `tarn replay`: a dry run always, then the replay of exactly what it judged. */
export const replay: Command = {
  name: 'replay',
  summary: 'send dead letters through decoding again, with a fix or as they are; each lands once',
  options: {
    where: {
      type: 'string',
      value: 'KEY=VALUE,...',
      help: 'which letters: errorType, group, partition, offsetFrom, offsetTo, from, to, text, user, dataType, state',
      multiple: true,
    },
    fix: {
      type: 'string',
      value: 'FILE',
      help: 'a fix as JSON, such as {"kind":"zone","offset":"Z"}, or the name of a saved one',
    },
    'dry-run': { type: 'boolean', help: 'count what would land and what would fail again; write nothing' },
    resume: { type: 'string', value: 'ID', help: 'go on with a replay that was cut or cancelled' },
  },
  async run(context) {
    const { options } = context
    const app = context.openApp()
    if (typeof options.resume === 'string') {
      const { kind: _, ...result } = await follow(context, app, app.replays.resume(options.resume), 'replay')
      return finish(context, app, result)
    }
    const filter = whereOf(options.where)
    const fix = typeof options.fix === 'string' ? readFix(options.fix, app.home) : { kind: 'none' as const }
    const cut = options['dry-run'] === true ? undefined : await cutBefore(context, app, filter, fix)
    if (cut) {
      context.print(`This replay was cut: it goes on where it was (${cut.id})`)
      const { kind: _, ...result } = await follow(context, app, app.replays.resume(cut.id), 'replay')
      return finish(context, app, result)
    }
    const { kind: _d, ...dry } = await follow(context, app, app.replays.startDryRun(filter, fix), 'dry-run')
    context.print(
      `${dry.letters} letters, ${fixText(fix)}: ${dry.landed} would land as ${dry.rows} rows, ${dry.failed} would fail again, ${dry.landedBefore} landed before, ${dry.held} held back`,
    )
    for (const { reason, count } of dry.dry?.reasons ?? []) context.print(`  ${count} fail: ${reason}`)
    if (options['dry-run'] === true || dry.dry === null || dry.landed + dry.failed === 0)
      return { code: 0, result: dry }
    const { kind: _r, ...result } = await follow(context, app, app.replays.start(dry.dry.id, fix), 'replay')
    return finish(context, app, { ...result, landedBefore: dry.landedBefore, held: dry.held })
  },
}

/** The same replay, where the process that ran it came to no end: with the same letters and the same fix. */
async function cutBefore(context: Context, app: App, filter: LetterFilterView, fix: Fix) {
  const asked = JSON.stringify(Object.entries(filter).sort())
  const id = fixId(fix)
  return (await app.replays.list(context.interrupted)).find(
    (one) =>
      one.state === 'interrupted' &&
      one.fixId === id &&
      JSON.stringify(Object.entries(one.filter).sort()) === asked,
  )
}

async function finish(context: Context, app: App, result: ReplaySummary) {
  // What landed is in the aggregates before the command ends.
  const rolling = app.jobs.list().find((job) => job.kind === 'rollup' && job.state === 'running')
  if (rolling) await follow(context, app, rolling, 'rollup')
  const good = result.state === 'landed' && result.failed === 0
  context.print(
    `${good ? '✓' : '✗'} ${result.landed} letters landed as ${result.rows} rows, ${result.failed} failed again${result.state === 'landed' ? '' : `; ${result.state}`}`,
  )
  if (result.snapshots.length > 0) context.print(`  Snapshots of raw: ${result.snapshots.join(', ')}`)
  return { code: good ? (0 as const) : (1 as const), result }
}

/** `errorType=VALIDATION_ERROR,partition=3`. A comma in a value is written with a further --where. */
function whereOf(given: Context['options'][string]): LetterFilterView {
  const texts: readonly string[] =
    typeof given === 'string' ? [given] : typeof given === 'object' ? given : []
  const entries = texts.flatMap((text) =>
    text.split(/,(?=[A-Za-z]+=)/).map((part): [string, string] => {
      const at = part.indexOf('=')
      if (at < 1) throw usage('--where', `${JSON.stringify(part)} is no KEY=VALUE`)
      return [part.slice(0, at).trim(), part.slice(at + 1)]
    }),
  )
  const parsed = letterFilter.safeParse(Object.fromEntries(entries))
  if (parsed.success) return plain(parsed.data)
  const [issue] = parsed.error.issues
  throw usage('--where', `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'does not fit'}`.trim())
}

function readFix(path: string, home: string): Fix {
  const saved = savedFixes(home)
    .list()
    .find(({ name }) => name === path)
  if (saved && !existsSync(path)) return saved.value
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw usage('--fix', `${path} cannot be read as JSON: ${cause instanceof Error ? cause.message : ''}`)
  }
  const fix = fixSchema.safeParse(parsed)
  if (fix.success) return fix.data
  const [issue] = fix.error.issues
  throw usage('--fix', `${path} is no fix: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
}

function usage(setting: string, message: string): LakeError {
  return new LakeError('USAGE', `${setting}: ${message}`, {
    context: { setting, origin: 'the command line' },
  })
}
