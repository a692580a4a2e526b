import type { ColumnView, SchemaView } from '../../../shared/inspect.ts'

/** What became of one column between two schemas, told by its field id. */
export interface ColumnChange {
  readonly id: number
  readonly kind: 'added' | 'dropped' | 'changed'
  /** Path in the later schema, or in the earlier one where it was dropped. */
  readonly path: string
  readonly type: string
  /** `renamed from kind`, `promoted from int`, `now required`: in words, in this order. */
  readonly words: readonly string[]
}

/**
 * Columns that differ between two schemas: by field id, never by name, so that a renamed column is one column and a dropped
 * one that came back under its old name is two.
 */
export function schemaChanges(before: SchemaView, after: SchemaView): ColumnChange[] {
  const earlier = new Map(before.columns.map((column) => [column.id, column]))
  const later = new Map(after.columns.map((column) => [column.id, column]))
  const changes: ColumnChange[] = []
  for (const column of after.columns) {
    const was = earlier.get(column.id)
    if (was === undefined) changes.push(told(column, 'added', []))
    else {
      const words = wordsOf(was, column)
      if (words.length > 0) changes.push(told(column, 'changed', words))
    }
  }
  for (const column of before.columns) {
    if (!later.has(column.id)) changes.push(told(column, 'dropped', []))
  }
  return changes
}

const told = (column: ColumnView, kind: ColumnChange['kind'], words: readonly string[]): ColumnChange => ({
  id: column.id,
  kind,
  path: column.path,
  type: column.type,
  words,
})

const NESTED = /^(struct|list<|map<)/

function wordsOf(was: ColumnView, now: ColumnView): string[] {
  const words: string[] = []
  if (was.name !== now.name) words.push(`renamed from ${was.name}`)
  const nested = NESTED.test(was.type) && NESTED.test(now.type)
  // The type of a list or map names its members, which have lines of their own.
  if (was.type !== now.type && !nested) words.push(`promoted from ${was.type}`)
  if (was.required !== now.required) words.push(now.required ? 'now required' : 'now optional')
  if (was.identifier !== now.identifier)
    words.push(now.identifier ? 'now identifies rows' : 'no longer identifies rows')
  if (was.doc !== now.doc) words.push(now.doc === null ? 'comment taken away' : 'comment changed')
  return words
}
