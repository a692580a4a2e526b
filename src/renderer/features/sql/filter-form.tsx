import { useState } from 'react'
import type { FilterOp, RowFilter } from '../../query/arrange.ts'
import type { QueryResult } from '../../query/result.ts'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import { Select } from '../../ui/select.tsx'
import { asksValue, FILTER_OPS } from './filters.ts'

/** A condition on the rows of the whole answer. */
export function FilterForm({ result, onAdd }: { result: QueryResult; onAdd: (filter: RowFilter) => void }) {
  const [column, setColumn] = useState('0')
  const [op, setOp] = useState<FilterOp>('has')
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  return (
    <Popover
      title="Filter the whole answer"
      align="start"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="btn quiet s">
          <Icon name="filter" />
          Filter
        </button>
      }
    >
      <form
        className="sql-filter-form"
        onSubmit={(event) => {
          event.preventDefault()
          onAdd({ column: Number(column), op, text })
          setText('')
          setOpen(false)
        }}
      >
        <Select
          small
          label="Column"
          value={column}
          choices={result.columns.map(({ name }, i) => ({ value: String(i), word: name }))}
          onChange={setColumn}
        />
        <Select small label="Condition" value={op} choices={FILTER_OPS} onChange={setOp} />
        {asksValue(op) && (
          <input
            className="input s"
            aria-label="Value"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <button type="submit" className="btn s">
          Add filter
        </button>
      </form>
    </Popover>
  )
}
