/** Which containers publish ports on this computer, read from Docker's own socket: one GET, nothing is changed. */
import { request } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { ContainerView } from '../../../shared/setup.ts'

const LIMIT_MS = 1_500
const LIMIT_BYTES = 4 * 1024 * 1024

const shape = z.array(
  z.object({
    Names: z.array(z.string()).default([]),
    Image: z.string().default(''),
    State: z.string().default(''),
    Labels: z.record(z.string(), z.string()).nullish(),
    Ports: z
      .array(
        z.object({
          IP: z.string().optional(),
          PublicPort: z.number().optional(),
          Type: z.string().optional(),
        }),
      )
      .nullish(),
  }),
)

/** Where Docker, or what speaks like it, listens; the first that answers counts. */
export function dockerSockets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const host = /^unix:\/\/(.+)$/.exec(env.DOCKER_HOST ?? '')?.[1]
  if (host !== undefined) return [host]
  if (process.platform === 'win32') return ['\\\\.\\pipe\\docker_engine']
  const runtime = env.XDG_RUNTIME_DIR
  return [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock'), join(runtime, 'podman/podman.sock')]),
  ]
}

/** Running containers that publish a TCP port; null where no Docker answers or this user may not ask it. */
export async function containers(
  sockets: readonly string[],
  signal: AbortSignal,
): Promise<ContainerView[] | null> {
  for (const socketPath of sockets) {
    const found = shape.safeParse(await ask(socketPath, signal).catch(() => null))
    if (!found.success) continue
    return found.data.flatMap((one) => {
      const ports = (one.Ports ?? []).flatMap(({ PublicPort, Type }) =>
        PublicPort === undefined || (Type ?? 'tcp') !== 'tcp' ? [] : [PublicPort],
      )
      if (ports.length === 0) return []
      return [
        {
          name: (one.Names[0] ?? '').replace(/^\//, ''),
          image: one.Image,
          project: one.Labels?.['com.docker.compose.project'] ?? null,
          // Published for both families, a port is told twice.
          addresses: [...new Set(ports)].sort((a, b) => a - b).map((port) => `localhost:${port}`),
          state: one.State,
        },
      ]
    })
  }
  return null
}

function ask(socketPath: string, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath,
        path: '/containers/json',
        method: 'GET',
        headers: { Host: 'docker' },
        timeout: LIMIT_MS,
        signal,
      },
      (answer) => {
        const parts: Buffer[] = []
        let bytes = 0
        answer.on('data', (part: Buffer) => {
          bytes += part.length
          parts.push(part)
          if (bytes > LIMIT_BYTES) answer.destroy(new Error('too long'))
        })
        answer.on('error', reject)
        answer.on('end', () => {
          try {
            resolve(answer.statusCode === 200 ? JSON.parse(Buffer.concat(parts).toString('utf8')) : null)
          } catch (error) {
            reject(error)
          }
        })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error('no answer')))
    sent.on('error', reject)
    sent.end()
  })
}
