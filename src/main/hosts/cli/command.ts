import type { App } from '../../app/app.ts'
import type { Resolved } from '../../app/settings/settings.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Progress } from './progress.ts'

/** What the process gives a command; tests give their own. */
export interface CliIo {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Calls back on SIGINT and SIGTERM; returns what ends that. */
  onSignal(handler: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
  /** Ends the process at once. */
  exit(code: number): void
}

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** An option of one command, beside the settings and the common ones. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly help: string
  /** What stands for the value in the help. */
  readonly value?: string
  readonly multiple?: boolean
}

export interface Context {
  readonly io: CliIo
  readonly json: boolean
  /** Values of the command's own options. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  /** The word that the command takes beside its options. */
  readonly argument?: string | undefined
  readonly resolved: Resolved
  readonly log: Logger
  readonly progress: Progress
  /** Fires on the first SIGINT or SIGTERM; the second ends the process. */
  readonly interrupted: AbortSignal
  /** The app over the settings given, or over those of `resolve`. Closed when the command ends. */
  openApp(options?: { readonly sample?: boolean; readonly resolve?: () => Resolved }): App
  /** A line for people: on stdout, or on stderr with `--json`. */
  print(line: string): void
}

export interface Outcome {
  readonly code: 0 | 1
  /** What `--json` prints. */
  readonly result: unknown
}

export interface Command {
  readonly name: string
  readonly summary: string
  /** One word that must stand beside the options. */
  readonly argument?: { readonly value: string; readonly help: string }
  readonly options: Readonly<Record<string, CommandOption>>
  run(context: Context): Promise<Outcome>
}
