import type { TableMetadata } from './types.ts'

/** Folder of data files, without a slash at its end: LOCATION/data, or what the table itself says. */
export function dataFolder({ location, properties }: TableMetadata): string {
  return withoutSlash(properties['write.data.path'] ?? `${withoutSlash(location)}/data`)
}

/** Folder of manifests and manifest lists, without a slash at its end (spec, Appendix F, Path Construction). */
export function metadataFolder({ location, properties }: TableMetadata): string {
  const path = withoutSlash(properties['write.metadata.path'] ?? 'metadata')
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path) || path.startsWith('/')
    ? path
    : `${withoutSlash(location)}/${path}`
}

const withoutSlash = (path: string): string => path.replace(/\/+$/, '')
