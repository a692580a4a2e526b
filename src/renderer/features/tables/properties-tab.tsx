import { useState } from 'react'
import { CopyButton } from '../../ui/copy.tsx'
import { type DataColumn, PlainTable } from '../../ui/data-table.tsx'
import { NoMatch } from '../../ui/empty.tsx'
import { TextField } from '../../ui/field.tsx'
import { counted } from '../../ui/format.ts'
import { Scroll } from '../../ui/scroll.tsx'
import type { TabProps } from './table-view.tsx'

type Property = readonly [name: string, value: string]

const columnsOf = (name: string): readonly DataColumn<Property>[] => [
  { name, mono: true, cell: ([name]) => <span className="long-name">{name}</span> },
  { name: 'Value', mono: true, rest: true, cell: ([, value]) => <span className="property">{value}</span> },
  { name: 'Copy', numeric: true, cell: ([, value]) => <CopyButton text={value} label="Copy" /> },
]

/** What a writer keeps to is set by names of several parts; ours tell what was loaded. */
const isSetting = (name: string) => name.includes('.') && !name.startsWith('tarn.')
const GROUPS: readonly (readonly [name: string, holds: (name: string) => boolean])[] = [
  ['Identity and ledger', (name) => !isSetting(name)],
  ['Setting', isSetting],
]

/** What the table is told to be, and its identity; each to be copied. */
export function PropertiesTab({ detail }: TabProps) {
  const [find, setFind] = useState('')
  const identity: readonly Property[] = [
    ['uuid', detail.uuid],
    ['format-version', String(detail.formatVersion)],
    ['location', detail.location],
    ['metadata-location', detail.metadataLocation ?? ''],
  ]
  const properties = Object.entries(detail.properties).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const all = [...identity, ...properties]
  const wanted = find.trim().toLowerCase()
  const shown = all.filter(([name, value]) => `${name} ${value}`.toLowerCase().includes(wanted))
  const text = JSON.stringify(Object.fromEntries(properties), null, 2)
  return (
    <>
      <div className="bar list-bar">
        <div style={{ width: 240 }} className="filter-field">
          <TextField
            label="Filter properties"
            hideLabel
            small
            type="search"
            icon="search"
            placeholder="Filter properties"
            value={find}
            onChange={setFind}
          />
        </div>
        <span className="grow" />
        <CopyButton
          text={text}
          label={`Copy ${counted(properties.length, 'property', 'properties')} as JSON`}
        />
      </div>
      {shown.length === 0 ? (
        <NoMatch onClear={() => setFind('')}>
          None of {counted(all.length, 'value')} has <b>{find}</b>.
        </NoMatch>
      ) : (
        <Scroll label="Properties">
          <div className="tables-facts">
            {GROUPS.map(([group, holds]) => {
              const rows = shown.filter(([name]) => holds(name))
              return (
                rows.length > 0 && (
                  <PlainTable
                    key={group}
                    label={group}
                    columns={columnsOf(group)}
                    rows={rows}
                    rowKey={([name]) => name}
                  />
                )
              )
            })}
          </div>
        </Scroll>
      )}
    </>
  )
}
