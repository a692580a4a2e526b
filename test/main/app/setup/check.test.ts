import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MainSettings } from '../../../../src/main/app/settings/settings.ts'
import { bucketOf, type CheckDeps, ensureLake } from '../../../../src/main/app/setup/check.ts'
import { checkHeader, checkSummary, printStep } from '../../../../src/main/app/setup/check-report.ts'
import { silentLog } from '../../../../src/main/base/log.ts'
import { Secret } from '../../../../src/main/base/secret.ts'
import { type EmbeddedCatalog, openEmbedded } from '../../../../src/main/catalog/embedded.ts'
import type { Catalog } from '../../../../src/main/iceberg/catalog.ts'
import { schemaOf, specOf } from '../../../../src/main/iceberg/schema.ts'
import { localStorage } from '../../../../src/main/storage/local.ts'
import { LakeError } from '../../../../src/shared/errors.ts'
import type { StepView } from '../../../../src/shared/model.ts'
import { TABLES } from '../../../../src/shared/tables.ts'

const tables = {
  raw: 'health_data_raw',
  errors: 'health_data_errors',
  daily: 'health_data_daily_agg',
  weekly: 'health_data_weekly_agg',
  monthly: 'health_data_monthly_agg',
  layout: 'specified',
} as const

function settingsFor(home: string, warehouse: string): MainSettings {
  const { catalog, s3 } = {
    catalog: {
      type: 'rest' as const,
      name: 'health_catalog',
      uri: 'http://localhost:8181',
      token: null,
      credential: null,
      warehouse,
      database: 'health_db',
    },
    s3: {
      endpoint: 'http://localhost:9000',
      accessKey: new Secret('minioadmin'),
      secretKey: new Secret('minioadmin'),
      pathStyle: true,
      bucket: 'data-lake',
      region: 'us-east-1',
    },
  }
  // the check reads no other part of the settings
  return { home, catalog, tables, s3 } as unknown as MainSettings
}

