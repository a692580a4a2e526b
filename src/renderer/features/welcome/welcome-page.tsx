import { useMutation, useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { answer, api } from '../../api/client.ts'
import { refresh, useLive } from '../../api/live.ts'
import { Button } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count } from '../../ui/format.ts'
import { navigate } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { Minute } from './minute.tsx'
import { OpenedBefore } from './opened-before.tsx'
import { probeWord, USUAL, USUAL_SETTINGS } from './probes.ts'
import { TarnChart } from './tarn-chart.tsx'
import './welcome.css'

/** Nothing is set up yet: two doors of one weight, and what each leads to. `leaving`: a sample is still being deleted. */
export function WelcomePage({ leaving = false }: { leaving?: boolean }) {
  const { app } = useLive()
  const sample = useQuery({ queryKey: ['sample'], queryFn: () => answer(api.sample.$get()) })
  const probes = useQuery({
    queryKey: ['usual addresses'],
    queryFn: () => answer(api.settings.probe.$post({ json: { changes: { ...USUAL_SETTINGS } } })),
    staleTime: 60_000,
  })
  const start = useMutation({
    mutationFn: () => answer(api.sample.start.$post({ json: {} })),
    onSuccess: async () => {
      navigate(['load'])
      await refresh()
    },
  })
  const { mutate } = start
  const begin = useCallback(() => {
    if (!leaving) mutate()
  }, [leaving, mutate])
  const connect = useCallback(() => navigate(['setup']), [])
  useCommand('sample.start', begin)
  useCommand('setup.connect', connect)
  return (
    <main className="work welcome">
      <div className="welcome-in">
        <h1>Tarn</h1>
        <p className="lead">
          Load health data from Kafka into an Iceberg lake, see what was refused and why, and query what is
          there.
        </p>
        {start.error && <FaultBlock fault={toFault(start.error)} />}
        <div className="doors">
          <section className="door" aria-labelledby="door-sample">
            <h2 id="door-sample">Sample lake</h2>
            <p className="t2 dense">No server, no network. Deleted when you leave it.</p>
            <ul>
              <Line name="A recorded topic, loaded as if live">
                {sample.data ? `${count(sample.data.messages)} messages` : ''}
              </Line>
              <Line name="Five tables, filled while you watch">
                {sample.data ? `${bytes(sample.data.recordedBytes)} recorded` : ''}
              </Line>
              <Line name="Bad records, kept with their reason">to fix and replay</Line>
              <Line name="A query with its chart">ready to run</Line>
            </ul>
            <Button
              command="sample.start"
              busy={leaving ? 'Deleting the former sample' : start.isPending ? 'Opening' : null}
              onClick={begin}
            >
              Try with sample lake
            </Button>
          </section>
          <section className="door" aria-labelledby="door-mine">
            <h2 id="door-mine">My own services</h2>
            <p className="t2 dense">
              {probes.isPending
                ? 'The usual addresses are being tried.'
                : 'The usual addresses were tried just now.'}
            </p>
            <ul>
              {USUAL.map(({ target, name }) => {
                const probe = probes.data?.probes.find((one) => one.target === target)
                return (
                  <Line key={target} name={name}>
                    {probe ? (
                      <Status {...probeWord(probe)} bare />
                    ) : probes.error ? (
                      <Status state="waiting" word="not tried" bare />
                    ) : (
                      <Status state="running" word="trying" bare />
                    )}
                  </Line>
                )
              })}
            </ul>
            <Button command="setup.connect" onClick={connect}>
              Connect mine
            </Button>
          </section>
        </div>
        <Minute />
        {app && !leaving && <OpenedBefore load={app.load} />}
      </div>
      <TarnChart />
    </main>
  )
}

function Line({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <li>
      <span>{name}</span>
      <span>{children}</span>
    </li>
  )
}
