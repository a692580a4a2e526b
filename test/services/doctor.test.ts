import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { createHttp } from '../../src/main/base/http.ts'
import { Secret } from '../../src/main/base/secret.ts'
import { createBucket } from '../../src/main/storage/s3-bucket.ts'
import { placed, type Surroundings, surroundings } from '../helpers/doctor.ts'
import { FAULTS } from '../main/app/doctor/faults.ts'
import { createTables } from '../renderer/query/lake-node.ts'
import { kafkaLibs } from './install.ts'
import { freePort, run, type Server, startServer } from './process.ts'

/** The doctor against real services: Kafka, MinIO and Apache's catalog as they are, and a Kafka with rules of its own. */

const services = inject('services')
const name = `doctor_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-doctor-kafka-'))
const PASSWORD = 'canary password'
const plain = { open: '', login: '', ghost: '', gone: '' }
let guarded: Server

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(!socket.destroy().connecting))
    socket.once('error', () => resolve(false))
  })
}

/**
 * One broker, four doors: `open` for anybody, who may do anything; `login` for `tarn`, who may do what its rules say;
 * `ghost`, which sends its clients on to an address where nothing listens.
 */
async function startGuarded(): Promise<Server> {
  const [open, login, ghost, controller, gone] = await Promise.all(
    Array.from({ length: 5 }, () => freePort()),
  )
  Object.assign(plain, {
    open: `127.0.0.1:${open}`,
    login: `127.0.0.1:${login}`,
    ghost: `127.0.0.1:${ghost}`,
    gone: `127.0.0.1:${gone}`,
  })
  const properties = join(folder, 'server.properties')
  const classpath = join(await kafkaLibs(), '*')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    properties,
    [
      'process.roles=broker,controller',
      'node.id=1',
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      `listeners=OPEN://${plain.open},LOGIN://${plain.login},GHOST://${plain.ghost},CONTROLLER://127.0.0.1:${controller}`,
      `advertised.listeners=OPEN://${plain.open},LOGIN://${plain.login},GHOST://${plain.gone}`,
      'controller.listener.names=CONTROLLER',
      'inter.broker.listener.name=OPEN',
      'listener.security.protocol.map=OPEN:PLAINTEXT,LOGIN:SASL_PLAINTEXT,GHOST:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'sasl.enabled.mechanisms=PLAIN',
      `listener.name.login.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_tarn="${PASSWORD}";`,
      'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users=User:ANONYMOUS',
      `log.dirs=${join(folder, 'logs')}`,
      'offsets.topic.num.partitions=1',
      'offsets.topic.replication.factor=1',
    ].join('\n'),
  )
  const tool = ['-cp', classpath, 'kafka.tools.StorageTool']
  const id = run('java', [...tool, 'random-uuid'])
    .trim()
    .split('\n')
    .at(-1) as string
  run('java', [...tool, 'format', '-t', id, '-c', properties])
  return startServer('java', ['-Xmx256m', '-cp', classpath, 'kafka.Kafka', properties], {
    log: join(folder, 'kafka.log'),
    ready: () => listens(Number(login)),
  })
}

const kafkaAt = (brokers: string) =>
  new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING })

async function topic(
  brokers: string,
  topicName: string,
  values: readonly (string | Buffer)[],
): Promise<void> {
  const kafka = kafkaAt(brokers)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic: topicName, numPartitions: 1 }] })
  // a broker that has just started may not know for a while that it leads
  await vi.waitFor(() => admin.fetchTopicOffsets(topicName), { timeout: 30_000, interval: 200 })
  await admin.disconnect()
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.LegacyPartitioner })
  await producer.connect()
  if (values.length > 0)
    await producer.send({ topic: topicName, messages: values.map((value) => ({ value })) })
  await producer.disconnect()
}

const framed = (id: number): Buffer => Buffer.from([0, 0, 0, 0, id, 2, 4, 6])

