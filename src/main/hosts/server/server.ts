import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createApi } from '../../app/api.ts'
import type { App } from '../../app/app.ts'
import { writePrivate } from '../../base/private-file.ts'
import { listen } from './listen.ts'
import { createSession, type Session } from './session.ts'

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
  /** Removes the token file too. */
  close(): Promise<void>
}

/** Name of the token file in the home folder. */
export const TOKEN_FILE = 'server-token.json'

/** The headless host: the app's handler on 127.0.0.1 only (security.md 17, 18). */
export async function startServer(app: App, options: ServerOptions): Promise<RunningServer> {
  let session: Session | null = null
  const server = await listen(options.port, (port) => {
    session = createSession(port)
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
    const origins = hosts.map((host) => `http://${host}`)
    return createApi(app, { pages: options.pages, hosts, origins, admit: session.check }).fetch
  })
  const { once, bearer } = session as unknown as Session
  const origin = `http://127.0.0.1:${server.port}`
  const file = options.home === null ? null : join(options.home, TOKEN_FILE)
  try {
    if (file !== null) writePrivate(file, `${JSON.stringify({ origin, token: bearer, pid: process.pid })}\n`)
  } catch (error) {
    await server.close()
    throw error
  }
  return {
    port: server.port,
    origin,
    url: `${origin}/?token=${once}`,
    async close() {
      if (file !== null) rmSync(file, { force: true })
      await server.close()
    },
  }
}
