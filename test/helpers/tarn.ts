import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'

export interface TarnRun {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface TarnProcess {
  readonly pid: number
  readonly child: ChildProcess
  /** What was printed so far. */
  readonly output: { stdout: string; stderr: string }
  readonly ended: Promise<TarnRun>
}

const bin = resolve(import.meta.dirname, '../../bin/tarn.js')

/** Settings of the machine that runs the tests must not reach a Tarn under test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(TARN|ICEBERG|S3|KAFKA|SCHEMA_REGISTRY)_/.test(key)),
  )
}

/** Starts the built `tarn COMMAND` as a user would. */
export function startTarn(args: readonly string[], env: Readonly<Record<string, string>>): TarnProcess {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const ended = new Promise<TarnRun>((done) => {
    child.once('close', (code, signal) => done({ code, signal, ...output }))
  })
  return { pid: child.pid as number, child, output, ended }
}

/** Runs `tarn COMMAND` to its end. */
export function runTarn(args: readonly string[], env: Readonly<Record<string, string>>): Promise<TarnRun> {
  return startTarn(args, env).ended
}
