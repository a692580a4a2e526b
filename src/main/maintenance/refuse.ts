import { LakeError } from '../../shared/errors.ts'
import { currentSchema } from '../iceberg/metadata.ts'
import type { LiveFile, TableMetadata } from '../iceberg/types.ts'
import { canWrite } from '../parquet/columns.ts'

/** Throws UNSUPPORTED, with the reason, for a table whose metadata Tarn must not write. */
export function assertOurs(metadata: TableMetadata): void {
  const version = metadata['format-version']
  if (version !== 2) {
    throw refused(`it has format version ${version}; Tarn writes version 2`, {
      remedy: version === 1 ? 'Upgrade the table to format version 2.' : 'Use the engine that writes it.',
    })
  }
  if (metadata.properties['encryption.key-id'] !== undefined || metadata.extra?.['encryption-keys'])
    throw refused('it is encrypted, and Tarn holds no key', { remedy: 'Use the engine that writes it.' })
}

/** Throws UNSUPPORTED for a table whose files must not be deleted. */
export function assertMayDelete(metadata: TableMetadata): void {
  if (metadata.properties['gc.enabled'] !== 'false') return
  throw refused('its property gc.enabled is false: its files belong to another table too', {
    remedy: 'Set gc.enabled to true if that is no longer so.',
  })
}

/** Throws UNSUPPORTED where a column's values could not be written again, and would be lost. */
export function assertWritable(metadata: TableMetadata): void {
  const names = currentSchema(metadata)
    .fields.filter((field) => !canWrite(field))
    .map(({ name, type }) => `${name} (${typeof type === 'string' ? type : type.type})`)
  if (names.length === 0) return
  throw refused(`Tarn cannot write the columns ${names.join(', ')}`, {
    remedy: 'Compact it with the engine that writes it.',
  })
}

/** Throws UNSUPPORTED where a file's rows cannot be read with certainty. */
export function assertReadable(files: readonly LiveFile[]): void {
  for (const { file } of files) {
    const why =
      file.keyMetadata !== undefined
        ? 'files of it are encrypted'
        : file.format === 'puffin'
          ? 'it has deletion vectors of format version 3'
          : file.format !== 'parquet'
            ? `it has ${file.content === 'data' ? 'data' : 'delete'} files in ${file.format}`
            : null
    if (why === null) continue
    throw refused(why, { file: file.path, remedy: 'Compact it with the engine that writes it.' })
  }
}

function refused(why: string, about: { readonly remedy: string; readonly file?: string }): LakeError {
  return new LakeError('UNSUPPORTED', `This table is not for Tarn to rewrite: ${why}`, {
    context: about.file === undefined ? {} : { file: about.file },
    remedy: about.remedy,
  })
}
