import { TABLES, type TableRole } from '../../../src/shared/tables.ts'
import type { Row } from './lake-node.ts'

/** Seeded statements over the five tables, and rows that sit on the edges of types, bounds and partitions. */

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T

const DAY = 86_400_000_000n
const USERS = [
  'a',
  'A',
  'user-0123456789abcdef',
  'user-0123456789abcdefg',
  'user-0123456789abcde',
  "it's",
  'x = 1 AND y',
  'NULL',
  '😀',
  '\uffff',
  '\ufeffbom',
  'ß',
  '\u202egnp',
  '<b>u</b>',
  'line\nbreak',
  'per%cent_',
]
const KINDS = ['steps', 'heartRate', '', 'ünknown/type', 'steps ']
const VALUES = [0, -0, 1, 1.5, 0.1, 1e308, -1e308, 5e-324, Number.NaN, Infinity, -Infinity, 2 ** 53, 250]
const DAYS = [-719_162, -25_567, -366, -1, 0, 1, 11_016, 19_782, 20_000, 20_001, 2_932_896]

/** A timestamp on or just beside a midnight. */
function instant(random: () => number): bigint {
  return BigInt(pick(random, DAYS)) * DAY + pick(random, [0n, 1n, DAY - 1n, 43_200_000_000n, 3_600_000_000n])
}

function rawRow(random: () => number, n: number): Row {
  const start = instant(random)
  return {
    device_id: `device-${n % 5}`,
    user_id: pick(random, USERS),
    sample_id: `s-${n}`,
    data_type: pick(random, KINDS),
    value: pick(random, VALUES),
    unit: pick(random, ['count', '', 'μg']),
    start_date: start,
    end_date: start + 1_000_000n,
    source_bundle: random() < 0.4 ? null : pick(random, USERS),
    metadata: random() < 0.5 ? null : new Map([['device', pick(random, USERS)]]),
    is_synced: random() < 0.5,
    created_at: instant(random),
    payload_timestamp: start,
    app_version: `1.${n % 3}`,
    processing_time: BigInt(n) * 1_000_001n,
  }
}

function errorRow(random: () => number, n: number): Row {
  const some = (value: string): string | null => (random() < 0.3 ? null : value)
  return {
    error_id: `e-${n}`,
    error_type: pick(random, ['VALIDATION_ERROR', 'DESERIALIZATION_ERROR']),
    error_message: pick(random, USERS),
    error_timestamp: instant(random),
    raw_payload: some(pick(random, USERS)),
    user_id: some(pick(random, USERS)),
    device_id: null,
    sample_id: some(`s-${n}`),
    data_type: some(pick(random, KINDS)),
    kafka_topic: 'health',
    kafka_partition: BigInt(n % 3),
    kafka_offset: pick(random, [0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]) - BigInt(n % 2),
  }
}

/** Keys of the aggregates are counted, so that no partition has two rows. */
function aggregateRow(role: 'daily' | 'weekly' | 'monthly', random: () => number, n: number): Row {
  const start = instant(random)
  const optional = (value: number): number | null => (random() < 0.3 ? null : value)
  const shared = {
    user_id: pick(random, USERS),
    data_type: pick(random, KINDS),
    window_start: start,
    window_end: start + DAY,
    min_value: pick(random, VALUES),
    max_value: pick(random, VALUES),
    avg_value: pick(random, VALUES),
    sum_value: pick(random, VALUES),
    count: BigInt(n) + 9_007_199_254_740_990n,
    stddev_value: pick(random, VALUES),
    record_count: BigInt(n),
    updated_at: instant(random),
  }
  if (role === 'daily') {
    const date = new Date((20_000 + n) * 86_400_000).toISOString().slice(0, 10)
    return { ...shared, aggregation_date: date, first_value: optional(n), last_value: optional(n / 2) }
  }
  const period = { daily_avg_of_avg: optional(n / 4), year: BigInt(1969 + (n % 3)) }
  if (role === 'weekly')
    return {
      ...shared,
      ...period,
      week_start_date: '1970-01-05',
      week_end_date: '1970-01-11',
      week_of_year: BigInt(1 + n),
    }
  return {
    ...shared,
    ...period,
    month_start_date: '1970-01-01',
    month_end_date: '1970-01-31',
    month: BigInt(1 + n),
  }
}

