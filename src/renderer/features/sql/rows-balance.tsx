import { count } from '../../ui/format.ts'

interface Counts {
  readonly added: number
  readonly removed: number
  readonly changed: number
  readonly unchanged: number
}

/** Rows before and after as one bar over the other, and both sums written out. */
export function RowsBalance({ before, after, counts }: { before: number; after: number; counts: Counts }) {
  const { added, removed, changed, unchanged } = counts
  const whole = Math.max(1, removed + unchanged + changed + added)
  const at = (value: number) => `${(value / whole) * 100}%`
  return (
    <>
      <svg
        className="ch"
        width="100%"
        height="20"
        role="img"
        aria-label={`Rows: ${count(before)} before are ${count(removed)} removed, ${count(unchanged)} the same and ${count(changed)} changed; ${count(after)} after are the same, the changed and ${count(added)} added`}
      >
        <defs>
          <pattern
            id="changed-rows"
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="1.6" height="5" fill="var(--text-2)" />
          </pattern>
        </defs>
        <rect y="0" width={at(before)} height="5" fill="var(--text-2)" />
        {removed > 0 && (
          <rect
            y="7.5"
            width={at(removed)}
            height="5"
            fill="none"
            stroke="var(--text-2)"
            strokeWidth="1.25"
          />
        )}
        <rect x={at(removed)} y="7" width={at(unchanged)} height="6" fill="var(--press)" />
        <rect x={at(removed + unchanged)} y="7" width={at(changed)} height="6" fill="url(#changed-rows)" />
        <rect x={at(before)} y="7" width={at(added)} height="6" fill="var(--accent)" />
        <rect x={at(removed)} y="15" width={at(after)} height="5" fill="var(--accent-line)" />
      </svg>
      <div className="eq">
        <Term mark="before" name="Before" value={before} />
        <Term mark="removed" name="removed" value={removed} sign="= " />
        <Term mark="same" name="same" value={unchanged} sign="+ " />
        <Term mark="changed" name="changed" value={changed} sign="+ " />
        <span className="sql-eq-gap" />
        <Term mark="after" name="After" value={after} />
        <Term mark="same" name="same" value={unchanged} sign="= " />
        <Term mark="changed" name="changed" value={changed} sign="+ " />
        <Term mark="added" name="added" value={added} sign="+ " />
      </div>
    </>
  )
}

function Term({
  mark,
  name,
  value,
  sign,
}: {
  mark: 'before' | 'after' | 'removed' | 'same' | 'changed' | 'added'
  name: string
  value: number
  sign?: string
}) {
  return (
    <div>
      <span className="nm">
        <i className={`sql-mark ${mark}`} />
        {name}
      </span>
      <b>
        {sign && <span className="op">{sign}</span>}
        {count(value)}
      </b>
    </div>
  )
}
