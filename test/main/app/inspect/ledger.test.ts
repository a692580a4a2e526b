import { describe, expect, test } from 'vitest'
import { loadingOf, shortLedger } from '../../../../src/main/app/inspect/ledger.ts'
import type { Snapshot, TableMetadata } from '../../../../src/main/iceberg/types.ts'
import { ledger } from '../../../../src/main/ingest/offsets.ts'

const identity = { cluster: 'c', topic: 't', topicId: null } as Parameters<typeof ledger>[1]

/** A commit as the loader writes it. */
function commit(
  id: bigint,
  parent: bigint | null,
  ranges: [number, bigint, bigint][],
  accepted: number,
): Snapshot {
  const taken = ranges.reduce((sum, [, start, end]) => sum + Number(end - start), 0)
  return {
    'snapshot-id': id,
    ...(parent === null ? {} : { 'parent-snapshot-id': parent }),
    'sequence-number': Number(id),
    'timestamp-ms': Number(id),
    summary: {
      ...ledger(
        'p',
        identity,
        new Map(ranges.map(([partition, start, end]) => [partition, { start, end }])),
        {
          accepted,
          rejected: 2,
          skipped: 1,
          messages: taken,
        },
      ),
      'added-records': String(accepted),
    },
  }
}

const first = commit(1n, null, [[0, 10n, 20n]], 30)
const second = commit(
  2n,
  1n,
  [
    [0, 20n, 25n],
    [1, 0n, 3n],
  ],
  9,
)
const third = commit(
  3n,
  2n,
  [
    [0, 27n, 30n],
    [1, 2n, 4n],
  ],
  5,
)
const metadata = { snapshots: [first, second, third] } as unknown as TableMetadata

describe('the ledger of a commit', () => {
  test('balances where rows and offsets add up, in raw and in errors', () => {
    expect(shortLedger(second, 'raw')).toEqual({
      verdict: 'balanced',
      words: 'rows and offsets add up',
      messages: '8',
      partitions: 2,
    })
    const letters = { ...second, summary: { ...second.summary, 'added-records': '2' } }
    expect(shortLedger(letters, 'errors')?.verdict).toBe('balanced')
    expect(shortLedger({ ...first, summary: {} }, 'raw')).toBeNull()
    expect(shortLedger({ ...first, summary: { 'tarn.kafka.offsets': '{' } }, 'raw')).toBeNull()
  })

  test('names the difference where it does not', () => {
    const lost = { ...second, summary: { ...second.summary, 'added-records': '7' } }
    expect(shortLedger(lost, 'raw')).toMatchObject({ verdict: 'gap', words: '7 rows added, 9 in the ledger' })
    const more = { ...second, summary: { ...second.summary, 'tarn.messages': '9' } }
    expect(shortLedger(more, 'raw')).toMatchObject({ verdict: 'gap', words: '9 messages from 8 offsets' })
  })

  test('tells per partition how its offsets follow the commit before', () => {
    const gaps = (snapshot: Snapshot) => loadingOf(metadata, snapshot)?.ranges.map((one) => one.gap)
    expect(gaps(first)).toEqual([null])
    expect(gaps(second)).toEqual(['0', null])
    expect(gaps(third)).toEqual(['2', '-1'])
    expect(loadingOf(metadata, third)).toMatchObject({
      topic: 't',
      messages: '5',
      accepted: '5',
      rejected: '2',
      skipped: '1',
    })
  })
})
