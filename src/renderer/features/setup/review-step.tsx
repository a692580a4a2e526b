import { useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import type { PlanView } from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { counted } from '../../ui/format.ts'
import { navigate } from '../../ui/route.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { type State, Status } from '../../ui/status.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { Differences } from './differences.tsx'
import { startProof } from './proof.ts'
import { Foot } from './step-frame.tsx'
import { useAsked, type Wizard } from './wizard.ts'

interface Line {
  readonly name: string
  readonly note: string
  readonly state: State
  readonly word: string
}

/** What a plan will make, or finds, line by line; tables come after these. */
function linesOf({ names, topic, topicFault }: PlanView): Line[] {
  const there = (exists: boolean): Pick<Line, 'state' | 'word'> =>
    exists ? { state: 'passed', word: 'There' } : { state: 'waiting', word: 'To make' }
  return [
    ...(names.bucket
      ? [{ name: `Bucket ${names.bucket.name}`, note: names.warehouse, ...there(names.bucket.exists) }]
      : [{ name: 'Folder', note: names.warehouse, state: 'passed' as const, word: 'Made as needed' }]),
    {
      name: `Namespace ${names.namespace.name}`,
      note: names.namespace.exists
        ? `${counted(names.namespace.tables.length, 'table')} in it`
        : 'empty when made',
      ...there(names.namespace.exists),
    },
    topic === null
      ? { name: 'Topic', note: topicFault?.title ?? '', state: 'attention', word: 'Not reached' }
      : {
          name: `Topic ${topic.name}`,
          note: topic.exists ? counted(topic.partitions, 'partition') : 'loading waits for it',
          state: topic.exists ? 'passed' : 'attention',
          word: topic.exists ? 'There' : 'Not there yet',
        },
  ]
}

/** Step 5: all that will be made and all that is there; from here on things are made. */
export function ReviewStep({ wizard }: { wizard: Wizard }) {
  const plan = useAsked('plan', (init) => answer(api.setup.plan.$post({ json: {} }, init)))
  const [fault, setFault] = useState<Fault | null>(null)
  const [busy, setBusy] = useState(false)
  const data = plan.data
  const differ = data?.tables.filter((one) => one.state === 'differs') ?? []
  const make = data?.tables.filter((one) => one.state === 'make').length ?? 0
  const broken = data ? [...data.names.faults, ...data.tables.flatMap((one) => one.fault ?? [])] : []
  const proceed = async () => {
    setBusy(true)
    setFault(null)
    try {
      await wizard.apply()
      await startProof()
      navigate(['setup', 'prove'])
    } catch (error) {
      setFault(toFault(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <main className="work" aria-label="Review">
        <div className="bar">
          <h2>Review</h2>
          {data && (
            <Status
              state={differ.length > 0 ? 'failed' : make > 0 ? 'waiting' : 'passed'}
              word={
                differ.length > 0
                  ? counted(differ.length, 'table differs', 'tables differ')
                  : make > 0
                    ? `${counted(make, 'table')} to make`
                    : '5 tables match, 0 differ'
              }
            />
          )}
          <span className="grow" />
          <Button small icon="refresh" onClick={() => void plan.refetch()}>
            Look again
          </Button>
        </div>
        <Scroll label="What will be made">
          {fault && <FaultBlock fault={fault} />}
          {plan.error ? (
            <FaultBlock fault={toFault(plan.error)}>
              <Button kind="primary" onClick={() => void plan.refetch()}>
                Look again
              </Button>
              <Button onClick={() => navigate(['setup', 'connect'])}>Edit the connections</Button>
            </FaultBlock>
          ) : null}
          {!data && !plan.error && <Awaiting of={plan} what="Comparing with what is there" again="Compare" />}
          {broken[0] && (
            <FaultBlock fault={broken[0]}>
              <Button kind="primary" onClick={() => void plan.refetch()}>
                Look again
              </Button>
              <Button onClick={() => navigate(['setup', 'connect'])}>Edit the connections</Button>
            </FaultBlock>
          )}
          {data && (
            <>
              <table className="grid">
                <thead>
                  <tr>
                    <th>What</th>
                    <th>Where, how much</th>
                    <th>State</th>
                  </tr>
                </thead>
                <tbody>
                  {linesOf(data).map((line) => (
                    <tr key={line.name}>
                      <td className="named">{line.name}</td>
                      <td className="t2 cut">{line.note}</td>
                      <td>
                        <Status state={line.state} word={line.word} bare />
                      </td>
                    </tr>
                  ))}
                  {data.tables.map((table) => (
                    <tr key={table.role}>
                      <td className="named">Table {table.name}</td>
                      <td className="t2 cut">
                        {table.location ??
                          (table.state === 'make'
                            ? 'empty when made, as specified'
                            : (table.fault?.title ?? ''))}
                      </td>
                      <td>
                        <Status
                          state={
                            table.state === 'there' ? 'passed' : table.state === 'make' ? 'waiting' : 'failed'
                          }
                          word={
                            table.state === 'there'
                              ? 'There, as specified'
                              : table.state === 'make'
                                ? 'To make'
                                : table.state === 'differs'
                                  ? `Differs in ${table.differences.length}`
                                  : 'Not read'
                          }
                          bare
                        />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {differ.map((table) => (
                <section key={table.role} aria-label={`Differences of ${table.name}`}>
                  <div className="head">
                    <h3>{table.name}, field by field</h3>
                    <span className="t2 dense">it is left as it is</span>
                  </div>
                  <Differences differences={table.differences} advice={table.advice} />
                </section>
              ))}
            </>
          )}
        </Scroll>
        <Foot
          step="review"
          wizard={wizard}
          note={
            differ.length > 0
              ? 'A table that differs is never changed: name another table or namespace for Tarn'
              : 'Saves the settings, makes what is missing and verifies what is there'
          }
          primary
        >
          <Button
            kind="primary"
            busy={busy ? 'Saving' : null}
            disabled={!data}
            onClick={() => void proceed()}
          >
            {make > 0 ? `Save, make ${counted(make, 'table')} and prove` : 'Save and prove'}
          </Button>
        </Foot>
      </main>
      <Commands plan={data ?? null} />
    </>
  )
}

/** The set-up as variables and commands, for a server or a script. */
export function Commands({ plan }: { plan: PlanView | null }) {
  const [tab, setTab] = useState<'env' | 'commands'>('env')
  const text = plan ? (tab === 'env' ? plan.environment : plan.commands).join('\n') : ''
  return (
    <aside className="insp" aria-label="The same as commands">
      <SubTabs
        label="The same as"
        value={tab}
        tabs={[
          { value: 'env', word: 'As environment' },
          { value: 'commands', word: 'As commands' },
        ]}
        onChange={setTab}
      >
        <Scroll label="Text to copy">
          <div className="sect">
            <div className="row between">
              <h3>{tab === 'env' ? 'Variables' : 'What this wizard does'}</h3>
              {text !== '' && <CopyButton text={text} label="Copy" />}
            </div>
            {text === '' ? (
              <p className="dense t2">
                Written here as soon as the catalog and Kafka have told what is there.
              </p>
            ) : (
              <pre className="env">{text}</pre>
            )}
          </div>
          <div className="sect">
            <p className="dense t2">
              {tab === 'env'
                ? 'Only what differs from the defaults, and what a reader needs to know. Values of secrets are left out.'
                : 'check makes and verifies, load consumes until it is stopped, verify compares both sides.'}
            </p>
          </div>
        </Scroll>
      </SubTabs>
    </aside>
  )
}
