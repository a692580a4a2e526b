import { memo } from 'react'
import { theEngine } from '../../query/start.ts'
import { IconButton } from '../../ui/button.tsx'
import { href } from '../../ui/route.ts'
import { insertText } from './editor.tsx'
import { Library } from './library.tsx'
import { readAgain } from './runs.ts'
import { SchemaTree } from './schema-tree.tsx'
import type { Tab } from './tab.ts'
import { openTab } from './workbench.ts'

/** Tables, saved queries, snippets and history, under one filter. */
export function CatalogList({ tab, version, folder }: { tab: Tab; version: number; folder: string }) {
  return <List file={tab.file?.name ?? null} version={version} folder={folder} />
}

/** Apart from the text of the tab, so that typing does not draw the list again. */
const List = memo(function List({
  file,
  folder,
}: {
  file: string | null
  /** Of the list of tables. */
  version: number
  folder: string
}) {
  const engine = theEngine()
  return (
    <aside className="list" aria-label="Catalog">
      <div className="head">
        <h3>SQL</h3>
        <IconButton icon="refresh" label="Read the catalog again" onClick={() => void readAgain()} />
        <IconButton icon="plus" label="New query" onClick={() => openTab()} />
      </div>
      {engine.listed?.tables.length === 0 && (
        <div className="sect dense">
          <p className="t2">The catalog has no table yet.</p>
          <a href={href(['setup'])}>Open set-up</a>
        </div>
      )}
      <SchemaTree
        tables={engine.tables}
        others={engine.elsewhere.listed}
        failed={engine.listed?.failed ?? []}
        onPick={insertText}
        below={(filter) => <Library filter={filter} file={file} folder={folder} />}
      />
    </aside>
  )
})
