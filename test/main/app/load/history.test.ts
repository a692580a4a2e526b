import { afterEach, beforeEach, expect, test } from 'vitest'
import { pastCommit, pastCommits } from '../../../../src/main/app/load/history.ts'
import { GENERATOR_DEFAULTS, generatorSource } from '../../../../src/main/source/generator.ts'
import type { CommitView } from '../../../../src/shared/model.ts'
import { loadInto, removeStateFolders } from '../../../helpers/load.ts'
import { type MemoryLake, memoryLake } from '../../../helpers/memory-lake.ts'

const made = { ...GENERATOR_DEFAULTS, messages: 400, partitions: 2, badEvery: 10 }
let lake: MemoryLake
beforeEach(() => {
  lake = memoryLake()
})
afterEach(removeStateFolders)

const tables = () => ({ raw: lake.metadata('raw'), errors: lake.metadata('errors') })

/** What a load told of its commits as they landed, newest first. */
async function told(source = made, pipeline = 'health', bytes = 40_000): Promise<CommitView[]> {
  const run = loadInto(lake, generatorSource(source), { commit: { seconds: 60, bytes }, pipeline })
  run.onCommit(() => {
    lake.now += 1_000
  })
  await run.done
  return [...run.status().recentCommits]
}

test('commits read back from the tables are what the load told when they landed', async () => {
  expect(pastCommits(tables(), 'health', 50)).toEqual([])
  const live = await told()
  expect(live.length).toBeGreaterThan(3)
  const back = pastCommits(tables(), 'health', 50)
  const facts = ({ role, snapshotId, files, rows, bytes, ranges, taken, counts, commitId }: CommitView) => ({
    role,
    snapshotId,
    files,
    rows,
    bytes,
    ranges,
    taken,
    counts,
    commitId,
  })
  expect(back.map(({ at: _, ...rest }) => rest)).toEqual(live.map(facts))
  for (const [i, { at }] of back.entries()) expect(at).toBeGreaterThanOrEqual(back[i + 1]?.at ?? 0)
})

test('are bounded to the newest, and of this loader alone', async () => {
  await told()
  const all = pastCommits(tables(), 'health', 50)
  expect(pastCommits(tables(), 'health', 3)).toEqual(all.slice(0, 3))
  const others = await told({ ...made, seed: 2 }, 'second')
  expect(pastCommits(tables(), 'health', 50)).toEqual(all)
  expect(pastCommits(tables(), 'second', 50)).toHaveLength(others.length)
})

test('leave out many ranges in the list, and give one commit with all', async () => {
  await told({ ...made, partitions: 40 }, 'health', 1e9)
  const [newest] = pastCommits(tables(), 'health', 50)
  if (!newest) throw new Error('no commit')
  expect([newest.ranges.length, newest.taken?.partitions]).toEqual([0, 40])
  expect(pastCommit(tables(), 'health', newest.snapshotId)?.ranges).toHaveLength(40)
  expect(pastCommit(tables(), 'second', newest.snapshotId)).toBeNull()
  expect(pastCommit(tables(), 'health', '1')).toBeNull()
})
