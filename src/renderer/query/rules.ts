import type { Statement } from './lexer.ts'

/** What a statement does to the session, told from its first words. */
export type StatementKind =
  /** Answers rows. */
  | 'read'
  /** Shows DuckDB's plan without running; `inner` is run on empty tables. */
  | 'explain'
  /** Runs and shows the plan with its times. */
  | 'analyze'
  /** Changes the session's own tables and views. */
  | 'change'

export interface Ruling {
  readonly kind: StatementKind
  /** The statement without EXPLAIN. */
  readonly inner: string
  /** True where its plan depends on the data, so that nothing may be left out: PIVOT looks at values first. */
  readonly opaque: boolean
  /** True where the session has to do it again after the engine was rebuilt. */
  readonly replay: boolean
}

/** The statement is not available here. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

const READ = new Set([
  'SELECT',
  'WITH',
  'FROM',
  'VALUES',
  'TABLE',
  'DESCRIBE',
  'DESC',
  'SHOW',
  'SUMMARIZE',
  'PIVOT',
  'UNPIVOT',
  '(',
])
const CHANGE = new Set(['INSERT', 'UPDATE', 'DELETE', 'ALTER', 'TRUNCATE', 'COMMENT'])
const MAKE = new Set(['TABLE', 'VIEW', 'MACRO', 'FUNCTION', 'SEQUENCE', 'SCHEMA'])
const INSTEAD: Readonly<Record<string, string>> = {
  COPY: 'Use Export to save a result.',
  EXPORT: 'Use Export to save a result.',
  ATTACH: 'The tables of the lake are there already.',
  INSTALL: 'Extensions are not loaded.',
  LOAD: 'Extensions are not loaded.',
  BEGIN: 'Every statement stands for itself.',
  COMMIT: 'Every statement stands for itself.',
  ROLLBACK: 'Every statement stands for itself.',
}

/** Throws `Refused` for what does not belong into a session that reads a lake. */
export function rule({ tokens, text }: Statement): Ruling {
  const words = tokens.map((token) => token.text.toUpperCase())
  let first = 0
  let kind: StatementKind = 'read'
  if (words[0] === 'EXPLAIN') {
    kind = 'explain'
    first = 1
    if (words[first] === 'ANALYZE') {
      kind = 'analyze'
      first++
    }
    if (words[first] === '(' && /^(FORMAT|ANALYZE|COSTS)$/.test(words[first + 1] ?? '')) {
      while (first < words.length && words[first] !== ')') if (words[first++] === 'ANALYZE') kind = 'analyze'
      first++
    }
  }
  const start = (tokens[first]?.start ?? 0) - (tokens[0]?.start ?? 0)
  const word = words[first] ?? ''
  const opaque = tokens.some((token) => token.kind === 'word' && /^pivot/i.test(token.text))
  const ruled = { inner: text.slice(start), opaque, replay: false }
  if (READ.has(word)) return { ...ruled, kind }
  if (word === 'CREATE' || word === 'DROP') {
    const what = words
      .slice(first + 1)
      .find((next) => !/^(OR|REPLACE|TEMP|TEMPORARY|IF|NOT|EXISTS|RECURSIVE)$/.test(next))
    if (what !== undefined && MAKE.has(what)) {
      return { ...ruled, kind: kind === 'read' ? 'change' : kind, replay: what !== 'TABLE' }
    }
    throw new Refused(`${word} ${what ?? ''} is not available here.`)
  }
  if (CHANGE.has(word)) return { ...ruled, kind: kind === 'read' ? 'change' : kind }
  throw new Refused(
    [`${word === '' ? 'This statement' : word} is not available here.`, INSTEAD[word] ?? ''].join(' ').trim(),
  )
}
