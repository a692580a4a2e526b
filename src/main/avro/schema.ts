/** An Avro schema as its JSON, with whatever further properties (`field-id`, `logicalType`) its writer gave it. */
export type AvroSchema = string | readonly AvroSchema[] | AvroComplex

export interface AvroComplex {
  /** A type's name, or a schema wrapped once more (`{"type": {"type": "array", ...}}`). */
  readonly type: AvroSchema
  readonly name?: string
  readonly namespace?: string
  readonly fields?: readonly AvroField[]
  readonly items?: AvroSchema
  readonly values?: AvroSchema
  readonly size?: number
  readonly symbols?: readonly string[]
  readonly [property: string]: unknown
}

export interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly default?: unknown
  readonly 'field-id'?: number
  readonly [property: string]: unknown
}

export const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
])

/** True for a union, the only schema that is a list. */
export function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema)
}

/** `name` within `namespace`, as Avro joins them; a name with a dot is full already. */
export function fullName(name: string, namespace: string | undefined): string {
  return name.includes('.') || !namespace ? name : `${namespace}.${name}`
}

/** A name that Avro allows, made as Iceberg's writers make it: `a-b` becomes `a_x2Db`, `1a` becomes `_1a`. */
export function avroName(name: string): string {
  let made = ''
  for (let i = 0; i < name.length; i++) {
    const char = name[i]!
    if (/[A-Za-z_]/.test(char) || (i > 0 && /[0-9]/.test(char))) made += char
    else if (/[0-9]/.test(char)) made += `_${char}`
    else made += `_x${char.charCodeAt(0).toString(16).toUpperCase()}`
  }
  return made || '_'
}
