import { describe, expect, test } from 'vitest'
import type { StorageFault } from '../../../src/main/storage/faults.ts'
import { memoryStorage } from '../../../src/main/storage/memory.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import { storageContract } from '../../contract/storage.ts'
import { collect } from '../../helpers/collect.ts'

storageContract('the memory twin', async () => {
  const storage = memoryStorage()
  return { storage, folder: 'memory://lake/', close: () => storage.close() }
})

describe('the memory twin', () => {
  const bytes = new Uint8Array([1, 2, 3, 4])

  test('counts requests and bytes, failed ones too', async () => {
    const storage = memoryStorage()
    await storage.write('memory://a', bytes)
    await storage.read('memory://a', { range: { start: 1, end: 3 } })
    await storage.read('memory://b').catch(() => {})
    await storage.stat('memory://a')
    await collect(storage.list('memory://'))
    await storage.delete('memory://a')
    expect(storage.counts).toEqual({
      reads: 2,
      writes: 1,
      stats: 1,
      lists: 1,
      deletes: 1,
      bytesRead: 2,
      bytesWritten: 4,
    })
    expect(storage.requests.map(({ operation }) => operation)).toEqual([
      'write',
      'read',
      'read',
      'stat',
      'list',
      'delete',
    ])
    storage.reset()
    expect(storage.counts.reads + storage.requests.length).toBe(0)
  })

  test('fails the nth matching call, and that one only', async () => {
    const faults: StorageFault[] = [{ operation: 'write', match: /data/, nth: 2, kind: 'fail' }]
    const storage = memoryStorage({ faults })
    await storage.write('memory://data/1', bytes)
    await storage.write('memory://other', bytes)
    await expect(storage.write('memory://data/2', bytes)).rejects.toMatchObject({
      code: 'NETWORK',
      outcome: 'retry',
    })
    expect(storage.objects.has('memory://data/2')).toBe(false)
    await storage.write('memory://data/2', bytes)
  })

  test('loses the reply of a call that had its effect', async () => {
    const error = new LakeError('TIMEOUT', 'late', { outcome: 'unknown' })
    const storage = memoryStorage({ faults: [{ operation: 'write', kind: 'lose-reply', error }] })
    await expect(storage.write('memory://a', bytes)).rejects.toBe(error)
    expect(storage.objects.has('memory://a')).toBe(true)
  })

  test('answers late', async () => {
    const gate = Promise.withResolvers<void>()
    const storage = memoryStorage({ faults: [{ operation: 'stat', kind: 'late', until: gate.promise }] })
    let answered = false
    const call = storage.stat('memory://a').then(() => {
      answered = true
    })
    await storage.stat('memory://b')
    expect(answered).toBe(false)
    gate.resolve()
    await call
    expect(answered).toBe(true)
  })

  test('stores fewer bytes than it says', async () => {
    const storage = memoryStorage({ faults: [{ operation: 'write', kind: 'truncate', bytes: 3 }] })
    expect((await storage.write('memory://a', bytes)).size).toBe(4)
    expect((await storage.stat('memory://a'))?.size).toBe(3)
  })
})
