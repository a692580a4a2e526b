import { useState } from 'react'
import type { PlannedTable } from '../../../shared/setup.ts'
import {
  type ColumnType,
  type Layout,
  type TableDefinition,
  type TableRole,
  tableOf,
} from '../../../shared/tables.ts'
import { Badge } from '../../ui/badge.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Scroll } from '../../ui/scroll.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { Differences } from './differences.tsx'
import { layoutOf } from './layout-table.tsx'
import { SettingField } from './setting-field.tsx'
import type { Wizard } from './wizard.ts'

const TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'str',
  double: 'dbl',
  long: 'long',
  boolean: 'bool',
  timestamp: 'ts',
  'map<string,string>': 'map',
}
/** Where an example row of each table goes. */
const EXAMPLE: Readonly<Record<string, string>> = {
  start_date_day: '2026-05-09',
  error_timestamp_day: '2026-05-09',
  data_type: 'heartRate',
  error_type: 'VALIDATION_ERROR',
  user_id: 'user-0412',
  aggregation_date: '2026-05-09',
  aggregation_date_trunc: '2026-05',
  year: '2026',
  week_of_year: '19',
  month: '5',
}

type Tab = 'schema' | 'properties' | 'command'

/** One table in full: its columns, its properties, the same as a statement. */
export function TablePane({
  role,
  wizard,
  planned,
}: {
  role: TableRole
  wizard: Wizard
  planned: PlannedTable | null
}) {
  const [tab, setTab] = useState<Tab>('schema')
  const layout = layoutOf(wizard)
  const table = tableOf(role, layout)
  const name = wizard.value(`tables.${role}`)
  const properties = Object.entries(table.properties)
  return (
    <aside className="insp" aria-label={`Table ${name}`}>
      <div className="head">
        <h3 className="mono cut">{name}</h3>
      </div>
      <SubTabs
        label={`Of ${name}`}
        value={tab}
        tabs={[
          { value: 'schema', word: 'Schema', count: String(table.columns.length) },
          { value: 'properties', word: 'Properties', count: String(properties.length) },
          { value: 'command', word: 'As command' },
        ]}
        onChange={setTab}
      >
        <Scroll label={`Details of ${name}`}>
          {planned && planned.differences.length > 0 && (
            <Differences differences={planned.differences} advice={planned.advice} />
          )}
          {tab === 'schema' && <Schema role={role} layout={layout} />}
          {tab === 'properties' && (
            <div className="sect">
              <dl className="kv">
                {properties.map(([key, value]) => (
                  <div key={key} style={{ display: 'contents' }}>
                    <dt className="mono">{key}</dt>
                    <dd className="mono">{value}</dd>
                  </div>
                ))}
              </dl>
            </div>
          )}
          {tab === 'command' && (
            <div className="sect">
              <div className="row between">
                <h3>The same in SQL</h3>
                <CopyButton text={statement(table, name, wizard.value('catalog.database'))} label="Copy" />
              </div>
              <pre className="env">{statement(table, name, wizard.value('catalog.database'))}</pre>
            </div>
          )}
          <div className="sect">
            <SettingField wizard={wizard} setting={`tables.${role}`} label="Name of the table" />
          </div>
        </Scroll>
      </SubTabs>
    </aside>
  )
}

function Schema({ role, layout }: { role: TableRole; layout: Layout }) {
  const table = tableOf(role, layout)
  return (
    <>
      <table className="grid">
        <thead>
          <tr>
            <th className="num">Id</th>
            <th>Column</th>
            <th>Type</th>
            <th>Required</th>
          </tr>
        </thead>
        <tbody>
          {table.columns.map((column, index) => (
            <tr key={column.name} title={column.doc}>
              <td className="num t3">{index + 1}</td>
              <td>
                {column.name} {table.identifier.includes(column.name) && <Badge>key</Badge>}
              </td>
              <td className="mono">{TYPES[column.type]}</td>
              <td>{column.required ? 'yes' : <span className="t3">no</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="sect">
        <h3>Where a row goes</h3>
        <pre className="env">
          {table.partitions
            .map((part, index) => `${'  '.repeat(index)}${part.name}=${EXAMPLE[part.name] ?? ''}/`)
            .join('\n')}
        </pre>
        {table.identifier.length > 0 && (
          <dl className="kv" style={{ marginTop: 8 }}>
            <dt>Upsert key</dt>
            <dd>{table.identifier.join(', ')}</dd>
          </dl>
        )}
      </div>
    </>
  )
}

const SQL: Readonly<Record<ColumnType, string>> = {
  string: 'STRING',
  double: 'DOUBLE',
  long: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_NTZ',
  'map<string,string>': 'MAP<STRING, STRING>',
}

/** As Spark's SQL spells it, for those who make tables by hand. */
function statement(table: TableDefinition, name: string, database: string): string {
  const columns = table.columns.map(
    (column) =>
      `  ${column.name} ${SQL[column.type]}${column.required ? ' NOT NULL' : ''} COMMENT '${column.doc}'`,
  )
  const parts = table.partitions.map((part) =>
    part.transform === 'day'
      ? `days(${part.source})`
      : part.transform === 'identity'
        ? part.source
        : `truncate(7, ${part.source})`,
  )
  const properties = Object.entries(table.properties).map(([key, value]) => `  '${key}' = '${value}'`)
  return [
    `CREATE TABLE ${database}.${name} (`,
    columns.join(',\n'),
    `) USING iceberg`,
    `PARTITIONED BY (${parts.join(', ')})`,
    `TBLPROPERTIES (`,
    properties.join(',\n'),
    `)`,
  ].join('\n')
}
