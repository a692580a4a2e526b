import { RequestFailed } from '../../query/api.ts'
import { EngineError } from '../../query/errors.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { duration } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import { goTo } from './editor.tsx'
import type { RunText } from './tab.ts'

interface RunErrorProps {
  readonly error: unknown
  readonly of: RunText
  /** Null where nothing was to be run. */
  readonly ms: number | null
  /** Whether the statement still stands in the text where it was run. */
  readonly stands: boolean
  /** Writes in place of a range of the tab's text, and runs again. */
  readonly onReplace: (from: number, to: number, text: string) => void
}

/** Why a statement failed: the engine's own words, where it found the fault, and what to do about it. */
export function RunError({ error, of, ms, stands, onReplace }: RunErrorProps) {
  if (error instanceof RequestFailed) return <FaultBlock fault={error.fault} />
  const known = error instanceof EngineError ? error : null
  const message = error instanceof Error ? error.message : String(error)
  const [title = '', ...more] = message.split('\n')
  const range = known?.range ?? null
  const place = range === null ? null : lineAndColumn(of, range[0])
  const candidate = range !== null && range[1] > range[0] ? known?.candidates[0] : undefined
  const said = [
    `${known === null ? '' : `${known.type} Error: `}${title}`,
    ...more.filter((line) => line.trim() !== '' && !/^\s*\^?\s*$/.test(line) && !/^LINE \d+:/.test(line)),
    ...(place === null ? [] : [`line ${place.line}, column ${place.column}`]),
  ].join('\n')
  const remedy = remedyOf(known, message, candidate)
  return (
    <div className="fault sql-fault" role="alert">
      <div>
        <Status state="failed" word={title.replace(/!$/, '')} bare />
      </div>
      <dl className="dense">
        <dt>Engine</dt>
        <dd>
          <pre>{said}</pre>
        </dd>
        <dt>Remedy</dt>
        <dd>
          {remedy}
          {ms !== null && ` The engine answered in ${duration(ms)}; the rows of the run before stay below.`}
        </dd>
      </dl>
      <div className="row">
        {stands && candidate !== undefined && range !== null && (
          <button
            type="button"
            className="btn primary s"
            onClick={() => onReplace(of.start + range[0], of.start + range[1], candidate)}
          >
            Change to {candidate} and run
          </button>
        )}
        {stands && place !== null && range !== null && (
          <button
            type="button"
            className="btn s"
            onClick={() => goTo(of.start + range[0], of.start + range[1])}
          >
            Go to line {place.line}
          </button>
        )}
        <CopyButton text={`${said}\n\n${of.text}`} label="Copy details" />
      </div>
    </div>
  )
}

/** What to do about a failure, by its kind. */
function remedyOf(error: EngineError | null, message: string, candidate: string | undefined): string {
  if (candidate !== undefined) return `Write ${candidate}, the name nearest to it.`
  if (/has no value/.test(message)) return 'Fill in its field above the cost line.'
  if (error === null) {
    if (/not available here/.test(message))
      return 'Only statements that read the lake, or make views and tables of the tab, run here.'
    return 'Change the statement and run it again.'
  }
  switch (error.type) {
    case 'Out of Memory':
      return 'Name fewer columns, narrow the time, or aggregate before joining.'
    case 'Parser':
      return 'Mend the text at the underlined place; a comma or bracket before it may be missing.'
    case 'Binder':
      return 'Compare the underlined name and types with the list at the left; completion offers what fits.'
    case 'Catalog':
      return 'The list at the left has the names that there are.'
    case 'Conversion':
      return 'Use TRY_CAST where a text may be no such value, or leave those rows out.'
    case 'Engine':
      return 'Run it again; the tab, its text and views are kept.'
    default:
      return 'Change the statement and run it again.'
  }
}

/** The place in the tab's text of a place in the statement, both counted from 1. */
export function lineAndColumn(of: RunText, at: number): { line: number; column: number } {
  const before = of.text.slice(0, at).split('\n')
  const column = (before[before.length - 1]?.length ?? 0) + 1
  return { line: of.above + before.length, column: before.length === 1 ? of.left + column : column }
}
