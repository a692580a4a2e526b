import { useState } from 'react'
import type { Forecast } from '../../query/cost.ts'
import { bytes, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import { type Cheaper, cheaperWays } from './cheaper.ts'
import { openTab, tabOf } from './workbench.ts'

/** Ways out of a statement that reads too much: less time, or a sample of the days; each with its cost. */
export function CheaperWays({ id, forecast }: { id: string; forecast: Forecast }) {
  const [found, setFound] = useState<readonly Cheaper[] | null>(null)
  const [asked, setAsked] = useState(false)
  const ask = () => {
    const tab = tabOf(id)
    if (asked || tab === undefined) return
    setAsked(true)
    cheaperWays(tab, forecast).then(setFound, () => setFound([]))
  }
  return (
    <Popover
      title="Read less"
      width={360}
      onOpenChange={(open) => open && ask()}
      trigger={
        <button type="button" className="btn s">
          Read less
          <Icon name="down" />
        </button>
      }
    >
      {found === null && <p className="t2 dense">Working out what narrower statements would read</p>}
      {found?.map((one) => (
        <div key={one.name} className="sql-cheaper">
          <b>{one.name}</b>
          <span className="t2 dense">
            {counted(one.files, 'file')}, {bytes(one.bytes)}, about {counted(one.rows, 'row')}
            {one.exact ? '' : '; an approximate answer'}
          </span>
          <button type="button" className="btn s" onClick={() => openTab({ text: one.text, base: '' })}>
            Open it
          </button>
        </div>
      ))}
      {found?.length === 0 && (
        <p className="t2 dense">
          No column of time to narrow by. Name fewer columns in place of *, or ask for one user or type with
          WHERE.
        </p>
      )}
      <p className="t3 micro">Each opens in a tab of its own and does not run by itself.</p>
    </Popover>
  )
}
