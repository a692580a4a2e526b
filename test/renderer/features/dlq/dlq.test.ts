import { describe, expect, test } from 'vitest'
import { linesOf } from '../../../../src/renderer/features/dlq/batch-lines.ts'
import { filterWords, timeOf, typedTime } from '../../../../src/renderer/features/dlq/filter-words.ts'
import { draftOf, fixOf, sameFix } from '../../../../src/renderer/features/dlq/fix-draft.ts'
import { hexOf } from '../../../../src/renderer/features/dlq/hex.ts'
import { replaysCsv, replaysJson } from '../../../../src/renderer/features/dlq/replay-file.ts'
import type { Fix, ReplayBatch, ReplayView } from '../../../../src/shared/letters.ts'

describe('filters', () => {
  test('are told in words, the group apart', () => {
    expect(
      filterWords(
        {
          group: 'abc',
          partition: '3',
          text: 'degF',
          from: '2026-05-14T09:00:00Z',
          state: 'failed',
        },
        'utc',
      ),
    ).toEqual(['holds degF', 'partition 3', 'from 2026-05-14 09:00', 'failed again'])
  })

  test.each(['utc', 'local'] as const)('take a time as it is shown, to the second, in %s', (zone) => {
    const at = '2026-05-14T09:00:30.000Z'
    expect(timeOf(typedTime(at, zone), zone)).toBe(at)
    expect(timeOf('2026-05-14 09:00', zone)).toBe(
      new Date(zone === 'utc' ? Date.UTC(2026, 4, 14, 9) : new Date(2026, 4, 14, 9)).toISOString(),
    )
  })

  test.each([
    ['2026-05-14 09:00', '2026-05-14T09:00:00.000Z'],
    [' 2026-05-14T09:00:30Z ', '2026-05-14T09:00:30.000Z'],
    ['2026-05-14 09:00+02:00', '2026-05-14T07:00:00.000Z'],
    ['2026-05-14', '2026-05-14T00:00:00.000Z'],
    ['2026-13-14', null],
    ['yesterday', null],
  ])('take the time %s', (text, at) => {
    expect(timeOf(text, 'utc')).toBe(at)
  })
})

test.each<Fix>([
  { kind: 'none' },
  { kind: 'merge', target: 'envelope', patch: { metadata: null, a: [1] } },
  { kind: 'convert', type: 'bodyTemperature', from: 'degF', to: '°C', formula: '(value - 32) / 1.8' },
  { kind: 'convert', type: null, from: 'lb', to: 'kg', formula: 'value * 0.45' },
  { kind: 'rename', from: 'hr', to: 'heartRate' },
  { kind: 'zone', offset: '+02:00' },
  { kind: 'range', type: 'heartRate', min: 0, max: 300.5 },
  { kind: 'default', target: 'sample', field: 'unit', value: '' },
  { kind: 'edit', letter: 'abc', payload: '{}' },
])('the form writes the fix that it was filled from: $kind', (fix) => {
  expect(fixOf(draftOf(fix))).toEqual({ fix })
})

test('bytes stand 16 to a line with their offset and what can be read of them', () => {
  const bytes = Uint8Array.from([
    ...new TextEncoder().encode('{"a": "\u0000ü"}'),
    0xff,
    0x41,
    0x0a,
    0x42,
    0x43,
    0x44,
  ])
  expect(hexOf(bytes, 4096)).toBe(
    [
      '001000  7b 22 61 22 3a 20 22 00 c3 bc 22 7d ff 41 0a 42  {"a": "..."}.A.B',
      '001010  43 44                                            CD',
    ].join('\n'),
  )
})

describe('batches of a replay', () => {
  const batch = (number: number, state: ReplayBatch['state']) =>
    ({ number, letters: 4096, state, landed: state === 'landed' ? 4096 : 0, failed: 0 }) as ReplayBatch
  const view = (state: ReplayView['state'], batches: ReplayBatch[]) =>
    ({ state, batches, letters: 10_000, batchSize: 4096 }) as unknown as ReplayView

  test('that are still to come have their place', () => {
    const lines = linesOf(view('running', [batch(0, 'landed'), batch(1, 'writing')]))
    expect(lines.map(({ number, letters, state }) => [number, letters, state])).toEqual([
      [0, 4096, 'landed'],
      [1, 4096, 'writing'],
      [2, 1808, 'waiting'],
    ])
  })

  test('are what they were once it has ended', () => {
    expect(linesOf(view('cancelled', [batch(0, 'landed')]))).toHaveLength(1)
  })
})

test('a suggestion is gone once the fix is what it suggests, whatever the order of its keys', () => {
  const fix: Fix = { kind: 'zone', offset: 'Z' }
  expect(sameFix({ offset: 'Z', kind: 'zone' }, fix)).toBe(true)
  expect(sameFix({ kind: 'zone', offset: '+01:00' }, fix)).toBe(false)
  expect(sameFix(null, fix)).toBe(false)
  expect(sameFix({ group: 'a', text: undefined }, { group: 'a' })).toBe(true)
})

test('the list of replays is saved as CSV and as JSON, formulas as text', () => {
  const replay = {
    id: 'r-1',
    state: 'landed',
    title: '=cmd()|"x"',
    filter: { group: 'g' },
    fix: { kind: 'none' },
    startedAt: Date.UTC(2026, 4, 14, 9),
    endedAt: null,
    letters: 10,
    landed: 9,
    failed: 1,
    rows: 12,
    batches: [],
    snapshotId: '9007199254740993',
  } as unknown as ReplayView
  const [names, line, end] = replaysCsv([replay]).split('\r\n')
  expect(names?.split(',')).toHaveLength(12)
  expect(line).toMatch(/^"r-1","landed","'=cmd\(\)\|""x""",/)
  expect(line).toMatch(/,"2026-05-14T09:00:00.000Z",,10,9,1,12,0,"9007199254740993"$/)
  expect(end).toBe('')
  expect(JSON.parse(replaysJson([replay]))).toMatchObject([
    { id: 'r-1', raw_snapshot: '9007199254740993', ended_at: null, asked: { filter: { group: 'g' } } },
  ])
})
