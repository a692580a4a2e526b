import { bytes, count, counted } from '../../ui/format.ts'
import { Null } from '../../ui/null.tsx'
import { Scroll } from '../../ui/scroll.tsx'

/** What is told of one column of a file or of a row group. */
export interface ColumnLine {
  readonly path: string
  /** Type and field id, for those who look closer. */
  readonly about: string
  readonly lower: string | null
  readonly upper: string | null
  readonly nans?: number | null
  readonly nulls: number | null
  /** Stored bytes. */
  readonly bytes: number | null
  /** How it is stored, where that is known. */
  readonly stored?: string
}

/** Columns with their bounds in full, each in lines of its own under the name: a pane is too narrow for them beside it. */
export function ColumnLines({ label, columns }: { label: string; columns: readonly ColumnLine[] }) {
  return (
    <Scroll label={label}>
      <table className="grid column-lines">
        <thead>
          <tr>
            <th scope="col">Column, least to most</th>
            <th scope="col" className="num">
              Null
            </th>
            <th scope="col" className="num">
              Size
            </th>
          </tr>
        </thead>
        {columns.map((one) => (
          <tbody key={one.path}>
            <tr>
              <td className="mono cut" title={`${one.path}: ${one.about}`}>
                {one.path}
              </td>
              <td className="num">{one.nulls === null ? <Null /> : count(one.nulls)}</td>
              <td className="num">{one.bytes === null ? <Null /> : bytes(one.bytes)}</td>
            </tr>
            <tr>
              <td colSpan={3}>
                <p className="t2">
                  {range(one.lower, one.upper)}
                  {one.nans ? <span className="t3">, {counted(one.nans, 'NaN')}</span> : null}
                </p>
                {one.stored && <p className="t3 micro">{one.stored}</p>}
              </td>
            </tr>
          </tbody>
        ))}
      </table>
    </Scroll>
  )
}

const range = (lower: string | null, upper: string | null) =>
  lower === null && upper === null ? (
    <span className="t3">no bounds</span>
  ) : lower === upper ? (
    lower
  ) : (
    `${lower ?? 'open'} to ${upper ?? 'open'}`
  )
