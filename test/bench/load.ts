/**
 * `npm run bench -- load`: rows/s, MB/s, CPU seconds and peak memory of `tarn load --until-caught-up` over 1,000,000 rows
 * in real Kafka, MinIO and a REST catalog, beside a Python loader (librdkafka, orjson, pyarrow, PyIceberg) of the same
 * topic in the same run. The rival neither resumes nor writes exactly once; it is the measuring stick for speed alone.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { python } from '../services/install.ts'
import { startServices } from '../services/services.ts'

const TABLE_DAYS = 10
const TYPES = [
  ['heartRate', 'count/min', 40, 180],
  ['stepCount', 'count', 0, 4000],
  ['oxygenSaturation', '%', 90, 100],
  ['respiratoryRate', 'count/min', 8, 30],
  ['bodyMass', 'kg', 50, 110],
  ['activeEnergyBurned', 'kcal', 0, 900],
  ['distanceWalkingRunning', 'm', 0, 9000],
] as const
const SAMPLES = 5

/** A payload of five samples of about 362 bytes of JSON each; deterministic in `number`. */
function payload(number: number): string {
  const start = Date.UTC(2026, 0, 1)
  const samples = Array.from({ length: SAMPLES }, (_, index) => {
    const n = number * SAMPLES + index
    const [type, unit, low, high] = TYPES[(n * 7 + index) % TYPES.length] as (typeof TYPES)[number]
    const at = start + ((n * 7919) % (TABLE_DAYS * 86_400)) * 1000
    const iso = (ms: number) => new Date(ms).toISOString()
    return {
      id: `${String(n).padStart(8, '0')}-6f1e-4c55-9c41-0d9b6a1f7c2e`,
      type,
      value: low + (((n * 31) % 1000) / 1000) * (high - low),
      unit,
      startDate: iso(at),
      endDate: iso(at + 60_000),
      sourceBundle: 'com.apple.health.A1B2C3D4-E5F6-7890',
      metadata: { HKWasUserEntered: '0', device: 'Watch7,3' },
      isSynced: true,
      createdAt: iso(at + 3_600_000),
    }
  })
  const user = `user-${String(number % 20).padStart(4, '0')}`
  return JSON.stringify({
    deviceId: `3f2504e0-4f89-11d3-9a0c-${String(number % 900).padStart(12, '0')}`,
    userId: user,
    timestamp: new Date(start + number).toISOString(),
    appVersion: '3.4.1',
    samples,
  })
}

export async function produce(brokers: string, topic: string, messages: number): Promise<number> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  let bytes = 0
  for (let first = 0; first < messages; first += 2000) {
    const batch = Array.from({ length: Math.min(2000, messages - first) }, (_, i) => ({
      value: payload(first + i),
      partition: (first + i) % 4,
    }))
    for (const message of batch) bytes += message.value.length
    await producer.send({ topic, messages: batch, compression: CompressionTypes.None })
  }
  await producer.disconnect()
  return bytes
}

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakRss: number
  readonly stdout: string
}

/** Runs a command to its end; CPU and peak memory are those of the process as the kernel counted them. */
async function measure(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Measured> {
  const began = performance.now()
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  let cpuSeconds = 0
  let peakRss = 0
  const timer = setInterval(() => {
    try {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      cpuSeconds = (Number(stat[11]) + Number(stat[12])) / 100
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      // A process that has ended and was not waited for yet tells no memory.
      peakRss = Math.max(peakRss, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024)
    } catch {
      // The process has ended between two looks.
    }
  }, 20)
  const code = await new Promise((done) => child.once('close', done))
  clearInterval(timer)
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}`)
  return { seconds: (performance.now() - began) / 1000, cpuSeconds, peakRss, stdout }
}

/** Measures the load of `rows` rows by Tarn and by the rival, prints both and their ratio. */
export async function benchLoad(rows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tarn-bench-'))
  const services = await startServices()
  try {
    const { kafka, s3, catalog } = services.addresses
    const topic = 'bench'
    const bytes = await produce(kafka.brokers, topic, rows / SAMPLES)
    const environment = (database: string) => ({
      TARN_HOME: join(folder, database),
      ICEBERG_CATALOG_URI: catalog.uri,
      ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
      ICEBERG_DATABASE: database,
      S3_ENDPOINT: s3.endpoint,
      S3_ACCESS_KEY: s3.accessKey,
      S3_SECRET_KEY: s3.secretKey,
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_TOPIC: topic,
    })
    const tarn = resolve(import.meta.dirname, '../../bin/tarn.js')
    for (const database of ['ours', 'rival'])
      await measure(process.execPath, [tarn, 'check'], environment(database))
    const ours = await measure(
      process.execPath,
      [tarn, 'load', '--until-caught-up', '--json'],
      environment('ours'),
    )
    const loaded = JSON.parse(ours.stdout) as {
      rows: number
      rejected: number
      commits: { raw: number }
      seconds: number
    }
    if (loaded.rows !== rows) throw new Error(`${loaded.rows} rows loaded of ${rows}`)
    const rival = await measure(
      await python(),
      [resolve(import.meta.dirname, 'rival.py')],
      environment('rival'),
    )
    const line = (name: string, m: Measured) =>
      `${name.padEnd(28)} ${Math.round(rows / m.seconds).toLocaleString('en-US')} rows/s, ${(bytes / m.seconds / 1e6).toFixed(1)} MB/s, ${m.cpuSeconds.toFixed(1)} CPU s, peak ${Math.round(m.peakRss / 2 ** 20)} MiB, ${m.seconds.toFixed(1)} s`
    console.log(
      `${rows.toLocaleString('en-US')} rows, ${(bytes / 1e6).toFixed(0)} MB of JSON, 4 Kafka partitions, ${TABLE_DAYS * TYPES.length} table partitions`,
    )
    console.log(line(`tarn (${loaded.commits.raw} commits)`, ours))
    console.log(line('python with PyIceberg', rival))
    console.log(
      `tarn / python: ${(rival.seconds / ours.seconds).toFixed(2)} times the rows/s, ${(ours.cpuSeconds / rival.cpuSeconds).toFixed(2)} times the CPU, ${(ours.peakRss / rival.peakRss).toFixed(2)} times the memory`,
    )
  } finally {
    await services.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
