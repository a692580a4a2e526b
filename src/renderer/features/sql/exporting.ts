import type { ExportFormat } from '../../../shared/export.ts'
import type { Arrangement } from '../../query/arrange.ts'
import { Cancelled } from '../../query/errors.ts'
import type { Exported } from '../../query/export.ts'
import type { QueryResult } from '../../query/result.ts'
import type { ExportOptions } from '../../query/session.ts'
import { theEngine } from '../../query/start.ts'
import { counted } from '../../ui/format.ts'
import { notify } from '../../ui/toast.tsx'
import { optionsOf } from './runs.ts'
import type { RunText, Tab } from './tab.ts'
import { tabStore } from './tab-store.ts'

export type ExportState =
  | {
      readonly state: 'running'
      readonly format: ExportFormat
      readonly rows: number
      /** Rows that there will be; null where the statement runs anew. */
      readonly of: number | null
      readonly bytes: number
      readonly since: number
    }
  | { readonly state: 'done'; readonly file: Exported }
  | { readonly state: 'failed'; readonly error: unknown }

export interface ExportWish {
  readonly format: ExportFormat
  /** Of the file, without ending. */
  readonly name: string
  /** The rows as the grid shows them, or null for all rows as they came. */
  readonly shown: QueryResult | null
  readonly arrangement: Arrangement
  /** Places of the columns to write; null for all. */
  readonly columns: readonly number[] | null
}

const exports = tabStore<ExportState>()
const stops = new Map<string, AbortController>()

/** The export of a tab that runs or has ended; null before one was asked for. It goes on whatever is shown. */
export const useExport = exports.use

/** What is handed to the engine: rows and columns of the answer, or the statement where the answer was cut. */
function optionsFor(wish: ExportWish, answer: QueryResult): Pick<ExportOptions, 'result' | 'arrange'> {
  if (answer.cut) return wish.shown === null ? {} : { result: answer, arrange: wish.arrangement }
  const rows = wish.shown ?? answer
  return { result: wish.columns === null ? rows : rows.withColumns(wish.columns) }
}

/** Writes the answer of a tab into a file. */
export async function startExport(
  tab: Tab,
  of: RunText,
  answer: QueryResult,
  wish: ExportWish,
): Promise<void> {
  const stop = new AbortController()
  stops.set(tab.id, stop)
  const { format, name } = wish
  const all = answer.cut ? null : (wish.shown ?? answer).rows
  const running = { state: 'running', format, of: all, since: Date.now() } as const
  exports.set(tab.id, { ...running, rows: 0, bytes: 0 })
  try {
    const file = await theEngine()
      .session(tab.id)
      .export(of.text, {
        ...optionsOf(tab, of.text),
        ...optionsFor(wish, answer),
        format,
        name,
        signal: stop.signal,
        onProgress: (rows, bytes) => exports.set(tab.id, { ...running, rows, bytes }),
      })
    exports.set(tab.id, { state: 'done', file })
    notify(`Wrote ${counted(file.rows, 'row')} to ${file.name}`)
  } catch (error) {
    exports.set(tab.id, error instanceof Cancelled ? null : { state: 'failed', error })
  } finally {
    stops.delete(tab.id)
  }
}

export function stopExport(id: string): void {
  stops.get(id)?.abort()
}

/** Makes room for another export of the tab. */
export function forgetExport(id: string): void {
  if (exports.get(id)?.state !== 'running') exports.set(id, null)
}
