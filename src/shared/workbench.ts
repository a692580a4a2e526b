/** What the SQL workbench keeps over restarts, in files of the home folder. Instants are ms since the epoch. */

/** The lake that a workbench belongs to: the user's own ones, or the sample, whose workbench goes with it. */
export type WorkbenchOf = 'own' | 'sample'

/** A statement that was run. */
export interface PastRun {
  readonly text: string
  readonly at: number
  readonly ms: number
  readonly state: 'done' | 'failed' | 'cancelled'
  /** Rows of the answer; null where there was none. */
  readonly rows: number | null
  /** Bytes that its files were planned to cost. */
  readonly bytes: number | null
}

/** How the text of a parameter's field is read. */
export type ParameterKind = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'null'

export interface ParameterField {
  readonly kind: ParameterKind
  readonly text: string
}

/** The file that a tab's text is kept in, and what that file held when it was last read or written here. */
export interface TabFile {
  readonly name: string
  readonly sql: string
}

/** One query at two snapshots of a table. */
export interface Comparison {
  readonly table: string
  /** Snapshot ids; null: the newest. */
  readonly before: string | null
  readonly after: string | null
  /** Names of the answer's columns that tell its rows apart; null: as suggested. */
  readonly key: readonly string[] | null
}

export interface KeptTab {
  readonly title: string
  readonly text: string
  /** The text that is kept elsewhere or can be had again: what differs from it is not saved. */
  readonly base: string
  readonly file: TabFile | null
  readonly parameters: Readonly<Record<string, ParameterField>>
  /** Snapshot by table name that the tab reads in place of the newest. */
  readonly snapshots: Readonly<Record<string, string>>
  readonly comparison: Comparison | null
}

/** A piece of SQL to put in by its name. `#{name}` marks a place to fill in. */
export interface Snippet {
  readonly name: string
  readonly text: string
}

export interface KeptWorkbench {
  /** Folder of the files, to be told. */
  readonly folder: string
  readonly tabs: readonly KeptTab[]
  /** Place of the open tab, from 0. */
  readonly active: number
  /** Newest first. */
  readonly history: readonly PastRun[]
  readonly snippets: readonly Snippet[]
}

/** Runs kept, and the longest text that is kept, in UTF-16 units. */
export const MOST_RUNS = 500
export const LONGEST_RUN = 20_000

/** A snapshot of a table, to choose from. */
export interface QuerySnapshot {
  readonly id: string
  readonly at: number
  readonly operation: string
  /** True for the one that is read where none is named. */
  readonly newest: boolean
  /** Rows of the table with it; null where the summary does not say, as for those that it added and removed. */
  readonly rows: number | null
  readonly addedRows: number | null
  readonly removedRows: number | null
  readonly schemaId: number | null
}
