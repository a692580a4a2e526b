import { useState } from 'react'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { openTab } from './workbench.ts'

/** Lines of a query that are shown while it is folded. */
const SHOWN = 3

/** The query of a comparison: its first lines, all of them when asked; it is edited in a tab of its own. */
export function FoldedQuery({ text }: { text: string }) {
  const [open, setOpen] = useState(false)
  const lines = text.split('\n').map((line, at) => ({ line, number: at + 1 }))
  const said = lines.filter(({ line }) => line.trim() !== '' && !line.trim().startsWith('--'))
  const shown = open ? lines : said.slice(0, SHOWN)
  const folded = lines.length - shown.length
  return (
    <div className="sql-folded">
      <div className="sql-folded-text">
        {shown.map(({ line, number }) => (
          <div key={number}>
            <span className="no" aria-hidden="true">
              {number}
            </span>
            <code className={open ? undefined : 'cut'}>{line}</code>
          </div>
        ))}
      </div>
      <div className="row">
        {(folded > 0 || open) && (
          <button type="button" className="btn quiet s" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? 'down' : 'right'} />
            {open ? 'Fold' : `${count(folded)} more ${folded === 1 ? 'line' : 'lines'}`}
          </button>
        )}
        <button type="button" className="btn quiet s" onClick={() => openTab({ text })}>
          <Icon name="edit" />
          Edit in a tab
        </button>
      </div>
    </div>
  )
}
