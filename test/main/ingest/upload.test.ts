import { describe, expect, test, vi } from 'vitest'
import type { EncodedFile } from '../../../src/main/ingest/accumulator.ts'
import { uploadFiles } from '../../../src/main/ingest/upload.ts'
import { encodeRows } from '../../../src/main/parquet/write.ts'
import { type StorageFault, withFaults } from '../../../src/main/storage/faults.ts'
import { memoryStorage } from '../../../src/main/storage/memory.ts'
import type { Storage } from '../../../src/main/storage/storage.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import { schema, spec } from '../iceberg/fake-lake.ts'

const target = { schema, spec, dataFolder: 'memory://lake/n/t/data', commitId: 'c' }

function file(id: number): EncodedFile {
  return {
    table: 'raw',
    partition: ['a'],
    parquet: encodeRows(schema, [{ id: BigInt(id), kind: 'a', value: 1 }]),
  }
}

/** A store whose writes have their effect at once and answer when they are let go; it counts those under way. */
function lateStore(faults: StorageFault[] = []) {
  let release = (): void => {}
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  const late = withFaults(memoryStorage(), [
    ...faults,
    { operation: 'write', kind: 'late', times: 100, until },
  ])
  const state = { started: 0, running: 0 }
  const storage: Storage = {
    ...late,
    write: async (...args) => {
      state.started += 1
      state.running += 1
      return late.write(...args).finally(() => {
        state.running -= 1
      })
    },
  }
  return { storage, state, release }
}

const upload = (files: AsyncIterable<EncodedFile>, storage: Storage, concurrency = 4) =>
  uploadFiles(files, {
    storage,
    targets: { raw: target, errors: target },
    concurrency,
    maxBytes: 1e9,
    patienceMs: 60_000,
  })

describe('an upload that fails', () => {
  test('in the encoder, ends with nothing running and starts nothing that was waiting', async () => {
    const { storage, state, release } = lateStore()
    async function* failing() {
      for (let id = 0; id < 4; id++) yield file(id)
      throw new LakeError('MEMORY', 'the encoding thread ended')
    }
    let ended = false
    const result = upload(failing(), storage, 2).then(
      () => null,
      (error: unknown) => {
        ended = true
        return { error, running: state.running }
      },
    )
    await vi.waitFor(() => expect(state.running).toBe(2))
    // Turns of the event loop, in which an error that did not wait would be seen.
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toBe(false)
    release()
    expect(await result).toMatchObject({ error: { code: 'MEMORY' }, running: 0 })
    expect(state.started).toBe(2)
  })

  test('in the store, ends with nothing running and asks the encoder for nothing more', async () => {
    const error = new LakeError('DISK', 'the disk is full')
    const { storage, state, release } = lateStore([{ operation: 'write', kind: 'fail', nth: 3, error }])
    let given = 0
    async function* endless() {
      for (;;) yield file(given++)
    }
    const result = upload(endless(), storage).catch((thrown: unknown) => ({ thrown, running: state.running }))
    await vi.waitFor(() => expect(state.running).toBeGreaterThanOrEqual(3))
    release()
    expect(await result).toEqual({ thrown: error, running: 0 })
    expect(given).toBeLessThanOrEqual(9)
  })
})
