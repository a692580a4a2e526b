import { partitionKey } from './partition.ts'
import type { DataFile, Snapshot } from './types.ts'

/**
 * The counts of a snapshot summary (spec, Appendix F, Optional Snapshot Summary Fields): what was added and removed,
 * where not zero, and the totals of the branch carried forward. A total that the parent lacks is left out, because zero
 * would be a lie; without a parent totals start at zero.
 */
export function snapshotTotals(
  added: readonly DataFile[],
  removed: readonly DataFile[],
  parent: Snapshot | null,
): Record<string, string> {
  const plus = tally(added)
  const minus = tally(removed)
  const partitions = new Set([...added, ...removed].map((f) => `${f.specId}:${partitionKey(f.partition)}`))
  const counts: Record<string, number> = {
    'added-data-files': plus.dataFiles,
    'deleted-data-files': minus.dataFiles,
    'added-records': plus.records,
    'deleted-records': minus.records,
    'added-files-size': plus.size,
    'removed-files-size': minus.size,
    'added-delete-files': plus.positionFiles + plus.equalityFiles,
    'removed-delete-files': minus.positionFiles + minus.equalityFiles,
    'added-position-delete-files': plus.positionFiles,
    'removed-position-delete-files': minus.positionFiles,
    'added-equality-delete-files': plus.equalityFiles,
    'removed-equality-delete-files': minus.equalityFiles,
    'added-position-deletes': plus.positions,
    'removed-position-deletes': minus.positions,
    'added-equality-deletes': plus.equalities,
    'removed-equality-deletes': minus.equalities,
  }
  const changes: Record<string, number> = {
    'total-data-files': plus.dataFiles - minus.dataFiles,
    'total-records': plus.records - minus.records,
    'total-files-size': plus.size - minus.size,
    'total-delete-files': plus.positionFiles + plus.equalityFiles - minus.positionFiles - minus.equalityFiles,
    'total-position-deletes': plus.positions - minus.positions,
    'total-equality-deletes': plus.equalities - minus.equalities,
  }
  const summary: Record<string, string> = { 'changed-partition-count': String(partitions.size) }
  for (const [key, value] of Object.entries(counts)) if (value > 0) summary[key] = String(value)
  for (const [key, change] of Object.entries(changes)) {
    const before = parent === null ? 0 : total(parent.summary[key])
    if (before !== null && before + change >= 0) summary[key] = String(before + change)
  }
  return summary
}

function total(text: string | undefined): number | null {
  if (text === undefined || !/^\d+$/.test(text)) return null
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : null
}

function tally(files: readonly DataFile[]) {
  const sum = {
    dataFiles: 0,
    records: 0,
    positionFiles: 0,
    positions: 0,
    equalityFiles: 0,
    equalities: 0,
    size: 0,
  }
  for (const file of files) {
    sum.size += file.fileSize
    switch (file.content) {
      case 'data':
        sum.dataFiles++
        sum.records += file.recordCount
        break
      case 'position-deletes':
        sum.positionFiles++
        sum.positions += file.recordCount
        break
      case 'equality-deletes':
        sum.equalityFiles++
        sum.equalities += file.recordCount
        break
    }
  }
  return sum
}
