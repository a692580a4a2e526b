/** What a commit does to a table: the updates of the REST specification, applied by servers and foreseen by clients. */
import { assertNever } from '../../shared/assert.ts'
import { LakeError } from '../../shared/errors.ts'
import { isRecord } from './fields.ts'
import { checkOrder, checkSpec, currentSchema, currentSpec, snapshotById } from './metadata.ts'
import { FIRST_PARTITION_FIELD_ID, highestFieldId, sameSchema } from './schema.ts'
import type {
  PartitionField,
  PartitionSpec,
  Schema,
  Snapshot,
  SnapshotRef,
  SortOrder,
  TableMetadata,
  Update,
} from './types.ts'

type Draft = { -readonly [K in keyof TableMetadata]: TableMetadata[K] }

interface Work {
  draft: Draft
  readonly now: number
  lastSchema: number | null
  lastSpec: number | null
  lastOrder: number | null
  readonly added: Set<bigint>
  /** Snapshots added here that were the head of main for a moment only: no log entry for them. */
  readonly passing: Set<bigint>
  removed: boolean
}

/** Before the first update of a creation: everything is still to be set. */
function blank(updates: readonly Update[]): Draft {
  const upgrade = updates.find((update) => update.action === 'upgrade-format-version')
  const version = upgrade?.['format-version'] ?? 2
  return {
    'format-version': checkedVersion(version),
    'table-uuid': '',
    location: '',
    'last-sequence-number': 0,
    'last-updated-ms': 0,
    'last-column-id': 0,
    schemas: [],
    'current-schema-id': -1,
    'partition-specs': [],
    'default-spec-id': -1,
    'last-partition-id': FIRST_PARTITION_FIELD_ID - 1,
    properties: {},
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    'sort-orders': [],
    'default-sort-order-id': -1,
    refs: {},
    ...(version === 3 ? { extra: { 'next-row-id': 0 } } : {}),
  }
}

/**
 * The table after `updates`, in order; null for a table that they create. `last-updated-ms` never falls.
 * @throws LakeError INVALID for an update that makes no sense for this table, CONFLICT (retry) for a snapshot whose
 *   sequence number another commit has passed.
 */
export function applyUpdates(
  metadata: TableMetadata | null,
  updates: readonly Update[],
  clock: () => number,
): TableMetadata {
  if (metadata !== null && updates.length === 0) return metadata
  const work: Work = {
    draft: metadata === null ? blank(updates) : { ...metadata },
    now: Math.max(clock(), metadata?.['last-updated-ms'] ?? 0),
    lastSchema: null,
    lastSpec: null,
    lastOrder: null,
    added: new Set(),
    passing: new Set(),
    removed: false,
  }
  for (const update of updates) apply(work, update)
  return finish(work)
}

function finish({ draft, now, passing, removed }: Work): TableMetadata {
  const head = draft['current-snapshot-id']
  if (draft['table-uuid'] === '' && draft['format-version'] > 1)
    throw new LakeError('INVALID', 'the table has no UUID')
  if (draft.location === '') throw new LakeError('INVALID', 'the table has no location')
  const result: Draft = { ...draft, 'last-updated-ms': Math.max(now, draft['last-updated-ms']) }
  if (result['sort-orders'].length === 0) {
    result['sort-orders'] = [{ 'order-id': 0, fields: [] }]
    result['default-sort-order-id'] = 0
  }
  const schema = currentSchema(result)
  checkSpec(currentSpec(result), schema)
  const order = result['sort-orders'].find((o) => o['order-id'] === result['default-sort-order-id'])
  if (order === undefined) throw new LakeError('INVALID', `no sort order ${result['default-sort-order-id']}`)
  checkOrder(order, schema)
  if (passing.size > 0 || removed) result['snapshot-log'] = prunedLog(result, passing, head)
  return result
}

/** A gap would make time travel answer wrongly, so a missing snapshot cuts all entries before it. */
function prunedLog(metadata: TableMetadata, passing: ReadonlySet<bigint>, head: bigint | undefined) {
  let log: TableMetadata['snapshot-log'][number][] = []
  for (const entry of metadata['snapshot-log']) {
    if (snapshotById(metadata, entry['snapshot-id']) === null) log = []
    else if (!passing.has(entry['snapshot-id']) || entry['snapshot-id'] === head) log.push(entry)
  }
  return log
}

