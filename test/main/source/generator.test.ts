import { describe, expect, test } from 'vitest'
import {
  GENERATOR_DEFAULTS,
  type GeneratorOptions,
  generateMessage,
  generatorSource,
} from '../../../src/main/source/generator.ts'
import { type HeldMessage, sourceContract } from '../../contract/source.ts'
import { RECORDED } from '../../helpers/record.ts'

const options: GeneratorOptions = { ...GENERATOR_DEFAULTS, messages: 2_501, partitions: 3 }
const held = new Map<number, HeldMessage[]>([
  [0, []],
  [1, []],
  [2, []],
])
for (let index = 0; index < 2_501; index++) {
  held
    .get(index % 3)
    ?.push({ offset: BigInt(Math.floor(index / 3)), value: generateMessage(options, index).value })
}

sourceContract('the generator', async () => ({
  open: async () => generatorSource(options),
  held,
  close: async () => {},
}))

describe('generated messages', () => {
  test('differ by seed and agree by seed', () => {
    const text = (seed: number) => String(generateMessage({ ...options, seed }, 777).value)
    expect(text(1)).toBe(text(1))
    expect(text(1)).not.toBe(text(2))
  })

  test('of the recorded topic: about 20,000 samples, every error class, some late, each id once', () => {
    const ids = new Set<string>()
    const errors = new Map<string, number>()
    let accepted = 0
    let late = 0
    for (let index = 0; index < RECORDED.messages; index++) {
      const made = generateMessage(RECORDED, index)
      accepted += made.accepted.length
      for (const sample of made.accepted) {
        ids.add(sample.id)
        if (made.timestamp - Date.parse(sample.startDate) > 2 * 86_400_000) late += 1
      }
      if (made.errorType !== null) errors.set(made.errorType, (errors.get(made.errorType) ?? 0) + 1)
    }
    expect(ids.size).toBe(accepted)
    expect(accepted).toBeGreaterThan(18_000)
    expect(accepted).toBeLessThan(24_000)
    expect(late).toBeGreaterThan(100)
    expect(Array.from(errors.keys()).sort()).toEqual([
      'DESERIALIZATION_ERROR',
      'TRANSFORMATION_ERROR',
      'VALIDATION_ERROR',
    ])
    expect(Math.min(...errors.values())).toBeGreaterThan(10)
  })

  test('of the recorded topic: each user has own devices, which bounds the partitions of a day', () => {
    const days = new Set<string>()
    const typesOf = new Map<string, Set<string>>()
    for (let index = 0; index < RECORDED.messages; index++) {
      const { accepted, userId } = generateMessage(RECORDED, index)
      const types = typesOf.get(userId) ?? new Set()
      typesOf.set(userId, types)
      for (const { type, startDate } of accepted) {
        types.add(type)
        days.add(`${userId} ${type} ${startDate.slice(0, 10)}`)
      }
    }
    expect(days.size).toBeGreaterThan(2_500)
    expect(days.size).toBeLessThan(3_000)
    for (const types of typesOf.values()) expect([6, 7]).toContain(types.size)
    expect(new Set([...typesOf.values()].map((types) => [...types].sort().join())).size).toBe(4)
    expect(new Set([...typesOf.values()].flatMap((types) => [...types])).size).toBeGreaterThan(12)
  })

  test('of an endless series come at their pace', async () => {
    const source = generatorSource({ ...GENERATOR_DEFAULTS, partitions: 1, messagesPerSecond: 100_000 })
    expect(source.finite).toBe(false)
    await source.start(new Map([[0, 1_000_000n]]))
    const batch = await source.next(1_000)
    expect(batch?.offsets[0]).toBe(1_000_000n)
    await source.close()
  })
})
