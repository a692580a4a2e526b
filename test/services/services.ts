import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogLibs, kafkaLibs, minioBinary } from './install.ts'
import { freePort, run, type Server, startServer } from './process.ts'

/** Where the servers listen and how to sign in: plain strings, so that vitest can hand them to its workers. */
export interface ServiceAddresses {
  readonly kafka: { readonly brokers: string }
  readonly s3: {
    readonly endpoint: string
    readonly accessKey: string
    readonly secretKey: string
    readonly region: string
  }
  readonly catalog: { readonly uri: string }
}

export const BUCKET = 'data-lake'
const ACCESS_KEY = 'minioadmin'
const SECRET_KEY = 'minioadmin'

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok
}

/** Kafka in KRaft mode, one node, in `folder`. An existing folder is started again with what it holds. */
export async function startKafka(folder: string, port: number): Promise<Server> {
  const classpath = join(await kafkaLibs(), '*')
  const controller = await freePort()
  const properties = join(folder, 'server.properties')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    properties,
    [
      'process.roles=broker,controller',
      'node.id=1',
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
      `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      `log.dirs=${join(folder, 'logs')}`,
      'num.partitions=4',
      'offsets.topic.num.partitions=4',
      'offsets.topic.replication.factor=1',
      'transaction.state.log.replication.factor=1',
      'transaction.state.log.min.isr=1',
      'group.initial.rebalance.delay.ms=0',
      'message.max.bytes=73400320',
      'log.cleaner.backoff.ms=250',
    ].join('\n'),
  )
  if (!existsSync(join(folder, 'logs', 'meta.properties'))) {
    const tool = ['-cp', classpath, 'kafka.tools.StorageTool']
    const id = run('java', [...tool, 'random-uuid'])
      .trim()
      .split('\n')
      .at(-1) as string
    run('java', [...tool, 'format', '--ignore-formatted', '-t', id, '-c', properties])
  }
  return startServer('java', ['-Xmx512m', '-cp', classpath, 'kafka.Kafka', properties], {
    log: join(folder, 'kafka.log'),
    ready: () => listens(port),
  })
}

/** The real MinIO on `folder`, with the bucket there from the start: a folder of the drive is a bucket. */
export async function startMinio(folder: string, port: number): Promise<Server> {
  mkdirSync(join(folder, 'data', BUCKET), { recursive: true })
  return startServer(
    await minioBinary(),
    ['server', join(folder, 'data'), '--address', `127.0.0.1:${port}`],
    {
      env: { MINIO_ROOT_USER: ACCESS_KEY, MINIO_ROOT_PASSWORD: SECRET_KEY, MINIO_BROWSER: 'off' },
      log: join(folder, 'minio.log'),
      ready: () => answers(`http://127.0.0.1:${port}/minio/health/live`),
    },
  )
}

/** Apache's REST catalog fixture over MinIO at `endpoint`. */
export async function startCatalog(folder: string, port: number, endpoint: string): Promise<Server> {
  mkdirSync(folder, { recursive: true })
  return startServer(
    'java',
    ['-Xmx512m', '-cp', join(await catalogLibs(), '*'), 'org.apache.iceberg.rest.RESTCatalogServer'],
    {
      env: {
        CATALOG_WAREHOUSE: `s3://${BUCKET}/warehouse`,
        CATALOG_URI: `jdbc:sqlite:${join(folder, 'catalog.db')}`,
        CATALOG_JDBC_USER: 'user',
        CATALOG_JDBC_PASSWORD: 'password',
        // With more than one connection SQLite stays locked once two requests met in it.
        CATALOG_CLIENTS: '1',
        CATALOG_IO__IMPL: 'org.apache.iceberg.aws.s3.S3FileIO',
        CATALOG_S3_ENDPOINT: endpoint,
        CATALOG_S3_ACCESS__KEY__ID: ACCESS_KEY,
        CATALOG_S3_SECRET__ACCESS__KEY: SECRET_KEY,
        CATALOG_S3_PATH__STYLE__ACCESS: 'true',
        AWS_REGION: 'us-east-1',
        CATALOG_REST_PORT: String(port),
      },
      log: join(folder, 'catalog.log'),
      ready: () => answers(`http://127.0.0.1:${port}/v1/config`),
    },
  )
}

export interface Services {
  readonly addresses: ServiceAddresses
  close(): Promise<void>
}

/**
 * All three, side by side, on `ports` where free, else on free ones. Their data lives in a folder that is removed at
 * the end.
 */
export async function startServices(
  ports: { kafka?: number; s3?: number; catalog?: number } = {},
): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), `tarn-services-${randomUUID().slice(0, 8)}-`))
  const [kafkaPort, s3Port, catalogPort] = [
    await freePort(ports.kafka),
    await freePort(ports.s3),
    await freePort(ports.catalog),
  ]
  const endpoint = `http://127.0.0.1:${s3Port}`
  const started = await Promise.allSettled([
    startKafka(join(folder, 'kafka'), kafkaPort),
    startMinio(join(folder, 'minio'), s3Port),
    startCatalog(join(folder, 'catalog'), catalogPort, endpoint),
  ])
  const close = async () => {
    await Promise.all(started.map((s) => (s.status === 'fulfilled' ? s.value.stop() : undefined)))
    rmSync(folder, { recursive: true, force: true })
  }
  const failed = started.find((s) => s.status === 'rejected')
  if (failed) {
    await close()
    throw failed.reason
  }
  return {
    addresses: {
      kafka: { brokers: `127.0.0.1:${kafkaPort}` },
      s3: { endpoint, accessKey: ACCESS_KEY, secretKey: SECRET_KEY, region: 'us-east-1' },
      catalog: { uri: `http://127.0.0.1:${catalogPort}` },
    },
    close,
  }
}
