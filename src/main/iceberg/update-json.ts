/** Updates and requirements of the REST protocol (UpdateTableRequest, CommitTableRequest) from parsed JSON. */

import { LakeError } from '../../shared/errors.ts'
import {
  array,
  integer,
  type JsonRecord,
  long,
  member,
  optional,
  record,
  records,
  string,
  strings,
} from './fields.ts'
import { readRef, readSnapshot } from './metadata-json.ts'
import { readSchema, readSortOrder, readSpecField } from './schema-json.ts'
import type { Requirement, Update } from './types.ts'

/**
 * An update as a client sent it. A field of `add-spec` without id keeps `field-id` 0, for `applyUpdates` to assign.
 * @throws LakeError INVALID for an unknown action or a malformed member.
 */
export function readUpdate(raw: JsonRecord): Update {
  const action = string(raw, 'action')
  switch (action) {
    case 'assign-uuid':
      return { action, uuid: string(raw, 'uuid') }
    case 'upgrade-format-version':
      return { action, 'format-version': integer(raw, 'format-version') }
    case 'add-schema': {
      const last = optional(raw, 'last-column-id', integer, null)
      return {
        action,
        schema: readSchema(record(raw, 'schema')),
        ...(last === null ? {} : { 'last-column-id': last }),
      }
    }
    case 'set-current-schema':
      return { action, 'schema-id': integer(raw, 'schema-id') }
    case 'add-spec': {
      const spec = record(raw, 'spec')
      const fields = records(spec, 'fields').map((field) => ({
        ...readSpecField(field),
        'field-id': optional(field, 'field-id', integer, 0),
      }))
      return { action, spec: { 'spec-id': optional(spec, 'spec-id', integer, 0), fields } }
    }
    case 'set-default-spec':
      return { action, 'spec-id': integer(raw, 'spec-id') }
    case 'add-sort-order':
      return { action, 'sort-order': readSortOrder(record(raw, 'sort-order')) }
    case 'set-default-sort-order':
      return { action, 'sort-order-id': integer(raw, 'sort-order-id') }
    case 'add-snapshot':
      return { action, snapshot: readSnapshot(record(raw, 'snapshot')) }
    case 'set-snapshot-ref':
      return { ...readRef(raw), action, 'ref-name': string(raw, 'ref-name') }
    case 'remove-snapshots': {
      return { action, 'snapshot-ids': array(raw, 'snapshot-ids').map((id) => long({ id }, 'id')) }
    }
    case 'remove-snapshot-ref':
      return { action, 'ref-name': string(raw, 'ref-name') }
    case 'set-location':
      return { action, location: string(raw, 'location') }
    // older clients spell the two lists `updated` and `removed`
    case 'set-properties': {
      return { action, updates: strings(raw, member(raw, 'updates') === undefined ? 'updated' : 'updates') }
    }
    case 'remove-properties': {
      const names = array(raw, member(raw, 'removals') === undefined ? 'removed' : 'removals')
      return { action, removals: names.map((name) => string({ name }, 'name')) }
    }
    case 'set-statistics':
      return { action, statistics: record(raw, 'statistics') }
    case 'remove-statistics':
      return { action, 'snapshot-id': long(raw, 'snapshot-id') }
    case 'set-partition-statistics': {
      return { action, 'partition-statistics': record(raw, 'partition-statistics') }
    }
    case 'remove-partition-statistics':
      return { action, 'snapshot-id': long(raw, 'snapshot-id') }
    case 'remove-partition-specs':
      return { action, 'spec-ids': integers(raw, 'spec-ids') }
    case 'remove-schemas':
      return { action, 'schema-ids': integers(raw, 'schema-ids') }
    case 'add-encryption-key':
      return { action, 'encryption-key': record(raw, 'encryption-key') }
    case 'remove-encryption-key':
      return { action, 'key-id': string(raw, 'key-id') }
    default:
      throw new LakeError('INVALID', `unknown update action ${JSON.stringify(action)}`)
  }
}

function integers(raw: JsonRecord, key: string): readonly number[] {
  return array(raw, key).map((id) => integer({ [key]: id }, key))
}

/** @throws LakeError INVALID for an unknown type or a malformed member. */
export function readRequirement(raw: JsonRecord): Requirement {
  const type = string(raw, 'type')
  switch (type) {
    case 'assert-create':
      return { type }
    case 'assert-table-uuid':
      return { type, uuid: string(raw, 'uuid') }
    case 'assert-ref-snapshot-id': {
      return { type, ref: string(raw, 'ref'), 'snapshot-id': optional(raw, 'snapshot-id', long, null) }
    }
    case 'assert-last-assigned-field-id': {
      return { type, 'last-assigned-field-id': integer(raw, 'last-assigned-field-id') }
    }
    case 'assert-current-schema-id':
      return { type, 'current-schema-id': integer(raw, 'current-schema-id') }
    case 'assert-last-assigned-partition-id': {
      return { type, 'last-assigned-partition-id': integer(raw, 'last-assigned-partition-id') }
    }
    case 'assert-default-spec-id':
      return { type, 'default-spec-id': integer(raw, 'default-spec-id') }
    case 'assert-default-sort-order-id': {
      return { type, 'default-sort-order-id': integer(raw, 'default-sort-order-id') }
    }
    default:
      throw new LakeError('INVALID', `unknown requirement ${JSON.stringify(type)}`)
  }
}