const real: Readonly<Record<string, string>> = {
  ICEBERG_CATALOG_URI: services.catalog.uri,
  ICEBERG_CATALOG_TOKEN: '',
  ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
  S3_ENDPOINT: services.s3.endpoint,
  S3_ACCESS_KEY: services.s3.accessKey,
  S3_SECRET_KEY: services.s3.secretKey,
  KAFKA_BROKERS: services.kafka.brokers,
}
const withLogin: Readonly<Record<string, string>> = {
  KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
  KAFKA_SASL_USERNAME: 'tarn',
  KAFKA_SASL_PASSWORD: PASSWORD,
  KAFKA_TOPIC: 'health',
}

/** How each fault is provoked: those of the table on `services`, and those on `loopback` that the real ones have too. */
const PROVOKE: Readonly<Record<string, (at: Surroundings) => Promise<void> | void>> = {
  'kafka: no topic': (at) => {
    at.env.KAFKA_TOPIC = `${name}_none`
    at.names.set('topic', `${name}_none`)
  },
  'kafka: Avro and no registry': (at) => void Object.assign(at.env, { KAFKA_TOPIC: `${name}_avro` }),
  'kafka: neither JSON nor Avro': (at) => void Object.assign(at.env, { KAFKA_TOPIC: `${name}_csv` }),
  'kafka: TLS at a plain port': (at) => {
    at.env.KAFKA_SECURITY_PROTOCOL = 'SSL'
    at.names.set('kafka', services.kafka.brokers)
  },
  'kafka: login at a listener without': (at) => {
    Object.assign(at.env, withLogin, { KAFKA_BROKERS: plain.open })
    at.names.set('kafka', plain.open)
  },
  'kafka: wrong password': (at) => {
    Object.assign(at.env, withLogin, { KAFKA_BROKERS: plain.login, KAFKA_SASL_PASSWORD: 'canary wrong' })
    at.names.set('kafka', plain.login)
  },
  'kafka: wrong mechanism': (at) => {
    Object.assign(at.env, withLogin, { KAFKA_BROKERS: plain.login, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' })
    at.names.set('kafka', plain.login)
  },
  'kafka: advertised elsewhere': (at) => {
    Object.assign(at.env, { KAFKA_BROKERS: plain.ghost, KAFKA_TOPIC: 'health' })
    at.names.set('kafka', plain.ghost)
    at.names.set('gone', plain.gone)
  },
  'kafka: no right to the topic': (at) =>
    void Object.assign(at.env, withLogin, { KAFKA_BROKERS: plain.login, KAFKA_TOPIC: 'secret' }),
  'kafka: no right to the group': (at) =>
    void Object.assign(at.env, withLogin, { KAFKA_BROKERS: plain.login }),
  'lake: positions behind retention': async (at) => {
    // on the embedded catalog: its table alone decides
    delete at.env.ICEBERG_CATALOG_URI
    delete at.env.ICEBERG_WAREHOUSE
    at.env.KAFKA_TOPIC = `${name}_short`
    const { io, tables } = await at.lake()
    await createTables(io)
    const admin = kafkaAt(services.kafka.brokers).admin()
    await admin.connect()
    const { clusterId } = await admin.describeCluster()
    await admin.deleteTopicRecords({ topic: `${name}_short`, partitions: [{ partition: 0, offset: '5' }] })
    await admin.disconnect()
    await io.catalog.commitTable({
      identifier: tables.raw,
      requirements: [],
      updates: [
        {
          action: 'set-properties',
          updates: {
            'tarn.offsets.health': JSON.stringify({
              cluster: clusterId,
              topic: `${name}_short`,
              next: { 0: '2' },
            }),
          },
        },
      ],
    })
    at.names.set('topic', `${name}_short`)
  },
  'lake: warehouse in another bucket': async (at) => {
    const bucket = `${name.replaceAll('_', '-')}-other`
    const http = createHttp({ connectTimeoutMs: 5_000, timeoutMs: 30_000 })
    at.defer(() => http.close())
    const { endpoint, region, accessKey, secretKey } = services.s3
    const keys = { accessKey: new Secret(accessKey), secretKey: new Secret(secretKey) }
    await createBucket({ endpoint, region, ...keys, pathStyle: true, http, clock: Date.now }, bucket)
    Object.assign(at.env, {
      ICEBERG_WAREHOUSE: `s3://${bucket}/warehouse`,
      ICEBERG_DATABASE: `${name}_elsewhere`,
    })
    const { io, tables } = await at.lake()
    await createTables(io, tables.raw.namespace)
    const { metadata } = await io.catalog.loadTable(tables.raw)
    at.names.set('origin', metadata.location.split('/').slice(0, 3).join('/'))
    expect(at.names.get('origin')).not.toContain(bucket)
  },
  'catalog: object storage': (at) => {
    at.env.ICEBERG_CATALOG_URI = services.s3.endpoint
    at.names.set('status', '400')
  },
  'catalog: no namespace': () => {},
  'storage: a catalog there': (at) => {
    at.env.S3_ENDPOINT = services.catalog.uri
  },
  'storage: wrong access key': (at) => {
    at.env.S3_ACCESS_KEY = 'canaryaccess'
  },
  'storage: wrong secret key': (at) => {
    at.env.S3_SECRET_KEY = 'canary/secret'
  },
  'storage: no bucket': (at) => {
    at.env.ICEBERG_WAREHOUSE = 's3://no-such-bucket/warehouse'
    at.names.set('bucket', 'no-such-bucket')
  },
  'storage: clock skew': (at) => {
    at.now = () => Date.now() + 17 * 60_000
  },
  'storage: path style off, address': (at) => {
    at.env.S3_PATH_STYLE_ACCESS = 'false'
  },
}
const rows = FAULTS.filter((fault) => fault.name in PROVOKE)

let open: Surroundings | null = null
beforeAll(async () => {
  guarded = await startGuarded()
  await topic(plain.open, 'health', ['{}'])
  await topic(plain.open, 'secret', [])
  const admin = kafkaAt(plain.open).admin()
  await admin.connect()
  const allow = {
    principal: 'User:tarn',
    host: '*',
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
  }
  await admin.createAcls({
    acl: [
      {
        ...allow,
        resourceType: kafkajs.AclResourceTypes.TOPIC,
        resourceName: 'health',
        operation: kafkajs.AclOperationTypes.READ,
      },
      {
        ...allow,
        resourceType: kafkajs.AclResourceTypes.CLUSTER,
        resourceName: 'kafka-cluster',
        operation: kafkajs.AclOperationTypes.DESCRIBE,
      },
    ],
  })
  await admin.disconnect()
  const { brokers } = services.kafka
  await topic(brokers, `${name}_avro`, [framed(7), framed(7), framed(7)])
  await topic(brokers, `${name}_csv`, ['a,b', 'c,d'])
  await topic(brokers, `${name}_short`, ['{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'])
})
afterEach(async () => {
  await open?.close()
  open = null
})
afterAll(async () => {
  await guarded?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('every fault of the table on services is provoked', () => {
  const missing = FAULTS.filter((fault) => fault.on === 'services' && !(fault.name in PROVOKE))
  expect(missing.map((fault) => fault.name)).toEqual([])
  expect(rows.length).toBe(Object.keys(PROVOKE).length)
})

test.each(rows)('$name', async (expected) => {
  open = surroundings({ ...real, KAFKA_TOPIC: `${name}_short` })
  open.limits = { connectMs: 3_000, silenceMs: 8_000, kafkaMs: 12_000 }
  await PROVOKE[expected.name]?.(open)
  const checks = await open.run()
  const check = checks.find(({ id }) => id === expected.check)
  const told = (text: string | null | undefined) => text?.replace('17 min 1 s', '17 min 0 s') ?? null
  expect({
    state: check?.state,
    title: told(check?.fault?.title),
    likely: told(check?.fault?.likely),
    remedy: told(check?.fault?.remedy),
  }).toEqual({
    state: expected.state,
    title: placed(expected.title, open.names),
    likely: placed(expected.likely, open.names),
    remedy: placed(expected.remedy, open.names),
  })
  expect(check?.fault?.evidence.length).toBeGreaterThan(0)
  expect(JSON.stringify(checks)).not.toContain('canary')
})

test('services that are as they should be pass, up to what set-up makes', async () => {
  open = surroundings({ ...real, KAFKA_TOPIC: `${name}_short` })
  const checks = await open.run()
  const trouble = checks.filter(({ state }) => state === 'failed' || state === 'attention')
  expect(trouble.map(({ id }) => id).filter((id) => id !== 'catalog.database')).toEqual([])
})
