import { isPrimitive } from './schema.ts'
import type { PrimitiveType, Schema, Value } from './types.ts'
import { compareValues, isNan } from './values.ts'

/**
 * A row filter as plain data, with SQL's three-valued logic: a row is kept where it is true, not where it is null.
 * Columns are named as in the schema being read, nested ones with dots.
 */
export type Predicate =
  | { readonly op: 'true' }
  | { readonly op: 'and' | 'or'; readonly args: readonly Predicate[] }
  | { readonly op: 'not'; readonly arg: Predicate }
  | { readonly op: Comparison; readonly column: string; readonly value: Value }
  | { readonly op: 'in'; readonly column: string; readonly values: readonly Value[] }
  | { readonly op: 'is-null' | 'not-null'; readonly column: string }
  | { readonly op: 'starts-with'; readonly column: string; readonly value: string }

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/**
 * What is known of one column over a set of rows. Everything is optional: what is absent is unknown and never prunes.
 * Bounds speak of values that are neither null nor NaN.
 */
export interface Facts {
  /** Every value is at or above it. */
  readonly lower?: Value
  /** Every value is at or below it; strictly below where `upperOpen`. */
  readonly upper?: Value
  readonly upperOpen?: boolean
  readonly nulls: 'none' | 'all' | 'unknown'
  /** `none` also for types that have no NaN. */
  readonly nans: 'none' | 'all' | 'unknown'
  /** False where no value of the column can be `value` (bucket transforms). */
  readonly mayHold?: (value: Value) => boolean
}

/** A leaf of a predicate bound to a column: ready to be asked of facts. */
interface Leaf {
  readonly op: Comparison | 'in' | 'is-null' | 'not-null' | 'starts-with'
  readonly fieldId: number
  readonly type: PrimitiveType
  readonly values: readonly Value[]
}

/**
 * A predicate bound to a schema and without `not`. `unknown` is a part that was not understood (an unknown column, a
 * value of another type, a nested column): it may match any row and never prunes.
 */
export type BoundPredicate =
  | { readonly op: 'unknown' }
  | { readonly op: 'and' | 'or'; readonly args: readonly BoundPredicate[] }
  | { readonly op: 'leaf'; readonly leaf: Leaf }

const UNKNOWN: BoundPredicate = { op: 'unknown' }
const OPPOSITE: Readonly<Record<Comparison, Comparison>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
}

/** Resolves columns by name to field ids, values to the column's type, and pushes `not` down to the leaves. */
export function bindPredicate(predicate: Predicate, schema: Schema, negated = false): BoundPredicate {
  switch (predicate.op) {
    case 'true':
      // `not true` matches nothing, but it is not worth a node of its own: an empty `or` is never true.
      return negated ? { op: 'or', args: [] } : { op: 'and', args: [] }
    case 'not':
      return bindPredicate(predicate.arg, schema, !negated)
    case 'and':
    case 'or': {
      const op = (predicate.op === 'and') === negated ? 'or' : 'and'
      return { op, args: predicate.args.map((arg) => bindPredicate(arg, schema, negated)) }
    }
    default:
      return bindLeaf(predicate, schema, negated)
  }
}

type LeafPredicate = Exclude<Predicate, { op: 'true' | 'and' | 'or' | 'not' }>

function bindLeaf(predicate: LeafPredicate, schema: Schema, negated: boolean): BoundPredicate {
  const field = primitiveField(schema, predicate.column)
  if (field === null) return UNKNOWN
  const leaf = (op: Leaf['op'], values: readonly Value[]): BoundPredicate => ({
    op: 'leaf',
    leaf: { op, fieldId: field.id, type: field.type, values },
  })
  switch (predicate.op) {
    case 'is-null':
    case 'not-null':
      return leaf((predicate.op === 'is-null') === negated ? 'not-null' : 'is-null', [])
    case 'starts-with':
      return negated || field.type !== 'string' ? UNKNOWN : leaf('starts-with', [predicate.value])
    case 'in': {
      const values = predicate.values
        .filter((value) => value !== null)
        .map((value) => coerce(field.type, value))
      if (values.includes(undefined)) return UNKNOWN
      // x NOT IN (...) tells nothing of ranges, except where a null makes it never true.
      if (negated) return predicate.values.includes(null) ? { op: 'or', args: [] } : UNKNOWN
      return leaf('in', values as Value[])
    }
    default: {
      if (predicate.value === null) return { op: 'or', args: [] }
      const value = coerce(field.type, predicate.value)
      return value === undefined ? UNKNOWN : leaf(negated ? OPPOSITE[predicate.op] : predicate.op, [value])
    }
  }
}

function primitiveField(schema: Schema, path: string): { id: number; type: PrimitiveType } | null {
  const whole = schema.fields.find((field) => field.name === path)
  if (whole) return isPrimitive(whole.type) ? { id: whole.id, type: whole.type } : null
  let fields = schema.fields
  const names = path.split('.')
  for (let i = 0; i < names.length; i++) {
    const field = fields.find((candidate) => candidate.name === names[i])
    if (!field) return null
    if (i === names.length - 1) return isPrimitive(field.type) ? { id: field.id, type: field.type } : null
    if (isPrimitive(field.type) || field.type.type !== 'struct') return null
    fields = field.type.fields
  }
  return null
}

/**
 * `value` in the run-time form of `type`, or undefined where that is not exactly the same value (2.5 for a long, text
 * for a timestamp): such a comparison is left to the query engine.
 */
