import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run, toolVersion } from './process.ts'

/**
 * The real servers and second readers, from package registries only, each downloaded once into a cache folder
 * (`TARN_CACHE`, else the XDG cache folder). An install is made beside its place and renamed into it, so that an
 * interrupted one is never taken for whole.
 */
export const cacheFolder =
  process.env.TARN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tarn')

export const VERSIONS = {
  kafka: '4.3.1',
  minio: 'v0.0.0-20260212201848-7aac2a2c5b7c',
  iceberg: '1.10.1',
  pyiceberg: '0.12.0',
} as const

export interface Artifact {
  readonly group: string
  readonly name: string
  readonly version: string
  readonly classifier?: string
  /** Leave its dependencies out. */
  readonly alone?: boolean
}

async function once(name: string, make: (folder: string) => void | Promise<void>): Promise<string> {
  const place = join(cacheFolder, name)
  if (existsSync(place)) return place
  mkdirSync(cacheFolder, { recursive: true })
  const temporary = mkdtempSync(join(cacheFolder, 'making-'))
  try {
    await make(temporary)
    if (!existsSync(place)) renameSync(temporary, place)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return place
}

/** Jars with their dependencies, by Maven, in `CACHE/NAME/*.jar`. */
export function mavenLibs(name: string, artifacts: readonly Artifact[]): Promise<string> {
  return once(name, (folder) => {
    const dependencies = artifacts.map(
      (a) =>
        `<dependency><groupId>${a.group}</groupId><artifactId>${a.name}</artifactId><version>${a.version}</version>${
          a.classifier ? `<classifier>${a.classifier}</classifier>` : ''
        }${a.alone ? '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>' : ''}</dependency>`,
    )
    const work = join(folder, 'pom')
    mkdirSync(work)
    writeFileSync(
      join(work, 'pom.xml'),
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>libs</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`,
    )
    run('mvn', ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`], { cwd: work })
    rmSync(work, { recursive: true })
  })
}

export function kafkaLibs(): Promise<string> {
  return mavenLibs(`kafka-${VERSIONS.kafka}`, [
    { group: 'org.apache.kafka', name: 'kafka_2.13', version: VERSIONS.kafka },
    { group: 'org.apache.kafka', name: 'kafka-tools', version: VERSIONS.kafka },
    { group: 'org.slf4j', name: 'slf4j-simple', version: '1.7.36' },
  ])
}

/** Apache's REST catalog fixture, one shaded jar. */
export function catalogLibs(): Promise<string> {
  return mavenLibs(`iceberg-rest-${VERSIONS.iceberg}`, [
    { group: 'org.apache.iceberg', name: 'iceberg-open-api', version: VERSIONS.iceberg, alone: true },
  ])
}

/** Iceberg's Java reader with what it needs to open Parquet files on S3 or in a folder. */
export function javaReaderLibs(): Promise<string> {
  const iceberg = (name: string): Artifact => ({
    group: 'org.apache.iceberg',
    name,
    version: VERSIONS.iceberg,
  })
  return mavenLibs(`iceberg-reader-${VERSIONS.iceberg}`, [
    iceberg('iceberg-core'),
    iceberg('iceberg-data'),
    iceberg('iceberg-parquet'),
    iceberg('iceberg-aws'),
    { ...iceberg('iceberg-aws-bundle'), alone: true },
    { group: 'org.apache.hadoop', name: 'hadoop-client-api', version: '3.4.2' },
    { group: 'org.apache.hadoop', name: 'hadoop-client-runtime', version: '3.4.2' },
    { group: 'org.slf4j', name: 'slf4j-nop', version: '1.7.36' },
  ])
}

/** Path of the `minio` binary, built by Go's own module proxy and toolchain. */
export async function minioBinary(): Promise<string> {
  const folder = await once(`minio-${VERSIONS.minio}`, (target) => {
    run('go', ['install', `github.com/minio/minio@${VERSIONS.minio}`], { env: { GOBIN: target } })
  })
  return join(folder, 'minio')
}

/** A Python with PyIceberg, pyarrow, DuckDB and librdkafka's client: the second reader, writer and producer. */
export async function python(): Promise<string> {
  const folder = await once(`python-pyiceberg-${VERSIONS.pyiceberg}-core`, (target) => {
    run('python3', ['-m', 'venv', target])
    run(join(target, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '-q',
      '--disable-pip-version-check',
      `pyiceberg[pyarrow,pyiceberg-core,sql-sqlite]==${VERSIONS.pyiceberg}`,
      'duckdb',
      'orjson',
      'confluent-kafka',
    ])
  })
  return join(folder, 'bin', 'python')
}

/** What must be on the machine before the servers can be had, and what of it is missing. */
export function missingTools(): string[] {
  const java = /version "(\d+)/.exec(toolVersion('java', '-version') ?? '')
  const go = /go(\d+)\.(\d+)/.exec(toolVersion('go', 'version') ?? '')
  const missing: string[] = []
  if (!java || Number(java[1]) < 17) missing.push('Java 17')
  if (toolVersion('mvn', '--version') === null) missing.push('Maven')
  if (
    !existsSync(join(cacheFolder, `minio-${VERSIONS.minio}`)) &&
    (!go || Number(go[1]) < 1 || Number(go[2]) < 21)
  )
    missing.push('Go 1.21')
  if (toolVersion('python3', '-m', 'venv', '--help') === null) missing.push('Python 3 with venv')
  return missing
}
