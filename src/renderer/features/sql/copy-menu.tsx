import { type CopyFormat, copyText, withColumns } from '../../query/copy.ts'
import type { QueryResult } from '../../query/result.ts'
import { count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { notify } from '../../ui/toast.tsx'

/** Rows put on the clipboard at most; Export has them all. */
const MOST_COPIED = 10_000
const COPIES: readonly { format: CopyFormat; name: string }[] = [
  { format: 'csv', name: 'Copy rows as CSV' },
  { format: 'json', name: 'Copy rows as JSON' },
  { format: 'markdown', name: 'Copy rows as Markdown' },
  { format: 'insert', name: 'Copy rows as INSERT' },
]

/** Puts the rows on the clipboard as they are shown: sorted, filtered, without the columns that are hidden. */
export function CopyMenu({ shown, columns }: { shown: QueryResult; columns: readonly number[] }) {
  return (
    <Menu
      trigger={
        <button type="button" className="btn quiet s">
          <Icon name="copy" />
          Copy
        </button>
      }
      entries={COPIES.map(({ format, name }) => ({
        name,
        onChoose: () => {
          const rows = Math.min(shown.rows, MOST_COPIED)
          const text = copyText(withColumns(shown, columns), format, MOST_COPIED)
          const rest = rows < shown.rows ? ` of ${count(shown.rows)}; Export has them all` : ''
          void navigator.clipboard.writeText(text).then(() => notify(`Copied ${counted(rows, 'row')}${rest}`))
        },
      }))}
    />
  )
}
