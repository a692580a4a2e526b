import type { Completion } from '@codemirror/autocomplete'
import { theEngine } from '../../query/start.ts'
import { USUAL_FUNCTIONS } from './dialect.ts'

/** Every function of the engine with its first form, for an analyst: none of its own internals. */
const ASK = `SELECT function_name, min(function_type) AS kind, arg_min(parameters::VARCHAR, len(parameters)) AS takes,
  any_value(description) AS about
FROM duckdb_functions()
WHERE regexp_matches(function_name, '^[a-z][a-z0-9_]+$') AND function_type IN ('scalar', 'aggregate', 'macro')
  AND NOT starts_with(function_name, 'pg_') AND NOT starts_with(function_name, 'duckdb_')
GROUP BY ALL ORDER BY 1`

let known: Promise<readonly Completion[]> | null = null

/** The engine's functions with what they take and what they do; the usual ones by name where it does not tell. */
export function knownFunctions(): Promise<readonly Completion[]> {
  known ??= ask().catch(() => {
    known = null
    return USUAL_FUNCTIONS.map((name) => completion(name, '', null))
  })
  return known
}

async function ask(): Promise<readonly Completion[]> {
  const { result } = await theEngine().session('functions').run(ASK)
  return Array.from({ length: result.rows }, (_, row) =>
    completion(result.cell(row, 0) ?? '', result.cell(row, 2) ?? '', result.cell(row, 3)),
  )
}

function completion(name: string, takes: string, about: string | null): Completion {
  return {
    label: name,
    apply: (view, _, from, to) => {
      const open = view.state.sliceDoc(to, to + 1) === '('
      const insert = open ? name : `${name}()`
      view.dispatch({
        changes: { from, to, insert },
        selection: { anchor: from + name.length + 1 },
        userEvent: 'input.complete',
      })
    },
    detail: takes === '' ? '()' : `(${takes.replace(/^\[|\]$/g, '').toLowerCase()})`,
    type: 'function',
    ...(about === null ? {} : { info: about }),
  }
}
