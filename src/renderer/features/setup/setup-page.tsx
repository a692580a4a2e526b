import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { ProbeTarget } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { Loading } from '../../ui/loading.tsx'
import { href } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { CheckSteps } from './check-steps.tsx'
import { Connection, type ConnectionPart } from './connection.tsx'

const CATALOG: ConnectionPart = {
  target: 'catalog',
  name: 'Iceberg catalog',
  keys: [
    'catalog.type',
    'catalog.uri',
    'catalog.warehouse',
    'catalog.database',
    'catalog.token',
    'catalog.credential',
  ],
}
const STORAGE: ConnectionPart = {
  target: 'storage',
  name: 'Object storage',
  keys: ['s3.endpoint', 's3.bucket', 's3.accessKey', 's3.secretKey', 's3.region', 's3.pathStyle'],
}
const KAFKA: ConnectionPart = {
  target: 'kafka',
  name: 'Kafka',
  keys: [
    'kafka.brokers',
    'kafka.topic',
    'kafka.securityProtocol',
    'kafka.saslMechanism',
    'kafka.saslUsername',
    'kafka.saslPassword',
  ],
}

type Edits = Readonly<Record<string, string>>

/** Connections first, each tried out before it is saved; then the ten steps of the specification, live. */
export function SetupPage() {
  const { app } = useLive()
  const [edits, setEdits] = useState<Edits>({})
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => answer(api.settings.$get()) })
  const probe = useMutation({
    mutationFn: (targets: ProbeTarget[]) =>
      answer(api.settings.probe.$post({ json: { targets, changes: { ...edits } } })),
  })
  const run = useMutation({
    mutationFn: async () => {
      if (Object.keys(edits).length > 0) await answer(api.settings.$put({ json: { changes: { ...edits } } }))
      await settings.refetch()
      setEdits({})
      return answer(api.check.$post({ json: {} }))
    },
  })
  const job = app?.jobs.find((one) => one.kind === 'check') ?? null
  const busy = job?.state === 'running' || run.isPending
  const type =
    edits['catalog.type'] ?? settings.data?.settings.find((one) => one.key === 'catalog.type')?.value
  const parts =
    type === 'embedded'
      ? [{ ...CATALOG, keys: ['catalog.type', 'catalog.warehouse', 'catalog.database'] }, KAFKA]
      : [CATALOG, STORAGE, KAFKA]
  const fault = run.error ?? probe.error ?? settings.error
  return (
    <main className="work" style={{ gridColumn: '2 / -1' }}>
      <div className="bar">
        <h2>Set-up</h2>
        <span className="t2 dense">
          Connect, then prove it: the ten steps create what is missing and check what is there
        </span>
        <span className="grow" />
        <button
          type="button"
          className="btn s"
          disabled={probe.isPending}
          onClick={() => probe.mutate(parts.map((part) => part.target))}
        >
          {probe.isPending ? 'Trying' : 'Try the connections'}
        </button>
        <button type="button" className="btn s primary" disabled={busy} onClick={() => run.mutate()}>
          {Object.keys(edits).length > 0 ? 'Save and run the ten steps' : 'Run the ten steps'}
        </button>
      </div>
      {fault && <FaultBlock fault={toFault(fault)} />}
      <div className="scroll">
        {settings.data ? (
          parts.map((part) => (
            <Connection
              key={part.target}
              part={part}
              settings={settings.data.settings}
              edits={edits}
              probe={probe.data?.probes.find((one) => one.target === part.target) ?? null}
              probing={probe.isPending}
              onEdit={(key, value) => setEdits({ ...edits, [key]: value })}
            />
          ))
        ) : (
          <Loading what="Reading the settings" />
        )}
        {job && <CheckSteps job={job} />}
      </div>
      {job?.state === 'done' && job.result?.kind === 'check' && job.result.passed && (
        <div className="foot">
          <Status state="passed" word="The lake is ready" bare />
          <span className="grow" />
          <a className="btn primary" href={href(['load'])} style={{ color: 'var(--on-accent)' }}>
            Go to loading
          </a>
        </div>
      )}
    </main>
  )
}
