import { expect, test } from 'vitest'
import { levelsOf } from '../../../../src/renderer/features/thread/levels.ts'
import type { ThreadView } from '../../../../src/shared/trace.ts'

const view = {
  table: { role: 'raw', name: 'health_data_raw' },
  rows: [{ file: 0, cells: [] }],
  chosen: 0,
  files: [{ path: 's3://lake/data/a.parquet', bytes: 10, manifest: null }],
  rewrites: [],
  origin: { snapshotId: '1', at: 5, writer: 'load', ledger: { topic: 'health', ranges: [] } },
  aggregate: null,
  letter: null,
  end: { kind: 'messages' },
} as unknown as ThreadView

test('the level of the message names its topic, and its place once it is found', () => {
  const line = (found?: Parameters<typeof levelsOf>[1]) =>
    levelsOf(view, found).find(({ key }) => key === 'message')?.line
  expect(line()).toBe('health')
  expect(line({ topic: 'health', partition: '3', offset: '41' })).toBe('health 3 @ 41')
})
