import type { QueryField, QueryType } from '../../shared/query.ts'
import { quoteName } from './lexer.ts'

const PLAIN: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  // Without zone, in UTC: the engine has no time zone data.
  timestamptz: 'TIMESTAMP',
  timestamp_ns: 'TIMESTAMP_NS',
  timestamptz_ns: 'TIMESTAMP_NS',
  string: 'VARCHAR',
  uuid: 'UUID',
  binary: 'BLOB',
  unknown: 'INTEGER',
}

/** DuckDB's type for an Iceberg type. Throws on a type this version does not know (v3 variant, geometry). */
export function duckType(type: QueryType): string {
  if (typeof type === 'string') {
    const plain = PLAIN[type]
    if (plain !== undefined) return plain
    const decimal = /^decimal\((\d+), ?(\d+)\)$/.exec(type)
    if (decimal) return `DECIMAL(${decimal[1]},${decimal[2]})`
    if (/^fixed\[\d+\]$/.test(type)) return 'BLOB'
    throw new TypeError(`no SQL type for ${type}`)
  }
  switch (type.type) {
    case 'list':
      return `${duckType(type.element)}[]`
    case 'map':
      return `MAP(${duckType(type.key)}, ${duckType(type.value)})`
    case 'struct':
      return `STRUCT(${distinctNames(type.fields.map((field) => field.name))
        .map((name, i) => `${quoteName(name)} ${duckType((type.fields[i] as QueryField).type)}`)
        .join(', ')})`
  }
}

/** The short word for a column's type in trees and headers. */
export function typeWord(type: QueryType): string {
  if (typeof type !== 'string') return type.type
  const words: Record<string, string> = {
    string: 'str',
    double: 'dbl',
    float: 'flt',
    boolean: 'bool',
    timestamp: 'ts',
    timestamptz: 'ts',
    timestamp_ns: 'ts',
    timestamptz_ns: 'ts',
    binary: 'bin',
  }
  return words[type] ?? type.replace(/\(.*|\[.*/, '').replace('decimal', 'dec')
}

/** Names made distinct for an engine that compares them without case: a later twin gets `_2`, `_3`. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name}_${n}`
    taken.add(free.toLowerCase())
    return free
  })
}
