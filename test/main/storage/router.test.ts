import { expect, test } from 'vitest'
import { memoryStorage } from '../../../src/main/storage/memory.ts'
import { createStorage } from '../../../src/main/storage/router.ts'
import { collect } from '../../helpers/collect.ts'

test('sends every location to the storage of its scheme and keeps the scheme', async () => {
  const [s3, local] = [memoryStorage(), memoryStorage()]
  const storage = createStorage({ s3, local })
  for (const scheme of ['s3', 's3a', 's3n', 'S3A']) {
    const location = `${scheme}://lake/x`
    expect((await storage.write(location, new Uint8Array(1))).location).toBe(location)
  }
  await storage.write('file:///lake/x', new Uint8Array(1))
  await storage.write('/lake/y', new Uint8Array(1))
  expect([s3.counts.writes, local.counts.writes]).toEqual([4, 2])
  expect(await collect(storage.list('s3n://lake'))).toMatchObject([{ location: 's3n://lake/x' }])
})

test.each(['http://169.254.169.254/latest', 'gs://bucket/x', 'hdfs://host/x', 'jar:file:///x', 'memory://x'])(
  'has no storage for %s',
  async (location) => {
    const storage = createStorage({ s3: memoryStorage(), local: memoryStorage() })
    await expect(storage.read(location)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(collect(storage.list(location))).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  },
)

test('has no storage for a scheme that is not set up, or for none', async () => {
  const storage = createStorage({ local: memoryStorage() })
  await expect(storage.read('s3://lake/x')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    remedy: expect.stringContaining('S3_ENDPOINT'),
  })
  await expect(storage.read('lake/x')).rejects.toMatchObject({ code: 'INVALID' })
})
