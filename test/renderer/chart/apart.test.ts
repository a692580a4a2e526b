import { expect, test } from 'vitest'
import { apart } from '../../../src/renderer/chart/apart.ts'

test('long names that begin alike are told apart', () => {
  const names = [
    'HKQuantityTypeIdentifierHeartRate',
    'HKQuantityTypeIdentifierRestingHeartRate',
    'HKQuantityTypeIdentifierHeartRateVariabilitySDNN',
    'steps',
  ]
  const labels = apart(names, 18)
  expect(labels.get('steps')).toBe('steps')
  expect(new Set(labels.values()).size).toBe(4)
  for (const label of labels.values()) expect(label.length).toBeLessThanOrEqual(18)
})

test('names that differ at their beginning or in the middle keep what differs', () => {
  const end = 'MeasuredOverTheWholeNight'
  expect(new Set(apart([`deep${end}`, `light${end}`], 10).values()).size).toBe(2)
  expect(new Set(apart([`abcdefgh1${end}`, `abcdefgh2${end}`], 18).values()).size).toBe(2)
})

test('names that cannot be told apart are still cut', () => {
  const same = 'x'.repeat(40)
  expect([...apart([`${same}a${same}`, `${same}b${same}`], 9).values()]).toEqual([
    'xxx\u2026xxxxx',
    'xxx\u2026xxxxx',
  ])
})
