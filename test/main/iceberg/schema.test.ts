import { describe, expect, test } from 'vitest'
import {
  assignFreshIds,
  fieldById,
  fieldByName,
  highestFieldId,
  leafFields,
  parsePrimitive,
  pathById,
  printType,
  sameSchema,
  schemaOf,
  specOf,
} from '../../../src/main/iceberg/schema.ts'
import type { Schema } from '../../../src/main/iceberg/types.ts'
import { TABLE_ROLES, TABLES } from '../../../src/shared/tables.ts'

const nested: Schema = {
  type: 'struct',
  'schema-id': 7,
  'identifier-field-ids': [10],
  fields: [
    { id: 10, name: 'id', required: true, type: 'long' },
    {
      id: 20,
      name: 'point',
      required: false,
      type: {
        type: 'struct',
        fields: [
          { id: 21, name: 'x', required: true, type: 'double' },
          {
            id: 22,
            name: 'tags',
            required: false,
            type: { type: 'list', 'element-id': 23, 'element-required': false, element: 'string' },
          },
        ],
      },
    },
    { id: 30, name: 'last', required: false, type: 'decimal(9, 2)' },
  ],
}

describe('schema of a definition', () => {
  test.each(TABLE_ROLES)('%s: columns numbered from 1, partition fields from 1000 in order', (role) => {
    const definition = TABLES[role]
    const schema = schemaOf(definition)
    expect(schema.fields.map((f) => [f.id, f.name, f.required, f.doc])).toEqual(
      definition.columns.map((c, i) => [i + 1, c.name, c.required, c.doc]),
    )
    const spec = specOf(definition, schema)
    expect(spec.fields.map((f) => [f['field-id'], f.name, f.transform])).toEqual(
      definition.partitions.map((p, i) => [1000 + i, p.name, p.transform]),
    )
    for (const field of spec.fields) expect(fieldById(schema, field['source-id'])).not.toBeNull()
    expect((schema['identifier-field-ids'] ?? []).map((id) => pathById(schema, id))).toEqual([
      ...definition.identifier,
    ])
  })

  test('a server that assigns fresh ids gives the same ones', () => {
    const schema = schemaOf(TABLES.raw)
    let last = 0
    expect(assignFreshIds(schema, 0, () => ++last).schema).toEqual(schema)
    expect(last).toBe(highestFieldId(schema))
  })
})

test('lookups by id and path reach nested fields', () => {
  expect(fieldByName(nested, 'point.tags.element')).toMatchObject({ id: 23, type: 'string' })
  expect(pathById(nested, 21)).toBe('point.x')
  expect(fieldById(nested, 99)).toBeNull()
  expect(fieldByName(nested, 'toString')).toBeNull()
  expect(leafFields(nested).map((at) => at.path)).toEqual(['id', 'point.x', 'point.tags.element', 'last'])
})

test('fresh ids go level by level and carry the identifier over', () => {
  let last = 0
  const { schema, ids } = assignFreshIds(nested, 0, () => ++last)
  expect(schema.fields.map((f) => f.id)).toEqual([1, 2, 3])
  expect(pathById(schema, 4)).toBe('point.x')
  expect(pathById(schema, 5)).toBe('point.tags')
  expect(pathById(schema, 6)).toBe('point.tags.element')
  expect(ids.get(30)).toBe(3)
  expect(schema['identifier-field-ids']).toEqual([1])
})

test('sameSchema ignores schema id and key order, not names, types or docs', () => {
  const reordered = JSON.parse(JSON.stringify({ ...nested, 'schema-id': 1 })) as Schema
  expect(sameSchema(nested, reordered)).toBe(true)
  expect(sameSchema(nested, { ...nested, 'identifier-field-ids': [] })).toBe(false)
  expect(sameSchema(nested, { ...nested, fields: nested.fields.map((f) => ({ ...f, doc: 'x' })) })).toBe(
    false,
  )
})

test('primitive types get canonical spelling', () => {
  expect(parsePrimitive('decimal(9,2)')).toBe('decimal(9, 2)')
  expect(parsePrimitive(' fixed[ 16 ]')).toBe('fixed[16]')
  expect(() => parsePrimitive('varchar')).toThrow(/unknown type/)
  expect(printType(nested.fields[1]!.type)).toBe('struct<x: double, tags: list<string>>')
})
