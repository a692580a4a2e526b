/**
 * What this folder needs to know of a table's schema. Iceberg's own `Schema` (iceberg/types.ts) fits as it is; the
 * type is told again here because parquet/ lies below iceberg/.
 */
export interface FileSchema {
  readonly fields: readonly FileField[]
}

export interface FileField {
  /** Iceberg field id, which becomes the Parquet field id. */
  readonly id: number
  readonly name: string
  readonly required: boolean
  readonly type: FileType
}

/** A primitive's name, or a nested type of which only the map is looked into. */
export type FileType = string | NestedFileType

interface NestedFileType {
  readonly type: string
  readonly 'key-id'?: number
  readonly key?: FileType
  readonly 'value-id'?: number
  readonly 'value-required'?: boolean
  readonly value?: FileType
}

export interface StringMapType {
  readonly keyId: number
  readonly valueId: number
  readonly valueRequired: boolean
}

/** The ids of a `map<string, string>`, or null for any other type. */
export function stringMap(type: FileType): StringMapType | null {
  if (typeof type === 'string' || type.type !== 'map') return null
  if (type.key !== 'string' || type.value !== 'string') return null
  const { 'key-id': keyId, 'value-id': valueId } = type
  if (keyId === undefined || valueId === undefined) return null
  return { keyId, valueId, valueRequired: type['value-required'] ?? false }
}
