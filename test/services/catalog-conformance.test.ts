import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { expect, test } from 'vitest'
import { silentLog } from '../../src/main/base/log.ts'
import { catalogServer } from '../../src/main/catalog/server.ts'
import { openStore } from '../../src/main/catalog/store.ts'
import { localStorage } from '../../src/main/storage/local.ts'
import { type Artifact, mavenLibs, VERSIONS } from './install.ts'

/** Apache's own tests for any REST catalog, and what they need. */
function conformanceLibs(): Promise<string> {
  const iceberg = (name: string, more: Partial<Artifact> = {}): Artifact => ({
    group: 'org.apache.iceberg',
    name,
    version: VERSIONS.iceberg,
    ...more,
  })
  return mavenLibs(`iceberg-rck-${VERSIONS.iceberg}`, [
    iceberg('iceberg-open-api', { classifier: 'tests', alone: true }),
    iceberg('iceberg-open-api', { classifier: 'test-fixtures', alone: true }),
    iceberg('iceberg-core'),
    iceberg('iceberg-core', { classifier: 'tests' }),
    iceberg('iceberg-api', { classifier: 'tests' }),
    iceberg('iceberg-common'),
    { group: 'org.junit.platform', name: 'junit-platform-console-standalone', version: '1.13.4' },
    { group: 'org.junit.platform', name: 'junit-platform-suite-engine', version: '1.13.4' },
    { group: 'org.assertj', name: 'assertj-core', version: '3.27.6' },
    { group: 'org.mockito', name: 'mockito-core', version: '4.11.0' },
    { group: 'org.awaitility', name: 'awaitility', version: '4.3.0' },
    { group: 'org.slf4j', name: 'slf4j-simple', version: '2.0.17' },
    { group: 'org.apache.hadoop', name: 'hadoop-client-api', version: '3.4.2' },
    { group: 'org.apache.hadoop', name: 'hadoop-client-runtime', version: '3.4.2' },
    { group: 'org.eclipse.jetty', name: 'jetty-servlet', version: '11.0.26' },
    { group: 'org.xerial', name: 'sqlite-jdbc', version: '3.50.3.0' },
  ])
}

function java(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.resume()
    child.on('error', reject)
    child.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')))
  })
}

test('the embedded catalog passes Apache’s conformance kit for tables', { timeout: 600_000 }, async () => {
  const libs = await conformanceLibs()
  const home = mkdtempSync(join(tmpdir(), 'tarn-rck-'))
  const storage = localStorage({})
  const store = await openStore({
    folder: join(home, 'catalog'),
    warehouse: `file://${home}/warehouse`,
    storage,
    clock: Date.now,
    log: silentLog,
    // the kit asks for locations of its own choice
    anyLocation: true,
  })
  const listening = Promise.withResolvers<AddressInfo>()
  const app = catalogServer({ store, log: silentLog })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, listening.resolve)
  const { port } = await listening.promise
  try {
    const output = await java([
      '-Xmx768m',
      '-Drck.local=false',
      `-Duri=http://127.0.0.1:${port}`,
      `-Dwarehouse=${home}/warehouse`,
      '-Drck.requires-namespace-create=true',
      '-Drck.purge-test-namespaces=true',
      '-Drck.supports-names-with-dot=true',
      '-cp',
      join(libs, '*'),
      'org.junit.platform.console.ConsoleLauncher',
      'execute',
      '--disable-banner',
      '--disable-ansi-colors',
      '--details=summary',
      '--select-class',
      'org.apache.iceberg.rest.RESTCompatibilityKitCatalogTests',
    ])
    const count = (what: string): number => Number(new RegExp(`(\\d+) tests ${what}`).exec(output)?.[1] ?? -1)
    expect(count('failed'), output).toBe(0)
    expect(count('found')).toBe(102)
    // the rest is aborted by the kit's own assumptions: nested and empty namespaces, the variant type
    expect(count('successful')).toBeGreaterThanOrEqual(97)
  } finally {
    await new Promise((resolve) => server.close(resolve))
    await store.close()
    await storage.close()
    rmSync(home, { recursive: true, force: true })
  }
})
