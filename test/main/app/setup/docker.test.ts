import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resolveSettings } from '../../../../src/main/app/settings/settings.ts'
import { discover } from '../../../../src/main/app/setup/discover.ts'
import { containers, dockerSockets } from '../../../../src/main/app/setup/docker.ts'

/** What Docker 27 answers to GET /containers/json, shortened. */
const ANSWER = [
  {
    Id: 'a1',
    Names: ['/lake-kafka-1'],
    Image: 'apache/kafka:4.3.1',
    State: 'running',
    Labels: { 'com.docker.compose.project': 'lake', 'com.docker.compose.service': 'kafka' },
    Ports: [
      { IP: '0.0.0.0', PrivatePort: 9092, PublicPort: 19_777, Type: 'tcp' },
      { IP: '::', PrivatePort: 9092, PublicPort: 19_777, Type: 'tcp' },
      { PrivatePort: 9093, Type: 'tcp' },
    ],
  },
  { Id: 'b2', Names: ['/pause'], Image: 'pause', State: 'running', Labels: {}, Ports: [] },
  {
    Id: 'c3',
    Names: ['/dns'],
    Image: 'dns',
    State: 'running',
    Labels: null,
    Ports: [{ IP: '0.0.0.0', PrivatePort: 53, PublicPort: 53, Type: 'udp' }],
  },
]
const never = new AbortController().signal

let folder: string
let server: Server
let socket: string
const asked: string[] = []

beforeEach(async () => {
  asked.length = 0
  folder = mkdtempSync(join(tmpdir(), 'tarn-docker-'))
  socket = join(folder, 'docker.sock')
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(ANSWER))
  })
  await new Promise<void>((done) => server.listen(socket, done))
})
afterEach(async () => {
  await new Promise((done) => server.close(done))
  rmSync(folder, { recursive: true, force: true })
})

describe('what Docker publishes', () => {
  test('is read by one request that changes nothing', async () => {
    expect(await containers([join(folder, 'none.sock'), socket], never)).toEqual([
      {
        name: 'lake-kafka-1',
        image: 'apache/kafka:4.3.1',
        project: 'lake',
        addresses: ['localhost:19777'],
        state: 'running',
      },
    ])
    expect(asked).toEqual(['GET /containers/json'])
  })

  test('is tried like any usual address, and named after its container', async () => {
    const { settings } = resolveSettings({ flags: new Map(), env: { TARN_HOME: folder } })
    const { found, containers: known } = await discover(settings, [socket], never)
    expect(found.find((one) => one.address === 'localhost:19777')).toMatchObject({
      service: null,
      text: 'refused',
      container: 'lake-kafka-1',
    })
    expect(known).toHaveLength(1)
  })

  test('no Docker, or something else in its place, is no failure', async () => {
    expect(await containers([join(folder, 'none.sock')], never)).toBeNull()
    server.removeAllListeners('request')
    server.on('request', (_request, response) => response.end('<html>'))
    expect(await containers([socket], never)).toBeNull()
  })

  test('is looked for where DOCKER_HOST says, else at the usual places', () => {
    expect(dockerSockets({ DOCKER_HOST: 'unix:///tmp/x.sock' })).toEqual(['/tmp/x.sock'])
    expect(dockerSockets({ XDG_RUNTIME_DIR: '/run/user/1' })).toContain('/run/user/1/podman/podman.sock')
  })
})
