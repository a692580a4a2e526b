import { describe, expect, test } from 'vitest'
import { snapshotFiles } from '../../../../src/main/app/inspect/files.ts'
import { healthOf } from '../../../../src/main/app/inspect/health.ts'
import { type HeatWindow, heatOf } from '../../../../src/main/app/inspect/heat.ts'
import { partitionPage } from '../../../../src/main/app/inspect/partitions.ts'
import { openTable } from '../../../../src/main/app/inspect/table.ts'
import type { Lake } from '../../../../src/main/app/lake.ts'
import type { LiveFile } from '../../../../src/main/iceberg/types.ts'
import { memoryLake } from '../../../helpers/memory-lake.ts'

const DAY = 86_400_000_000n
const START = 1_767_225_600_000_000n

const letter = (day: bigint, type: string) => ({
  error_id: `${day} ${type}`,
  error_type: type,
  error_message: 'out of range',
  error_timestamp: START + day * DAY,
  raw_payload: null,
  user_id: null,
  device_id: null,
  sample_id: null,
  data_type: 'heartRate',
  kafka_topic: 'topic',
  kafka_partition: 0n,
  kafka_offset: day,
})

/** The map of dead letters as the newest snapshot has it. */
async function heatOfErrors(lake: Lake, window: HeatWindow = {}) {
  const { metadata } = await openTable(lake, lake.tables.errors)
  const id = metadata['current-snapshot-id']
  const files = id === undefined ? [] : (await snapshotFiles(lake, metadata, id)).files
  return heatOf(metadata, files, window)
}

describe('heat map', () => {
  test('has days across without gaps, types down, and the figures that the partitions have', async () => {
    const memory = memoryLake()
    const lake = memory as unknown as Lake
    await memory.append('errors', [letter(0n, 'A'), letter(0n, 'B'), letter(3n, 'A')])
    await memory.append('errors', [letter(3n, 'A')])
    const heat = await heatOfErrors(lake)
    expect(heat).toMatchObject({
      across: 'error_timestamp_day',
      down: 'error_type',
      columns: ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'],
      rows: ['A', 'B'],
      columnsInAll: 2,
      rowsInAll: 2,
      rowsFrom: 0,
    })
    expect(heat.cells.map((cell) => [cell.column, cell.row, cell.files, cell.rowCount])).toEqual([
      [0, 0, 1, 1],
      [0, 1, 1, 1],
      [3, 0, 2, 2],
    ])
    const table = await openTable(lake, lake.tables.errors)
    const { partitions } = await partitionPage(table, { page: 0, pageSize: 500 })
    expect(heat.cells.reduce((sum, cell) => sum + cell.bytes, 0)).toBe(
      partitions.reduce((sum, one) => sum + one.bytes, 0),
    )
    expect((await heatOfErrors(lake, { until: '2026-01-02' })).columns).toEqual(['2026-01-01'])
  })

  test('shows 60 days that end at the newest, and an empty table as empty', async () => {
    const memory = memoryLake()
    const lake = memory as unknown as Lake
    expect(await heatOfErrors(lake)).toMatchObject({ columns: [], cells: [], newest: null })
    await memory.append('errors', [letter(0n, 'A'), letter(100n, 'A')])
    const { columns, cells, oldest } = await heatOfErrors(lake)
    expect([columns.length, columns[0], columns.at(-1), oldest]).toEqual([
      60,
      '2026-02-11',
      '2026-04-11',
      '2026-01-01',
    ])
    expect(cells).toHaveLength(1)
  })
})

describe('health', () => {
  const file = (partition: string, fileSize: number, content = 'data') =>
    ({ file: { content, fileSize, partition: [partition] } }) as unknown as LiveFile
  const where = ({ file }: LiveFile) => String(file.partition[0])
  const reasons = (files: LiveFile[], snapshots = 1, manifests = 1) => {
    const metadata = { snapshots: Array(snapshots), 'metadata-log': [], properties: {} }
    return healthOf({ files, manifests, metadata, partitionOf: where }).map((one) => one.mend ?? one.code)
  }

  test('names the maintenance that mends small files, delete files, snapshots and manifests; a lone small file is well', () => {
    expect(reasons([file('a', 10), file('b', 10), file('c', 10), file('d', 10)])).toEqual([])
    expect(reasons(Array.from({ length: 4 }, () => file('a', 2 << 20)))).toEqual([])
    expect(reasons(Array.from({ length: 4 }, () => file('a', 10)))).toEqual(['compact'])
    expect(reasons([file('a', 10, 'position-deletes')])).toEqual(['compact'])
    expect(reasons([], 2_001)).toEqual(['expire'])
    expect(reasons([file('a', 2 << 20)], 1, 101)).toEqual(['manifests'])
    const tiny = Array.from({ length: 1_000 }, (_, i) => file(`p${i}`, 10))
    expect(reasons(tiny)).toEqual(['SMALL_PARTITIONS'])
  })
})
