import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LakeError } from '../../../shared/errors.ts'
import type { App } from '../../app/app.ts'
import { PAGES } from '../../app/paths.ts'
import { startServer } from '../server/server.ts'
import { openBrowser } from './browser.ts'
import type { Command, CommandOption, Context } from './command.ts'

export const SERVE_OPTIONS: Readonly<Record<string, CommandOption>> = {
  port: { type: 'string', value: 'N', help: 'port on 127.0.0.1; 0, the default, takes any free one' },
  open: { type: 'boolean', help: 'open the address in a browser (--no-open: do not, the default)' },
}

export const serve: Command = {
  name: 'serve',
  summary: 'the app in a browser, on this machine only',
  options: SERVE_OPTIONS,
  async run(context) {
    const app = context.openApp()
    app.sample.reopen()
    return { code: 0, result: await runServer(context, app) }
  },
}

/** Serves until an interrupt. The line with the URL is the only one on stdout. */
export async function runServer(context: Context, app: App): Promise<undefined> {
  const port = portOf(context.options.port, 0)
  if (!existsSync(join(PAGES, 'index.html'))) {
    throw new LakeError('USAGE', 'the pages of the app are not built', {
      remedy: 'Run `npm run build` once.',
    })
  }
  const server = await startServer(app, { port, pages: PAGES, home: app.home })
  try {
    context.io.stdout.write(
      context.json ? `${JSON.stringify({ url: server.url })}\n` : `Tarn is at ${server.url}\n`,
    )
    if (context.options.open === true) openBrowser(server.url, context.io.env)
    await untilInterrupted(context)
  } finally {
    await server.close()
  }
  return undefined
}

export async function untilInterrupted(context: Context): Promise<void> {
  if (context.interrupted.aborted) return
  await new Promise<void>((resolve) =>
    context.interrupted.addEventListener('abort', () => resolve(), { once: true }),
  )
}

/** The value of `--port`; 0 means any free one. */
export function portOf(text: Context['options'][string], usual: number): number {
  if (text === undefined) return usual
  const port = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65535) return port
  throw new LakeError('USAGE', `--port ${String(text)} is no port number`, {
    context: { setting: '--port', origin: 'the command line' },
  })
}
