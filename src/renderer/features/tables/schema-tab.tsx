import type { ColumnView, SchemaView, TableDetail } from '../../../shared/inspect.ts'
import { Button } from '../../ui/button.tsx'
import { type DataColumn, DataTable } from '../../ui/data-table.tsx'
import { count, counted, instant } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { useRoute } from '../../ui/route.ts'
import { Select } from '../../ui/select.tsx'
import { useView } from '../../ui/view.ts'
import { amend } from './address.ts'
import { type ColumnChange, schemaChanges } from './schema-diff.ts'
import type { TabProps } from './table-view.tsx'

/** The schema asked for by the address, or the present one; and the one it is compared with. */
function schemasOf(detail: TableDetail, query: Readonly<Record<string, string>>) {
  const byId = (text: string | undefined) => detail.schemas.find((one) => String(one.id) === text)
  const current = detail.schemas.find((one) => one.current)
  return { shown: byId(query.schema) ?? current, before: byId(query.with) }
}

/** Columns with their field ids, of any version of the schema, or what differs between two. */
export function SchemaTab({ detail }: TabProps) {
  const { query } = useRoute()
  const { zone } = useView()
  const { shown, before } = schemasOf(detail, query)
  if (shown === undefined) return null
  const words = (one: SchemaView) =>
    `Schema ${one.id}${one.current ? ', present' : ''}${one.since ? `, from ${instant(one.since.at, zone).slice(0, 16)}` : ''}`
  const choices = detail.schemas.toReversed().map((one) => ({ value: String(one.id), word: words(one) }))
  const other = detail.schemas.filter((one) => one.id !== shown.id)
  const earlier = other.filter((one) => one.id < shown.id).at(-1) ?? other.at(-1)
  return (
    <>
      <div className="bar list-bar">
        <Select
          label="Version of the schema"
          small
          width={290}
          value={String(shown.id)}
          choices={choices}
          onChange={(schema) => amend({ schema })}
        />
        {before ? (
          <>
            <span className="t2 dense">against</span>
            <Select
              label="Version to compare with"
              small
              width={290}
              value={String(before.id)}
              choices={choices}
              onChange={(id) => amend({ with: id })}
            />
            <Button small kind="quiet" icon="x" onClick={() => amend({ with: undefined })}>
              End comparison
            </Button>
          </>
        ) : (
          earlier && (
            <Button small kind="quiet" icon="compare" onClick={() => amend({ with: String(earlier.id) })}>
              Compare with schema {earlier.id}
            </Button>
          )
        )}
        <span className="grow" />
        <span className="not-beside">
          <Button
            small
            kind="quiet"
            icon="tree"
            onClick={() => amend({ layout: query.layout === 'yes' ? undefined : 'yes', health: undefined })}
          >
            Layout
          </Button>
        </span>
        <span className="t3 dense cut">
          {counted(detail.schemas.length, 'version')}, written by {counted(shown.snapshots, 'snapshot')}
        </span>
      </div>
      {before ? (
        <Difference before={before} after={shown} />
      ) : (
        <div className="tables-pair">
          <Columns detail={detail} schema={shown} />
          <section className="only-beside" aria-label="Layout of the table">
            <Layouts detail={detail} />
          </section>
        </div>
      )}
    </>
  )
}

function Columns({ detail, schema }: { detail: TableDetail; schema: SchemaView }) {
  const spec = detail.specs.find((one) => one.current)
  const partition = new Map(
    spec?.fields.map((field, index) => [
      field.source,
      `${index + 1}. ${field.transform === 'identity' ? field.name : `${field.transform}(${field.source})`}`,
    ]),
  )
  const columns: readonly DataColumn<ColumnView>[] = [
    { name: 'Id', numeric: true, mono: true, cell: (column) => column.id },
    {
      name: 'Column',
      cell: (column) => (
        <span
          className={column.depth === 0 ? 'named long-name' : 't2 long-name'}
          style={{ paddingLeft: column.depth * 16 }}
        >
          {column.name}
        </span>
      ),
    },
    { name: 'Type', mono: true, cell: (column) => column.type },
    {
      name: 'Required',
      cell: (column) => (column.required ? 'required' : <span className="t3">optional</span>),
    },
    { name: 'Identifier', cell: (column) => (column.identifier ? 'yes' : '') },
    { name: 'Partition', mono: true, cell: (column) => partition.get(column.path) ?? '' },
    { name: 'Comment', rest: true, cell: (column) => column.doc },
  ]
  return <DataTable label="Schema" columns={columns} rows={schema.columns} rowKey={(column) => column.id} />
}

