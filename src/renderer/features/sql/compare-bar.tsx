import type { Comparison, QuerySnapshot } from '../../../shared/workbench.ts'
import { Check } from '../../ui/check.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import { Select } from '../../ui/select.tsx'
import { useView } from '../../ui/view.ts'
import { sidesOf } from './comparing.ts'
import { setComparison } from './comparisons.ts'
import { snapshotWords } from './snapshots.ts'
import type { Tab } from './tab.ts'

/** The two snapshots and the key that tells rows apart. */
export function CompareBar({
  tab,
  comparison,
  snapshots,
  columns,
  keyInUse,
  running,
  onRun,
  onCancel,
}: {
  tab: Tab
  comparison: Comparison
  snapshots: readonly QuerySnapshot[]
  /** Names of the answer's columns; empty before the first run. */
  columns: readonly string[]
  /** The key of the last run. */
  keyInUse: readonly string[] | null
  running: boolean
  onRun: () => void
  onCancel: () => void
}) {
  const { zone } = useView()
  const { before, after } = sidesOf(comparison, snapshots)
  const choices = snapshots.map((one) => ({ value: one.id, word: snapshotWords(one, zone) }))
  const key = comparison.key ?? keyInUse
  const toggle = (name: string, on: boolean) => {
    const now = key ?? []
    const next = on
      ? columns.filter((one) => one === name || now.includes(one))
      : now.filter((one) => one !== name)
    setComparison(tab.id, { key: next.length === 0 ? null : next })
  }
  return (
    <div className="sql-two">
      <span>Before</span>
      <Select
        small
        label="Before"
        value={before ?? ''}
        choices={choices}
        onChange={(id) => setComparison(tab.id, { before: id })}
      />
      <span>After</span>
      <Select
        small
        label="After"
        value={after ?? ''}
        choices={choices}
        onChange={(id) => setComparison(tab.id, { after: id })}
      />
      <span>Key</span>
      <Popover
        title="Columns that tell the rows apart"
        trigger={
          <button
            type="button"
            className="select s mono"
            aria-label={`Key: ${key?.join(', ') ?? 'suggested'}`}
          >
            <span className="cut">{key?.join(', ') ?? 'suggested'}</span>
            <Icon name="updown" />
          </button>
        }
      >
        {columns.length === 0 ? (
          <p className="t2 dense">Known after the first run, which takes words, days and instants.</p>
        ) : (
          <ul className="sql-columns">
            {columns.map((name) => (
              <li key={name}>
                <Check
                  label={name}
                  checked={key?.includes(name) === true}
                  onChange={(on) => toggle(name, on)}
                />
              </li>
            ))}
          </ul>
        )}
      </Popover>
      {running ? (
        <button type="button" className="btn s" onClick={onCancel}>
          <Icon name="stop" />
          Cancel
        </button>
      ) : (
        <button
          type="button"
          className={keyInUse === null ? 'btn primary s' : 'btn s'}
          disabled={before === after}
          onClick={onRun}
        >
          <Icon name="play" />
          {keyInUse === null ? 'Run both' : 'Run both again'}
        </button>
      )}
      {before === after && before !== null && (
        <span className="note">Both are the same snapshot: choose an older one as Before.</span>
      )}
    </div>
  )
}
