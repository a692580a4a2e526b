import { describe, expect, test } from 'vitest'
import { messageFilter, messagesPath, threadPath, threadStart } from '../../src/shared/thread.ts'

/** As the page's `href` does: empty values are left out, the rest goes through the address. */
function through(query: Readonly<Record<string, string>>): Record<string, string> {
  const set = Object.entries(query).filter(([, value]) => value !== '')
  return Object.fromEntries(new URLSearchParams(new URLSearchParams(set).toString()))
}

describe('the address of a thread', () => {
  test.each([
    { table: 'raw' },
    { table: 'raw', snapshot: '6521467891234567890' },
    { table: 'health_db.other', file: 's3://bucket/data/user_id=a%2Fb/x y.parquet' },
    {
      table: 'daily',
      keys: { user_id: '', data_type: 'a=b&c#d', n: 1.5, flag: false, absent: null, __proto__x: 'é' },
    },
  ])('comes back as it was: %o', (start) => {
    const { path, query } = threadPath(start)
    expect(path).toEqual(['thread'])
    expect(threadStart(through(query))).toEqual(start)
  })

  test.each(['', '[]', 'null', '{', '{"a":{}}'])('without keys where the row is %o', (row) => {
    expect(threadStart({ table: 'raw', row })).toEqual({ table: 'raw' })
  })

  test('names nothing without a table', () => {
    expect(threadStart({ row: '{"a":1}' })).toBeNull()
  })
})

test('the address of messages keeps the filter and the message shown', () => {
  const filter = { topic: 'a b', partition: '0', from: '9007199254740993', text: '%20"x"' }
  const { path, query } = messagesPath(filter, '0:9007199254740993')
  expect(path).toEqual(['messages'])
  expect(messageFilter(through(query))).toEqual(filter)
  expect(query.at).toBe('0:9007199254740993')
})
