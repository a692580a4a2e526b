import { describe, expect, test } from 'vitest'
import { DeleteCache } from '../../../src/main/iceberg/deletes.ts'
import { currentSchema } from '../../../src/main/iceberg/metadata.ts'
import type { Cell } from '../../../src/main/iceberg/projection.ts'
import { readBatches, readFile } from '../../../src/main/iceberg/read.ts'
import { planScan } from '../../../src/main/iceberg/scan.ts'
import type { Type } from '../../../src/main/iceberg/types.ts'
import { type FixtureTable, fixtureTable } from '../../helpers/fixture-table.ts'

/** A cell in the spelling of the fixtures' JSON twins. */
function plain(type: Type, cell: Cell): unknown {
  if (cell === null) return null
  if (typeof type === 'object') {
    if (type.type === 'list') return (cell as Cell[]).map((item) => plain(type.element, item))
    if (type.type === 'map') {
      return [...(cell as Map<Cell, Cell>)].map(([key, value]) => [
        plain(type.key, key),
        plain(type.value, value),
      ])
    }
    const struct = cell as Record<string, Cell>
    return Object.fromEntries(
      type.fields.map((field) => [field.name, plain(field.type, struct[field.name] ?? null)]),
    )
  }
  if (type.startsWith('decimal')) return `unscaled ${cell}`
  if (type.startsWith('timestamp')) return `micros ${cell}`
  if (type === 'date') return `day ${cell}`
  if (cell instanceof Uint8Array) return `hex ${Buffer.from(cell).toString('hex')}`
  if (type === 'int' || type === 'long') return String(cell)
  return Number.isNaN(cell) ? 'NaN' : cell
}

async function allRows(table: FixtureTable, batchRows?: number): Promise<Record<string, unknown>[]> {
  const schema = currentSchema(table.metadata)
  const names = schema.fields.map((field) => field.name)
  const plan = await planScan(table, table.metadata)
  const deletes = new DeleteCache()
  const rows: Record<string, unknown>[] = []
  for (const file of plan.files) {
    const options = batchRows === undefined ? { deletes } : { deletes, batchRows }
    for await (const batch of readBatches(table, table.metadata, file, names, options)) {
      for (let i = 0; i < batch.rows; i++) {
        rows.push(
          Object.fromEntries(
            schema.fields.map(({ id, name, type }) => [
              name,
              plain(type, batch.columns.get(id)?.[i] as Cell),
            ]),
          ),
        )
      }
    }
  }
  return sorted(rows)
}

const sorted = (rows: readonly Record<string, unknown>[]) =>
  rows.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))

describe.each(['evolved', 'imported'])('the table %s, written by PyIceberg', (name) => {
  test('reads as PyIceberg reads it', async () => {
    const table = await fixtureTable(name)
    expect(await allRows(table)).toEqual(sorted(table.rows))
  })

  test('reads the same in batches of one row', async () => {
    const table = await fixtureTable(name)
    expect(await allRows(table, 1)).toEqual(sorted(table.rows))
  })
})

