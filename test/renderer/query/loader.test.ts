import { expect, test } from 'vitest'
import { encodeBatch } from '../../../src/main/app/query/arrow.ts'
import type { ParquetModule } from '../../../src/renderer/query/decode.ts'
import { createLoader } from '../../../src/renderer/query/loader.ts'
import { pack } from '../../../src/shared/packed.ts'
import type { PackedFile, PlannedFile, ReadRequest } from '../../../src/shared/query.ts'

/** How files are asked for: one answer of main's holds 64 MiB of files that it decodes, a single larger one alone. */

const MAX_ANSWER_BYTES = 64 << 20
const COLUMN = { id: 1, name: 'c1', type: 'long', constant: false } as const
const field = { id: 1, name: 'n', required: false, type: 'long' } as const

/** A loader over files of which main decodes those it is asked to; the rest cannot be decoded in the page. */
function loading(files: readonly PlannedFile[]) {
  const asked: ReadRequest[] = []
  const read = async (request: ReadRequest) => {
    asked.push(request)
    const parts = request.files.map((index): { file: PackedFile; bytes: Uint8Array } => {
      const inMain = files[index]?.main || request.decode?.includes(index)
      const bytes = inMain
        ? encodeBatch([field], { rows: 1, columns: new Map([[1, [BigInt(index)]]]) })
        : new Uint8Array(8)
      const size = inMain ? bytes.length : 8
      return { file: { index, kind: inMain ? 'arrow' : 'parquet', size, segments: [[0, size]] }, bytes }
    })
    const header = {
      files: parts.map(({ file }) => file),
      read: { bytes: 0, requests: 0, groups: { read: 0, total: 0 } },
    }
    return pack(
      header,
      parts.map(({ bytes }) => bytes),
    )
  }
  const parquet = {
    readParquet: () => {
      throw new Error('not plain')
    },
  } as unknown as ParquetModule
  const loader = createLoader({ read, parquet, cacheBytes: 1 << 20 })
  const signal = new AbortController().signal
  const run = () =>
    loader.load(
      { plan: 'p', files, columns: [COLUMN] },
      async () => undefined,
      () => undefined,
      signal,
    )
  return { run, asked }
}

const large = (count: number, main: boolean): PlannedFile[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i}`, rows: 1, size: 9 << 20, bytes: 100_000, main }))

test.each([
  ['with deletes', true],
  ['that the page cannot decode', false],
])('large files %s are asked for in answers that main gives', async (_, main) => {
  const files = large(40, main)
  const { run, asked } = loading(files)
  expect(await run()).toMatchObject({ files: 40, rows: 40 })
  for (const { files: indexes, decode } of asked) {
    const decoded = main ? indexes : (decode ?? [])
    const bytes = decoded.reduce((sum, index) => sum + (files[index]?.size ?? 0), 0)
    expect(decoded.length <= 1 || bytes <= MAX_ANSWER_BYTES).toBe(true)
  }
})
