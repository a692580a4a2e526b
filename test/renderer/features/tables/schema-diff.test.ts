import { describe, expect, test } from 'vitest'
import { tableDetail } from '../../../../src/main/app/inspect/detail.ts'
import { schemaChanges } from '../../../../src/renderer/features/tables/schema-diff.ts'
import { openFixture } from '../../../helpers/fixture-lake.ts'

/** `evolved` was changed by PyIceberg: what it did is known (test/fixtures/make/evolved.py). */
const schemasOf = async (name: string) => tableDetail((await openFixture(name)).table).schemas

describe('two schemas', () => {
  test('differ by field id: renamed, promoted, added and dropped columns, nested ones too', async () => {
    const schemas = await schemasOf('evolved')
    const words = schemaChanges(schemas[0]!, schemas.at(-1)!).map(
      ({ kind, path, words: told }) => `${kind} ${path}: ${told.join(', ')}`,
    )
    expect(words).toEqual([
      'changed id: promoted from int',
      'changed category: renamed from kind',
      'changed score: promoted from float',
      'changed price: promoted from decimal(9, 2)',
      'changed place.east: renamed from x',
      'added place.height: ',
      'added note: ',
      'dropped ok: ',
    ])
  })

  test('seen backwards differ as much', async () => {
    const schemas = await schemasOf('evolved')
    const forth = schemaChanges(schemas[0]!, schemas.at(-1)!)
    const back = schemaChanges(schemas.at(-1)!, schemas[0]!)
    expect(back.map((one) => one.id).toSorted()).toEqual(forth.map((one) => one.id).toSorted())
    expect(back.find((one) => one.path === 'ok')?.kind).toBe('added')
    expect(schemaChanges(schemas[0]!, schemas[0]!)).toEqual([])
  })

  test('a column that comes back under its old name is another column', async () => {
    const [schema] = await schemasOf('evolved')
    const again = {
      ...schema!,
      columns: schema!.columns.map((column) =>
        column.path === 'kind' ? { ...column, id: 99, required: false, doc: 'new' } : column,
      ),
    }
    expect(schemaChanges(schema!, again).map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'added 99',
      'dropped 2',
    ])
    const other = {
      ...schema!,
      columns: schema!.columns.map((column) => ({ ...column, required: false, doc: 'x' })),
    }
    expect(schemaChanges(schema!, other)[0]?.words).toEqual(['now optional', 'comment changed'])
  })
})
