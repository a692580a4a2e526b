import { expect, test } from 'vitest'
import { pacedSource } from '../../../src/main/source/pace.ts'
import type { MessageBatch, Source } from '../../../src/main/source/source.ts'

/** Batches of ten messages, without end; only the count matters here. */
function endless(): Source {
  const batch = { partition: 0, count: 10 } as MessageBatch
  return {
    identity: { cluster: 'file', topic: 't', topicId: null },
    finite: true,
    watermarks: async () => new Map(),
    start: async () => {},
    next: async () => batch,
    acknowledge: async () => {},
    close: async () => {},
  }
}

test('gives a burst at once and then as many messages a second as asked for', async () => {
  let now = 5_000
  const sleep = async (ms: number) => {
    now += ms
  }
  const source = pacedSource(endless(), { burst: 100, perSecond: 50 }, () => now, sleep)
  const arrivals: number[] = []
  let nothing = 0
  while (arrivals.length < 30) {
    const batch = await source.next(100)
    if (batch === null) nothing += 1
    else arrivals.push(now - 5_000)
  }
  expect(arrivals.slice(0, 10)).toEqual(Array(10).fill(0))
  // Ten messages at 50 a second are 200 ms.
  expect(arrivals.slice(10)).toEqual(Array.from({ length: 20 }, (_, i) => (i + 1) * 200))
  expect(nothing).toBeGreaterThan(0)
  expect(source.finite).toBe(true)
})

test('a wait for the pace ends with its signal', async () => {
  const source = pacedSource(endless(), { burst: 0, perSecond: 0.1 })
  const controller = new AbortController()
  const waiting = source.next(60_000, controller.signal)
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
})
