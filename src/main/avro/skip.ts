import { type AvroComplex, type AvroSchema, fullName, isUnion } from './schema.ts'
import { type ByteSource, corrupt } from './source.ts'

export type Skip = (source: ByteSource) => void

const MAX_DEPTH = 64

/** Steps over one value of a schema without making it. Throws CORRUPT where the bytes are not of that schema. */
export function skipperOf(schema: AvroSchema): Skip {
  const named = new Map<string, Skip>()

  const compile = (type: AvroSchema, namespace: string | undefined, depth: number): Skip => {
    if (depth > MAX_DEPTH) throw corrupt(`a schema nested over ${MAX_DEPTH} levels`)
    if (isUnion(type)) return union(type.map((branch) => compile(branch, namespace, depth + 1)))
    if (typeof type === 'string') {
      return primitive(type) ?? named.get(fullName(type, namespace)) ?? named.get(type) ?? unknown(type)
    }
    if (typeof type !== 'object' || type === null) throw corrupt('a schema is neither name, list nor object')
    const inner = namespaceOf(type) ?? namespace
    switch (type.type) {
      case 'record': {
        const fields: Skip[] = []
        // Registered before its fields are compiled: a record may hold itself.
        const skip = remember(type, inner, (source) => {
          for (const field of fields) field(source)
        })
        for (const field of type.fields ?? []) fields.push(compile(field.type, inner, depth + 1))
        return skip
      }
      case 'array':
        return blocks(compile(type.items ?? 'null', namespace, depth + 1))
      case 'map': {
        const value = compile(type.values ?? 'null', namespace, depth + 1)
        return blocks((source) => {
          bytes(source)
          value(source)
        })
      }
      case 'fixed':
        return remember(type, inner, (source) => void source.window(type.size ?? -1))
      case 'enum':
        return remember(type, inner, (source) => void source.int())
      default:
        return compile(type.type, namespace, depth + 1)
    }
  }

  const remember = (type: AvroComplex, namespace: string | undefined, skip: Skip): Skip => {
    if (type.name !== undefined) named.set(fullName(type.name, namespace), skip)
    return skip
  }

  return compile(schema, undefined, 0)
}

function primitive(name: string): Skip | null {
  switch (name) {
    case 'null':
      return () => undefined
    case 'boolean':
      return (source) => void source.byte()
    case 'int':
    case 'long':
      return (source) => void source.long()
    case 'float':
      return (source) => void source.window(4)
    case 'double':
      return (source) => void source.window(8)
    case 'bytes':
    case 'string':
      return bytes
    default:
      return null
  }
}

const bytes: Skip = (source) => void source.window(source.count('a length'))

function union(branches: readonly Skip[]): Skip {
  return (source) => {
    const branch = branches[source.int()]
    if (!branch) throw corrupt('a union value outside its branches')
    branch(source)
  }
}

/** Items of an array or map; blocks that say how many bytes they have are stepped over whole. */
function blocks(item: Skip): Skip {
  return (source) => {
    for (let n = source.count('a block count'); n !== 0; n = source.count('a block count')) {
      if (n < 0) source.window(source.count('a block size'))
      else if (n > source.remaining) throw corrupt(`a block of ${n} items in ${source.remaining} bytes`)
      else for (let i = 0; i < n; i++) item(source)
    }
  }
}

function unknown(name: string): never {
  throw corrupt(`a schema names the unknown type ${name}`)
}

function namespaceOf(type: AvroComplex): string | undefined {
  if (type.name?.includes('.')) return type.name.slice(0, type.name.lastIndexOf('.'))
  return type.namespace
}
