import type { KeyValue } from '../../../shared/thread.ts'
import type { EngineTable } from '../../query/tables.ts'
import { typeWord } from '../../query/types.ts'

/** What is looked at of an answer. */
interface Rows {
  readonly columns: readonly { readonly name: string; readonly kind: { readonly word: string } }[]
  cell(row: number, column: number): string | null
}

const KEY_TYPES = /^(string|long|int|double|float|boolean|date|timestamp|timestamptz|uuid)$/

/**
 * Values of a row under names and types of a table's columns, to find it in the lake again; null where it has none.
 * Fractions are left out beside others: a rounded one would find nothing.
 */
export function rowKeys(rows: Rows, row: number, table: EngineTable): Record<string, KeyValue> | null {
  const keys: Record<string, KeyValue> = {}
  for (const [at, column] of rows.columns.entries()) {
    const field = table.fields.find((one) => one.name === column.name)
    if (field === undefined || typeof field.field.type !== 'string') continue
    if (!KEY_TYPES.test(field.field.type) || typeWord(field.field.type) !== column.kind.word) continue
    if (/^(double|float)$/.test(field.field.type)) continue
    const text = rows.cell(row, at)
    keys[column.name] = text === null ? null : field.field.type === 'boolean' ? text === 'true' : text
  }
  return Object.keys(keys).length === 0 ? null : keys
}
