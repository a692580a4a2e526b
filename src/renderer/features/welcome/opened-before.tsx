import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { KnownLake } from '../../../shared/lakes.ts'
import type { LoadView } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { DestroyDialog } from '../../ui/dialog.tsx'
import { counted } from '../../ui/format.ts'
import { Time } from '../../ui/time.tsx'
import { SwitchLake } from './switch-lake.tsx'

const SHOWN = 5

/** Lakes of before, each a way back; nothing where there are none. */
export function OpenedBefore({ load }: { load: LoadView }) {
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: ['lakes'], queryFn: () => answer(api.lakes.$get()) })
  const [going, setGoing] = useState<KnownLake | null>(null)
  const [forgetting, setForgetting] = useState<KnownLake | null>(null)
  const lakes = data?.lakes.slice(0, SHOWN) ?? []
  if (lakes.length === 0) return null
  const forget = async (one: KnownLake) => {
    setForgetting(null)
    client.setQueryData(['lakes'], await answer(api.lakes[':id'].$delete({ param: { id: one.id } })))
  }
  return (
    <section className="opened" aria-labelledby="opened-before">
      <h2 id="opened-before">Opened before</h2>
      <ul>
        {lakes.map((one) => (
          <li key={one.id}>
            {one.open ? (
              <a href="#/tables">
                {one.name} / {one.database}
              </a>
            ) : (
              <Button small kind="quiet" disabled={one.off !== null} onClick={() => setGoing(one)}>
                {one.name} / {one.database}
              </Button>
            )}
            <span className="t2 cut" title={one.place}>
              {one.embedded ? 'folder ' : ''}
              {one.place}
              {one.tables !== null && `, ${counted(one.tables, 'table')}`}
            </span>
            <span className="t2 num">{one.rows !== null && counted(one.rows, 'row')}</span>
            <span className="t3">
              {one.open ? (
                'open now'
              ) : one.off !== null ? (
                `${one.off} decides`
              ) : (
                <>
                  opened <Time at={one.openedAt} as="ago" />
                </>
              )}
            </span>
            {one.open ? (
              <span />
            ) : (
              <IconButton
                icon="x"
                label={`Forget ${one.name} / ${one.database}`}
                onClick={() => setForgetting(one)}
              />
            )}
          </li>
        ))}
      </ul>
      {going && <SwitchLake to={going} load={load} onClose={() => setGoing(null)} />}
      <DestroyDialog
        open={forgetting !== null}
        title={`Forget ${forgetting?.name} / ${forgetting?.database}?`}
        counts={[
          { name: 'Taken off this list', value: '1 lake' },
          { name: 'Its tables and files', value: 'stay as they are' },
        ]}
        keep="Keep it"
        destroy="Forget 1 lake"
        onClose={() => setForgetting(null)}
        onDestroy={() => forgetting && void forget(forgetting)}
      >
        Its address and its secrets are no longer kept here; to open it again it is set up again.
      </DestroyDialog>
    </section>
  )
}