function apply(work: Work, update: Update): void {
  const { draft } = work
  switch (update.action) {
    case 'assign-uuid':
      if (draft['table-uuid'] !== '' && draft['table-uuid'] !== update.uuid) {
        throw new LakeError('INVALID', `Cannot reassign the UUID of a table: ${draft['table-uuid']}`)
      }
      draft['table-uuid'] = update.uuid
      break
    case 'upgrade-format-version':
      upgrade(draft, update['format-version'])
      break
    case 'add-schema':
      addSchema(work, update.schema, update['last-column-id'] ?? 0)
      break
    case 'set-current-schema':
      draft['current-schema-id'] = chosen(
        'schema',
        update['schema-id'],
        work.lastSchema,
        draft.schemas.map((s) => s['schema-id']),
      )
      break
    case 'add-spec':
      addSpec(work, update.spec)
      break
    case 'set-default-spec':
      draft['default-spec-id'] = chosen(
        'partition spec',
        update['spec-id'],
        work.lastSpec,
        draft['partition-specs'].map((s) => s['spec-id']),
      )
      break
    case 'add-sort-order':
      addSortOrder(work, update['sort-order'])
      break
    case 'set-default-sort-order':
      draft['default-sort-order-id'] = chosen(
        'sort order',
        update['sort-order-id'],
        work.lastOrder,
        draft['sort-orders'].map((o) => o['order-id']),
      )
      break
    case 'add-snapshot':
      addSnapshot(work, update.snapshot)
      break
    case 'set-snapshot-ref': {
      const { action: _action, 'ref-name': name, ...ref } = update
      setRef(work, name, ref)
      break
    }
    case 'remove-snapshots':
      removeSnapshots(work, new Set(update['snapshot-ids']))
      break
    case 'remove-snapshot-ref':
      removeRef(draft, update['ref-name'])
      break
    case 'set-location':
      draft.location = update.location.replace(/\/+$/, '')
      break
    case 'set-properties':
      draft.properties = { ...draft.properties, ...update.updates }
      break
    case 'remove-properties': {
      const gone = new Set(update.removals)
      draft.properties = Object.fromEntries(
        Object.entries(draft.properties).filter(([key]) => !gone.has(key)),
      )
      break
    }
    case 'set-statistics':
      putExtra(draft, 'statistics', 'snapshot-id', update.statistics)
      break
    case 'remove-statistics':
      dropExtra(draft, 'statistics', 'snapshot-id', update['snapshot-id'])
      break
    case 'set-partition-statistics':
      putExtra(draft, 'partition-statistics', 'snapshot-id', update['partition-statistics'])
      break
    case 'remove-partition-statistics':
      dropExtra(draft, 'partition-statistics', 'snapshot-id', update['snapshot-id'])
      break
    case 'remove-partition-specs':
      if (update['spec-ids'].includes(draft['default-spec-id'])) {
        throw new LakeError('INVALID', 'Cannot remove the default partition spec')
      }
      draft['partition-specs'] = draft['partition-specs'].filter(
        (s) => !update['spec-ids'].includes(s['spec-id']),
      )
      break
    case 'remove-schemas':
      if (update['schema-ids'].includes(draft['current-schema-id'])) {
        throw new LakeError('INVALID', 'Cannot remove the current schema')
      }
      draft.schemas = draft.schemas.filter((s) => !update['schema-ids'].includes(s['schema-id']))
      break
    case 'add-encryption-key':
      putExtra(draft, 'encryption-keys', 'key-id', update['encryption-key'])
      break
    case 'remove-encryption-key':
      dropExtra(draft, 'encryption-keys', 'key-id', update['key-id'])
      break
    default:
      assertNever(update)
  }
}

function checkedVersion(version: number): 1 | 2 | 3 {
  if (version === 1 || version === 2 || version === 3) return version
  throw new LakeError('INVALID', `Cannot use format version ${version} (1, 2 and 3 are supported)`)
}

function upgrade(draft: Draft, version: number): void {
  const checked = checkedVersion(version)
  if (checked < draft['format-version']) {
    throw new LakeError('INVALID', `Cannot downgrade v${draft['format-version']} table to v${version}`)
  }
  draft['format-version'] = checked
  if (checked === 3) draft.extra = { 'next-row-id': 0, ...draft.extra }
}

