import type { KeyValue, ThreadStart } from '../../../shared/thread.ts'
import type { TraceCell, TraceTable } from '../../../shared/trace.ts'

const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** The table as the SQL page knows it: one of the five by its name, any other by its full one. */
export function tableName({ role, name }: TraceTable): string {
  const parts = name.split('.')
  return (role === null ? parts : parts.slice(-1)).map(identifier).join('.')
}

/** A cell as a literal of its type; null where SQL has no way to spell it. */
function literal({ type, key }: TraceCell, shown: string | null): string | null {
  if (key === undefined || key === null) return null
  if (type.startsWith('timestamp'))
    return shown === null ? null : `TIMESTAMP ${text(shown.replace(/\+00:00$/, ''))}`
  if (type === 'date') return shown === null ? null : `DATE ${text(shown)}`
  if (type === 'string' || type === 'uuid') return text(String(key))
  return String(key)
}

/** A statement that finds a row again, at a snapshot. Columns whose values cannot be spelled are left out. */
export function rowSql(table: TraceTable, snapshot: string | null, cells: readonly TraceCell[]): string {
  const conditions = cells.flatMap((cell) => {
    if (cell.text === null) return [`${identifier(cell.name)} IS NULL`]
    const value = literal(cell, cell.text)
    return value === null ? [] : [`${identifier(cell.name)} = ${value}`]
  })
  const where = conditions.length === 0 ? '' : `\nWHERE ${conditions.join('\n  AND ')}`
  return `SELECT *\n${from(table, snapshot)}${where}`
}

/** Rows of one commit, told by a column in which every commit has values of its own time. */
export function commitSql(
  table: TraceTable,
  snapshot: string,
  span: { readonly column: string; readonly from: string; readonly to: string } | null,
): string {
  if (span === null) return `SELECT *\n${from(table, snapshot)}\nLIMIT 1000`
  const column = identifier(span.column)
  return `SELECT *\n${from(table, snapshot)}\nWHERE ${column} BETWEEN TIMESTAMP ${text(span.from)} AND TIMESTAMP ${text(span.to)}`
}

/** Rows of raw in a window of one user and type. */
export function windowSql(
  table: string,
  snapshot: string | null,
  keys: { readonly user: string; readonly type: string; readonly from: string; readonly to: string },
): string {
  const { user, type } = keys
  return [
    'SELECT *',
    from({ role: 'raw', name: table }, snapshot),
    `WHERE user_id = ${text(user)}`,
    `  AND data_type = ${text(type)}`,
    `  AND start_date >= TIMESTAMP ${text(keys.from)}`,
    `  AND start_date < TIMESTAMP ${text(keys.to)}`,
    'ORDER BY start_date',
  ].join('\n')
}

function from(table: TraceTable, snapshot: string | null): string {
  return `FROM ${tableName(table)}${snapshot === null ? '' : ` FOR VERSION AS OF ${snapshot}`}`
}

/** Columns that tell a row of one of the five tables from all others. */
const TELLING: Readonly<Record<string, readonly string[]>> = {
  raw: ['sample_id', 'user_id', 'data_type', 'start_date'],
  errors: ['error_id'],
  daily: ['user_id', 'data_type', 'aggregation_date'],
  weekly: ['user_id', 'data_type', 'year', 'week_of_year'],
  monthly: ['user_id', 'data_type', 'year', 'month'],
}

/** The columns by which a thread is asked for; of a table that is none of the five, all that can be compared. */
export function tellingColumns(table: TraceTable, all: readonly string[]): readonly string[] {
  return (table.role === null ? undefined : TELLING[table.role]) ?? all
}

/** Where the thread of a row begins, by the columns that tell it. */
export function startOfRow(table: TraceTable, cells: readonly TraceCell[]): ThreadStart {
  const telling = tellingColumns(
    table,
    cells.map(({ name }) => name),
  )
  const keys: Record<string, KeyValue> = {}
  for (const { name, key } of cells) if (key !== undefined && telling.includes(name)) keys[name] = key
  return { table: table.role ?? table.name, keys }
}
