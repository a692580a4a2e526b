import { expect, test } from 'vitest'
import { addressOf, readAsked } from '../../../../src/renderer/features/dash/address.ts'

test('an address says everything that is shown, and reads back as it was', () => {
  const query = {
    user: 'user 0412/ä',
    type: 'heartRate',
    grain: 'week',
    from: '2026-02-14',
    to: '2026-05-14',
    compare: 'user:user:7',
    measure: 'max',
    at: '2026-W19',
  }
  const asked = readAsked(query)
  expect(asked).toEqual({
    user: 'user 0412/ä',
    type: 'heartRate',
    grain: 'week',
    from: '2026-02-14',
    to: '2026-05-14',
    against: { kind: 'user', user: 'user:7' },
    measure: 'max',
    at: { grain: 'week', period: '2026-05-04' },
  })
  expect(addressOf(asked)).toEqual(query)
})

test('all users are an address of their own, beside a user of that name', () => {
  expect(readAsked({ compare: 'all' }).against).toEqual({ kind: 'all' })
  expect(addressOf(readAsked({ compare: 'all' }))).toEqual({ compare: 'all' })
  expect(readAsked({ compare: 'user:all' }).against).toEqual({ kind: 'user', user: 'all' })
})

test('what was left to the page stays out of the address', () => {
  expect(addressOf(readAsked({}))).toEqual({})
  expect(addressOf(readAsked({ grain: 'day' }))).toEqual({})
})

test.each([
  [{ at: '2026-05' }, { at: { grain: 'month', period: '2026-05-01' } }],
  [{ at: '2026-05-09' }, { at: { grain: 'day', period: '2026-05-09' } }],
  [{ at: '2025-W53' }, { at: null }],
  [{ at: 'yesterday' }, { at: null }],
  [{ grain: 'hour' }, { grain: 'day' }],
  [
    { from: '2026-05-10', to: '2026-05-01' },
    { from: '2026-05-01', to: '2026-05-10' },
  ],
  [{ from: '2026-02-30' }, { from: null }],
  [{ compare: 'from:2025-05-14' }, { against: { kind: 'from', from: '2025-05-14' } }],
  [{ compare: 'from:x' }, { against: { kind: 'before' } }],
  [{ compare: 'user:' }, { against: { kind: 'before' } }],
  [{ measure: 'median' }, { measure: null }],
])('%j', (query, wanted) => {
  expect(readAsked(query)).toMatchObject(wanted)
})
