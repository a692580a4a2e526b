import { describe, expect, test } from 'vitest'
import { atSnapshot, columnNamed, ofPartition } from '../../../../src/renderer/features/tables/sql.ts'
import { plusMinus } from '../../../../src/renderer/features/tables/words.ts'

const day = { name: 'start_date_day', source: 'start_date', transform: 'day' }
const kind = { name: 'data_type', source: 'data_type', transform: 'identity' }
const where = (path: string, fields: Parameters<typeof ofPartition>[2]) =>
  ofPartition('t', path, fields)?.replace(/^SELECT \*\nFROM t\nWHERE |\nLIMIT 100$/g, '') ?? null

describe('statements that are offered', () => {
  test('ask for one partition by the span of time and the value that it stands for', () => {
    expect(where('start_date_day=2026-02-28/data_type=heart+rate', [day, kind])).toBe(
      "start_date >= '2026-02-28' AND start_date < '2026-03-01'\n  AND data_type = 'heart rate'",
    )
    expect(where('m=2025-12', [{ ...day, name: 'm', transform: 'month' }])).toBe(
      "start_date >= '2025-12-01' AND start_date < '2026-01-01'",
    )
    expect(where('y=2025', [{ ...day, name: 'y', transform: 'year' }])).toBe(
      "start_date >= '2025-01-01' AND start_date < '2026-01-01'",
    )
    expect(where('h=2026-01-01-23', [{ ...day, name: 'h', transform: 'hour' }])).toBe(
      "start_date >= '2026-01-01 23:00:00' AND start_date < '2026-01-02 00:00:00'",
    )
    expect(where('data_type=null', [kind])).toBe('data_type IS NULL')
    expect(where('data_type=it%27s', [kind])).toBe("data_type = 'it''s'")
  })

  test('are none where a value cannot be said in SQL', () => {
    expect(where('b=3', [{ name: 'b', source: 'id', transform: 'bucket[4]' }])).toBeNull()
    expect(where('other=1', [kind])).toBeNull()
  })

  test('quote names that are no plain words, and name the snapshot', () => {
    expect(columnNamed('health_data_raw')).toBe('health_data_raw')
    expect(columnNamed('Odd "name"')).toBe('"Odd ""name"""')
    expect(atSnapshot('t', '42')).toBe('SELECT *\nFROM t FOR VERSION AS OF 42\nLIMIT 100')
  })
})

test('words of a change', () => {
  expect([plusMinus(26, null), plusMinus(4, 120), plusMinus(null, 0)]).toEqual(['+26', '+4, \u2212120', '0'])
})
