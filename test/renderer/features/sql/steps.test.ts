import { expect, test, vi } from 'vitest'
import { stepsOf } from '../../../../src/renderer/features/sql/running-plan.tsx'
import type { TableCost } from '../../../../src/renderer/query/cost.ts'
import type { RunProgress } from '../../../../src/renderer/query/session.ts'

vi.mock('../../../../src/renderer/features/sql/runs.ts', () => ({}))

const cost = (snapshotId: string) =>
  ({
    name: 'health_data_raw',
    snapshotId,
    files: 1,
    bytes: 100,
    rows: 10,
    totals: { files: 2, bytes: 200, rows: 20 },
    columns: ['value'],
  }) as unknown as TableCost

function steps(tables: readonly TableCost[], plannedBytes: number) {
  const forecast = { tables, files: 2, bytes: 200, rows: 20 }
  const progress = {
    stage: 'read',
    forecast,
    read: { plannedBytes },
    resultBytes: 0,
  } as unknown as RunProgress
  return stepsOf({ progress })
}

test('one table at two snapshots is two steps, told apart', () => {
  const found = steps([cost('7219000000000002471'), cost('3377000000000001136')], 150)
  expect(found.map(({ name, state }) => [name, state])).toEqual([
    ['Plan the scans', 'passed'],
    ['Read health_data_raw at 7219\u20262471', 'passed'],
    ['Read health_data_raw at 3377\u20261136', 'running'],
    ['Join, group and sort', 'waiting'],
    ['Take the answer', 'waiting'],
  ])
  expect(new Set(found.map(({ key }) => key)).size).toBe(5)
  expect(found[2]?.done).toBe(0.5)
})

test('a table that stands once goes by its name', () => {
  expect(steps([cost('7219000000000002471')], 0)[1]?.name).toBe('Read health_data_raw')
})
