import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Storage } from '../../src/main/storage/storage.ts'
import { collect } from '../helpers/collect.ts'

export interface StorageUnderTest {
  readonly storage: Storage
  /** Location of an empty folder of the storage, with a slash at its end. */
  readonly folder: string
  close(): Promise<void>
}

/** What every Storage must do, whatever holds the objects. */
export function storageContract(name: string, open: () => Promise<StorageUnderTest>): void {
  describe(`${name} keeps the contract of Storage`, () => {
    let opened: StorageUnderTest
    let storage: Storage

    beforeAll(async () => {
      opened = await open()
      storage = opened.storage
    })
    afterAll(() => opened.close())

    const fresh = () => `${opened.folder}${randomUUID()}/`
    const text = (value: string) => new TextEncoder().encode(value)
    const listed = async (prefix: string) =>
      (await collect(storage.list(prefix))).map(({ location }) => location)

    test('gives back the bytes that were written', async () => {
      const location = `${fresh()}object.bin`
      const bytes = new Uint8Array(randomBytes(300_000))
      const info = await storage.write(location, bytes)
      expect(info).toMatchObject({ location, size: 300_000 })
      const read = await storage.read(location)
      expect(hash(read)).toBe(hash(bytes))
    })

    test('stores and reads an empty object', async () => {
      const location = `${fresh()}empty`
      await storage.write(location, new Uint8Array(0))
      expect(await storage.read(location)).toHaveLength(0)
      expect((await storage.stat(location))?.size).toBe(0)
      expect(await storage.read(location, { range: { start: 0, end: 10 } })).toHaveLength(0)
    })

    test('replaces an object whole', async () => {
      const location = `${fresh()}object`
      const first = await storage.write(location, text('a longer first value'))
      const second = await storage.write(location, text('short'))
      expect(second.etag).not.toBe(first.etag)
      expect(new TextDecoder().decode(await storage.read(location))).toBe('short')
    })

    test.each([
      [0, 4, '0123'],
      [3, 7, '3456'],
      [9, 10, '9'],
      [8, 100, '89'],
      [10, 20, ''],
      [50, 60, ''],
      [4, 4, ''],
      [0, 10, '0123456789'],
    ])('reads the half-open range [%i, %i)', async (start, end, expected) => {
      const location = `${fresh()}range`
      await storage.write(location, text('0123456789'))
      expect(new TextDecoder().decode(await storage.read(location, { range: { start, end } }))).toBe(expected)
    })

    test.each([
      [5, 4],
      [-1, 4],
      [0.5, 4],
    ])('refuses the range [%d, %d)', async (start, end) => {
      const location = `${fresh()}range`
      await storage.write(location, text('0123456789'))
      await expect(storage.read(location, { range: { start, end } })).rejects.toMatchObject({
        code: 'INVALID',
      })
    })

    test('says NOT_FOUND for an absent object, null for its stat, nothing for its deletion', async () => {
      const location = `${fresh()}absent`
      await expect(storage.read(location)).rejects.toMatchObject({ code: 'NOT_FOUND', outcome: 'reject' })
      await expect(storage.read(location, { range: { start: 0, end: 4 } })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
      expect(await storage.stat(location)).toBeNull()
      await expect(storage.delete(location)).resolves.toBeUndefined()
    })

    test('a folder is no object', async () => {
      const folder = fresh()
      await storage.write(`${folder}a/b`, text('x'))
      expect(await storage.stat(`${folder}a`)).toBeNull()
      await expect(storage.read(`${folder}a`)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    test('tells size, time and etag', async () => {
      const location = `${fresh()}object`
      const written = await storage.write(location, text('hello'))
      const info = await storage.stat(location)
      expect(info).toMatchObject({ location, size: 5, etag: written.etag })
      expect(Math.abs((info?.modified ?? 0) - Date.now())).toBeLessThan(60_000)
    })

    test('forgets a deleted object', async () => {
      const location = `${fresh()}object`
      await storage.write(location, text('x'))
      await storage.delete(location)
      expect(await storage.stat(location)).toBeNull()
    })

    test.each([
      'plain.parquet',
      'with space and+plus',
      'a=1/b=2/data.parquet',
      'day=2024-01-01/type=heart%2Frate/x',
      'quote\'double"(paren)!*~',
      'percent%25 %zz',
      'ünïcode-日本-😀',
      'amp&lt<gt>#hash?query=1',
      'dots.in...name/.hidden',
      'a;b:c@d,e$f[g]{h}|i^j`k',
    ])('keeps the name %s', async (name) => {
      const folder = fresh()
      const location = folder + name
      await storage.write(location, text(name))
      expect(new TextDecoder().decode(await storage.read(location))).toBe(name)
      expect((await storage.stat(location))?.size).toBe(text(name).byteLength)
      expect(await listed(folder)).toEqual([location])
      await storage.delete(location)
      expect(await listed(folder)).toEqual([])
    })

    test('lists by prefix in the order of the UTF-8 names', async () => {
      const folder = fresh()
      const names = ['a!', 'a-b', 'a/1', 'a/2/x', 'a0', 'b/1', 'é', '\u{fffd}', '😀']
      for (const name of [...names].reverse()) await storage.write(folder + name, text(name))
      expect(await listed(folder)).toEqual(names.map((name) => folder + name))
      expect(await listed(`${folder}a/`)).toEqual([`${folder}a/1`, `${folder}a/2/x`])
      expect(await listed(`${folder}a/2`)).toEqual([`${folder}a/2/x`])
      expect(await listed(`${folder}b`)).toEqual([`${folder}b/1`])
      expect(await listed(`${folder}zzz/none`)).toEqual([])
      const [first] = await collect(storage.list(`${folder}😀`))
      expect(first).toMatchObject({ size: 4, etag: (await storage.stat(`${folder}😀`))?.etag })
    })

    test('lists more than one page of objects', async () => {
      const folder = fresh()
      const names = Array.from({ length: 1050 }, (_, index) => `${folder}${String(index).padStart(5, '0')}`)
      for (let start = 0; start < names.length; start += 50) {
        await Promise.all(
          names.slice(start, start + 50).map((location) => storage.write(location, text('x'))),
        )
      }
      expect(await listed(folder)).toEqual(names)
    })

    test('writes only where nothing is', async () => {
      const location = `${fresh()}pointer`
      await storage.write(location, text('first'), { only: 'absent' })
      await expect(storage.write(location, text('second'), { only: 'absent' })).rejects.toMatchObject({
        code: 'PRECONDITION_FAILED',
        outcome: 'reject',
      })
      expect(new TextDecoder().decode(await storage.read(location))).toBe('first')
    })

    test('writes only over the version that was seen', async () => {
      const location = `${fresh()}pointer`
      const first = await storage.write(location, text('first'))
      const second = await storage.write(location, text('second'), { only: { etag: first.etag } })
      const stale = storage.write(location, text('third'), { only: { etag: first.etag } })
      await expect(stale).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
      expect(new TextDecoder().decode(await storage.read(location))).toBe('second')
      await storage.delete(location)
      const gone = storage.write(location, text('third'), { only: { etag: second.etag } })
      await expect(gone).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
      expect(await storage.stat(location)).toBeNull()
    })

    test.each(['absent', 'etag'] as const)(
      'of racing writers under a condition (%s) exactly one wins',
      async (kind) => {
        const location = `${fresh()}pointer`
        const seen = kind === 'etag' ? await storage.write(location, text('seed')) : null
        const only = seen === null ? ('absent' as const) : { etag: seen.etag }
        const racers = Array.from({ length: 10 }, (_, index) =>
          storage.write(location, text(`writer ${index}`), { only }),
        )
        const results = await Promise.allSettled(racers)
        const winners = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []))
        expect(winners).toHaveLength(1)
        for (const result of results) {
          if (result.status === 'rejected')
            expect(result.reason).toMatchObject({ code: 'PRECONDITION_FAILED' })
        }
        expect(new TextDecoder().decode(await storage.read(location))).toBe(`writer ${winners[0]}`)
      },
    )

    test('does not keep or lend the buffers of its callers', async () => {
      const location = `${fresh()}object`
      const bytes = text('before')
      await storage.write(location, bytes)
      bytes.fill(0)
      const read = await storage.read(location)
      read.fill(1)
      expect(new TextDecoder().decode(await storage.read(location))).toBe('before')
    })

    test('does nothing once cancelled', async () => {
      const location = `${fresh()}object`
      const signal = AbortSignal.abort()
      await expect(storage.write(location, text('x'), { signal })).rejects.toMatchObject({
        code: 'CANCELLED',
      })
      expect(await storage.stat(location)).toBeNull()
      await expect(storage.read(location, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
      await expect(storage.stat(location, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
      await storage.write(location, text('x'))
      await expect(storage.delete(location, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
      await expect(collect(storage.list(location, { signal }))).rejects.toMatchObject({
        code: 'CANCELLED',
      })
      expect(await storage.stat(location)).not.toBeNull()
    })
  })
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