export function coerce(type: PrimitiveType, value: Value): Value | undefined {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'int':
    case 'date':
      if (typeof value === 'bigint') {
        return value >= -2147483648n && value <= 2147483647n ? Number(value) : undefined
      }
      return typeof value === 'number' && Number.isInteger(value) ? value : undefined
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
      return typeof value === 'bigint' ? value : undefined
    case 'float':
    case 'double':
      if (typeof value === 'bigint') return BigInt(Number(value)) === value ? Number(value) : undefined
      return typeof value === 'number' ? value : undefined
    case 'string':
    case 'uuid':
      return typeof value === 'string' ? value : undefined
    case 'binary':
      return value instanceof Uint8Array ? value : undefined
    case 'unknown':
      return undefined
    default:
      if (type.startsWith('decimal')) return typeof value === 'bigint' ? value : undefined
      return value instanceof Uint8Array ? value : undefined
  }
}

/**
 * False only where no row can satisfy the predicate, given what is known of its columns (inclusive projection).
 * `factsOf` answers undefined for a column of which nothing is known.
 */
export function mayMatch(
  predicate: BoundPredicate,
  factsOf: (fieldId: number) => Facts | undefined,
): boolean {
  switch (predicate.op) {
    case 'unknown':
      return true
    case 'and':
      return predicate.args.every((arg) => mayMatch(arg, factsOf))
    case 'or':
      return predicate.args.some((arg) => mayMatch(arg, factsOf))
    case 'leaf': {
      const facts = factsOf(predicate.leaf.fieldId)
      return facts === undefined || leafMayMatch(predicate.leaf, facts)
    }
  }
}

function leafMayMatch(leaf: Leaf, facts: Facts): boolean {
  if (leaf.op === 'is-null') return facts.nulls !== 'none'
  if (facts.nulls === 'all') return false
  if (leaf.op === 'not-null') return true
  switch (leaf.op) {
    case '==':
      return mayEqual(leaf.type, leaf.values[0] as Value, facts)
    case 'in':
      return leaf.values.some((value) => mayEqual(leaf.type, value, facts))
    case '!=':
      return mayDiffer(leaf.type, leaf.values[0] as Value, facts)
    case 'starts-with':
      return mayStartWith(leaf.values[0] as string, facts)
    case '<':
    case '<=':
      return mayBeBelow(leaf.type, leaf.values[0] as Value, leaf.op === '<=', facts)
    case '>':
    case '>=':
      return mayBeAbove(leaf.type, leaf.values[0] as Value, leaf.op === '>=', facts)
  }
}

/** NaN is taken as the greatest value and equal to itself, as DuckDB does; engines that differ find fewer rows. */
function mayEqual(type: PrimitiveType, value: Value, facts: Facts): boolean {
  if (isNan(value)) return facts.nans !== 'none'
  if (facts.nans === 'all') return false
  if (facts.mayHold && !facts.mayHold(value)) return false
  if (facts.lower !== undefined && order(type, value, facts.lower) < 0) return false
  return !aboveUpper(type, value, facts)
}

function mayDiffer(type: PrimitiveType, value: Value, facts: Facts): boolean {
  if (facts.nans !== 'none' || isNan(value)) return true
  if (facts.lower === undefined || facts.upper === undefined || facts.upperOpen) return true
  return order(type, facts.lower, value) !== 0 || order(type, facts.upper, value) !== 0
}

function mayBeBelow(type: PrimitiveType, value: Value, orEqual: boolean, facts: Facts): boolean {
  if (isNan(value)) return true
  if (facts.nans === 'all') return false
  if (facts.lower === undefined) return true
  const difference = order(type, facts.lower, value)
  return orEqual ? difference <= 0 : difference < 0
}

function mayBeAbove(type: PrimitiveType, value: Value, orEqual: boolean, facts: Facts): boolean {
  if (facts.nans !== 'none') return true
  if (isNan(value)) return false
  if (facts.upper === undefined) return true
  const difference = order(type, facts.upper, value)
  return orEqual && !facts.upperOpen ? difference >= 0 : difference > 0
}

function mayStartWith(prefix: string, facts: Facts): boolean {
  const end = afterPrefix(prefix)
  if (facts.lower !== undefined && end !== null && order('string', facts.lower, end) >= 0) return false
  return !aboveUpper('string', prefix, facts)
}

function aboveUpper(type: PrimitiveType, value: Value, facts: Facts): boolean {
  if (facts.upper === undefined) return false
  const difference = order(type, value, facts.upper)
  return facts.upperOpen ? difference >= 0 : difference > 0
}

/** Order of values for a filter: as Iceberg's, but -0.0 equals 0.0 as in SQL. */
function order(type: PrimitiveType, a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  return compareValues(type, a, b)
}

/** The least text above every text that starts with `prefix`, in UTF-8 order; null where there is none. */
export function afterPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) as number)
  for (let i = points.length - 1; i >= 0; i--) {
    let next = (points[i] as number) + 1
    if (next >= 0xd800 && next <= 0xdfff) next = 0xe000
    if (next <= 0x10ffff) return String.fromCodePoint(...points.slice(0, i), next)
  }
  return null
}

/** Field ids of the columns a bound predicate asks about. */
export function predicateFields(predicate: BoundPredicate): Set<number> {
  const ids = new Set<number>()
  const visit = (node: BoundPredicate): void => {
    if (node.op === 'leaf') ids.add(node.leaf.fieldId)
    else if (node.op !== 'unknown') node.args.forEach(visit)
  }
  visit(predicate)
  return ids
}
