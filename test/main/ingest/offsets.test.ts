import { expect, test } from 'vitest'
import {
  merge,
  offsetsProperty,
  type Positions,
  positionProperties,
  readPositions,
} from '../../../src/main/ingest/offsets.ts'
import { memoryLake } from '../../helpers/memory-lake.ts'

const ours = (next: [number, bigint][], more: Partial<Positions> = {}): Positions => ({
  cluster: 'c',
  topic: 't',
  topicId: 'id',
  next: new Map(next),
  tables: { raw: 'r', errors: 'e' },
  accepted: [],
  ...more,
})
const withProperties = (properties: Record<string, string>) => ({
  ...memoryLake().metadata('raw'),
  properties,
})

test('positions are merged by the greater offset and never lowered', () => {
  expect(
    merge(
      new Map([[1, 5n]]),
      new Map([
        [1, 3n],
        [0, 2n],
      ]),
    ),
  ).toEqual(
    new Map([
      [0, 2n],
      [1, 5n],
    ]),
  )
  const first = positionProperties(
    withProperties({}),
    'p',
    ours([
      [0, 50n],
      [1, 7n],
    ]),
  )
  const second = positionProperties(
    withProperties(first),
    'p',
    ours([
      [0, 20n],
      [2, 1n],
    ]),
  )
  expect(JSON.parse(second[offsetsProperty('p')] ?? '')).toEqual({
    cluster: 'c',
    topic: 't',
    next: { 0: '50', 1: '7', 2: '1' },
  })
})

test('positions beyond 2^53 stay exact', () => {
  const far = 2n ** 62n + 1n
  const metadata = withProperties(positionProperties(withProperties({}), 'p', ours([[0, far]])))
  expect(readPositions(metadata, 'p')?.next.get(0)).toBe(far)
})

test('an accepted new topic starts its positions anew', () => {
  const first = withProperties(positionProperties(withProperties({}), 'p', ours([[0, 50n]])))
  const accepted = [{ kind: 'topic' as const, at: 1, detail: {} }]
  for (const topicId of ['other', 'id']) {
    const next = positionProperties(first, 'p', ours([[0, 3n]], { topicId, accepted }))
    expect(readPositions(withProperties(next), 'p')).toMatchObject({ next: new Map([[0, 3n]]), accepted })
    const later = positionProperties(withProperties(next), 'p', ours([[0, 9n]], { topicId, accepted }))
    expect(readPositions(withProperties(later), 'p')?.next).toEqual(new Map([[0, 9n]]))
  }
})

test('a property that cannot be read is CORRUPT, never an empty position', () => {
  for (const text of ['{', '{"cluster":"c"}', '{"cluster":"c","topic":"t","next":{"0":"x"}}']) {
    const metadata = withProperties({ [offsetsProperty('p')]: text })
    expect(() => readPositions(metadata, 'p')).toThrow(expect.objectContaining({ code: 'CORRUPT' }))
  }
})
