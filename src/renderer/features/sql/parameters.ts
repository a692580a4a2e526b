import type { ParameterField, ParameterKind } from '../../../shared/workbench.ts'
import { statements } from '../../query/lexer.ts'
import { type ParameterValue, parameters, readParameter } from '../../query/parameters.ts'

/** Names of the parameters of a text, in order; all of its statements. */
export function namesOf(text: string): string[] {
  return [...new Set(statements(text).flatMap(({ tokens }) => parameters(tokens).map(({ name }) => name)))]
}

/** What is wrong with a field, in words; null where it can be read. */
export function troubleOf({ kind, text }: ParameterField): string | null {
  try {
    readParameter(kind, text)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const LIKELY: readonly (readonly [RegExp, ParameterKind])[] = [
  [/(^|_)(day|date|from|to|since|until)$/i, 'date'],
  [/(^|_)(at|time|instant)$/i, 'timestamp'],
  [/(^|_)(n|count|limit|snapshot|version)$/i, 'integer'],
  [/(^|_)(min|max|least|most|value|number)$/i, 'number'],
  [/^(is|has)_/i, 'boolean'],
]

/** The field that a parameter starts with, by its name. */
export function firstField(name: string): ParameterField {
  const kind = LIKELY.find(([pattern]) => pattern.test(name))?.[1] ?? 'text'
  return { kind, text: kind === 'boolean' ? 'true' : '' }
}

/**
 * Values of the parameters of a statement; null where it has none. One whose field cannot be read is left out, so that
 * the engine names it.
 */
export function valuesOf(
  text: string,
  fields: Readonly<Record<string, ParameterField>>,
): Record<string, ParameterValue> | null {
  const names = namesOf(text)
  if (names.length === 0) return null
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = fields[name] ?? firstField(name)
      const untouched = fields[name] === undefined && field.kind === 'text'
      return untouched || troubleOf(field) !== null ? [] : [[name, readParameter(field.kind, field.text)]]
    }),
  )
}