/** Rows of every table, in two batches of raw so that files of one partition differ. */
export function edgeRows(seed: number): readonly (readonly [TableRole, readonly Row[]])[] {
  const random = seeded(seed)
  const rows = (count: number, from: number, make: (n: number) => Row): Row[] =>
    Array.from({ length: count }, (_, i) => make(from + i))
  return [
    ['raw', rows(90, 0, (n) => rawRow(random, n))],
    ['raw', rows(90, 90, (n) => rawRow(random, n))],
    ['errors', rows(60, 0, (n) => errorRow(random, n))],
    ['daily', rows(24, 0, (n) => aggregateRow('daily', random, n))],
    ['weekly', rows(24, 0, (n) => aggregateRow('weekly', random, n))],
    ['monthly', rows(24, 0, (n) => aggregateRow('monthly', random, n))],
  ]
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`
const double = (value: number): string => `'${Object.is(value, -0) ? '-0.0' : value}'::DOUBLE`
const stamp = (micros: bigint): string => {
  const ms = Number(micros / 1000n) - (micros < 0n && micros % 1000n !== 0n ? 1 : 0)
  const rest = String(((micros % 1000n) + 1000n) % 1000n).padStart(3, '0')
  return `TIMESTAMP '${new Date(ms).toISOString().replace('T', ' ').replace('Z', rest)}'`
}

const OPERATORS = ['=', '<>', '<', '<=', '>', '>='] as const
type Kind = 'text' | 'double' | 'long' | 'timestamp' | 'boolean'

/** Columns that conditions are about, and those that name a row. */
const TABLE_COLUMNS: Readonly<Record<TableRole, { key: string; columns: Readonly<Record<string, Kind>> }>> = {
  raw: {
    key: 'sample_id',
    columns: {
      user_id: 'text',
      data_type: 'text',
      source_bundle: 'text',
      sample_id: 'text',
      value: 'double',
      start_date: 'timestamp',
      created_at: 'timestamp',
      is_synced: 'boolean',
    },
  },
  errors: {
    key: 'error_id',
    columns: {
      error_type: 'text',
      user_id: 'text',
      raw_payload: 'text',
      device_id: 'text',
      error_timestamp: 'timestamp',
      kafka_partition: 'long',
      kafka_offset: 'long',
    },
  },
  daily: {
    key: 'record_count',
    columns: {
      user_id: 'text',
      aggregation_date: 'text',
      first_value: 'double',
      count: 'long',
      window_start: 'timestamp',
    },
  },
  weekly: {
    key: 'record_count',
    columns: {
      data_type: 'text',
      year: 'long',
      week_of_year: 'long',
      max_value: 'double',
      updated_at: 'timestamp',
    },
  },
  monthly: {
    key: 'record_count',
    columns: {
      user_id: 'text',
      year: 'long',
      month: 'long',
      daily_avg_of_avg: 'double',
      sum_value: 'double',
    },
  },
}

function literal(kind: Kind, random: () => number): string {
  switch (kind) {
    case 'text':
      return quote(pick(random, [...USERS, ...KINDS, 's-1', 's-77', '2024-10-10', 'VALIDATION_ERROR']))
    case 'double':
      return random() < 0.3
        ? pick(random, ['0', '1.5', '0.1', '-1', '250', '1e308'])
        : double(pick(random, VALUES))
    case 'long':
      return pick(random, [
        '0',
        '1',
        '5',
        '1970',
        '-1',
        '9007199254740993',
        '9223372036854775807',
        '1.5',
        '24',
      ])
    case 'timestamp': {
      if (random() < 0.2)
        return pick(random, ["DATE '1970-01-01'", "DATE '2024-10-04'", "'2024-10-04 00:00:00'"])
      return stamp(instant(random))
    }
    case 'boolean':
      return pick(random, ['true', 'false'])
  }
}

/** One condition on one column. */
function condition(kind: Kind, column: string, random: () => number): string {
  const value = (): string => literal(kind, random)
  const operator = pick(random, OPERATORS)
  const forms: (() => string)[] = [
    () => `${column} ${operator} ${value()}`,
    () => `${value()} ${operator} ${column}`,
    () => `${column} IN (${value()}, ${value()}, ${value()})`,
    () => `${column} NOT IN (${value()}, ${value()})`,
    () => `${column} IN (${value()}, NULL)`,
    () => `${column} BETWEEN ${value()} AND ${value()}`,
    () => `${column} IS ${pick(random, ['', 'NOT '])}NULL`,
    () =>
      `${column} IS ${pick(random, ['', 'NOT '])}DISTINCT FROM ${pick(random, [value(), value(), 'NULL'])}`,
    () => `coalesce(${column}, ${value()}) ${operator} ${value()}`,
    () => `CASE WHEN ${column} ${operator} ${value()} THEN true END`,
    () => `${column}::VARCHAR ${operator} ${literal('text', random)}`,
  ]
  if (kind === 'text') {
    forms.push(
      () =>
        `${column} LIKE ${quote(pick(random, ['user%', 'a%', '%a', 's-1_', 'per\\%%', '', '%', '😀%', "it'%"]))}`,
      () => `${column} NOT LIKE ${quote(pick(random, ['user%', 's-%']))}`,
      () => `${column} ILIKE 'A%'`,
      () => `starts_with(${column}, ${value()})`,
      () => `NOT starts_with(${column}, ${value()})`,
      () => `lower(${column}) = ${value()}`,
      () => `length(${column}) > 3`,
    )
  }
  if (kind === 'timestamp') {
    const unit = pick(random, ['hour', 'day', 'week', 'month', 'quarter', 'year', 'decade'])
    forms.push(
      () => `date_trunc('${unit}', ${column}) ${operator} ${value()}`,
      () => `${column}::DATE ${operator} DATE '1970-01-01'`,
      () => `year(${column}) ${operator} 1970`,
      () => `${column} + INTERVAL 1 DAY ${operator} ${value()}`,
    )
  }
  if (kind === 'double' || kind === 'long') {
    forms.push(
      () => `${column} + 1 ${operator} ${value()}`,
      () => `-${column} ${operator} ${value()}`,
    )
  }
  if (kind === 'boolean')
    forms.push(
      () => column,
      () => `NOT ${column}`,
    )
  return pick(random, forms)()
}

/** Conditions joined and negated; `of` stands in front of each column. */
function predicate(role: TableRole, random: () => number, of = '', depth = 0): string {
  const roll = random()
  if (depth < 2 && roll < 0.45) {
    const joined = pick(random, [' AND ', ' OR '])
    const parts = Array.from({ length: 2 + Math.floor(random() * 2) }, () =>
      predicate(role, random, of, depth + 1),
    )
    return `(${parts.join(joined)})`
  }
  if (roll < 0.55) return `NOT (${predicate(role, random, of, depth + 1)})`
  const [name, kind] = pick(random, Object.entries(TABLE_COLUMNS[role].columns))
  return `(${condition(kind, of + name, random)})`
}

/** A statement, and what stands for a table's name in it: `{raw}`, `{daily}`. */
function statement(random: () => number): string {
  const role = pick(random, ['raw', 'raw', 'raw', 'errors', 'daily', 'weekly', 'monthly'] as const)
  const { key } = TABLE_COLUMNS[role]
  const from = `{${role}}`
  const where = (of = ''): string => predicate(role, random, of)
  const forms: (() => string)[] = [
    () => `SELECT * FROM ${from} WHERE ${where()}`,
    () => `SELECT ${key} FROM ${from} WHERE ${where()}`,
    () => `SELECT count(*) FROM ${from} WHERE ${where()}`,
    () => `SELECT user_id, count(*) FROM ${from} WHERE ${where()} GROUP BY user_id HAVING count(*) > 1`,
    () => `SELECT ${key} FROM ${from} WHERE ${where()} UNION ALL SELECT ${key} FROM ${from} WHERE ${where()}`,
    () =>
      `SELECT a.${key}, b.${key} FROM ${from} a LEFT JOIN ${from} b ON a.${key} = b.${key} AND ${where('b.')} WHERE ${where('a.')}`,
    () =>
      `SELECT a.${key}, b.${key} FROM (SELECT * FROM ${from} WHERE ${where()}) a FULL JOIN (SELECT * FROM ${from} WHERE ${where()}) b USING (${key})`,
    () =>
      `SELECT a.${key} FROM ${from} a WHERE EXISTS (SELECT 1 FROM ${from} b WHERE b.user_id = a.user_id AND ${where('b.')}) AND ${where('a.')}`,
    () =>
      `SELECT ${key} FROM ${from} WHERE user_id NOT IN (SELECT user_id FROM ${from} WHERE ${where()} AND user_id IS NOT NULL)`,
    () =>
      `WITH t AS MATERIALIZED (SELECT * FROM ${from} WHERE ${where()}) SELECT x.${key} FROM t x JOIN t y USING (${key}) WHERE ${where('y.')}`,
    () => `SELECT ${key} FROM (SELECT * FROM ${from} ORDER BY ${key} LIMIT 20) q WHERE ${where()}`,
    () => `SELECT ${key} FROM ${from} WHERE ${where()} ORDER BY ${key} LIMIT 7 OFFSET 2`,
    () =>
      `SELECT ${key}, row_number() OVER (PARTITION BY user_id ORDER BY ${key}) AS r FROM ${from} WHERE ${where()} QUALIFY r <= 2`,
    () => `SELECT count(*) FILTER (WHERE ${where()}), count(*) FROM ${from}`,
    () =>
      `SELECT user_id, data_type, count(*) FROM {raw} WHERE ${predicate('raw', random)} GROUP BY GROUPING SETS ((user_id), (data_type), ())`,
    () =>
      `SELECT r.sample_id, d.record_count FROM {raw} r JOIN {daily} d USING (user_id) WHERE ${predicate('raw', random, 'r.')} AND ${predicate('daily', random, 'd.')}`,
  ]
  return pick(random, forms)()
}

/** `count` statements; `name` gives the table that stands for a role. */
export function randomStatements(
  seed: number,
  count: number,
): readonly ((name: (table: string) => string) => string)[] {
  const random = seeded(seed)
  return Array.from({ length: count }, () => {
    const sql = statement(random)
    return (name) =>
      sql.replace(/\{(raw|errors|daily|weekly|monthly)\}/g, (_, role: TableRole) =>
        name(TABLES[role].defaultName),
      )
  })
}
