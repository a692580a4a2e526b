import { expect, test } from 'vitest'
import { tickWords } from '../../../../src/renderer/features/dash/axis.ts'

test('the values at one axis are all written in short, or all in full', () => {
  const ticks = [7_500, 10_000, 12_500]
  expect(ticks.map(tickWords(ticks))).toEqual(['7.5 k', '10 k', '12.5 k'])
  expect([2_000, 3_000].map(tickWords([2_000, 3_000]))).toEqual(['2,000', '3,000'])
})
