import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { namespaceText, type TableSummary } from '../../../shared/inspect.ts'
import type { AppState } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { runCommand } from '../../ui/commands.ts'
import { NoMatch } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { TextField } from '../../ui/field.tsx'
import { count, shortCount } from '../../ui/format.ts'
import type { Read } from '../../ui/read.ts'
import { href, navigate } from '../../ui/route.ts'
import { Tree, TreeRow } from '../../ui/tree.tsx'
import { knownOf, pathOf, type TableKey, tableAt } from './address.ts'

interface Props {
  readonly app: AppState
  /** The five, with their figures. */
  readonly summaries: Read<{ readonly tables: readonly TableSummary[] }>
  readonly selected: TableKey
  readonly version: number
}

/** Namespaces of the catalog with their tables and views. The lake's own namespace comes first and is open. */
export function CatalogTree({ app, summaries, selected, version }: Props) {
  const [filter, setFilter] = useState('')
  const home = app.catalog.database
  const top = useQuery({
    queryKey: ['catalog', version],
    queryFn: ({ signal }) => answer(api.inspect.$get({}, { init: { signal } })),
    placeholderData: (before) => before,
  })
  const wanted = filter.trim().toLowerCase()
  const others = (top.data?.namespaces ?? []).filter((levels) => levels.join('\0') !== home)
  const failed = top.error ?? summaries.error
  const own = summaries.data?.tables ?? null
  return (
    <>
      <div className="tables-filter">
        <TextField
          label="Filter tables"
          hideLabel
          small
          type="search"
          icon="search"
          placeholder="Filter tables"
          value={filter}
          onChange={setFilter}
        />
      </div>
      {failed ? (
        <FaultBlock fault={toFault(failed)} plain>
          <Button small onClick={() => runCommand('tables.reload')}>
            Read the catalog again
          </Button>
        </FaultBlock>
      ) : null}
      {own === null && !failed ? (
        <Awaiting of={summaries} what="Reading the catalog" again="Read the catalog" />
      ) : (
        <Tree label="Tables of the catalog">
          <Namespace levels={[home]} depth={0} own={own} {...{ app, wanted, selected, version }} opened />
          {others.map((levels) => (
            <Namespace
              key={levels.join('\0')}
              levels={levels}
              depth={0}
              own={null}
              {...{ app, wanted, selected, version }}
              opened={levels.every((level, i) => selected.namespace[i] === level)}
            />
          ))}
        </Tree>
      )}
      {wanted !== '' && <Unmatched filter={filter} onClear={() => setFilter('')} />}
      <div className="sect dense t2 tables-where">
        {app.catalog.uri === null ? 'Catalog of Tarn' : `Catalog REST at ${hostOf(app.catalog.uri)}`}
        <br />
        <span className="mono micro">{app.catalog.warehouse}</span>
      </div>
    </>
  )
}

const hostOf = (uri: string) => (URL.canParse(uri) ? new URL(uri).host : uri)

/** Shown by the style sheet where the tree has no row of a table left. */
function Unmatched({ filter, onClear }: { filter: string; onClear: () => void }) {
  return (
    <div className="tables-unmatched">
      <NoMatch onClear={onClear}>
        No table in an open namespace has <b>{filter}</b> in its name.
      </NoMatch>
    </div>
  )
}

function Namespace({
  app,
  levels,
  depth,
  own,
  wanted,
  selected,
  version,
  opened,
}: {
  app: AppState
  levels: readonly string[]
  depth: number
  own: readonly TableSummary[] | null
  wanted: string
  selected: TableKey
  version: number
  opened: boolean
}) {
  // Open where the table that is shown lies in it, until told otherwise.
  const [chosen, setOpen] = useState<boolean | null>(null)
  const open = chosen ?? opened
  const text = namespaceText(levels)
  const listed = useQuery({
    queryKey: ['namespace', text, version],
    queryFn: ({ signal }) =>
      answer(
        api.inspect[':namespace'].$get(
          { param: { namespace: encodeURIComponent(text) } },
          { init: { signal } },
        ),
      ),
    enabled: open,
    placeholderData: (before) => before,
  })
  const names = listed.data?.tables ?? []
  const figures = new Map(own?.map((one) => [one.name, one]))
  const ordered = [...(own ?? []).map((one) => one.name), ...names.filter((name) => !figures.has(name))]
  const hit = (name: string) => wanted === '' || name.toLowerCase().includes(wanted)
  const tables = ordered.filter(hit)
  const views = (listed.data?.views ?? []).filter(hit)
  const total = ordered.length + (listed.data?.views.length ?? 0)
  return (
    <>
      <TreeRow
        depth={depth}
        icon="db"
        open={open}
        onOpen={setOpen}
        end={listed.data || own ? count(total) : undefined}
      >
        {levels.at(-1)}
      </TreeRow>
      {open && listed.error && own === null ? (
        <TreeRow depth={depth + 1} icon="failed">
          {toFault(listed.error).title}
        </TreeRow>
      ) : null}
      {open &&
        (listed.data?.namespaces ?? []).map((below) => (
          <Namespace
            key={below.join('\0')}
            levels={below}
            depth={depth + 1}
            own={null}
            {...{ app, wanted, selected, version }}
            opened={below.every((level, i) => selected.namespace[i] === level)}
          />
        ))}
      {open &&
        tables.map((name) => {
          const key = keyFor(app, levels, name)
          const figure = figures.get(name)
          return (
            <TreeRow
              key={name}
              depth={depth + 1}
              icon="tables"
              selected={same(key, selected)}
              end={figure && (figure.fault ? 'fault' : figure.exists ? shortCount(figure.rows) : 'absent')}
              onChoose={() => navigate(pathOf(key))}
            >
              {name}
            </TreeRow>
          )
        })}
      {open &&
        views.map((name) => (
          <TreeRow
            key={`view ${name}`}
            depth={depth + 1}
            icon="file"
            end="view"
            onChoose={() => {
              location.hash = href(['tables', namespaceText(levels), name], { view: 'yes' })
            }}
          >
            {name}
          </TreeRow>
        ))}
      {open && listed.data && total === 0 && listed.data.namespaces.length === 0 && (
        <TreeRow depth={depth + 1}>
          <span className="t3">no tables</span>
        </TreeRow>
      )}
    </>
  )
}

const keyFor = (app: AppState, namespace: readonly string[], name: string): TableKey =>
  tableAt(['tables', namespaceText(namespace), name], knownOf(app))

const same = (a: TableKey, b: TableKey): boolean =>
  a.name === b.name && a.namespace.join('\0') === b.namespace.join('\0')
