import { useSyncExternalStore } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import {
  type CheckView,
  checksOf,
  SERVICES,
  type ServiceId,
  type Suggestion,
  staleChecks,
} from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'

/** What is known of one service; kept while the window is open, whatever page it shows. */
export interface ServiceState {
  readonly asked: boolean
  readonly running: boolean
  readonly state: 'passed' | 'failed' | 'unset' | 'waiting'
  readonly text: string
  readonly ms: number
  readonly checks: Readonly<Record<string, CheckView['state']>>
  readonly fault: Fault | null
  readonly suggestion: Suggestion | null
  /** How many checks an edit made void, while they run again. */
  readonly again: number
}

const UNASKED: ServiceState = {
  asked: false,
  running: false,
  state: 'waiting',
  text: '',
  ms: 0,
  checks: {},
  fault: null,
  suggestion: null,
  again: 0,
}

let current: Readonly<Record<ServiceId, ServiceState>> = {
  kafka: UNASKED,
  catalog: UNASKED,
  storage: UNASKED,
  registry: UNASKED,
}
const turns: Record<ServiceId, number> = { kafka: 0, catalog: 0, storage: 0, registry: 0 }
const listeners = new Set<() => void>()

function set(service: ServiceId, change: Partial<ServiceState>): void {
  current = { ...current, [service]: { ...current[service], ...change } }
  for (const listener of listeners) listener()
}

export function useServices(): Readonly<Record<ServiceId, ServiceState>> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

/** Asks a service: all of its checks, or those that did not pass before. An answer to an older question is dropped. */
export async function askService(service: ServiceId, ids?: readonly string[]): Promise<void> {
  const checks = ids ?? checksOf(service).map((one) => one.id)
  const turn = ++turns[service]
  set(service, { running: true, asked: true, again: ids ? checks.length : 0 })
  try {
    const found = await answer(api.setup.check.$post({ json: { service, checks: [...checks] } }))
    if (turns[service] !== turn) return
    const results = Object.fromEntries(found.checks.map((one) => [one.id, one.state]))
    set(service, {
      running: false,
      state: found.state,
      text: found.text,
      ms: found.ms,
      checks: { ...current[service].checks, ...results },
      fault: found.fault,
      suggestion: found.suggestion,
    })
  } catch (error) {
    if (turns[service] !== turn) return
    set(service, { running: false, state: 'failed', text: '', fault: toFault(error), suggestion: null })
  }
}

export async function askAll(): Promise<void> {
  await Promise.all(SERVICES.map((service) => askService(service)))
}

/** After an edit: what depends on it is asked again, together with what had not passed; the rest keeps its result. */
export function askAgain(keys: readonly string[]): void {
  const stale = staleChecks(keys)
  for (const service of SERVICES) {
    const all = checksOf(service)
    if (!all.some((one) => stale.has(one.id))) continue
    const { checks } = current[service]
    const ids = all.filter((one) => stale.has(one.id) || checks[one.id] !== 'passed').map((one) => one.id)
    set(service, {
      checks: { ...checks, ...Object.fromEntries(ids.map((id) => [id, 'waiting' as const])) },
      fault: null,
      suggestion: null,
    })
    void askService(service, ids)
  }
}