/** An explicit id that exists, or for -1 the one added last in this commit. */
function chosen(what: string, id: number, last: number | null, existing: readonly number[]): number {
  const wanted = id === -1 ? last : id
  if (wanted === null)
    throw new LakeError('INVALID', `Cannot set last added ${what}: no ${what} has been added`)
  if (!existing.includes(wanted)) throw new LakeError('INVALID', `Cannot set unknown ${what}: ${wanted}`)
  return wanted
}

const nextId = (first: number, used: readonly number[]): number => Math.max(first - 1, ...used) + 1

function addSchema(work: Work, schema: Schema, lastColumnId: number): void {
  const { draft } = work
  draft['last-column-id'] = Math.max(draft['last-column-id'], lastColumnId, highestFieldId(schema))
  const same = draft.schemas.find((s) => sameSchema(s, schema))
  if (same !== undefined) {
    work.lastSchema = same['schema-id']
    return
  }
  const id = nextId(
    0,
    draft.schemas.map((s) => s['schema-id']),
  )
  draft.schemas = [...draft.schemas, { ...schema, 'schema-id': id }]
  work.lastSchema = id
}

const fieldKey = (field: PartitionField): string => `${field['source-id']} ${field.transform}`

/** Partition field ids without one (0), or one that means another field, are assigned; known fields keep theirs. */
function addSpec(work: Work, spec: PartitionSpec): void {
  const { draft } = work
  const shape = (s: PartitionSpec) =>
    JSON.stringify(s.fields.map((f) => [f['source-id'], f.transform, f.name]))
  const same = draft['partition-specs'].find((s) => shape(s) === shape(spec))
  if (same !== undefined) {
    work.lastSpec = same['spec-id']
    return
  }
  const known = new Map(
    draft['partition-specs'].flatMap((s) => s.fields.map((f) => [fieldKey(f), f['field-id']])),
  )
  let last = draft['last-partition-id']
  const fields = spec.fields.map((field) => {
    const id = field['field-id'] || known.get(fieldKey(field)) || last + 1
    last = Math.max(last, id)
    return { ...field, 'field-id': id }
  })
  if (draft.schemas.length > 0) checkSpec({ ...spec, fields }, currentSchema(draft))
  const id = nextId(
    0,
    draft['partition-specs'].map((s) => s['spec-id']),
  )
  draft['partition-specs'] = [...draft['partition-specs'], { 'spec-id': id, fields }]
  draft['last-partition-id'] = last
  work.lastSpec = id
}

function addSortOrder(work: Work, order: SortOrder): void {
  const { draft } = work
  const same = draft['sort-orders'].find((o) => JSON.stringify(o.fields) === JSON.stringify(order.fields))
  if (same !== undefined) {
    work.lastOrder = same['order-id']
    return
  }
  const id =
    order.fields.length === 0
      ? 0
      : nextId(
          1,
          draft['sort-orders'].map((o) => o['order-id']),
        )
  draft['sort-orders'] = [...draft['sort-orders'], { 'order-id': id, fields: order.fields }]
  work.lastOrder = id
}

function addSnapshot(work: Work, snapshot: Snapshot): void {
  const { draft } = work
  const id = snapshot['snapshot-id']
  if (draft.schemas.length === 0)
    throw new LakeError('INVALID', 'Attempting to add a snapshot before a schema is added')
  if (draft.snapshots.some((s) => s['snapshot-id'] === id)) {
    throw new LakeError('INVALID', `Snapshot already exists for id: ${id}`)
  }
  const sequence = snapshot['sequence-number']
  const last = draft['last-sequence-number']
  if (draft['format-version'] > 1 && sequence <= last && snapshot['parent-snapshot-id'] !== undefined) {
    throw new LakeError(
      'CONFLICT',
      `Cannot add snapshot with sequence number ${sequence} older than last sequence number ${last}`,
      { outcome: 'retry' },
    )
  }
  if (draft['format-version'] > 1) draft['last-sequence-number'] = Math.max(last, sequence)
  if (draft['format-version'] === 3) reserveRowIds(draft, snapshot)
  draft.snapshots = [...draft.snapshots, snapshot]
  work.added.add(id)
}

