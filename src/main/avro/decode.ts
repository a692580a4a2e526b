import { type AvroComplex, type AvroField, type AvroSchema, fullName, isUnion, PRIMITIVES } from './schema.ts'
import { type Skip, skipperOf } from './skip.ts'
import { type ByteSource, corrupt } from './source.ts'

export type Decode = (source: ByteSource) => unknown

/** The key under which a record's field is returned. */
export type NameField = (field: AvroField) => string

const MAX_DEPTH = 64

/**
 * A decoder of one schema. Values: null, boolean, number; long as number where exact, else bigint; string; bytes and
 * fixed as Uint8Array; array as Array; map, and array with
 * logicalType map, as Map; record as an object keyed by `nameField` (the field's own name by
 * default); enum as its symbol; union as the value of its branch. Logical types are left to the caller.
 *
 * Fields whose key `without` names are stepped over and are not in the records.
 *
 * Counts are held against the bytes that are left, so that hostile data fails instead of filling memory.
 */
export function decoderOf(
  schema: AvroSchema,
  nameField: NameField = (field) => field.name,
  without: (key: string) => boolean = () => false,
): Decode {
  const named = new Map<string, Decode>()

  const compile = (type: AvroSchema, namespace: string | undefined, depth: number): Decode => {
    if (depth > MAX_DEPTH) throw corrupt(`a schema nested over ${MAX_DEPTH} levels`)
    if (isUnion(type)) return union(type.map((branch) => compile(branch, namespace, depth + 1)))
    if (typeof type === 'string') {
      if (PRIMITIVES.has(type)) return primitive(type)
      const known = named.get(fullName(type, namespace)) ?? named.get(type)
      if (!known) throw corrupt(`a schema names the unknown type ${type}`)
      return known
    }
    if (typeof type !== 'object' || type === null) throw corrupt('a schema is neither name, list nor object')
    const inner = namespaceOf(type) ?? namespace
    switch (type.type) {
      case 'record':
        return record(type, inner, depth)
      case 'array':
        return (
          pairs(type, namespace, depth) ?? array(compile(present(type.items, 'items'), namespace, depth + 1))
        )
      case 'map':
        return map(compile(present(type.values, 'values'), namespace, depth + 1))
      case 'fixed': {
        const size = type.size ?? -1
        if (!Number.isSafeInteger(size) || size < 0) throw corrupt(`a fixed type of ${size} bytes`)
        return remember(type, inner, (source) => source.fixed(size))
      }
      case 'enum': {
        const symbols = type.symbols ?? []
        return remember(type, inner, (source) => {
          const symbol = symbols[source.int()]
          if (symbol === undefined) throw corrupt('an enum value without a symbol')
          return symbol
        })
      }
      default:
        return compile(type.type, namespace, depth + 1)
    }
  }

  const remember = (type: AvroComplex, namespace: string | undefined, decode: Decode): Decode => {
    if (type.name !== undefined) named.set(fullName(type.name, namespace), decode)
    return decode
  }

  const record = (type: AvroComplex, namespace: string | undefined, depth: number): Decode => {
    const fields: { key: string; decode: Decode; skip: Skip | null }[] = []
    // Registered before its fields are compiled: a record may hold itself.
    const decode = remember(type, namespace, (source) => {
      const value: Record<string, unknown> = {}
      for (const field of fields) {
        if (field.skip === null) value[field.key] = field.decode(source)
        else field.skip(source)
      }
      return value
    })
    for (const field of present(type.fields, 'fields')) {
      const key = nameField(field)
      if (key === '__proto__') throw corrupt('a field named __proto__')
      const decodeField = compile(field.type, namespace, depth + 1)
      fields.push({ key, decode: decodeField, skip: without(key) ? stepOver(field.type, decodeField) : null })
    }
    return decode
  }

  /** An array of key and value records that stands for a map (Iceberg spec, Appendix A), or null for another array. */
  const pairs = (type: AvroComplex, namespace: string | undefined, depth: number): Decode | null => {
    const items = type.items as AvroComplex | undefined
    const fields = type.logicalType === 'map' ? items?.fields : undefined
    if (fields?.length !== 2) return null
    const [key, value] = fields.map((field) => compile(field.type, namespace, depth + 2))
    if (items) remember(items, namespaceOf(items) ?? namespace, record(items, namespace, depth + 1))
    return entries(key!, value!)
  }

  return compile(schema, undefined, 0)
}

function stepOver(type: AvroSchema, decode: Decode): Skip {
  try {
    return skipperOf(type)
  } catch {
    // It names a type that another field defines.
    return (source) => void decode(source)
  }
}

function primitive(name: string): Decode {
  switch (name) {
    case 'null':
      return () => null
    case 'boolean':
      return (source) => source.byte() !== 0
    case 'int':
      return (source) => source.int()
    case 'long':
      return (source) => source.long()
    case 'float':
      return (source) => source.float()
    case 'double':
      return (source) => source.double()
    case 'bytes':
      return (source) => source.fixed(source.count('a length'))
    default:
      return (source) => source.string()
  }
}

function union(branches: readonly Decode[]): Decode {
  return (source) => {
    const branch = branches[source.int()]
    if (!branch) throw corrupt('a union value outside its branches')
    return branch(source)
  }
}

function array(item: Decode): Decode {
  return (source) => {
    const items: unknown[] = []
    for (let n = blockCount(source); n > 0; n = blockCount(source)) {
      for (let i = 0; i < n; i++) items.push(item(source))
    }
    return items
  }
}

function map(value: Decode): Decode {
  return entries((source) => source.string(), value)
}

function entries(key: Decode, value: Decode): Decode {
  return (source) => {
    const all = new Map<unknown, unknown>()
    for (let n = blockCount(source); n > 0; n = blockCount(source)) {
      for (let i = 0; i < n; i++) all.set(key(source), value(source))
    }
    return all
  }
}

/** Number of items in the next block of an array or map; 0 at its end. */
function blockCount(source: ByteSource): number {
  let count = source.count('a block count')
  if (count < 0) {
    count = -count
    source.long()
  }
  if (count > source.remaining) throw corrupt(`a block of ${count} items in ${source.remaining} bytes`)
  return count
}

function namespaceOf(type: AvroComplex): string | undefined {
  if (type.name?.includes('.')) return type.name.slice(0, type.name.lastIndexOf('.'))
  return type.namespace
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw corrupt(`a schema without ${what}`)
  return value
}
