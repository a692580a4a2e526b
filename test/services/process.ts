import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:net'

/** A server process that this run started, with its log file. */
export interface Server {
  readonly pid: number
  readonly log: string
  /** SIGTERM, then SIGKILL after 10 s. Resolves when the process has ended. */
  stop(): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly log: string
  /** Asked every 100 ms until true. */
  readonly ready: () => Promise<boolean>
  /** Milliseconds. */
  readonly timeout?: number
}

const running = new Set<ChildProcess>()
// Also after a failure or a signal no server of ours outlives this process.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export async function startServer(
  command: string,
  args: readonly string[],
  options: ServerOptions,
): Promise<Server> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const log = createWriteStream(options.log)
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  let failure: string | null = null
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error.message
      running.delete(child)
      resolve()
    })
    child.once('exit', (code, signal) => {
      failure = `ended with ${signal ?? code}`
      running.delete(child)
      log.end()
      resolve()
    })
  })
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(hard)
  }
  const deadline = Date.now() + (options.timeout ?? 60_000)
  while (!(await options.ready().catch(() => false))) {
    if (failure !== null) throw new Error(`${command} ${failure}; its log is ${options.log}`)
    if (Date.now() > deadline) {
      await end('SIGKILL')
      throw new Error(`${command} was not ready in time; its log is ${options.log}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    pid: child.pid as number,
    log: options.log,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** `wanted` if nothing listens there, else a free port of the loopback interface. */
export async function freePort(wanted = 0): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number | null>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(null))
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' && address ? address.port : null))
      })
    })
  const port = (wanted === 0 ? null : await attempt(wanted)) ?? (await attempt(0))
  if (port === null) throw new Error('no free port on 127.0.0.1')
  return port
}

/** Runs a command to its end; throws with the last lines of its output if it fails. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): string {
  const result = spawnSync(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.error) throw result.error
  if (result.status !== 0) {
    const tail = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n')
    throw new Error(`${command} ${args.join(' ')} failed with ${result.status}:\n${tail}`)
  }
  return result.stdout
}

/** The version text of a tool, or null where it is not installed. */
export function toolVersion(command: string, ...args: string[]): string | null {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  return result.status === 0 ? `${result.stdout}${result.stderr}`.trim() : null
}
