import { useEffect, useState } from 'react'
import { type FoundAddress, SERVICES, type ServiceId } from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { counted, duration } from '../../ui/format.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { type State, Status } from '../../ui/status.tsx'
import { FoundPane } from './found-pane.tsx'
import { type Part, ServiceSection } from './service-section.tsx'
import { askAll, type ServiceState, useServices } from './services.ts'
import { Foot } from './step-frame.tsx'
import { useAsked, type Wizard } from './wizard.ts'

const KAFKA: Part = {
  service: 'kafka',
  name: 'Kafka',
  address: 'kafka.brokers',
  fields: [
    { setting: 'kafka.brokers', label: 'Brokers' },
    { setting: 'kafka.securityProtocol', label: 'Security' },
    { setting: 'kafka.groupId', label: 'Group' },
  ],
}
const LOGIN: Part['fields'] = [
  { setting: 'kafka.saslUsername', label: 'Login name' },
  { setting: 'kafka.saslPassword', label: 'Password' },
  { setting: 'kafka.saslMechanism', label: 'Mechanism' },
]
const TLS: Part['fields'] = [
  {
    setting: 'kafka.sslCaFile',
    label: 'Certificate of the authority',
    help: 'A PEM file; empty for the well-known ones',
  },
]
const TYPE = { setting: 'catalog.type', label: 'Catalog' }
const REST: Part = {
  service: 'catalog',
  name: 'REST catalog',
  address: 'catalog.uri',
  fields: [
    { setting: 'catalog.uri', label: 'Address' },
    { setting: 'catalog.name', label: 'Catalog name' },
    { setting: 'catalog.token', label: 'Token' },
    TYPE,
    { setting: 'catalog.credential', label: 'OAuth2 client' },
  ],
}
const FOLDER: Part = { service: 'catalog', name: 'Catalog', address: 'catalog.type', fields: [TYPE] }
const STORAGE: Part = {
  service: 'storage',
  name: 'MinIO or S3',
  address: 's3.endpoint',
  fields: [
    { setting: 's3.endpoint', label: 'Endpoint' },
    { setting: 's3.accessKey', label: 'Access key' },
    { setting: 's3.secretKey', label: 'Secret key' },
    { setting: 's3.bucket', label: 'Bucket' },
    { setting: 's3.region', label: 'Region' },
    { setting: 's3.pathStyle', label: 'Path-style access' },
  ],
}
const REGISTRY: Part = {
  service: 'registry',
  name: 'Schema registry',
  address: 'registry.url',
  fields: [{ setting: 'registry.url', label: 'Address', help: 'Step 4 says whether the topic holds Avro' }],
}

function partsOf(wizard: Wizard): readonly Part[] {
  const protocol = wizard.value('kafka.securityProtocol')
  const kafka = {
    ...KAFKA,
    fields: [
      ...KAFKA.fields,
      ...(protocol.startsWith('SASL') ? LOGIN : []),
      ...(protocol.endsWith('SSL') ? TLS : []),
    ],
  }
  return isFolder(wizard) ? [kafka, FOLDER, REGISTRY] : [kafka, REST, STORAGE, REGISTRY]
}

/** The catalog's type follows the address where nobody chose it. */
export function isFolder(wizard: Wizard): boolean {
  if (wizard.drafted('catalog.type')) return wizard.value('catalog.type') === 'embedded'
  if (wizard.drafted('catalog.uri')) return false
  return wizard.value('catalog.type') === 'embedded'
}

/** The services that have to answer, and how they fare together. */
export function connectState(
  services: Readonly<Record<ServiceId, ServiceState>>,
  folder: boolean,
): { state: State; word: string } {
  const needed = SERVICES.filter((one) => one !== 'registry' && !(folder && one === 'storage'))
  const failed = needed.filter((one) => services[one].state === 'failed' && !services[one].running)
  if (needed.some((one) => services[one].running)) return { state: 'running', word: 'Checking' }
  if (failed.length > 0) return { state: 'failed', word: `${failed.length} of ${needed.length} failed` }
  if (needed.every((one) => services[one].state === 'passed'))
    return { state: 'passed', word: `${needed.length} of ${needed.length} answered` }
  return { state: 'waiting', word: 'Not checked' }
}

/**
 * Takes a catalog or brokers that answer at a usual address over, as long as nobody has chosen anything. True while it
 * is doing so: until then it is not known which services there are.
 */
function usePrefill(wizard: Wizard, found: readonly FoundAddress[] | null): boolean {
  const [given, setGiven] = useState<string | null>(null)
  const untouched = (key: string) =>
    wizard.settings.find((one) => one.key === key)?.origin?.from === 'default' && !wizard.drafted(key)
  const edits: Record<string, string> = {}
  const catalog = found?.find((one) => one.service === 'catalog')
  if (catalog && untouched('catalog.type') && untouched('catalog.uri')) {
    edits['catalog.type'] = 'rest'
    edits['catalog.uri'] = `http://${catalog.address}`
  }
  const kafka = found?.find((one) => one.service === 'kafka')
  if (kafka && untouched('kafka.brokers') && kafka.address !== wizard.value('kafka.brokers'))
    edits['kafka.brokers'] = kafka.address
  const wanted = wizard.saved && Object.keys(edits).length > 0 ? JSON.stringify(edits) : null
  const { edit } = wizard
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for what was found, not for each new `edit`
  useEffect(() => {
    if (wanted === null) return
    edit(JSON.parse(wanted) as Record<string, string>)
      .catch(() => {})
      .finally(() => setGiven(wanted))
  }, [wanted])
  return wanted !== null && wanted !== given
}

/** Step 1: one section a service, and what was found on this computer beside it. */
export function ConnectStep({ wizard }: { wizard: Wizard }) {
  const services = useServices()
  const found = useAsked('found', (init) => answer(api.setup.discover.$post({ json: {} }, init)))
  const folder = isFolder(wizard)
  const chip = connectState(services, folder)
  const asked = services.kafka.asked
  useEffect(() => {
    if (!asked) void askAll()
  }, [asked])
  const filling = usePrefill(wizard, found.data?.found ?? null)
  const known = (found.data !== undefined || found.error !== null || found.cancelled) && !filling
  return (
    <>
      <main className="work" aria-label="Connect">
        <div className="bar">
          <h2>Connect</h2>
          <Status {...chip} />
          <span className="t2 dense cut grow">
            {found.data &&
              `${counted(found.data.found.length, 'address', 'addresses')} tried side by side in ${duration(found.data.ms)}`}
          </span>
          <Button small icon="refresh" onClick={() => void Promise.all([found.refetch(), askAll()])}>
            Check everything again
          </Button>
        </div>
        <Scroll label="Services">
          {(known ? partsOf(wizard) : partsOf(wizard).slice(0, 1)).map((part) => (
            <ServiceSection
              key={part.name}
              part={part}
              state={services[part.service]}
              wizard={wizard}
              tight={SERVICES.some((one) => services[one].state === 'failed')}
            />
          ))}
          {!known && <Awaiting of={found} what="Trying the usual addresses" again="Try them" />}
        </Scroll>
        <Foot
          step="connect"
          wizard={wizard}
          note={
            folder
              ? 'The catalog and its tables are files on this computer; nothing else is needed for steps 2 and 3'
              : 'Steps 2 and 3 need only the catalog and the storage; Kafka can wait until step 4'
          }
          primary={chip.state === 'passed'}
        />
      </main>
      <FoundPane
        found={found.data?.found ?? null}
        containers={found.data?.containers ?? null}
        error={found.error}
        wizard={wizard}
      />
    </>
  )
}
