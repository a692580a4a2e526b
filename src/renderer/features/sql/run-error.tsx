import { RequestFailed } from '../../query/api.ts'
import { EngineError } from '../../query/errors.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { duration } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import type { RunText } from './workbench.ts'

interface RunErrorProps {
  readonly error: unknown
  readonly of: RunText
  readonly ms: number
  readonly onReplace: (from: number, to: number, text: string) => void
}

/** Why a statement failed: the engine's own words, where it found the fault, and what to write instead if it knows. */
export function RunError({ error, of, ms, onReplace }: RunErrorProps) {
  if (error instanceof RequestFailed) return <FaultBlock fault={error.fault} />
  if (!(error instanceof EngineError)) {
    const text = error instanceof Error ? error.message : String(error)
    return (
      <div className="fault" role="alert">
        <div>
          <Status state="failed" word={text} bare />
        </div>
      </div>
    )
  }
  const [title = '', ...more] = error.message.split('\n')
  const place = error.range === null ? null : lineAndColumn(of, error.range[0])
  const [candidate] = error.candidates
  const words = `${error.type} Error: ${error.message}${place === null ? '' : `\nline ${place.line}, column ${place.column}`}`
  return (
    <div className="fault" role="alert">
      <div>
        <Status state="failed" word={title} bare />
      </div>
      <dl className="dense">
        <dt>Engine</dt>
        <dd>
          <pre>
            {error.type} Error{more.length > 0 ? `\n${more.join('\n').trim()}` : ''}
            {place && `\nline ${place.line}, column ${place.column}`}
          </pre>
        </dd>
        {error.type === 'Out of Memory' && (
          <>
            <dt>Remedy</dt>
            <dd>Name fewer columns, narrow the time, or aggregate before joining.</dd>
          </>
        )}
        <dt>Took</dt>
        <dd>{duration(ms)}</dd>
      </dl>
      <div className="row">
        {candidate !== undefined && error.range !== null && error.range[1] > error.range[0] && (
          <button
            type="button"
            className="btn s"
            onClick={() =>
              onReplace(of.start + (error.range?.[0] ?? 0), of.start + (error.range?.[1] ?? 0), candidate)
            }
          >
            Change to {candidate}
          </button>
        )}
        <CopyButton text={`${words}\n\n${of.text}`} label="Copy details" />
      </div>
    </div>
  )
}

/** The place in the tab's text of a place in the statement, both counted from 1. */
function lineAndColumn(of: RunText, at: number): { line: number; column: number } {
  const before = of.text.slice(0, at).split('\n')
  const column = (before[before.length - 1]?.length ?? 0) + 1
  return { line: of.above + before.length, column: before.length === 1 ? of.left + column : column }
}
