import { LakeError } from '../../shared/errors.ts'
import { type OpenContainer, openContainer, recordsOf, writeContainer } from '../avro/container.ts'
import type { Storage } from '../storage/storage.ts'
import { type BriefEntry, briefOf, entryOf, isNotBrief, recordOf } from './entry.ts'
import { stringifyJson } from './json.ts'
import type { ManifestCache } from './manifest-cache.ts'
import { fieldKey, manifestEntrySchema } from './manifest-schema.ts'
import { currentSchema, specById } from './metadata.ts'
import { partitionTypes } from './partition.ts'
import { summarizePartitions } from './summary.ts'
import type { ManifestEntry, ManifestFile, PartitionSpec, PrimitiveType, TableMetadata } from './types.ts'

/**
 * A manifest that was written but has no place in a manifest list yet: its sequence number is that of the commit which
 * will list it, known only when an attempt is made (spec, Sequence Number Inheritance).
 */
export type PreparedManifest = Omit<ManifestFile, 'sequenceNumber' | 'minSequenceNumber'> & {
  /** Smallest explicit data sequence number of its live entries; null where all of them inherit. */
  readonly minSequenceNumber: number | null
}

export interface NewManifest {
  readonly location: string
  readonly metadata: TableMetadata
  readonly specId: number
  readonly content: 'data' | 'deletes'
  /** The snapshot that adds this manifest. */
  readonly snapshotId: bigint
  readonly entries: readonly ManifestEntry[]
}

/**
 * Writes a v2 manifest of `entries`, all of one partition spec and one content. Added entries inherit their sequence
 * numbers, but for a data sequence number that they carry; existing and deleted ones must have both and their snapshot id. Throws INVALID where the entries break a rule
 * of the format.
 */
export async function writeManifest(
  storage: Storage,
  manifest: NewManifest,
  signal?: AbortSignal,
): Promise<PreparedManifest> {
  const { bytes, prepared } = encodeManifest(manifest)
  await storage.write(manifest.location, bytes, signal ? { signal } : {})
  return prepared
}

/** The bytes of a manifest, and its line for a manifest list. */
export function encodeManifest(manifest: NewManifest): { bytes: Uint8Array; prepared: PreparedManifest } {
  const { metadata, entries, content, snapshotId, specId } = manifest
  const spec = specById(metadata, specId)
  const types = requireTypes(metadata, spec)
  const schema = currentSchema(metadata)
  for (const entry of entries) checkEntry(entry, manifest)
  const bytes = writeContainer(
    {
      schema: manifestEntrySchema(spec, types),
      metadata: {
        schema: stringifyJson(schema),
        'schema-id': String(schema['schema-id']),
        'partition-spec': stringifyJson(spec.fields),
        'partition-spec-id': String(specId),
        'format-version': '2',
        content,
      },
    },
    entries.map((entry) => recordOf(entry, spec, types)),
  )
  const prepared: PreparedManifest = {
    path: manifest.location,
    length: bytes.length,
    specId,
    content,
    addedSnapshotId: snapshotId,
    minSequenceNumber: minSequenceNumber(entries),
    ...countEntries(entries),
    partitions: summarizePartitions(
      types,
      entries.map((entry) => entry.file.partition),
    ),
  }
  return { bytes, prepared }
}

/** Files and rows of `entries` by status. */
function countEntries(
  entries: readonly ManifestEntry[],
): Pick<
  ManifestFile,
  'addedFiles' | 'existingFiles' | 'deletedFiles' | 'addedRows' | 'existingRows' | 'deletedRows'
> {
  const files = { added: 0, existing: 0, deleted: 0 }
  const rows = { added: 0, existing: 0, deleted: 0 }
  for (const entry of entries) {
    files[entry.status]++
    rows[entry.status] += entry.file.recordCount
  }
  return {
    addedFiles: files.added,
    existingFiles: files.existing,
    deletedFiles: files.deleted,
    addedRows: rows.added,
    existingRows: rows.existing,
    deletedRows: rows.deleted,
  }
}

/**
 * Entries of a manifest with everything inherited filled in: snapshot id, both sequence numbers, spec id. Deleted
 * entries are included. v1 manifests are data manifests of sequence number 0.
 */
