import { expect, test } from 'vitest'
import { TroubleLog } from '../../../src/main/ingest/trouble.ts'
import { LakeError } from '../../../src/shared/errors.ts'

test('lag beyond the limit is one trouble, over when it is half of that', () => {
  let now = 0
  const log = new TroubleLog(() => now)
  log.behind(null, 60_000)
  log.behind(60_000, 60_000)
  expect(log.view()).toEqual([])
  log.behind(61_000, 60_000)
  now = 5_000
  log.behind(90_000, 60_000)
  log.behind(31_000, 60_000)
  expect(log.view()).toMatchObject([{ kind: 'lag-high', at: 0, endedAt: null, title: 'Lag passed 60.0 s' }])
  now = 10_000
  log.behind(30_000, 60_000)
  expect(log.view()).toMatchObject([{ kind: 'lag-high', endedAt: 10_000 }])
  log.behind(70_000, 60_000)
  expect(log.view()).toHaveLength(2)
})

test('a commit that was refused is told in few words, and in full in its fault', () => {
  const log = new TroubleLog(() => 0)
  const said =
    'The table was changed by another writer (to commit to health_db.health_data_raw): Requirement failed: branch main has changed'
  log.committed(
    'health_data_raw',
    { attempts: 2, found: false, failure: new LakeError('CONFLICT', said) },
    275,
  )
  expect(log.view()).toMatchObject([
    {
      kind: 'commit-retried',
      title: 'The table was changed by another writer',
      text: expect.stringContaining('it landed at attempt 2, after 275 ms'),
      fault: { title: said },
    },
  ])
})
