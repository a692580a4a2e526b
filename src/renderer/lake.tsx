import { useMemo } from 'react'
import type { AppState } from '../shared/model.ts'
import { TABLE_ROLES } from '../shared/tables.ts'
import { Badge } from './ui/badge.tsx'
import { type Entry, useEntries } from './ui/commands.ts'
import { Icon } from './ui/icon.tsx'
import { navigate } from './ui/route.ts'

/** Which lake is open; its tables stand in the palette. */
export function Lake({ app }: { app: AppState }) {
  const { tables, fresh } = app
  // biome-ignore lint/correctness/useExhaustiveDependencies: names change with the lake alone, not with every status
  const entries = useMemo(
    (): Entry[] =>
      fresh
        ? []
        : TABLE_ROLES.map((role) => ({
            group: 'Tables',
            name: tables[role],
            icon: 'tables',
            run: () => navigate(['tables', role]),
          })),
    [fresh, TABLE_ROLES.map((role) => tables[role]).join()],
  )
  useEntries('tables', entries)
  if (fresh) return <span className="t2 no-lake">No lake open</span>
  return (
    <>
      <span className="lake">
        <Icon name="db" small />
        <b>{app.sample ? 'sample' : app.catalog.name}</b>
        <span className="t3">/</span>
        {app.catalog.database}
      </span>
      {app.sample && <Badge solid>Sample</Badge>}
    </>
  )
}
