import type { Column, TableDefinition } from '../../shared/tables.ts'

const column = (type: Column['type'], required: boolean, name: string, doc: string): Column => ({
  name,
  type,
  required,
  doc,
})

/**
 * The table of marks: what became of dead letters that were replayed. Append-only, beside the five specified tables, so
 * that the errors table keeps its specified schema and any engine can join both by `error_id`.
 */
export const MARKS: Omit<TableDefinition, 'role'> = {
  defaultName: 'health_data_replays',
  doc: 'Replays of dead letters: what was meant, what landed, what failed again',
  columns: [
    column('string', true, 'replay_id', 'Replay identifier'),
    column('long', true, 'batch', 'Batch of the replay, from 0'),
    column('string', true, 'state', 'begun, intended, landed, failed, split or ended'),
    column('timestamp', true, 'marked_at', 'When the mark was made'),
    column('string', false, 'error_id', 'The dead letter; null for begun and ended'),
    column('string', false, 'first_error_id', 'The letter that this one goes back to'),
    column('string', true, 'fix_id', 'Identifier of the fix'),
    column('long', false, 'row_count', 'Rows of raw that the letter became'),
    column('string', false, 'error_message', 'Why it failed again'),
    column('string', false, 'commit_id', 'Commit of raw that holds, or would hold, its rows'),
    column('long', false, 'snapshot_id', 'Snapshot of raw in which it landed'),
    column('string', false, 'detail', 'JSON: fix and filter of a replay begun, counts of one ended'),
  ],
  partitions: [{ source: 'marked_at', transform: 'day', name: 'marked_at_day' }],
  identifier: [],
  properties: {
    'write.format.default': 'parquet',
    'write.parquet.compression-codec': 'snappy',
    'write.metadata.compression-codec': 'gzip',
    'write.metadata.delete-after-commit.enabled': 'true',
    'write.metadata.previous-versions-max': '100',
  },
}

/** Beside `health_data_errors` it is `health_data_replays`: one table of marks for each errors table. */
export function marksName(errors: string): string {
  return `${errors.replace(/_errors$/, '')}_replays`
}
