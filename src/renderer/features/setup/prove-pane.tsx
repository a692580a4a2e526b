import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { JobView } from '../../../shared/model.ts'
import { type TableRole, tableOf } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { Scroll } from '../../ui/scroll.tsx'
import { type State, Status } from '../../ui/status.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { layoutOf } from './layout-table.tsx'
import { useAsked, type Wizard } from './wizard.ts'

const WORDS: Readonly<Record<string, { state: State; word: string }>> = {
  created: { state: 'passed', word: 'Made' },
  verified: { state: 'passed', word: 'As specified' },
  differs: { state: 'failed', word: 'Differs' },
  failed: { state: 'failed', word: 'Failed' },
}

/** What exists by now, what the probe does, and the same as commands. */
export function ProvePane({
  job,
  roles,
  wizard,
}: {
  job: JobView | null
  roles: readonly TableRole[]
  wizard: Wizard
}) {
  const [tab, setTab] = useState<'lake' | 'commands'>('lake')
  const result = job?.result?.kind === 'prove' ? job.result : null
  return (
    <aside className="insp" aria-label="What this set-up makes">
      <SubTabs
        label="What this set-up makes"
        value={tab}
        tabs={[
          { value: 'lake', word: 'In the lake' },
          { value: 'commands', word: 'As commands' },
        ]}
        onChange={setTab}
      >
        <Scroll label="What exists by now">
          {tab === 'lake' ? (
            <>
              <table className="grid">
                <thead>
                  <tr>
                    <th>Table</th>
                    <th>Partitioned by</th>
                    <th>State</th>
                  </tr>
                </thead>
                <tbody>
                  {roles.map((role) => (
                    <tr key={role}>
                      <td>{role}</td>
                      <td className="t2 cut">
                        {tableOf(role, layoutOf(wizard)).partitions.map(shortPart).join(', ')}
                      </td>
                      <td>
                        <Status
                          {...(WORDS[result?.tables.find((one) => one.role === role)?.state ?? ''] ?? {
                            state: 'waiting',
                            word: 'Not yet',
                          })}
                          bare
                        />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
              <div className="sect">
                <h3>Where</h3>
                <dl className="kv">
                  <dt>Namespace</dt>
                  <dd className="mono">{wizard.value('catalog.database')}</dd>
                  <dt>Warehouse</dt>
                  <dd className="mono">{wizard.value('catalog.warehouse')}</dd>
                  <dt>Topic</dt>
                  <dd className="mono">{wizard.value('kafka.topic')}</dd>
                </dl>
              </div>
              <div className="sect">
                <h3>What the probe does</h3>
                <p className="dense t2">
                  Writes the rows of one message of its own, of user tarn-probe, in a snapshot; reads them
                  from storage and with the query engine; then takes exactly these files out of the table in a
                  second snapshot. No position of the loader moves, and the ledger knows nothing of it. Both
                  snapshots stay in the history until it expires.
                </p>
              </div>
            </>
          ) : (
            <AsCommands />
          )}
        </Scroll>
      </SubTabs>
    </aside>
  )
}

function shortPart(part: { source: string; transform: string }): string {
  if (part.transform === 'truncate[7]') return 'month'
  return part.transform === 'day' ? 'day' : part.source.replace(/_id$|^data_|^aggregation_|_of_year$/g, '')
}

function AsCommands() {
  const plan = useAsked('plan', (init) => answer(api.setup.plan.$post({ json: {} }, init)))
  if (plan.error) return <FaultBlock fault={toFault(plan.error)} />
  const text = [...(plan.data?.environment ?? []), ...(plan.data?.commands ?? [])].join('\n')
  return (
    <div className="sect">
      <div className="row between">
        <h3>The same as commands</h3>
        {text !== '' && <CopyButton text={text} label="Copy" />}
      </div>
      {text === '' ? (
        <p className="dense t2">Written here as soon as the catalog and Kafka have told what is there.</p>
      ) : (
        <pre className="env">{text}</pre>
      )}
    </div>
  )
}
