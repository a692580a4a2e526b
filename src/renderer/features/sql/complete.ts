import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { snippetCompletion } from '@codemirror/autocomplete'
import type { QueryNamespace } from '../../../shared/query.ts'
import { namesLevels } from '../../query/chains.ts'
import { statementAt } from '../../query/lexer.ts'
import { theEngine } from '../../query/start.ts'
import { type EngineTable, nameIn, written } from '../../query/tables.ts'
import { typeWord } from '../../query/types.ts'
import { count, counted } from '../../ui/format.ts'
import { KEYWORDS } from './dialect.ts'
import { knownFunctions } from './functions.ts'
import { comparedColumn, type Named, tablesIn } from './named-tables.ts'
import { BUILT_IN, ownSnippets } from './snippets.ts'
import { valuesOfColumn } from './values.ts'

function columnCompletions(table: EngineTable, from: string): Completion[] {
  return table.fields.map((field) => ({
    label: field.name,
    apply: written(field.name),
    detail: `${typeWord(field.field.type)}${from === '' ? '' : `  ${from}`}`,
    type: 'property',
    boost: 3,
    ...(field.field.doc === undefined ? {} : { info: field.field.doc }),
  }))
}

/** Completion of the statement at the cursor: values of a compared column, columns, tables, functions, words, snippets. */
export async function completeSql(context: CompletionContext): Promise<CompletionResult | null> {
  const text = context.state.doc.toString()
  const { tables, known, elsewhere } = theEngine()
  const statement = statementAt(text, context.pos)
  const tokens = statement?.tokens ?? []
  const named = tablesIn(tokens, known)
  const compared = comparedColumn(tokens, context.pos)
  if (compared !== null) {
    const values = await valueCompletions(compared.column, named)
    if (values.length > 0) {
      const { literal } = compared
      const open = literal !== null
      const closed = open && literal.end > literal.start + 1 && literal.text.endsWith("'")
      return {
        from: open ? literal.start : context.pos,
        ...(closed ? { to: literal.end } : {}),
        options: values,
        filter: open,
      }
    }
    if (compared.literal !== null) return null
  }
  if (tokens.some((token) => token.kind === 'string' && token.start < context.pos && context.pos < token.end))
    return null
  const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*$/u)
  const start = word?.from ?? context.pos
  const line = context.state.doc.lineAt(start)
  if (line.text.slice(0, start - line.from).includes('--')) return null
  const parts = namesBefore(text, start)
  if (parts.length > 0) {
    const prefix = (parts.at(-1) as string).toLowerCase()
    const of = named.find(
      (one) => one.alias.toLowerCase() === prefix || one.table.table.name.toLowerCase() === prefix,
    )
    if (of !== undefined) return { from: start, options: columnCompletions(of.table, ''), validFor: /^\w*$/ }
    const own = tables.filter((one) => namesLevels(parts, one.table.namespace)).map(tableCompletion)
    const options = [...own, ...insideOf(elsewhere.listed.namespaces, parts)]
    return options.length === 0 ? null : { from: start, options, validFor: /^\w*$/ }
  }
  if (word === null && !context.explicit) return null
  const columns =
    named.length > 0
      ? named.flatMap((one) => columnCompletions(one.table, named.length > 1 ? one.alias : ''))
      : ofAnyTable(tables)
  return {
    from: start,
    validFor: /^\w*$/,
    options: [
      ...columns,
      ...tables.map(tableCompletion),
      ...elsewhere.listed.namespaces.flatMap(({ levels, tables: names }) =>
        names.map((name) => otherCompletion(nameIn(levels, name))),
      ),
      ...(await knownFunctions()),
      ...[...KEYWORDS].map(
        (label): Completion => ({ label: label.toUpperCase(), type: 'keyword', boost: -1 }),
      ),
      ...[...ownSnippets(), ...BUILT_IN].map(({ name, text: template }) =>
        snippetCompletion(template, { label: name, detail: 'snippet', type: 'text', boost: -2 }),
      ),
    ],
  }
}

/** Columns of all tables, each name once. */
function ofAnyTable(tables: readonly EngineTable[]): Completion[] {
  const seen = new Map<string, Completion>()
  for (const table of tables)
    for (const one of columnCompletions(table, table.table.name))
      if (!seen.has(one.label)) seen.set(one.label, one)
  return [...seen.values()]
}

/** The names with dots between them that end in front of `at`; none where no dot does. */
function namesBefore(text: string, at: number): string[] {
  const dotted = /((?:[\p{L}_][\p{L}\p{N}_]*|"[^"]+")\s*\.\s*)+$/u.exec(text.slice(Math.max(0, at - 400), at))
  const names = dotted?.[0].match(/[\p{L}_][\p{L}\p{N}_]*|"[^"]+"/gu) ?? []
  return names.map((name) => name.replace(/^"|"$/g, ''))
}

/** Tables of a namespace beside the lake's own, and the namespaces one level below it. */
function insideOf(namespaces: readonly QueryNamespace[], parts: readonly string[]): Completion[] {
  return namespaces.flatMap(({ levels, tables }) => {
    if (namesLevels(parts, levels)) return tables.map((name) => otherCompletion(written(name)))
    const below = namesLevels(parts, levels.slice(0, -1))
    return below ? [{ ...otherCompletion(written(levels.at(-1) as string)), detail: 'namespace' }] : []
  })
}

/** A table whose metadata is not loaded before a statement names it. */
function otherCompletion(apply: string): Completion {
  return { label: apply, detail: 'table', type: 'type', boost: 1 }
}

function tableCompletion({ table, fields }: EngineTable): Completion {
  const { rows } = table.totals
  return {
    label: table.name,
    apply: written(table.name),
    detail: rows === null ? 'table' : `table  ${counted(rows, 'row')}`,
    info: `${count(fields.length)} columns: ${fields.map((field) => field.name).join(', ')}`,
    type: 'type',
    boost: 2,
  }
}

async function valueCompletions(column: string, named: readonly Named[]): Promise<Completion[]> {
  const of = named.find(({ table }) => table.fields.some((field) => field.name === column))
  if (of === undefined) return []
  const values = await valuesOfColumn(of.table, column)
  return values.map(({ value, rows }) => ({
    label: `'${value.replaceAll("'", "''")}'`,
    detail: counted(rows, 'row'),
    type: 'constant',
  }))
}
