import { expect, test } from 'vitest'
import { mapConcurrent } from '../../../src/main/base/concurrent.ts'
import { createLimiter } from '../../../src/main/base/limiter.ts'
import { retry, sleep } from '../../../src/main/base/retry.ts'
import { LakeError, type Outcome } from '../../../src/shared/errors.ts'

function failing(times: number, outcome: Outcome = 'retry', context = {}) {
  let calls = 0
  return {
    calls: () => calls,
    fn: async () => {
      if (++calls <= times) throw new LakeError('SERVER', `failure ${calls}`, { outcome, context })
      return calls
    },
  }
}

function pauses() {
  const slept: number[] = []
  return { slept, sleep: async (ms: number) => void slept.push(ms) }
}

test('tries until it succeeds, each pause up to twice as long, none over the limit', async () => {
  const { slept, sleep } = pauses()
  const { fn } = failing(5)
  const most = await retry(fn, { attempts: 6, baseMs: 100, maxMs: 500, random: () => 1, sleep })
  expect(most).toBe(6)
  expect(slept).toEqual([100, 200, 400, 500, 500])
})

test('spreads its pauses from zero', async () => {
  const { slept, sleep } = pauses()
  const random = [0, 0.25].values()
  await retry(failing(2).fn, {
    attempts: 3,
    baseMs: 100,
    maxMs: 500,
    random: () => random.next().value ?? 0,
    sleep,
  })
  expect(slept).toEqual([0, 50])
})

test('gives the last error once its attempts are used', async () => {
  const { fn, calls } = failing(9)
  await expect(retry(fn, { attempts: 3, baseMs: 0, maxMs: 0 })).rejects.toThrow('failure 3')
  expect(calls()).toBe(3)
})

test.each(['reject', 'unknown'] as const)(
  'does not repeat what ended in %s, unless told to',
  async (outcome) => {
    const { fn, calls } = failing(1, outcome)
    await expect(retry(fn, { attempts: 3, baseMs: 0, maxMs: 0 })).rejects.toThrow('failure 1')
    expect(calls()).toBe(1)
    expect(await retry(failing(1, outcome).fn, { attempts: 3, baseMs: 0, maxMs: 0, when: () => true })).toBe(
      2,
    )
  },
)

test('waits at least as long as the service asked, but not over the limit', async () => {
  const { slept, sleep } = pauses()
  await retry(failing(1, 'retry', { retryAfterMs: 300 }).fn, { attempts: 2, baseMs: 1, maxMs: 500, sleep })
  await retry(failing(1, 'retry', { retryAfterMs: 9_000 }).fn, { attempts: 2, baseMs: 1, maxMs: 500, sleep })
  expect(slept).toEqual([300, 500])
})

test('stops in a pause when cancelled', async () => {
  const abort = new AbortController()
  const { fn, calls } = failing(9)
  const options = { attempts: 9, baseMs: 60_000, maxMs: 60_000, random: () => 1, signal: abort.signal }
  const run = retry(fn, { ...options, onRetry: () => abort.abort() })
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(calls()).toBe(1)
  await expect(sleep(1, abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('mapConcurrent keeps the order and the limit', async () => {
  let running = 0
  let most = 0
  const results = await mapConcurrent([5, 1, 4, 2, 3], 2, async (ms, index) => {
    most = Math.max(most, ++running)
    await sleep(ms)
    running--
    return `${index}:${ms}`
  })
  expect(results).toEqual(['0:5', '1:1', '2:4', '3:2', '4:3'])
  expect(most).toBe(2)
})

test('mapConcurrent stops at the first failure, and waits for what runs', async () => {
  const started: number[] = []
  let stopped = false
  const run = mapConcurrent([0, 1, 2, 3, 4], 2, async (item, _, signal) => {
    started.push(item)
    if (item === 1) throw new Error('first')
    await new Promise<void>((done) => signal.addEventListener('abort', () => setTimeout(done, 5)))
    stopped = true
    throw new Error('second')
  })
  await expect(run).rejects.toThrow('first')
  expect([started, stopped]).toEqual([[0, 1], true])
})

test('mapConcurrent pulls items only when there is room, and says CANCELLED', async () => {
  const abort = new AbortController()
  let pulled = 0
  function* endless() {
    for (;;) yield pulled++
  }
  const run = mapConcurrent(endless(), 3, async (item) => void (item === 10 && abort.abort()), abort.signal)
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(pulled).toBeLessThan(20)
  expect(await mapConcurrent([], 3, async () => 1)).toEqual([])
})

test('a limiter halves at every complaint and grows back', async () => {
  const limiter = createLimiter(8)
  limiter.slower()
  limiter.slower()
  expect(limiter.limit).toBe(2)
  let running = 0
  let most = 0
  const work = () =>
    limiter.run(async () => {
      most = Math.max(most, ++running)
      await sleep(1)
      running--
    })
  await Promise.all([work(), work(), work()])
  expect(most).toBe(2)
  for (let index = 0; index < 60; index++) await work()
  expect(limiter.limit).toBe(8)
  await expect(limiter.run(async () => Promise.reject(new Error('x')))).rejects.toThrow('x')
  await work()
})
