/** Texts of statements that the pages offer to run. */

/** A name as SQL takes it: quoted where it is no plain word. */
export const columnNamed = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`

/** The table as it was at a snapshot. */
export const atSnapshot = (from: string, snapshot: string): string =>
  `SELECT *\nFROM ${from} FOR VERSION AS OF ${snapshot}\nLIMIT 100`

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

interface Field {
  readonly name: string
  readonly source: string
  readonly transform: string
}

/**
 * Rows of one partition, from its path: by value, or by the half-open span of time that a value stands for. Null where a
 * field's transform cannot be said in SQL (buckets, truncation): then the partition cannot be asked for alone.
 */
export function ofPartition(from: string, path: string, fields: readonly Field[]): string | null {
  const parts = new Map(
    path.split('/').map((part): [string, string] => {
      const at = part.indexOf('=')
      return [plainOf(part.slice(0, at)), plainOf(part.slice(at + 1))]
    }),
  )
  const terms: string[] = []
  for (const field of fields) {
    const value = parts.get(field.name)
    if (value === undefined || field.source.includes('.')) return null
    const term = termOf(columnNamed(field.source), field.transform, value)
    if (term === null) return null
    if (term !== '') terms.push(term)
  }
  return terms.length === 0 ? null : `SELECT *\nFROM ${from}\nWHERE ${terms.join('\n  AND ')}\nLIMIT 100`
}

const plainOf = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function termOf(column: string, transform: string, value: string): string | null {
  if (transform === 'void') return ''
  if (value === 'null') return `${column} IS NULL`
  switch (transform) {
    case 'identity':
      return `${column} = ${literal(value)}`
    case 'year':
      return span(column, `${value}-01-01`, `${Number(value) + 1}-01-01`)
    case 'month': {
      const [year, month] = value.split('-').map(Number)
      return span(column, `${value}-01`, day(Date.UTC(year ?? 0, month ?? 0, 1)))
    }
    case 'day':
      return span(column, value, day(Date.parse(`${value}T00:00:00Z`) + 86_400_000))
    case 'hour': {
      const [date, hour] = [value.slice(0, 10), Number(value.slice(11))]
      const start = Date.parse(`${date}T00:00:00Z`) + hour * 3_600_000
      return span(column, moment(start), moment(start + 3_600_000))
    }
    default:
      return null
  }
}

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const moment = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
const span = (column: string, start: string, end: string) =>
  `${column} >= ${literal(start)} AND ${column} < ${literal(end)}`
