import { describe, expect, test } from 'vitest'
import {
  type Drawing,
  drawingCsv,
  drawingSvg,
  roundSteps,
} from '../../../../src/renderer/features/load/chart-picture.ts'
import { drawingsOf } from '../../../../src/renderer/features/load/drawings.ts'
import { binned, spanWords, windowOf } from '../../../../src/renderer/features/load/series.ts'
import type { SeriesView } from '../../../../src/shared/monitor.ts'

const AT = Date.parse('2026-05-14T09:30:00Z')
const series: SeriesView = {
  from: 0,
  next: 4,
  epoch: 1,
  at: AT,
  stepMs: 5_000,
  kept: 180,
  consumed: [100, null, 250, 200],
  committed: [null, 3, null, 4],
  rolledUp: [null, null, 30, null],
  rows: [
    [0, 0],
    [1, 1],
  ],
  lag: [
    [1, 2, 3, 200],
    [null, null, 0, 0],
  ],
  rejects: { VALIDATION_ERROR: [0, 2, 0, 1], '<b>&"': [1, 0, 0, 0] },
  events: [],
}
const drawings = (): ReturnType<typeof drawingsOf> =>
  drawingsOf(series, windowOf(series), binned(series, 30), ['VALIDATION_ERROR', '<b>&"'])
const svg = (drawing: Drawing) => drawingSvg(series, drawing, [AT / 1000], () => '09:30')

describe('the axis of time', () => {
  const long = (steps: number) => ({ ...series, consumed: new Array<number>(steps).fill(1) })

  test('begins with the load and grows by steps, then moves on with it', () => {
    const start = AT / 1000
    expect(windowOf(series)).toEqual([start, start + 180])
    expect(windowOf(long(36))).toEqual([start, start + 180])
    expect(windowOf(long(37))).toEqual([start, start + 450])
    expect(windowOf(long(91))).toEqual([start + 455 - 900, start + 455])
    expect(windowOf(long(180))).toEqual([start, start + 900])
    expect(spanWords([0, 450])).toBe('7.5 minutes')
  })
})

describe('a chart as a file', () => {
  test('draws lines with a break where nothing was measured', () => {
    const text = svg(drawings().consumed)
    expect(text.match(/<polyline/g)).toHaveLength(2)
    expect(text).toContain('var(--c1)')
    expect(text).toContain('Consumed, messages per second')
    expect(text).toContain('>09:30<')
  })

  test('draws a cell for every measured lag, and bars by reason, with names that cannot break out', () => {
    expect(svg(drawings().lag).match(/var\(--seq-/g)).toHaveLength(6)
    const rejects = svg(drawings().rejects)
    expect(rejects).toContain('&lt;b&gt;&amp;&quot;')
    expect(rejects).not.toContain('<b>')
  })

  test('gives its numbers as CSV, instants in UTC, nothing for what was not measured', () => {
    expect(drawingCsv(series, drawings().freshness).split('\r\n')).toEqual([
      'from,"committed","rolled up"',
      '2026-05-14T09:30:00.000Z,,',
      '2026-05-14T09:30:05.000Z,3,',
      '2026-05-14T09:30:10.000Z,,30',
      '2026-05-14T09:30:15.000Z,4,',
    ])
    expect(drawingCsv(series, drawings().rejects).split('\r\n')).toEqual([
      'from,"validation","<b>&"""',
      '2026-05-14T09:30:00.000Z,3,1',
    ])
    expect(drawingCsv(series, drawings().lag).split('\r\n')[1]).toBe('2026-05-14T09:30:00.000Z,1,')
  })

  test.each([
    [1, [0, 0.5, 1]],
    [7, [0, 2, 4, 6, 8]],
    [2_500, [0, 1_000, 2_000, 3_000]],
  ])('has round values up to %d', (most, steps) => expect(roundSteps(most)).toEqual(steps))
})
