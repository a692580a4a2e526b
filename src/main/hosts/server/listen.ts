import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { LakeError } from '../../../shared/errors.ts'

export interface Listening {
  readonly port: number
  close(): Promise<void>
}

/** Serves on 127.0.0.1 only. `handler` is made once the port is known. 0 takes any free port; LOCKED where it is taken. */
export async function listen(
  wanted: number,
  handler: (port: number) => (request: Request) => Response | Promise<Response>,
): Promise<Listening> {
  const server = createServer()
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(wanted, error)))
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : wanted)
    })
  })
  server.on('request', getRequestListener(handler(port), { overrideGlobalObjects: false }))
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function cannotListen(port: number, error: NodeJS.ErrnoException): LakeError {
  const taken = error.code === 'EADDRINUSE'
  return new LakeError(
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
  )
}