/** v3 row lineage: a snapshot takes the row ids [first-row-id, first-row-id + added-rows) of the table. */
function reserveRowIds(draft: Draft, snapshot: Snapshot): void {
  const { 'first-row-id': first, 'added-rows': rows } = snapshot as unknown as Record<string, unknown>
  const next = BigInt((draft.extra?.['next-row-id'] as number | bigint | undefined) ?? 0)
  if (typeof first !== 'number' && typeof first !== 'bigint') {
    throw new LakeError('INVALID', 'Cannot add a snapshot: first-row-id is null')
  }
  if (BigInt(first) < next) {
    throw new LakeError(
      'CONFLICT',
      `Cannot add a snapshot, first-row-id is behind table next-row-id: ${first} < ${next}`,
      { outcome: 'retry' },
    )
  }
  const added = typeof rows === 'number' || typeof rows === 'bigint' ? BigInt(rows) : 0n
  draft.extra = { ...draft.extra, 'next-row-id': next + added }
}

function setRef(work: Work, name: string, ref: SnapshotRef): void {
  const { draft } = work
  const snapshot = draft.snapshots.find((s) => s['snapshot-id'] === ref['snapshot-id'])
  if (snapshot === undefined)
    throw new LakeError('INVALID', `Cannot set ${name} to unknown snapshot: ${ref['snapshot-id']}`)
  const before = Object.hasOwn(draft.refs, name) ? draft.refs[name] : undefined
  draft.refs = { ...draft.refs, [name]: ref }
  if (name !== 'main') return
  if (ref.type !== 'branch') throw new LakeError('INVALID', 'Cannot set main to a tag, it must be a branch')
  if (before?.['snapshot-id'] === ref['snapshot-id']) return
  const head = draft['current-snapshot-id']
  if (head !== undefined && work.added.has(head)) work.passing.add(head)
  // a rollback to an older snapshot happens now, a new snapshot at its own time
  const at = work.added.has(ref['snapshot-id']) ? snapshot['timestamp-ms'] : work.now
  draft['current-snapshot-id'] = ref['snapshot-id']
  draft['last-updated-ms'] = Math.max(draft['last-updated-ms'], at)
  draft['snapshot-log'] = [
    ...draft['snapshot-log'],
    { 'timestamp-ms': at, 'snapshot-id': ref['snapshot-id'] },
  ]
}

function removeRef(draft: Draft, name: string): void {
  draft.refs = Object.fromEntries(Object.entries(draft.refs).filter(([key]) => key !== name))
  if (name === 'main') delete draft['current-snapshot-id']
}

/** Also removes the statistics of these snapshots and the refs that pointed to them. */
function removeSnapshots(work: Work, ids: ReadonlySet<bigint>): void {
  const { draft } = work
  const kept = draft.snapshots.filter((s) => !ids.has(s['snapshot-id']))
  if (kept.length === draft.snapshots.length) return
  draft.snapshots = kept
  work.removed = true
  for (const id of ids) {
    dropExtra(draft, 'statistics', 'snapshot-id', id)
    dropExtra(draft, 'partition-statistics', 'snapshot-id', id)
  }
  for (const [name, ref] of Object.entries(draft.refs)) {
    if (ids.has(ref['snapshot-id'])) removeRef(draft, name)
  }
}

function extraList(draft: Draft, key: string): readonly unknown[] {
  const list = draft.extra?.[key]
  return Array.isArray(list) ? list : []
}

const sameKey = (item: unknown, field: string, id: unknown): boolean =>
  isRecord(item) && String(item[field]) === String(id)

/** Puts `item` into a list of `extra`, in place of the one with the same `field`. */
function putExtra(draft: Draft, key: string, field: string, item: unknown): void {
  const id = isRecord(item) ? item[field] : undefined
  const others = extraList(draft, key).filter((other) => !sameKey(other, field, id))
  draft.extra = { ...draft.extra, [key]: [...others, item] }
}

function dropExtra(draft: Draft, key: string, field: string, id: unknown): void {
  const list = extraList(draft, key)
  if (list.length > 0)
    draft.extra = { ...draft.extra, [key]: list.filter((item) => !sameKey(item, field, id)) }
}
