import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { verdict } from '../../../src/renderer/ui/balance.tsx'
import { waitWords } from '../../../src/renderer/ui/loading.tsx'
import { Progress } from '../../../src/renderer/ui/meter.tsx'
import { clampSize } from '../../../src/renderer/ui/size.ts'
import { type State, Status } from '../../../src/renderer/ui/status.tsx'

describe('a wait', () => {
  const amount = { done: 7_444_890, of: 11_953_766, unit: 'bytes' }
  test.each([
    [0, null],
    [1_999, null],
    [2_000, 'Reading, 2 s'],
    [9_999, 'Reading, 9 s'],
    [10_000, 'Reading, 10 s, 7.10 MiB of 11.4 MiB'],
  ])('of %d ms says %s', (ms, words) => {
    expect(waitWords('Reading', ms, amount)).toBe(words)
  })

  test('without an amount tells the time alone, and files as files', () => {
    expect(waitWords('Reading', 12_000, null)).toBe('Reading, 12 s')
    expect(waitWords('Reading', 12_000, { done: 1251, of: null, unit: 'files' })).toBe(
      'Reading, 12 s, 1,251 files',
    )
  })
})

describe('a balance', () => {
  const parts = [
    { name: 'Loaded', value: 220 },
    { name: 'Missing', value: 29, kind: 'gone' as const },
  ]
  test('ticks when its parts sum up, and names the exact gap when not', () => {
    expect(verdict(249, parts)).toEqual({ state: 'passed', word: 'Balanced, gap 0' })
    expect(verdict(1_252, parts)).toEqual({ state: 'failed', word: 'Gap of 1,003' })
    expect(verdict(248, parts)).toEqual({ state: 'failed', word: '1 too many' })
  })
})

describe('parts', () => {
  test.each(['passed', 'attention', 'failed', 'running', 'waiting'] satisfies State[])(
    'the state %s has an icon and a word',
    (state) => {
      const html = renderToStaticMarkup(createElement(Status, { state, word: 'Checked' }))
      expect(html).toContain('<svg')
      expect(html).toContain('Checked')
    },
  )

  test('progress without a known end has no value, and with one has its percent', () => {
    const props = { what: 'Reading', amount: '7 files', done: 7 }
    expect(renderToStaticMarkup(createElement(Progress, { ...props, of: null }))).not.toContain(
      'aria-valuenow',
    )
    expect(renderToStaticMarkup(createElement(Progress, { ...props, of: 28 }))).toContain(
      'aria-valuenow="25"',
    )
  })

  test('a pane stays within its bounds', () => {
    expect([clampSize(10, 200, 420), clampSize(300.4, 200, 420), clampSize(999, 200, 420)]).toEqual([
      200, 300, 420,
    ])
  })
})
