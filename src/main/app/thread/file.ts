import type { TraceFile } from '../../../shared/trace.ts'
import { bound } from '../../iceberg/facts.ts'
import { humanValue } from '../../iceberg/human.ts'
import { specById } from '../../iceberg/metadata.ts'
import { partitionPath, schemaOfSpec, sourceType } from '../../iceberg/partition.ts'
import type { ScanFile } from '../../iceberg/scan.ts'
import { leafFields } from '../../iceberg/schema.ts'
import type { DataFile, PrimitiveType, Schema, TableMetadata } from '../../iceberg/types.ts'

/** A data file as its manifest tells of it: nothing of the file itself is read. */
export function fileView(metadata: TableMetadata, schema: Schema, scanFile: ScanFile): TraceFile {
  const { file, manifest } = scanFile
  return {
    path: file.path,
    bytes: file.fileSize,
    rows: file.recordCount,
    partition: partitionText(metadata, schema, file),
    sequenceNumber: scanFile.sequenceNumber,
    snapshotId: String(scanFile.snapshotId),
    deleteFiles: scanFile.deletes.length,
    columns: leafFields(schema).map(({ field, path }) => {
      const type = field.type as PrimitiveType
      const text = (bytes: Uint8Array | undefined): string | null => {
        const value = bound(type, bytes)
        return value === undefined ? null : humanValue('identity', type, value)
      }
      return {
        name: path,
        lower: text(file.lowerBounds?.get(field.id)),
        upper: text(file.upperBounds?.get(field.id)),
        nulls: file.nullCounts?.get(field.id) ?? null,
        bytes: file.columnSizes?.get(field.id) ?? null,
      }
    }),
    manifest:
      manifest === undefined
        ? null
        : {
            path: manifest.path,
            bytes: manifest.length,
            snapshotId: String(manifest.addedSnapshotId),
            files: manifest.addedFiles + manifest.existingFiles,
            rows: manifest.addedRows + manifest.existingRows,
          },
  }
}

/** The partition's path; empty where the table has none. */
export function partitionText(metadata: TableMetadata, schema: Schema, file: DataFile): string {
  const spec = specById(metadata, file.specId)
  const knows = spec.fields.every((field) => sourceType(schema, field['source-id']) !== null)
  return partitionPath(spec, knows ? schema : schemaOfSpec(metadata, spec), file.partition)
}