const KINDS: Readonly<Record<ColumnChange['kind'], string>> = {
  added: 'Added',
  dropped: 'Dropped',
  changed: 'Changed',
}

const whatOf = (change: ColumnChange, before: SchemaView, after: SchemaView): string =>
  change.kind === 'added'
    ? `not in schema ${before.id}`
    : change.kind === 'dropped'
      ? `not in schema ${after.id}`
      : change.words.join(', ')

function Difference({ before, after }: { before: SchemaView; after: SchemaView }) {
  const changes = schemaChanges(before, after)
  if (changes.length === 0) {
    return (
      <p className="dense t2 tables-note">
        Schemas {before.id} and {after.id} have the same {counted(after.columns.length, 'field')}.
      </p>
    )
  }
  const columns: readonly DataColumn<ColumnChange>[] = [
    { name: 'Id', numeric: true, mono: true, cell: (change) => change.id },
    {
      name: 'Change',
      cell: (change) => <span className={`change ${change.kind}`}>{KINDS[change.kind]}</span>,
    },
    { name: 'Column', cell: (change) => <span className="named">{change.path}</span> },
    { name: 'Type', mono: true, cell: (change) => change.type },
    { name: 'What', cell: (change) => whatOf(change, before, after) },
  ]
  return (
    <>
      <p className="dense t2 tables-note">
        From schema {before.id} to {after.id}, by field id:{' '}
        {(['added', 'dropped', 'changed'] as const)
          .map((kind) => [kind, changes.filter((change) => change.kind === kind).length] as const)
          .filter(([, n]) => n > 0)
          .map(([kind, n]) => `${count(n)} ${kind}`)
          .join(', ')}
        .
      </p>
      <DataTable label="Difference" columns={columns} rows={changes} rowKey={(change) => change.id} />
    </>
  )
}

/** How the table is laid out: partition fields now and before, and sort orders. */
export function LayoutPane({ detail }: TabProps) {
  const { query } = useRoute()
  if (query.layout !== 'yes') return null
  return (
    <Inspector title="Layout" subject="layout" onClose={() => amend({ layout: undefined })}>
      <Layouts detail={detail} />
    </Inspector>
  )
}

function Layouts({ detail }: { detail: TableDetail }) {
  return (
    <>
      {detail.specs.toReversed().map((spec) => (
        <Section key={spec.id} title={`Partition fields ${spec.id}${spec.current ? ', in use' : ''}`}>
          {spec.fields.length === 0 ? (
            <p className="dense t2">not partitioned</p>
          ) : (
            <dl className="kv">
              {spec.fields.map((field) => [
                <dt key={`${field.id} name`} title={`field id ${field.id}`}>
                  {field.name}
                </dt>,
                <dd key={field.id} className="mono">
                  {field.transform === 'identity' ? field.source : `${field.transform}(${field.source})`}
                </dd>,
              ])}
            </dl>
          )}
        </Section>
      ))}
      {detail.sortOrders
        .filter((order) => order.fields.length > 0)
        .map((order) => (
          <Section key={order.id} title={`Sort order ${order.id}${order.current ? ', in use' : ''}`}>
            <dl className="kv">
              {order.fields.map((field) => [
                <dt key={`${field.source} name`}>{field.source}</dt>,
                <dd key={field.source}>
                  {field.transform === 'identity' ? '' : `${field.transform}, `}
                  {field.direction}, {field.nulls.replace('-', ' ')}
                </dd>,
              ])}
            </dl>
          </Section>
        ))}
      {detail.differences.length > 0 && (
        <Section title="Differs from the specification">
          <ul className="dense tables-list">
            {detail.differences.map((difference) => (
              <li key={difference}>{difference}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  )
}
