/**
 * What a catalog may not decide. Its configuration could send this app's keys to another endpoint or sign requests for
 * another region; its table metadata could name any file of this machine. Neither is heeded.
 */

import { LakeError } from '../../shared/errors.ts'
import type { TableMetadata } from '../iceberg/types.ts'

/** Keys that name an endpoint, an implementation, or a secret. */
const DISTRUSTED =
  /^(uri|token|credential|prefix-uri|io-impl|py-io-impl|py-catalog-impl|catalog-impl|rest\.|oauth2|scope$|audience$|resource$|header\.|s3\.|client\.|adls\.|gcs\.|hadoop\.|aws\.|fs\.|signer|rest-metrics|metrics-reporter)|token|secret|password|credential|access-key|endpoint|signing|role-arn/i

/** `config` without the keys that would widen access or hold secrets. */
export function trustedConfig(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !DISTRUSTED.test(key)))
}

/** The path of a local location (`file:/a`, `file:///a`, `/a`), or null for another kind. */
export function localPath(location: string): string | null {
  const match = /^(?:file:(?:\/\/(?:localhost)?(?=\/))?)?(\/.*)$/i.exec(location)
  return match === null ? null : match[1]!
}

/** True where `location` is `folder` or inside it. Dot segments are never inside. */
export function isInside(location: string, folder: string): boolean {
  const root = folder.replace(/\/+$/, '')
  return (location === root || location.startsWith(`${root}/`)) && !location.split('/').includes('..')
}

/**
 * @throws LakeError FORBIDDEN unless every location of a table is in object storage, or, where the warehouse is a local
 *   folder (or none is set), in a folder inside the warehouse.
 */
export function checkLocations(
  metadata: TableMetadata,
  metadataLocation: string | null,
  warehouse?: string,
): void {
  const check = (what: string, location: string) => checkLocation(what, location, warehouse)
  check('table', metadata.location)
  if (metadataLocation !== null) check('metadata', metadataLocation)
  for (const snapshot of metadata.snapshots) {
    if (snapshot['manifest-list'] !== undefined) check('manifest list', snapshot['manifest-list'])
  }
  for (const key of [
    'write.data.path',
    'write.metadata.path',
    'write.object-storage.path',
    'write.folder-storage.path',
  ]) {
    const location = Object.hasOwn(metadata.properties, key) ? metadata.properties[key] : undefined
    if (location !== undefined) check(key, location)
  }
}

function checkLocation(what: string, location: string, warehouse: string | undefined): void {
  if (/^s3[an]?:\/\/[^/]+(\/|$)/i.test(location)) return
  const path = localPath(location)
  const folder = warehouse === undefined ? null : localPath(warehouse)
  if (path !== null && (warehouse === undefined || (folder !== null && isInside(path, folder)))) return
  throw new LakeError(
    'FORBIDDEN',
    `The catalog names a ${what} location that is not used: ${location.slice(0, 200)}`,
    {
      context: { location: location.slice(0, 200) },
      likely:
        path === null
          ? 'Only s3, s3a, s3n and file locations are read.'
          : 'A catalog may name local files only inside a local warehouse, so that it cannot read this machine.',
      remedy:
        path === null
          ? 'Use a catalog whose warehouse is in S3 or in a local folder.'
          : 'If the warehouse is a folder on this machine, set ICEBERG_WAREHOUSE to it.',
    },
  )
}
