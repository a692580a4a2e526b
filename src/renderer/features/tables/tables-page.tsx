import { memo, useCallback, useMemo, useState } from 'react'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { Empty } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { useRead } from '../../ui/read.ts'
import { href } from '../../ui/route.ts'
import { knownOf, type TableKey, tableAt, useAsked, usePath } from './address.ts'
import { CatalogTree } from './catalog-tree.tsx'
import { OpenTables } from './open-tables.tsx'
import { TableView } from './table-view.tsx'
import './tables.css'

/** The tables of the catalog, whoever wrote them: what they hold, how they came about, what they are made of. */
export const TablesPage = memo(function TablesPage() {
  const path = usePath()
  const asked = useAsked('view')
  const { app, tableChanges } = useLive()
  const [reloads, setReloads] = useState(0)
  const version = tableChanges * 1_000 + reloads
  const tables = useRead({
    queryKey: ['tables', version],
    queryFn: ({ signal }) => answer(api.tables.$get({}, { init: { signal } })),
    placeholderData: (before) => before,
  })
  const reload = useCallback(() => setReloads((before) => before + 1), [])
  useCommand('tables.reload', reload)
  // Renewed by what it is made of, not with every status of a load.
  const content = JSON.stringify(app && tableAt(path, knownOf(app)))
  const key = useMemo(() => JSON.parse(content) as TableKey | null, [content])
  const table = useMemo(() => key && { ...key, version }, [key, version])
  if (app === null || key === null || table === null) return null
  const view = asked === 'yes'
  const own = tables.data?.tables.find((one) => one.role === key.role)
  const absent = own !== undefined && !own.exists && own.fault === null
  return (
    <>
      <aside className="list" aria-label="Tables">
        <div className="head">
          <h3>Tables</h3>
          <IconButton icon="refresh" label="Read the catalog again" onClick={reload} />
        </div>
        <CatalogTree app={app} summaries={tables} selected={key} version={version} />
      </aside>
      {view || absent ? (
        <main className="work">
          <OpenTables app={app} selected={key} there={false} />
          {view ? (
            <Empty
              title={`${key.name} is a view`}
              action={
                <Button small icon="refresh" onClick={reload}>
                  Read the catalog again
                </Button>
              }
            >
              The catalog lists it beside its tables. Tarn reads tables: the tables that this view is made of
              can be opened from the list.
            </Empty>
          ) : (
            <Empty
              title={`${key.name} does not exist yet`}
              action={
                <a className="btn s" href={href(['setup'])}>
                  Open set-up
                </a>
              }
            >
              Set-up creates the five tables as specified, in namespace {app.catalog.database}. It holds{' '}
              {tables.data?.tables.filter((one) => one.exists).length ?? 0} of them by now.
            </Empty>
          )}
        </main>
      ) : own?.fault ? (
        <main className="work">
          <OpenTables app={app} selected={key} there={false} />
          <FaultBlock fault={own.fault}>
            <button type="button" className="btn s" onClick={reload}>
              Read the catalog again
            </button>
          </FaultBlock>
        </main>
      ) : (
        <TableView key={[...key.namespace, key.name].join('\0')} table={table} app={app} />
      )}
    </>
  )
})
