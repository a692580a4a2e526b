import { LakeError } from '../../shared/errors.ts'
import { readContainer, writeContainer } from '../avro/container.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { Storage } from '../storage/storage.ts'
import { count } from './entry.ts'
import type { PreparedManifest } from './manifest.ts'
import { fieldKey, MANIFEST_LIST_SCHEMA } from './manifest-schema.ts'
import type { FieldSummary, ManifestFile, Snapshot } from './types.ts'

type Plain = Readonly<Record<string, unknown>>

/** Manifests read side by side. */
export const READ_LANES = 8

/** Gives a prepared manifest its sequence numbers: those of the commit that lists it first. */
export function assignSequence(manifest: PreparedManifest, sequenceNumber: number): ManifestFile {
  return {
    ...manifest,
    sequenceNumber,
    minSequenceNumber: manifest.minSequenceNumber ?? sequenceNumber,
  }
}

/** The bytes of a v2 manifest list. */
export function encodeManifestList(
  snapshot: { readonly id: bigint; readonly parent: bigint | null; readonly sequenceNumber: number },
  manifests: readonly ManifestFile[],
): Uint8Array {
  return writeContainer(
    {
      schema: MANIFEST_LIST_SCHEMA,
      metadata: {
        'snapshot-id': String(snapshot.id),
        'parent-snapshot-id': snapshot.parent === null ? 'null' : String(snapshot.parent),
        'sequence-number': String(snapshot.sequenceNumber),
        'format-version': '2',
      },
    },
    manifests.map((manifest) => ({
      manifest_path: manifest.path,
      manifest_length: manifest.length,
      partition_spec_id: manifest.specId,
      content: manifest.content === 'data' ? 0 : 1,
      sequence_number: manifest.sequenceNumber,
      min_sequence_number: manifest.minSequenceNumber,
      added_snapshot_id: manifest.addedSnapshotId,
      added_files_count: manifest.addedFiles,
      existing_files_count: manifest.existingFiles,
      deleted_files_count: manifest.deletedFiles,
      added_rows_count: manifest.addedRows,
      existing_rows_count: manifest.existingRows,
      deleted_rows_count: manifest.deletedRows,
      partitions: manifest.partitions.map((field) => ({
        contains_null: field.containsNull,
        contains_nan: field.containsNan,
        lower_bound: field.lower,
        upper_bound: field.upper,
      })),
      key_metadata: manifest.keyMetadata,
    })),
  )
}

/** Writes a v2 manifest list. */
export async function writeManifestList(
  storage: Storage,
  location: string,
  snapshot: { readonly id: bigint; readonly parent: bigint | null; readonly sequenceNumber: number },
  manifests: readonly ManifestFile[],
  signal?: AbortSignal,
): Promise<void> {
  await storage.write(location, encodeManifestList(snapshot, manifests), signal ? { signal } : {})
}

/**
 * Manifests of a snapshot, newest first as their writer listed them. v1 lists that lack counts are completed from the
 * manifests themselves, as are v1 snapshots that name their manifests in the metadata.
 */
export async function readManifestList(
  storage: Storage,
  snapshot: Snapshot,
  signal?: AbortSignal,
): Promise<ManifestFile[]> {
  const options = signal ? { signal } : {}
  const location = snapshot['manifest-list']
  if (location === undefined) {
    const paths = snapshot.manifests ?? []
    return mapConcurrent(paths, READ_LANES, (path) => describeManifest(storage, path, snapshot), signal)
  }
  const manifests = decodeManifestList(await storage.read(location, options), location)
  return mapConcurrent(
    manifests,
    READ_LANES,
    async (manifest) => (manifest.counted ? manifest.file : await withCounts(storage, manifest.file)),
    signal,
  )
}

/** The lines of a manifest list; `counted` is false where a v1 writer left out files or rows by status. */
export function decodeManifestList(
  bytes: Uint8Array,
  location: string,
): { readonly file: ManifestFile; readonly counted: boolean }[] {
  try {
    return readContainer(bytes, { nameField: fieldKey }).records.map(lineOf)
  } catch (error) {
    if (!(error instanceof LakeError)) throw error
    throw new LakeError(error.code, `${error.message} in a manifest list`, {
      outcome: error.outcome,
      context: { ...error.context, manifestList: location },
      cause: error,
    })
  }
}

const COUNTS = [
  'added_files_count',
  'existing_files_count',
  'deleted_files_count',
  'added_rows_count',
  'existing_rows_count',
  'deleted_rows_count',
] as const

function lineOf(record: Plain): { file: ManifestFile; counted: boolean } {
  const counts = COUNTS.map((key) => (record[key] == null ? null : count(record[key], key)))
  const keyMetadata = record.key_metadata as Uint8Array | null | undefined
  return {
    counted: !counts.includes(null),
    file: {
      path: String(record.manifest_path),
      length: count(record.manifest_length, 'manifest length'),
      specId: count(record.partition_spec_id, 'partition spec id'),
      content: record.content === 1 ? 'deletes' : 'data',
      sequenceNumber: count(record.sequence_number ?? 0, 'sequence number'),
      minSequenceNumber: count(record.min_sequence_number ?? 0, 'sequence number'),
      addedSnapshotId: BigInt((record.added_snapshot_id ?? 0) as number | bigint),
      addedFiles: counts[0] ?? 0,
      existingFiles: counts[1] ?? 0,
      deletedFiles: counts[2] ?? 0,
      addedRows: counts[3] ?? 0,
      existingRows: counts[4] ?? 0,
      deletedRows: counts[5] ?? 0,
      partitions: ((record.partitions ?? []) as Plain[]).map(summaryOf),
      ...(keyMetadata ? { keyMetadata } : {}),
    },
  }
}

function summaryOf(record: Plain): FieldSummary {
  const { contains_nan: nan, lower_bound: lower, upper_bound: upper } = record
  return {
    containsNull: record.contains_null === true,
    ...(typeof nan === 'boolean' ? { containsNan: nan } : {}),
    ...(lower instanceof Uint8Array ? { lower } : {}),
    ...(upper instanceof Uint8Array ? { upper } : {}),
  }
}

/** The line of a v1 manifest that no list describes. Its summaries are unknown, hence empty. */
async function describeManifest(storage: Storage, path: string, snapshot: Snapshot): Promise<ManifestFile> {
  const bytes = await storage.read(path)
  const { metadata, records } = readContainer(bytes, { nameField: fieldKey })
  return {
    path,
    length: bytes.length,
    specId: Number(metadata.get('partition-spec-id') ?? 0),
    content: 'data',
    sequenceNumber: 0,
    minSequenceNumber: 0,
    addedSnapshotId: snapshot['snapshot-id'],
    ...countRecords(records),
    partitions: [],
  }
}

async function withCounts(storage: Storage, manifest: ManifestFile): Promise<ManifestFile> {
  const { records } = readContainer(await storage.read(manifest.path), { nameField: fieldKey })
  return { ...manifest, ...countRecords(records) }
}

function countRecords(records: readonly Plain[]) {
  const files = [0, 0, 0]
  const rows = [0, 0, 0]
  for (const record of records) {
    const status = Number(record.status)
    const file = record.data_file as Plain
    files[status] = (files[status] ?? 0) + 1
    rows[status] = (rows[status] ?? 0) + count(file.record_count, 'record count')
  }
  return {
    existingFiles: files[0] ?? 0,
    addedFiles: files[1] ?? 0,
    deletedFiles: files[2] ?? 0,
    existingRows: rows[0] ?? 0,
    addedRows: rows[1] ?? 0,
    deletedRows: rows[2] ?? 0,
  }
}
