import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { runTarn, startTarn } from '../helpers/tarn.ts'
import { python } from './install.ts'
import { run } from './process.ts'

const services = inject('services')
const name = `foreign_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-foreign-'))
const recorded = resolve(import.meta.dirname, '../../resources/sample-topic.jsonl.gz')

interface Compared {
  rows: number
  counts: Record<string, number>
  differences: string[]
}

async function foreign(
  action: 'append' | 'compare',
  catalog: string,
  namespace: string,
  endpoint?: string,
): Promise<Compared> {
  const output = run(await python(), [
    join(import.meta.dirname, 'python/foreign.py'),
    ...[
      action,
      '--catalog',
      catalog,
      '--namespace',
      namespace,
      ...(endpoint ? ['--s3-endpoint', endpoint] : []),
    ],
  ])
  return JSON.parse(output.trim().split('\n').at(-1) as string) as Compared
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a lake shared with another engine', () => {
  const env = {
    TARN_HOME: join(folder, 'rest'),
    ICEBERG_CATALOG_URI: services.catalog.uri,
    ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
    ICEBERG_DATABASE: name,
    S3_ENDPOINT: services.s3.endpoint,
    S3_ACCESS_KEY: services.s3.accessKey,
    S3_SECRET_KEY: services.s3.secretKey,
  }

  test('rows that PyIceberg appends to an evolved raw table reach the aggregates', async () => {
    const checked = await runTarn(['check'], env)
    expect(checked.code, checked.stdout + checked.stderr).toBe(0)
    const loaded = await runTarn(['load', '--source', `file:${recorded}`, '--until-caught-up', '--json'], env)
    expect(loaded.code, loaded.stderr).toBe(0)
    const before = JSON.parse(loaded.stdout) as { rows: number }

    await foreign('append', services.catalog.uri, name, services.s3.endpoint)
    const rolled = await runTarn(['rollup', '--json'], env)
    expect(rolled.code, rolled.stderr).toBe(0)

    const after = await foreign('compare', services.catalog.uri, name, services.s3.endpoint)
    expect(after.differences).toEqual([])
    expect(after.rows).toBe(before.rows + 500)

    const verified = await runTarn(['verify'], env)
    expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  })

  test('PyIceberg reads and writes the embedded lake through tarn catalog', async () => {
    const home = { TARN_HOME: join(folder, 'embedded') }
    expect((await runTarn(['check'], home)).code).toBe(0)
    const loaded = await runTarn(
      ['load', '--source', `file:${recorded}`, '--until-caught-up', '--json'],
      home,
    )
    expect(loaded.code, loaded.stderr).toBe(0)
    const { rows } = JSON.parse(loaded.stdout) as { rows: number }

    const server = startTarn(['catalog', '--port', '0'], home)
    try {
      let uri: string | undefined
      while (uri === undefined) {
        uri = /http:\/\/127\.0\.0\.1:\d+/.exec(server.output.stdout)?.[0]
        expect(server.child.exitCode, server.output.stderr).toBeNull()
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      const read = await foreign('compare', uri, 'health_db')
      expect(read).toMatchObject({ rows, differences: [] })
      await foreign('append', uri, 'health_db')
    } finally {
      server.child.kill('SIGTERM')
      await server.ended
    }
    expect((await runTarn(['rollup'], home)).code).toBe(0)
    const verified = await runTarn(['verify'], home)
    expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  })
})
