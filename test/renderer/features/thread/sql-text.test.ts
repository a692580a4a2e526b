import { expect, test } from 'vitest'
import { commitSql, rowSql, startOfRow } from '../../../../src/renderer/features/thread/sql-text.ts'

const raw = { role: 'raw', name: 'db.health_data_raw' } as const

test('a row is asked for by values of their own types, quoted', () => {
  const cells = [
    { name: 'sample_id', type: 'string', text: "it's", key: "it's" },
    { name: 'Odd Name', type: 'long', text: '12', key: '12' },
    { name: 'start_date', type: 'timestamp', text: '2026-03-02T06:03:11.000123', key: '1' },
    { name: 'day', type: 'date', text: '2026-03-02', key: 20514 },
    { name: 'absent', type: 'string', text: null, key: null },
    { name: 'metadata', type: 'map<string, string>', text: '{}' },
  ]
  expect(rowSql(raw, '42', cells)).toBe(
    [
      'SELECT *',
      'FROM health_data_raw FOR VERSION AS OF 42',
      "WHERE sample_id = 'it''s'",
      '  AND "Odd Name" = 12',
      "  AND start_date = TIMESTAMP '2026-03-02T06:03:11.000123'",
      "  AND day = DATE '2026-03-02'",
      '  AND absent IS NULL',
    ].join('\n'),
  )
})

test('a table that is none of the five has its full name', () => {
  expect(rowSql({ role: null, name: 'other.Odd' }, null, [])).toBe('SELECT *\nFROM other."Odd"')
})

test('a commit is asked for by the column that parts commits', () => {
  const span = { column: 'processing_time', from: '2026-01-01T00:00:00', to: '2026-01-01T00:00:01' }
  expect(commitSql(raw, '7', span)).toContain(
    "WHERE processing_time BETWEEN TIMESTAMP '2026-01-01T00:00:00' AND TIMESTAMP '2026-01-01T00:00:01'",
  )
})

test('a thread begins at the columns that tell a row', () => {
  const cell = (name: string, key: string) => ({ name, type: 'string', text: key, key })
  expect(startOfRow(raw, [cell('sample_id', 'a'), cell('user_id', 'b'), cell('unit', 'c')])).toEqual({
    table: 'raw',
    keys: { sample_id: 'a', user_id: 'b' },
  })
})
