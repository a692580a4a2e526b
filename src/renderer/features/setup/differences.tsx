import type { DifferenceView } from '../../../shared/setup.ts'

/** Field by field: what the specification says, and what is there. */
export function Differences({
  differences,
  advice = null,
}: {
  differences: readonly DifferenceView[]
  advice?: string | null
}) {
  return (
    <>
      <table className="grid diffs">
        <thead>
          <tr>
            <th>Differs in</th>
            <th>Specified</th>
            <th>Found</th>
          </tr>
        </thead>
        <tbody>
          {differences.map((one) => (
            <tr key={one.what}>
              <td>{one.what}</td>
              <td className="mono">{one.expected}</td>
              <td className="mono">{one.found}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {advice !== null && <p className="attention-note dense">{advice}</p>}
    </>
  )
}
