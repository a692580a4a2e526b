import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  absolute,
  ago,
  counted,
  duration,
  fileWords,
  moment,
  readInstant,
  shortCount,
  typedInstant,
} from '../../../src/renderer/ui/format.ts'

const NOW = Date.UTC(2026, 4, 14, 9, 41, 52)
const S = 1000
const MIN = 60 * S
const H = 60 * MIN
const D = 24 * H

test('words of little room', () => {
  expect([421, 20_392, 412_083_321].map(shortCount)).toEqual(['421', '20.4 k', '412 M'])
  expect(fileWords('s3://b/a.parquet')).toBe('a.parquet')
  expect(fileWords('s3://b/797cc2cc-3af5-4ee1-8efc-837bd2ee8008-00004.parquet')).toBe(
    '797cc2cc-\u20268008-00004.parquet',
  )
})

describe('relative time', () => {
  test.each([
    [0, 'just now'],
    [6.9 * S, '6 s ago'],
    [59.9 * S, '59 s ago'],
    [MIN, '1 min ago'],
    [H - 1, '59 min ago'],
    [H, '1 h ago'],
    [23.9 * H, '23 h ago'],
    [24 * H, '1 day ago'],
    [46 * H, '1 day ago'],
    [2 * D, '2 days ago'],
    [-5 * S, 'just now'],
  ])('%d ms before is %s', (before, words) => {
    expect(ago(NOW - before, NOW)).toBe(words)
  })
})

describe('a moment', () => {
  afterEach(() => vi.unstubAllEnvs())

  test.each([
    [NOW - 10 * S, '09:41:42'],
    [Date.UTC(2026, 4, 12, 6, 3), '12 May 06:03'],
    [Date.UTC(2025, 11, 31, 23, 59), '31 Dec 2025'],
  ])('%d is %s', (at, words) => {
    expect(moment(at, 'utc', NOW)).toBe(words)
  })

  test('follows the zone of the window, in its day too', () => {
    vi.stubEnv('TZ', 'Asia/Kolkata')
    expect(absolute(NOW, 'utc')).toBe('2026-05-14 09:41:52 UTC')
    expect(absolute(NOW, 'local')).toBe('2026-05-14 15:11:52 UTC+05:30')
    const late = Date.UTC(2026, 4, 13, 20)
    expect(moment(late, 'utc', NOW)).toBe('13 May 20:00')
    expect(moment(late, 'local', NOW)).toBe('01:30:00')
  })
})

test('a length of days is counted', () => {
  expect([duration(47 * H), duration(48 * H), duration(72 * H)]).toEqual(['47 h 0 min', '2 days', '3 days'])
  expect(counted(1, 'day')).toBe('1 day')
})

describe('a time that is typed', () => {
  afterEach(() => vi.unstubAllEnvs())

  test.each(['utc', 'local'] as const)('is read in the zone it was shown in, %s', (zone) => {
    vi.stubEnv('TZ', 'Asia/Kolkata')
    expect(readInstant(typedInstant(NOW, zone), zone)).toBe(NOW)
    expect(typedInstant(NOW - 52 * S, zone)).toBe(zone === 'utc' ? '2026-05-14 09:41' : '2026-05-14 15:11')
    expect(readInstant('2026-05-14 09:41Z', zone)).toBe(NOW - 52 * S)
    expect(readInstant('some day', zone)).toBeNull()
  })
})