describe('the table merge-on-read, written by the Java library', () => {
  const expected = (table: FixtureTable) =>
    sorted(
      table.rows.map((row) => ({
        ...row,
        at: `micros ${BigInt(Date.parse(`${String(row.at).slice(0, 19)}Z`)) * 1000n + BigInt(String(row.at).slice(20))}`,
      })),
    )

  test('position and equality deletes apply by sequence number, partition and null-safe equality', async () => {
    const table = await fixtureTable('merge-on-read')
    expect(await allRows(table)).toEqual(expected(table))
    expect(await allRows(table, 1)).toEqual(expected(table))
  })

  test('each delete file is read once however many data files it may touch', async () => {
    const table = await fixtureTable('merge-on-read')
    await allRows(table)
    const reads = table.storage.requests.map((request) => request.location)
    expect(reads.length).toBe(new Set(reads).size)
  })

  test('equality columns need not be wanted columns', async () => {
    const table = await fixtureTable('merge-on-read')
    const plan = await planScan(table, table.metadata)
    const deletes = new DeleteCache()
    const scores: Cell[] = []
    for (const file of plan.files) {
      const batch = await readFile(table, table.metadata, file, ['score'], { deletes })
      expect([...batch.columns.keys()]).toEqual([3])
      scores.push(...Array.from(batch.columns.get(3) ?? []))
    }
    const byText = (values: unknown[]) => values.map(String).sort()
    expect(byText(scores)).toEqual(byText(table.rows.map((row) => row.score)))
  })

  test('the past is read with its own schema and its own deletes', async () => {
    const table = await fixtureTable('merge-on-read')
    const first = table.metadata.snapshots[0]
    const plan = await planScan(table, table.metadata, { snapshotId: first?.['snapshot-id'] as bigint })
    expect(plan.schema.fields.map((field) => field.name)).toEqual(['id', 'kind', 'score', 'at'])
    const ids: Cell[] = []
    for (const file of plan.files) {
      const batch = await readFile(table, table.metadata, file, ['id'], { schema: plan.schema })
      ids.push(...Array.from(batch.columns.get(1) ?? []))
    }
    expect(ids.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

describe('what cannot be read is refused, never guessed', () => {
  test('equality deletes by a column inside another, or by none', async () => {
    const table = await fixtureTable('merge-on-read')
    const inner = { id: 901, name: 'city', required: false, type: 'string' } as const
    const place = {
      id: 900,
      name: 'place',
      required: false,
      type: { type: 'struct', fields: [inner] },
    } as const
    const schema = { ...currentSchema(table.metadata), 'schema-id': 90 }
    const metadata = {
      ...table.metadata,
      schemas: [...table.metadata.schemas, { ...schema, fields: [...schema.fields, place] }],
    }
    const file = (await planScan(table, metadata)).files.find(({ deletes }) =>
      deletes.some((one) => one.file.content === 'equality-deletes'),
    )
    const read = (equalityIds: readonly number[]) => {
      const deletes = file!.deletes.map((one) => ({ ...one, file: { ...one.file, equalityIds } }))
      return readFile(table, metadata, { ...file!, deletes }, ['id'])
    }
    await expect(read([901])).rejects.toMatchObject({ code: 'UNSUPPORTED', message: /city/ })
    await expect(read([])).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  test('a column with a value for the rows before it', async () => {
    const table = await fixtureTable('evolved')
    const schema = currentSchema(table.metadata)
    const added = { id: 900, name: 'added', required: false, type: 'long' } as const
    const read = async (field: object) => {
      const options = { schema: { ...schema, fields: [...schema.fields, { ...added, ...field }] } }
      const [file] = (await planScan(table, table.metadata)).files
      const batch = await readFile(table, table.metadata, file!, ['added'], options)
      return new Set(Array.from(batch.columns.get(900) ?? []))
    }
    expect(await read({})).toEqual(new Set([null]))
    expect(await read({ 'initial-default': null })).toEqual(new Set([null]))
    await expect(read({ 'initial-default': 7 })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: /added/,
    })
  })
})

describe('cost and trouble', () => {
  test('a small file is one request, whatever the columns', async () => {
    const table = await fixtureTable('evolved')
    const plan = await planScan(table, table.metadata)
    table.storage.reset()
    const [file] = plan.files
    await readFile(table, table.metadata, file!, ['id', 'attributes', 'note'])
    expect(table.storage.counts).toMatchObject({ reads: 1, bytesRead: file?.file.fileSize })
  })

  test('a file cut short is named with its lengths', async () => {
    const table = await fixtureTable('evolved')
    const plan = await planScan(table, table.metadata)
    const path = plan.files[0]?.file.path as string
    await table.storage.write(path, (await table.storage.read(path)).slice(0, -1))
    await expect(readFile(table, table.metadata, plan.files[0]!, ['id'])).rejects.toMatchObject({
      code: 'CORRUPT',
      context: { file: path, found: (plan.files[0]?.file.fileSize ?? 0) - 1 },
    })
  })

  test('a file without field ids and no name mapping is refused, not read as nulls', async () => {
    const table = await fixtureTable('imported')
    const metadata = { ...table.metadata, properties: {} }
    const plan = await planScan(table, metadata)
    const outcomes = await Promise.allSettled(
      plan.files.map((file) => readFile(table, metadata, file, ['id'])),
    )
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(failures).toHaveLength(1)
    expect(failures[0]?.reason).toMatchObject({ code: 'UNSUPPORTED' })
  })
})
