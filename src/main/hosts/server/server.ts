import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { LakeError } from '../../../shared/errors.ts'
import { createApi } from '../../app/api.ts'
import type { App } from '../../app/app.ts'
import { writePrivate } from '../../app/settings.ts'
import { createSession } from './session.ts'

export interface ServerOptions {
  /** 0: any free one. */
  readonly port: number
  /** Folder of the built page. */
  readonly pages: string
  /** Where the token file is written, mode 600; null: none. */
  readonly home: string | null
}

export interface RunningServer {
  readonly port: number
  /** With the token that lets in once. Printed, never logged. */
  readonly url: string
  /** Without a token. */
  readonly origin: string
  close(): Promise<void>
}

/** Name of the token file in the home folder. */
export const TOKEN_FILE = 'server-token.json'

/** The headless host: the app's handler on 127.0.0.1 only (security.md 17, 18). */
export async function startServer(app: App, options: ServerOptions): Promise<RunningServer> {
  const server = createServer()
  const port = await listen(server, options.port)
  const origin = `http://127.0.0.1:${port}`
  const session = createSession(port)
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const api = createApi(app, {
    pages: options.pages,
    hosts,
    origins: hosts.map((host) => `http://${host}`),
    admit: session.check,
  })
  server.on('request', getRequestListener(api.fetch, { overrideGlobalObjects: false }))
  if (options.home !== null) {
    const text = JSON.stringify({ origin, token: session.bearer, pid: process.pid })
    writePrivate(join(options.home, TOKEN_FILE), `${text}\n`)
  }
  return {
    port,
    origin,
    url: `${origin}/?token=${session.once}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(
        new LakeError(
          taken ? 'LOCKED' : 'NETWORK',
          `port ${port} of 127.0.0.1 cannot be opened: ${error.code ?? error.message}`,
          {
            cause: error,
            context: { port },
            ...(taken
              ? {
                  likely: 'Another program listens there.',
                  remedy: 'Choose another with --port, or --port 0 for any.',
                }
              : {}),
          },
        ),
      )
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
