import { describe, expect, test } from 'vitest'
import { decodeLogSizes } from '../../../src/main/source/kafka-log-sizes.ts'
import { spread } from '../../../src/main/source/kafka-look.ts'

describe('places of a partition', () => {
  test('part what it holds evenly, without overlap', () => {
    expect(spread(100n, 200n, 4)).toEqual([
      [100n, 125n],
      [125n, 150n],
      [150n, 175n],
      [175n, 200n],
    ])
    expect(spread(5n, 7n, 4)).toEqual([
      [5n, 6n],
      [6n, 7n],
    ])
    expect(spread(7n, 7n, 4)).toEqual([])
  })
})

describe('sizes of logs', () => {
  test('are read from an answer laid out by hand, future replicas left out', () => {
    const int16 = (value: number) => Buffer.from([value >> 8, value & 0xff])
    const int32 = (value: number) => Buffer.from([0, 0, value >> 8, value & 0xff])
    const int64 = (value: number) => Buffer.concat([int32(0), int32(value)])
    const text = (value: string) => Buffer.concat([int16(value.length), Buffer.from(value)])
    const partition = (id: number, size: number, future: number) =>
      Buffer.concat([int32(id), int64(size), int64(0), Buffer.from([future])])
    const answer = Buffer.concat([
      int32(0),
      int32(1),
      int16(0),
      text('/logs'),
      int32(1),
      text('a-topic'),
      int32(2),
      partition(0, 4242, 0),
      partition(1, 17, 1),
    ])
    expect(decodeLogSizes(answer)).toEqual([{ topic: 'a-topic', partition: 0, bytes: 4242 }])
  })
})
