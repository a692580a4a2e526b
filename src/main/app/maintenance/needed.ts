import { existsSync } from 'node:fs'
import { isLakeError } from '../../../shared/errors.ts'
import type { TableIdentifier } from '../../iceberg/catalog.ts'
import { ancestors, headSnapshot } from '../../iceberg/metadata.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'
import { openState } from '../../rollup/state.ts'
import { SOURCE_SNAPSHOT_KEY } from '../../rollup/write.ts'
import { roleOf } from '../inspect/table.ts'
import type { Lake } from '../lake.ts'
import { rollupStatePath } from '../rollup.ts'

/** Snapshots that Tarn itself goes by, whatever their age, and what for. */
export async function neededSnapshots(
  lake: Lake,
  identifier: TableIdentifier,
  metadata: TableMetadata,
  signal: AbortSignal,
): Promise<ReadonlyMap<bigint, string>> {
  const needed = new Map<bigint, string>()
  const head = headSnapshot(metadata)
  if (head === null) return needed
  const history = [...ancestors(metadata, head['snapshot-id'])]
  // With all that came after it: it is found by walking back from the head.
  const newest = (is: (snapshot: Snapshot) => boolean, reason: string): void => {
    const at = history.findIndex(is)
    for (const one of history.slice(0, at + 1)) needed.set(one['snapshot-id'], reason)
  }
  newest(({ summary }) => summary.operation !== 'replace', 'the last change of rows')
  newest(({ summary }) => summary['tarn.kafka.offsets'] !== undefined, 'the newest ledger of a load')
  newest(({ summary }) => summary[SOURCE_SNAPSHOT_KEY] !== undefined, 'the newest rollup')
  if (roleOf(lake, identifier) !== 'raw') return needed
  // The rollup follows every snapshot from the one that it last read.
  for (const source of await sourcesOf(lake, signal))
    newest((one) => one['snapshot-id'] === source, 'the rollup goes on from there')
  return needed
}

/** Snapshots of raw that the aggregates, and the rollup's own state, say they hold. */
async function sourcesOf(lake: Lake, signal: AbortSignal): Promise<Set<bigint>> {
  const sources = new Set<bigint>()
  for (const role of ['daily', 'weekly', 'monthly'] as const) {
    const source = await newestSource(lake, lake.tables[role], signal)
    if (source !== null) sources.add(source)
  }
  const watermark = watermarkOf(lake)
  if (watermark !== null) sources.add(watermark)
  return sources
}

async function newestSource(
  lake: Lake,
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<bigint | null> {
  try {
    const { metadata } = await lake.io.catalog.loadTable(identifier, signal)
    const head = headSnapshot(metadata)
    for (const { summary } of head === null ? [] : ancestors(metadata, head['snapshot-id'])) {
      const source = summary[SOURCE_SNAPSHOT_KEY]
      if (source !== undefined) return BigInt(source)
    }
    return null
  } catch (error) {
    if (isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')) return null
    throw error
  }
}

/** Null where there is no state, or a rollup has it open: the aggregates then tell what it began with. */
function watermarkOf(lake: Lake): bigint | null {
  const path = rollupStatePath(lake.settings)
  if (!existsSync(path)) return null
  try {
    const state = openState(path)
    try {
      const text = state.get('watermark')
      return text === null ? null : BigInt(text)
    } finally {
      state.close()
    }
  } catch (error) {
    if (isLakeError(error, 'LOCKED')) return null
    throw error
  }
}
