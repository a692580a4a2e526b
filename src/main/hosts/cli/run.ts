import { type ErrorCode, type Fault, isLakeError, toFault } from '../../../shared/errors.ts'
import { type App, createApp } from '../../app/app.ts'
import { openLog } from '../../app/log-file.ts'
import type { Parts } from '../../app/parts.ts'
import { version } from '../../app/paths.ts'
import { type Resolved, resolveSettings, secretsAmong } from '../../app/settings/settings.ts'
import { createScrubber } from '../../base/scrub.ts'
import { parseArguments } from './arguments.ts'
import type { CliIo, Command } from './command.ts'
import { helpText } from './help.ts'
import { createProgress } from './progress.ts'

/**
 * Runs one command and gives its exit code: 0 success, 1 a check or comparison failed, 2 usage or settings, 3 refused
 * because going on would lose or repeat data, 4 a service could not be reached. People get words, never a stack.
 */
export async function run(
  argv: readonly string[],
  io: CliIo,
  commands: readonly Command[],
  parts: Parts,
): Promise<number> {
  const json = argv.includes('--json')
  const apps: App[] = []
  const interrupt = new AbortController()
  let listening = () => {}
  const progress = createProgress(io.stderr, io.clock)
  try {
    const parsed = parseArguments(argv, commands)
    if (parsed.version) {
      io.stdout.write(`${version()}\n`)
      return 0
    }
    if (parsed.help || !parsed.command) {
      const text = helpText(commands, parsed.command)
      ;(parsed.help ? io.stdout : io.stderr).write(text)
      return parsed.help ? 0 : 2
    }
    const resolve = () => resolveSettings({ flags: parsed.flags, env: io.env, config: parsed.config })
    const resolved = resolve()
    const scrubber = createScrubber(secretsAmong(resolved.texts))
    const log = openLog(resolved, io.env, io.stderr, scrubber)
    listening = io.onSignal((signal) => {
      if (interrupt.signal.aborted) io.exit(signal === 'SIGINT' ? 130 : 143)
      interrupt.abort(signal)
    })
    const outcome = await parsed.command.run({
      io,
      json: parsed.json,
      options: parsed.options,
      argument: parsed.argument,
      resolved,
      log,
      progress,
      interrupted: interrupt.signal,
      openApp(options = {}) {
        const app = createApp({
          resolve: (options.resolve as (() => Resolved) | undefined) ?? resolve,
          parts,
          host: 'server',
          version: version(),
          sample: options.sample ?? false,
          log,
          scrubber,
          clock: io.clock,
        })
        apps.push(app)
        return app
      },
      print(line) {
        progress.clear()
        ;(parsed.json ? io.stderr : io.stdout).write(`${line}\n`)
      },
    })
    progress.clear()
    if (parsed.json && outcome.result !== undefined) io.stdout.write(`${JSON.stringify(outcome.result)}\n`)
    return outcome.code
  } catch (error) {
    progress.clear()
    const fault = toFault(error)
    io.stderr.write(faultText(fault))
    if (json) io.stdout.write(`${JSON.stringify({ error: fault })}\n`)
    if (interrupt.signal.aborted && isLakeError(error, 'CANCELLED'))
      return interrupt.signal.reason === 'SIGINT' ? 130 : 143
    return exitCode(fault.code)
  } finally {
    for (const app of apps.reverse())
      await app.close().catch((error) => io.stderr.write(faultText(toFault(error))))
    listening()
  }
}

/** What failed, the likely cause, what to do next: one line each. */
function faultText(fault: Fault): string {
  const lines = [`✗ ${fault.title}`]
  if (fault.likely) lines.push(`  Likely: ${fault.likely}`)
  if (fault.remedy) lines.push(`  Next:   ${fault.remedy}`)
  return `${lines.join('\n')}\n`
}

export function exitCode(code: ErrorCode): number {
  switch (code) {
    case 'USAGE':
    case 'SETTING':
      return 2
    case 'GAP':
    case 'TOPIC_REPLACED':
    case 'CLUSTER_REPLACED':
    case 'TABLE_REPLACED':
    case 'TABLE_ROLLED_BACK':
    case 'OVERTAKEN':
      return 3
    case 'DNS':
    case 'REFUSED':
    case 'TIMEOUT':
    case 'TLS':
    case 'NETWORK':
    case 'NO_BROKER':
    case 'SERVER':
    case 'THROTTLED':
      return 4
    default:
      return 1
  }
}
