import type { ProbeTarget, ProbeView } from '../../../shared/model.ts'
import type { State } from '../../ui/status.tsx'

/** The usual addresses on a developer's machine; what the set-up starts from too. */
export const USUAL: readonly { readonly target: ProbeTarget; readonly name: string }[] = [
  { target: 'kafka', name: 'Kafka, localhost:9092' },
  { target: 'catalog', name: 'REST catalog, localhost:8181' },
  { target: 'storage', name: 'Storage, localhost:9000' },
  { target: 'registry', name: 'Schema registry, localhost:8081' },
]
export const USUAL_SETTINGS: Readonly<Record<string, string>> = {
  'catalog.type': 'rest',
  'catalog.uri': 'http://localhost:8181',
  'kafka.brokers': 'localhost:9092',
  's3.endpoint': 'http://localhost:9000',
  'registry.url': 'http://localhost:8081',
}

/** Codes that mean: nothing listens there. Everything else was answered by something. */
const NOBODY: ReadonlySet<string> = new Set(['REFUSED', 'DNS', 'NETWORK', 'NO_BROKER', 'TIMEOUT'])

/** What a probe of a usual address says in a word or two. Nobody there is no fault: it is only not that address. */
export function probeWord(probe: ProbeView): { state: State; word: string } {
  if (probe.state === 'passed') return { state: 'passed', word: shortOf(probe) }
  const optional = probe.target === 'registry' ? 'optional, none' : 'none there'
  if (probe.state === 'skipped' || probe.fault === null || NOBODY.has(probe.fault.code))
    return { state: 'waiting', word: optional }
  if (probe.fault.code === 'NO_TOPIC') return { state: 'passed', word: 'answered, no topic yet' }
  if (probe.fault.code === 'NO_BUCKET') return { state: 'passed', word: 'answered, no bucket yet' }
  if (probe.fault.code === 'UNAUTHORIZED' || probe.fault.code === 'FORBIDDEN')
    return { state: 'attention', word: 'answered, asks who you are' }
  return { state: 'attention', word: 'answered something else' }
}

function shortOf(probe: ProbeView): string {
  const found = /(\d+) (namespaces?|messages)/.exec(probe.text)
  return found ? `${Number(found[1]).toLocaleString('en-US')} ${found[2]}` : 'answered'
}
