import { SIZE_STEPS, type SizeCounts } from '../../../shared/maintenance.ts'
import { bytes, count } from '../../ui/format.ts'

/** Files by size, as they are and as they are foreseen: a bar and a count on both sides of each step. */
export function SizeTable({ before, after }: { before: SizeCounts; after: SizeCounts }) {
  const held = [...before.keys()].filter((step) => (before[step] ?? 0) + (after[step] ?? 0) > 0)
  const [first, last] = [held[0] ?? 0, held.at(-1) ?? 0]
  const most = Math.max(1, ...before, ...after)
  const bar = (n: number, side: 'before' | 'after') => (
    <td>
      <span className="size-bar">
        {n > 0 && <i className={side} style={{ width: `${(n / most) * 100}%` }} />}
        <span className="num">{count(n)}</span>
      </span>
    </td>
  )
  return (
    <table className="grid size-table">
      <caption className="visually-hidden">Data files by size</caption>
      <thead>
        <tr>
          <th scope="col">Size of a file</th>
          <th scope="col">Files now</th>
          <th scope="col">Files after, about</th>
        </tr>
      </thead>
      <tbody>
        {[...before.keys()].slice(first, last + 1).map((step) => (
          <tr key={step}>
            <th scope="row">{stepWords(step)}</th>
            {bar(before[step] ?? 0, 'before')}
            {bar(after[step] ?? 0, 'after')}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const whole = (size: number): string => bytes(size).replace(/\.0+(?= )/, '')

function stepWords(step: number): string {
  const [from, to] = [SIZE_STEPS[step - 1], SIZE_STEPS[step]]
  if (from === undefined) return `under ${whole(to ?? 0)}`
  return to === undefined ? `${whole(from)} and more` : `${whole(from)} to ${whole(to)}`
}
