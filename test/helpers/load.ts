import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { headSnapshot } from '../../src/main/iceberg/metadata.ts'
import { liveFiles } from '../../src/main/iceberg/snapshot.ts'
import type { LakeIo } from '../../src/main/iceberg/transaction.ts'
import type { DataFile, TableMetadata } from '../../src/main/iceberg/types.ts'
import { createEncoder } from '../../src/main/ingest/encoder.ts'
import { type LoadOptions, type LoadRun, startLoad } from '../../src/main/ingest/pipeline.ts'
import { type GeneratorOptions, generateMessage } from '../../src/main/source/generator.ts'
import type { Source } from '../../src/main/source/source.ts'
import { rowsOf } from './parquet.ts'

/** A load with the real encoding thread over the given lake. */
export function loadInto(
  lake: { readonly io: LakeIo; readonly tables: LoadOptions['tables'] },
  source: Source,
  options: Partial<LoadOptions> = {},
): LoadRun {
  return startLoad({
    io: lake.io,
    tables: lake.tables,
    source,
    createEncoder: (shapes) =>
      createEncoder({
        ...shapes,
        validation: { strict: false, ranges: {} },
        maxMessageBytes: 64 * 1024 * 1024,
      }),
    pipeline: 'health',
    commit: { seconds: 60, bytes: 128 * 1024 * 1024 },
    memoryBytes: 512 * 1024 * 1024,
    untilCaughtUp: true,
    reset: 'earliest',
    accept: {},
    stateFolder: stateFolder(),
    rollupSeconds: 1_000,
    patienceMs: 200,
    ...options,
  })
}

const folders: string[] = []
export function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tarn-load-'))
  folders.push(folder)
  return folder
}
export function removeStateFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** Rows of a table as another reader decodes them, and its live files. */
export async function readTable(
  io: LakeIo,
  metadata: TableMetadata,
): Promise<{ rows: Record<string, unknown>[]; files: DataFile[] }> {
  const head = headSnapshot(metadata)
  if (head === null) return { rows: [], files: [] }
  const live = await liveFiles(io.storage, metadata, head['snapshot-id'])
  const rows: Record<string, unknown>[] = []
  for (const { file } of live) {
    const bytes = await io.storage.read(file.path)
    if (bytes.length !== file.fileSize) throw new Error(`${file.path} has ${bytes.length} bytes`)
    rows.push(...(await rowsOf(bytes)))
  }
  return { rows, files: live.map(({ file }) => file) }
}

/** What a loader must make of the generator's messages. */
export function expectedOf(options: GeneratorOptions & { readonly messages: number }) {
  const sampleIds: string[] = []
  const errors: { partition: number; offset: number; type: string }[] = []
  for (let index = 0; index < options.messages; index++) {
    const made = generateMessage(options, index)
    sampleIds.push(...made.accepted.map(({ id }) => id))
    for (let i = 0; i < made.rejected; i++) {
      errors.push({
        partition: index % options.partitions,
        offset: Math.floor(index / options.partitions),
        type: made.errorType ?? '',
      })
    }
  }
  return { sampleIds: sampleIds.sort(), errors: errors.map(keyOf).sort() }
}

/** A table's dead letters in the same spelling as `expectedOf`. */
export function errorKeys(rows: readonly Record<string, unknown>[]): string[] {
  return rows
    .map((row) =>
      keyOf({
        partition: Number(row.kafka_partition),
        offset: Number(row.kafka_offset),
        type: String(row.error_type),
      }),
    )
    .sort()
}

export function sampleIdsOf(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map((row) => (typeof row.sample_id === 'string' ? row.sample_id : '')).sort()
}

function keyOf({ partition, offset, type }: { partition: number; offset: number; type: string }): string {
  return `${partition}:${offset}:${type}`
}