describe('the ten steps', () => {
  let home: string
  let embedded: EmbeddedCatalog
  let deps: CheckDeps

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'tarn-check-'))
    const warehouse = `file://${home}/warehouse`
    const storage = localStorage({ root: home })
    embedded = await openEmbedded({
      folder: join(home, 'catalog'),
      warehouse,
      storage,
      clock: Date.now,
      log: silentLog,
    })
    let now = 0
    deps = {
      catalog: embedded.catalog,
      storage,
      settings: settingsFor(home, warehouse),
      bucket: null,
      clock: () => now++,
    }
  })
  afterEach(async () => {
    await embedded.close()
    rmSync(home, { recursive: true })
  })

  async function run(with_: Partial<CheckDeps> = {}) {
    const ended: StepView[] = []
    const seen: string[] = []
    const result = await ensureLake({ ...deps, ...with_ }, (step) => {
      seen.push(`${step.number} ${step.state}`)
      if (step.state !== 'running') ended.push(step)
    })
    return {
      result,
      ended,
      seen,
      report: [checkHeader, ...ended.map(printStep), checkSummary(result, ended)].join('\n'),
    }
  }

  test('print what the specification expects, on a first run and on a second', async () => {
    const first = await run()
    const second = await run()
    expect(first.result.tables.map((t) => t.state)).toEqual(Array(5).fill('created'))
    expect(second.result.tables.map((t) => t.state)).toEqual(Array(5).fill('verified'))
    // the specification's text, its `...` lines left out
    const expected = `================================================================================
Iceberg Catalog and Table Setup Test
================================================================================

1. Loading configuration...
   Catalog Type: rest
   Catalog Name: health_catalog

2. Initializing Iceberg REST catalog...
   ✓ Catalog initialized successfully

3. Testing catalog connection...
   ✓ Catalog connection successful

4. Initializing table manager...
   ✓ Table manager initialized

5. Creating namespace: health_db
   ✓ Namespace ready

6. Creating table: health_data_raw
   ✓ Raw data table created/verified
   Location: file://${home}/warehouse/health_db/health_data_raw

7. Creating table: health_data_errors
   ✓ Errors table created/verified

8. Verifying all tables...
   ✓ health_data_raw exists
   ✓ health_data_errors exists

9. Creating aggregation tables...
   ✓ All aggregation tables created/verified

10. Verifying aggregation tables...
   ✓ health_data_daily_agg exists
   ✓ health_data_weekly_agg exists
   ✓ health_data_monthly_agg exists

================================================================================
✓ All tests passed successfully!
  - Raw data table: health_data_raw
  - Error table: health_data_errors
  - Daily aggregation table: health_data_daily_agg
  - Weekly aggregation table: health_data_weekly_agg
  - Monthly aggregation table: health_data_monthly_agg
================================================================================`.split('\n')
    for (const { report } of [first, second]) {
      const lines = report.split('\n')
      // every expected line, in its order, with only detail lines between
      let at = 0
      for (const line of lines) {
        if (line === expected[at]) at++
        else expect(line).toMatch(/^ {3}[A-Z][\w ]*: \S/)
      }
      expect(expected.slice(at)).toEqual([])
    }
    expect(first.seen.slice(0, 4)).toEqual(['1 running', '1 passed', '2 running', '2 passed'])
  })

  test('a table that differs is named point by point, left alone, and the rest goes on', async () => {
    await embedded.catalog.createNamespace(['health_db'], {})
    const schema = schemaOf(TABLES.raw)
    const changed = schema.fields
      .filter((field) => field.name !== 'unit')
      .map((field) =>
        field.name === 'value' ? { ...field, type: 'float' as const, required: false, doc: 'other' } : field,
      )
    await embedded.catalog.createTable(['health_db'], {
      name: 'health_data_raw',
      schema: { ...schema, fields: changed },
      spec: { 'spec-id': 0, fields: specOf(TABLES.raw, schema).fields.slice(1) },
      properties: { ...TABLES.raw.properties, 'write.parquet.compression-codec': 'zstd' },
    })
    const before = await embedded.catalog.loadTable({ namespace: ['health_db'], name: 'health_data_raw' })
    const { result, ended, report } = await run()
    expect(result.passed).toBe(false)
    expect(ended.map((s) => s.state)).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
      'passed',
      'failed',
      'passed',
      'passed',
      'passed',
      'passed',
    ])
    expect(ended[5]?.fault?.context).toEqual({
      'column value': 'expected double required, found float optional',
      'comment of value': 'expected "Measurement value", found "other"',
      'column unit': 'expected string required, found no such column',
      'partition field 1': 'expected start_date_day = day(start_date), found data_type = identity(data_type)',
      'partition field 2': 'expected data_type = identity(data_type), found none',
      'property write.parquet.compression-codec': 'expected snappy, found zstd',
    })
    expect(report).toContain(
      '   ✗ health_db.health_data_raw is there and differs from the specification in 6 points',
    )
    expect(report).toContain('   Next:   The table is left as it is.'.replace('   Next', '     Next'))
    expect(report).toContain('✗ 1 of 10 steps failed: 6')
    const after = await embedded.catalog.loadTable({ namespace: ['health_db'], name: 'health_data_raw' })
    expect(after.metadataLocation).toBe(before.metadataLocation)
  })

  test('a further optional column and further properties are no difference', async () => {
    await run()
    const id = { namespace: ['health_db'], name: 'health_data_raw' }
    const { metadata } = await embedded.catalog.loadTable(id)
    const [schema] = metadata.schemas
    await embedded.catalog.commitTable({
      identifier: id,
      requirements: [],
      updates: [
        {
          action: 'add-schema',
          schema: {
            ...schema!,
            fields: [...schema!.fields, { id: 18, name: 'note', required: false, type: 'string' }],
          },
        },
        { action: 'set-current-schema', 'schema-id': -1 },
        { action: 'set-properties', updates: { 'tarn.offsets.health': '{}' } },
      ],
    })
    const { result, report } = await run()
    expect(result.passed).toBe(true)
    expect(report).toContain('Further column: note (string, optional)')
  })

  test('a catalog that is down fails its step with cause and remedy; what needs it is skipped, the rest runs', async () => {
    const down = async () => {
      throw new LakeError('REFUSED', 'localhost:8181 refused the connection', {
        outcome: 'retry',
        likely: 'Nothing listens at localhost:8181.',
        remedy: 'Start the service, or correct host and port of its address.',
      })
    }
    const { ended, report, result } = await run({ catalog: { ...embedded.catalog, config: down } as Catalog })
    expect(ended.map((s) => s.state)).toEqual([
      'passed',
      'failed',
      'skipped',
      'passed',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ])
    expect(result.tables.every((t) => t.state === 'failed')).toBe(true)
    expect(report).toContain(`2. Initializing Iceberg REST catalog...
   ✗ localhost:8181 refused the connection
     Likely: Nothing listens at localhost:8181.
     Next:   Start the service, or correct host and port of its address.`)
    expect(report).toContain('Skipped: step 2 failed')
    expect(report).toContain('✗ 1 of 10 steps failed: 2; skipped: 3, 5, 6, 7, 8, 9, 10')
  })

  test('the bucket is made before the tables', async () => {
    const made: string[] = []
    const bucket = {
      name: 'data-lake',
      exists: async () => made.length > 0,
      create: async () => made.push(...(await embedded.catalog.listNamespaces()).map(String), 'bucket'),
    }
    const { report } = await run({ bucket })
    expect(made).toEqual(['bucket'])
    expect(report).toContain('Bucket: data-lake (created)')
    expect((await run({ bucket })).report).toContain('Bucket: data-lake (there)')
  })

  test('an answer lost after the table was made is no failure', async () => {
    const lost: Catalog = {
      ...embedded.catalog,
      async createTable(...args) {
        await embedded.catalog.createTable(...args)
        throw new LakeError('NETWORK', 'The connection was cut', { outcome: 'unknown' })
      },
    }
    expect((await run({ catalog: lost })).result.passed).toBe(true)
  })

  test('a cancelled check stops', async () => {
    const controller = new AbortController()
    const work = ensureLake(deps, (step) => step.number === 3 && controller.abort(), controller.signal)
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

test('the bucket is that of the warehouse, else the one that is set', () => {
  expect(bucketOf(settingsFor('/h', 's3a://lake/warehouse'))).toBe('lake')
  expect(bucketOf(settingsFor('/h', 'polaris_name'))).toBe('data-lake')
  expect(bucketOf(settingsFor('/h', 'file:///h/warehouse'))).toBeNull()
})
