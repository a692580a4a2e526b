import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import {
  type ContainerView,
  checksOf,
  type FoundAddress,
  SERVICES,
  STEP_KEYS,
  type StepId,
} from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { counted, duration } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Scroll } from '../../ui/scroll.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { useAsked, type Wizard } from './wizard.ts'

const NAMES = { kafka: 'Kafka', catalog: 'Catalog', storage: 'Storage', registry: 'Registry' } as const
const LATER: readonly { step: StepId; name: string }[] = [
  { step: 'names', name: 'Names' },
  { step: 'tables', name: 'Tables' },
  { step: 'source', name: 'Source' },
  { step: 'prove', name: 'Prove' },
]
/** Settings that a usual address is taken over into. */
const ADDRESS = {
  kafka: (address: string) => ({ 'kafka.brokers': address }),
  catalog: (address: string) => ({ 'catalog.type': 'rest', 'catalog.uri': `http://${address}` }),
  storage: (address: string) => ({ 's3.endpoint': `http://${address}` }),
  registry: (address: string) => ({ 'registry.url': `http://${address}` }),
} as const

/** As many addresses as are tried where none is set: their rows are there before their answers. */
const USUAL = 10

/** Whether the step depends on anything that the service's checks depend on. */
function depends(service: (typeof SERVICES)[number], step: StepId): boolean {
  return checksOf(service).some((check) =>
    check.keys.some((key) => key !== 'catalog.type' && STEP_KEYS[step].includes(key)),
  )
}

/** What answered where, what an edit makes void, and the set-up as environment. */
export function FoundPane({
  found,
  containers,
  error,
  wizard,
}: {
  found: readonly FoundAddress[] | null
  /** Null where no Docker answers. */
  containers: readonly ContainerView[] | null
  error: unknown
  wizard: Wizard
}) {
  const [tab, setTab] = useState<'found' | 'env'>('found')
  return (
    <aside className="insp" aria-label="What was found">
      <SubTabs
        label="What was found"
        value={tab}
        tabs={[
          { value: 'found', word: 'Found here' },
          { value: 'env', word: 'As environment' },
        ]}
        onChange={setTab}
      >
        <Scroll label="What was found here">
          {error ? <FaultBlock fault={toFault(error)} /> : null}
          {tab === 'found' ? (
            <Found found={found} containers={containers} wizard={wizard} />
          ) : (
            <Environment />
          )}
        </Scroll>
      </SubTabs>
    </aside>
  )
}

/** True where the address is that of the settings already, or cannot be taken over. */
function isUsed(one: FoundAddress, wizard: Wizard): boolean {
  if (one.service === null || !wizard.canEdit(Object.keys(ADDRESS[one.service](one.address)))) return true
  return Object.entries(ADDRESS[one.service](one.address)).every(
    ([key, value]) => wizard.value(key) === value,
  )
}

function Found({
  found,
  containers,
  wizard,
}: {
  found: readonly FoundAddress[] | null
  containers: readonly ContainerView[] | null
  wizard: Wizard
}) {
  const services = new Set(found?.flatMap((one) => one.service ?? []) ?? [])
  return (
    <>
      <table className="grid found">
        <thead>
          <tr>
            <th>Address tried</th>
            <th>What answered</th>
            <th className="num">Took</th>
          </tr>
        </thead>
        <tbody>
          {found === null &&
            Array.from({ length: USUAL }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows that hold a place
              <tr key={index}>
                <td>&nbsp;</td>
                <td />
                <td />
              </tr>
            ))}
          {(found ?? []).map((one) => (
            <tr key={one.address}>
              <td className="mono">{one.address}</td>
              <td className={one.service ? '' : 't3'}>
                {one.service && !isUsed(one, wizard) ? (
                  <span className="row between">
                    {one.text}
                    <Button
                      small
                      kind="quiet"
                      aria-label={`Use ${one.address} for ${NAMES[one.service]}`}
                      onClick={() =>
                        one.service && void wizard.edit(ADDRESS[one.service](one.address)).catch(() => {})
                      }
                    >
                      Use
                    </Button>
                  </span>
                ) : (
                  one.text
                )}
                {one.container && <span className="t3 micro"> in {one.container}</span>}
              </td>
              <td className="num t2">{duration(one.ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="sect">
        <div className="row between">
          <h3>Services on this computer</h3>
          <span className="t2 dense">{counted(services.size, 'service')} recognised</span>
        </div>
        {containers === null ? (
          <p className="dense t2">
            No Docker answers here, or not to this user. Ports that it publishes answer like any other: each
            is told by its own protocol, not by its number.
          </p>
        ) : (
          <Containers containers={containers} />
        )}
      </div>
      <div className="sect flush">
        <h3>What an edit checks again</h3>
        <table className="grid dep">
          <thead>
            <tr>
              <th>
                <span className="visually-hidden">Service</span>
              </th>
              {LATER.map((one) => (
                <th key={one.step}>{one.name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {SERVICES.map((service) => (
              <tr key={service}>
                <td>{NAMES[service]}</td>
                {LATER.map((one) => (
                  <td key={one.step}>
                    {depends(service, one.step) ? (
                      <>
                        <Icon name="check" />
                        <span className="visually-hidden">yes</span>
                      </>
                    ) : (
                      <span className="visually-hidden">no</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="sect">
        <h3>Secrets</h3>
        <p className="dense t2">
          Kept in a file that only you can read. Tarn never shows, exports or logs them; a secret can be
          replaced.
        </p>
      </div>
    </>
  )
}

/** Containers by compose project; what each is was told by its own protocol above. */
function Containers({ containers }: { containers: readonly ContainerView[] }) {
  const projects = Map.groupBy(containers, (one) => one.project)
  if (containers.length === 0)
    return <p className="dense t2">Docker answers; no running container publishes a port.</p>
  return (
    <>
      {Array.from(projects, ([project, members]) => (
        <dl key={project ?? ''} className="kv containers">
          <dt>{project === null ? 'Without compose' : `Compose ${project}`}</dt>
          <dd className="t2">{counted(members.length, 'container')}</dd>
          {members.map((one) => (
            <div key={one.name} style={{ display: 'contents' }}>
              <dt className="mono cut" title={one.image}>
                {one.name}
              </dt>
              <dd className="mono">
                {one.addresses.map((address) => address.replace('localhost', '')).join(' ')}
              </dd>
            </div>
          ))}
        </dl>
      ))}
    </>
  )
}

function Environment() {
  const plan = useAsked('plan', (init) => answer(api.setup.plan.$post({ json: {} }, init)))
  if (plan.error) return <FaultBlock fault={toFault(plan.error)} />
  const text = plan.data?.environment.join('\n') ?? ''
  return (
    <div className="sect">
      <div className="row between">
        <h3>The same as environment</h3>
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
