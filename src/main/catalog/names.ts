/** Names of namespaces and tables as the REST protocol carries them: in paths, in bodies, in messages. */

import { LakeError } from '../../shared/errors.ts'
import type { Namespace, TableIdentifier } from '../iceberg/catalog.ts'
import { array, type JsonRecord, member, string } from '../iceberg/fields.ts'

/** Parts the levels of a namespace in a path, unless the server says otherwise. */
export const UNIT_SEPARATOR = '\u001f'

/** For messages: `level.level.table`. */
export const tableName = (id: TableIdentifier): string => [...id.namespace, id.name].join('.')

/** Refuses names that no path can carry unambiguously. */
export function checkedName(name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes(UNIT_SEPARATOR) || name.includes('\0')) {
    throw new LakeError('INVALID', `${JSON.stringify(name)} cannot be the name of a table or namespace`)
  }
  return name
}

export function readNamespace(raw: unknown): Namespace {
  return array({ namespace: raw }, 'namespace').map((level) => string({ level }, 'level'))
}

export function readIdentifier(raw: JsonRecord): TableIdentifier {
  return { namespace: readNamespace(member(raw, 'namespace')), name: string(raw, 'name') }
}

export const identifierJson = (id: TableIdentifier) => ({
  namespace: id.namespace.map(checkedName),
  name: checkedName(id.name),
})
