import type { KeptMark, Marks } from './marks.ts'

/** What the marks tell of one batch. */
export interface BatchRecord {
  readonly number: number
  letters: number
  landed: number
  failed: number
  /** Rows of raw. */
  rows: number
  rawSnapshot: bigint | null
  /** Of the last of its marks. */
  marksSnapshot: bigint | null
}

/** What the marks tell of one replay. */
export interface ReplayRecord {
  begun: KeptMark | null
  /** How it ended; null where it was cut, or cancelled, resumed and cut then. */
  ended: KeptMark | null
  /** How often it ended: once, and once more each time that it was resumed. */
  endings: number
  /** By number. */
  readonly batches: Map<number, BatchRecord>
}

/** Every replay by its id, in one walk over the marks. */
export function replayRecords(marks: Marks): ReadonlyMap<string, ReplayRecord> {
  const records = new Map<string, ReplayRecord>()
  for (const mark of marks.all()) {
    let record = records.get(mark.replay)
    if (record === undefined) {
      record = { begun: null, ended: null, endings: 0, batches: new Map() }
      records.set(mark.replay, record)
    }
    if (mark.state === 'begun') record.begun ??= mark
    else if (mark.state === 'ended') {
      record.ended = mark
      record.endings += 1
    } else if (mark.letter !== null) {
      record.ended = null
      if (mark.state !== 'split') count(batchIn(record, mark.batch), mark, marks)
    }
  }
  return records
}

function batchIn({ batches }: ReplayRecord, number: number): BatchRecord {
  const known = batches.get(number)
  if (known) return known
  const fresh = { number, letters: 0, landed: 0, failed: 0, rows: 0, rawSnapshot: null, marksSnapshot: null }
  batches.set(number, fresh)
  return fresh
}

function count(batch: BatchRecord, mark: KeptMark, marks: Marks): void {
  batch.marksSnapshot = mark.marksSnapshot
  if (mark.state === 'intended') batch.letters += 1
  else if (mark.state === 'landed') {
    batch.landed += 1
    batch.rows += mark.rows
    batch.rawSnapshot ??= mark.snapshot
  } else {
    batch.failed += 1
    // Of what was meant and is gone, the letter is counted already.
    if (!has(marks, mark, (one) => one.state === 'intended')) batch.letters += 1
  }
}

/** Whether the letter of `mark` has such a mark of the same batch. */
export function has(marks: Marks, mark: KeptMark, such: (other: KeptMark) => boolean): boolean {
  const of = mark.letter === null ? undefined : marks.ofLetter.get(mark.letter)
  return of?.some((one) => one.replay === mark.replay && one.batch === mark.batch && such(one)) ?? false
}