export async function readManifest(
  storage: Storage,
  manifest: ManifestFile,
  metadata: TableMetadata,
  signal?: AbortSignal,
  { cache, wanted }: ManifestReading = {},
): Promise<ManifestEntry[]> {
  const open = async () => {
    const bytes = await storage.read(manifest.path, signal ? { signal } : {})
    return inManifest(manifest, () => openContainer(bytes))
  }
  const opened = await (cache === undefined ? open() : cache.get(manifest.path, open))
  return entriesOf(opened, manifest, metadata, wanted)
}

/** How a manifest is read. */
export interface ManifestReading {
  readonly cache?: ManifestCache | undefined
  /** Entries that it declines are not decoded any further, and left out. */
  readonly wanted?: ((entry: BriefEntry) => boolean) | undefined
}

/** As `readManifest`, of bytes already read. */
export function decodeManifest(
  bytes: Uint8Array,
  manifest: ManifestFile,
  metadata: TableMetadata,
): ManifestEntry[] {
  return entriesOf(
    inManifest(manifest, () => openContainer(bytes)),
    manifest,
    metadata,
  )
}

function entriesOf(
  opened: OpenContainer,
  manifest: ManifestFile,
  metadata: TableMetadata,
  wanted?: (entry: BriefEntry) => boolean,
): ManifestEntry[] {
  const spec = specById(metadata, manifest.specId)
  const types = partitionTypes(metadata, spec)
  const brief = wanted && {
    without: isNotBrief,
    keep: (record: Readonly<Record<string, unknown>>) => wanted(briefOf(record, spec, types)),
  }
  return inManifest(manifest, () =>
    recordsOf(opened, { nameField: fieldKey, ...(brief && { brief }) }).map((record) =>
      inherit(entryOf(record, spec, types), manifest),
    ),
  )
}

/** Says of an error which manifest it is about. */
function inManifest<T>(manifest: ManifestFile, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof LakeError)) throw error
    throw new LakeError(error.code, `${error.message} in a manifest`, {
      outcome: error.outcome,
      context: { ...error.context, manifest: manifest.path },
      cause: error,
    })
  }
}

function inherit(entry: ManifestEntry, manifest: ManifestFile): ManifestEntry {
  const inherits = entry.status === 'added' || manifest.sequenceNumber === 0
  const number = (own: number | null): number => {
    if (own !== null) return own
    if (inherits) return manifest.sequenceNumber
    throw new LakeError('CORRUPT', `an ${entry.status} entry without its sequence number`, {
      context: { file: entry.file.path },
    })
  }
  return {
    ...entry,
    snapshotId: entry.snapshotId ?? manifest.addedSnapshotId,
    sequenceNumber: number(entry.sequenceNumber),
    // Absent in files of writers that knew only the data sequence number; an added file came with its manifest.
    fileSequenceNumber:
      entry.fileSequenceNumber ??
      (entry.status === 'added' ? manifest.sequenceNumber : number(entry.sequenceNumber)),
  }
}

function checkEntry(entry: ManifestEntry, manifest: NewManifest): void {
  const { file } = entry
  const fail = (why: string): never => {
    throw new LakeError('INVALID', `manifest entry: ${why}`, { context: { file: file.path } })
  }
  if ((file.content === 'data') !== (manifest.content === 'data'))
    fail('data and delete files in one manifest')
  if (file.specId !== manifest.specId) fail(`spec ${file.specId} in a manifest of spec ${manifest.specId}`)
  if ((file.content === 'equality-deletes') !== (file.equalityIds !== undefined)) {
    fail('equality ids belong to equality deletes, and only to them')
  }
  if (entry.status === 'added') {
    if (entry.snapshotId !== null && entry.snapshotId !== manifest.snapshotId)
      fail('added by another snapshot')
  } else if (
    entry.snapshotId === null ||
    entry.sequenceNumber === null ||
    entry.fileSequenceNumber === null
  ) {
    fail(`${entry.status} without its snapshot id and sequence numbers`)
  }
}

function minSequenceNumber(entries: readonly ManifestEntry[]): number | null {
  let least: number | null = null
  for (const { status, sequenceNumber } of entries) {
    if (status === 'deleted' || sequenceNumber === null) continue
    if (least === null || sequenceNumber < least) least = sequenceNumber
  }
  return least
}

function requireTypes(metadata: TableMetadata, spec: PartitionSpec): PrimitiveType[] {
  return partitionTypes(metadata, spec).map((type, i) => {
    if (type) return type
    throw new LakeError('CORRUPT', `no schema has the source column of ${spec.fields[i]?.name}`)
  })
}
