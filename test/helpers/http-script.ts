import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** A request as it reached the server. */
export interface SeenRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** What the server really is: a request reaches it only where the script lets it through. */
export type Upstream = (request: SeenRequest) => Answer | Promise<Answer>

/** What happens to one request. An empty step lets it through untouched. */
export interface Step {
  /** Only requests for which it holds use the step up; the others look at later steps. */
  readonly match?: (request: SeenRequest) => boolean
  /** Waits before anything else. */
  readonly delayMs?: number
  /** Waits for this before anything else. */
  readonly until?: Promise<unknown>
  /** Answers this instead of the upstream. */
  readonly answer?: Answer
  /** With `answer`: whether the upstream gets the request all the same, its own answer lost. */
  readonly apply?: boolean
  /** Cuts the connection before the upstream sees the request, after it did, or in the middle of its answer's body. */
  readonly cut?: 'before' | 'after' | 'body'
  /** Changes the upstream's request: fewer bytes stored, say. */
  readonly request?: (request: SeenRequest) => SeenRequest
  /** Changes the answer: wrong bytes, say. */
  readonly change?: (answer: Answer) => Answer
}

export interface HttpScript {
  /** Origin, without a slash at the end. */
  readonly url: string
  /** Every request, in the order of arrival. */
  readonly requests: SeenRequest[]
  /** Adds steps; each is used by one request, then requests pass through. */
  next(...steps: Step[]): void
  /** Steps not yet used. */
  left(): number
  close(): Promise<void>
}

/** Starts a loopback server in front of `upstream` (default: 404 to all) that does what its steps say. */
export async function startHttpScript(upstream: Upstream = () => ({ status: 404 })): Promise<HttpScript> {
  const steps: Step[] = []
  const requests: SeenRequest[] = []

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const seen = await readRequest(incoming)
    requests.push(seen)
    const index = steps.findIndex((step) => step.match?.(seen) ?? true)
    const step = index < 0 ? {} : (steps.splice(index, 1)[0] ?? {})
    await step.until
    if (step.delayMs !== undefined) await wait(step.delayMs, undefined, { ref: false })
    if (step.cut === 'before') return void incoming.socket.destroy()
    const passed = step.answer === undefined || step.apply === true
    const real = passed ? await upstream(step.request?.(seen) ?? seen) : undefined
    if (step.cut === 'after') return void incoming.socket.destroy()
    const answer = step.answer ?? real ?? { status: 500 }
    send(step.change?.(answer) ?? answer, seen.method, outgoing, step.cut === 'body')
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => {
      outgoing.writeHead(599, { 'content-type': 'text/plain' })
      outgoing.end(String(error))
    })
  })
  await new Promise<void>((started) => server.listen(0, '127.0.0.1', started))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    next: (...more) => void steps.push(...more),
    left: () => steps.length,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

/** A fetch handler as upstream: the embedded catalog, say. */
export function fetchUpstream(handler: (request: Request) => Response | Promise<Response>): Upstream {
  return async ({ method, url, headers, body }) => {
    const hasBody = method !== 'GET' && method !== 'HEAD' && body.byteLength > 0
    const request = new Request(new URL(url, `http://${headers.host}`), {
      method,
      headers: withoutHop(headers),
      ...(hasBody ? { body: new Uint8Array(body) } : {}),
    })
    const response = await handler(request)
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    }
  }
}

/** Another server as upstream; the Host header stays, so signatures hold. */
export function proxyUpstream(origin: string): Upstream {
  return ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(origin)
      const passed = { ...withoutHop(headers), 'content-length': String(body.byteLength) }
      const request = forward(
        { hostname, port, method, path: url, headers: passed, agent: false },
        (response) => {
          readRequest(response).then(
            (read) =>
              resolve({
                status: response.statusCode ?? 500,
                headers: withoutHop(read.headers),
                body: read.body,
              }),
            reject,
          )
        },
      )
      request.on('error', reject)
      request.end(body)
    })
}

function send(
  { status, headers = {}, body = '' }: Answer,
  method: string,
  outgoing: ServerResponse,
  cut: boolean,
): void {
  const bytes = Buffer.from(body)
  const announced = Object.keys(headers).some((name) => name.toLowerCase() === 'content-length')
  outgoing.writeHead(status, announced ? headers : { ...headers, 'content-length': String(bytes.byteLength) })
  if (!cut) return void outgoing.end(method === 'HEAD' ? undefined : bytes)
  outgoing.write(bytes.subarray(0, Math.floor(bytes.byteLength / 2)), () => outgoing.socket?.destroy())
}

async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
  return {
    method: incoming.method ?? '',
    url: incoming.url ?? '',
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  }
}

function withoutHop(headers: Readonly<Record<string, string>>): Record<string, string> {
  const hop = new Set(['connection', 'keep-alive', 'transfer-encoding'])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.has(name)))
}
