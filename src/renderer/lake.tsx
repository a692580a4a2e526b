import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { KnownLake } from '../shared/lakes.ts'
import type { AppState } from '../shared/model.ts'
import { answer, api } from './api/client.ts'
import { SwitchLake } from './features/welcome/switch-lake.tsx'
import { Badge } from './ui/badge.tsx'
import { runCommand } from './ui/commands.ts'
import { Icon } from './ui/icon.tsx'
import { Menu, type MenuEntry } from './ui/menu.tsx'
import { navigate } from './ui/route.ts'

/** Which lake is open, and the way to another. */
export function Lake({ app }: { app: AppState }) {
  const { fresh, sample, leavable } = app
  const lakes = useQuery({ queryKey: ['lakes'], queryFn: () => answer(api.lakes.$get()), staleTime: 10_000 })
  const [going, setGoing] = useState<KnownLake | null>(null)
  const others = (lakes.data?.lakes ?? []).filter((one) => !one.open)
  const entries: MenuEntry[] = [
    ...others.slice(0, 6).map(
      (one, index): MenuEntry => ({
        name: `${one.name} / ${one.database}`,
        note: one.place,
        icon: 'db',
        ...(index === 0 ? { heading: 'Opened before' } : {}),
        ...(one.off !== null
          ? { off: `${one.off} decides` }
          : leavable
            ? { off: 'leave the sample first' }
            : {}),
        onChoose: () => setGoing(one),
      }),
    ),
    {
      name: 'All lakes',
      icon: 'tree',
      apart: others.length > 0,
      ...(sample ? { off: 'leave the sample first' } : {}),
      onChoose: () => navigate(['welcome']),
    },
    leavable
      ? {
          name: 'Leave the sample',
          icon: 'leave',
          command: 'sample.leave',
          onChoose: () => void runCommand('sample.leave'),
        }
      : {
          name: 'Try the sample lake',
          icon: 'play',
          ...(sample ? { off: 'it is open' } : {}),
          onChoose: () => navigate(['welcome']),
        },
    {
      name: 'Connect another',
      icon: 'setup',
      ...(sample ? { off: 'leave the sample first' } : {}),
      onChoose: () => navigate(['setup']),
    },
  ]
  return (
    <>
      <Menu
        align="start"
        onOpen={() => void lakes.refetch()}
        trigger={
          <button type="button" className="lake" aria-label={nameOf(app)}>
            {!fresh && <Icon name="db" small />}
            {fresh ? (
              <span className="t2">No lake open</span>
            ) : (
              <>
                <b>{app.catalog.name}</b>
                <span className="t3">/</span>
                <span className="cut">{app.catalog.database}</span>
              </>
            )}
            <Icon name="updown" small />
          </button>
        }
        entries={entries}
      />
      {sample && <Badge solid>Sample</Badge>}
      {going && <SwitchLake to={going} load={app.load} onClose={() => setGoing(null)} />}
    </>
  )
}

const nameOf = ({ fresh, sample, catalog }: AppState): string =>
  fresh
    ? 'No lake open; choose one'
    : `Lake ${catalog.name}, ${catalog.database}${sample ? ', a sample' : ''}; choose another`
