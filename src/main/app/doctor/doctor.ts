/**
 * The doctor: every check as data, run side by side as far as one does not need another. A check that fails keeps those
 * that need it waiting and no others; checks that failed of one cause name each other. Nothing is created or changed.
 */
import type { DoctorCheck, DoctorFault, DoctorState } from '../../../shared/doctor.ts'
import { sentence, toFault } from '../../../shared/errors.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import { CATALOG_CHECKS } from './catalog.ts'
import { COMPUTER_CHECKS } from './computer.ts'
import { type CheckDefinition, type Finding, failed } from './finding.ts'
import { KAFKA_CHECKS } from './kafka.ts'
import { LAKE_CHECKS } from './lake.ts'
import type { Patient } from './patient.ts'
import { REGISTRY_CHECKS } from './registry.ts'
import { STORAGE_CHECKS } from './storage.ts'
import { evidenceOf, redactor } from './words.ts'

/** In the order in which they are numbered. */
export const CHECKS: readonly CheckDefinition[] = [
  ...KAFKA_CHECKS,
  ...CATALOG_CHECKS,
  ...STORAGE_CHECKS,
  ...REGISTRY_CHECKS,
  ...COMPUTER_CHECKS,
  ...LAKE_CHECKS,
]

const NUMBERS = new Map(CHECKS.map(({ id }, index) => [id, index + 1]))
const numberOf = (id: string): number => NUMBERS.get(id) ?? 0

/** All checks as they are before the first run. */
export function unasked(): DoctorCheck[] {
  return CHECKS.map((one) => ({
    number: numberOf(one.id),
    id: one.id,
    group: one.group,
    title: one.title,
    state: 'waiting',
    text: '',
    ms: null,
    fault: null,
    waitsFor: [],
    sameAs: [],
    stops: one.stops,
  }))
}

/** `ids` and every check that needs one of them. */
export function withDependents(ids: readonly string[]): ReadonlySet<string> {
  const wanted = new Set(ids)
  // needs point backwards or to another group, so one pass may be too few
  for (let before = -1; before !== wanted.size; ) {
    before = wanted.size
    for (const one of CHECKS) if (one.needs.some((id) => wanted.has(id))) wanted.add(one.id)
  }
  return wanted
}

interface Settled {
  readonly state: DoctorState
  /** Ids of the failed checks behind a wait. */
  readonly roots: readonly string[]
  readonly cause: string | null
}

/**
 * Runs the checks in `only` (all by default) and tells `onCheck` of each when it starts and when it ends; the others
 * count as they stand in `known`. Returns all of them. Only CANCELLED is thrown.
 */
export async function examine(
  patient: Patient,
  onCheck: (check: DoctorCheck) => void,
  known: readonly DoctorCheck[] = [],
  only: ReadonlySet<string> | null = null,
): Promise<DoctorCheck[]> {
  const hide = redactor(patient.settings)
  const results = new Map<string, DoctorCheck>(unasked().map((check) => [check.id, check]))
  for (const check of known) if (results.has(check.id)) results.set(check.id, check)
  const settled = new Map<string, Promise<Settled>>()

  const settle = (definition: CheckDefinition): Promise<Settled> => {
    const begun = settled.get(definition.id)
    if (begun) return begun
    const promise = run(definition)
    settled.set(definition.id, promise)
    return promise
  }

  async function run(definition: CheckDefinition): Promise<Settled> {
    const { id } = definition
    const before = results.get(id)!
    if (only !== null && !only.has(id)) {
      const roots =
        before.state === 'waiting' ? idsOf(before.waitsFor) : before.state === 'failed' ? [id] : []
      return { state: before.state, roots, cause: null }
    }
    const needed = await Promise.all(
      definition.needs.map((need) => settle(CHECKS[numberOf(need) - 1] as CheckDefinition)),
    )
    const tell = (change: Partial<DoctorCheck>): void => {
      const check: DoctorCheck = { ...before, fault: null, waitsFor: [], sameAs: [], ms: null, ...change }
      results.set(id, check)
      onCheck(check)
    }
    const roots = [...new Set(needed.flatMap((one) => one.roots))].sort((a, b) => numberOf(a) - numberOf(b))
    if (roots.length > 0) {
      const waitsFor = roots.map(numberOf)
      tell({ state: 'waiting', text: `Waiting for ${namesOf(waitsFor)}`, waitsFor })
      return { state: 'waiting', roots, cause: null }
    }
    const unsets = definition.needs.filter((_, at) => needed[at]?.state === 'unset')
    const [absent] = unsets
    const enough = definition.eitherNeed ? unsets.length < definition.needs.length : unsets.length === 0
    if (absent !== undefined && !enough) {
      tell({ state: 'unset', text: results.get(absent)?.text ?? '' })
      return { state: 'unset', roots: [], cause: null }
    }
    throwIfCancelled(patient.signal)
    tell({ state: 'running', text: '' })
    const started = performance.now()
    const finding = await attempt(definition, patient)
    throwIfCancelled(patient.signal)
    const fault = finding.fault === undefined ? null : faultOf(finding, hide)
    tell({
      state: finding.state,
      text: hide(finding.text),
      ms: Math.round(performance.now() - started),
      fault,
    })
    return {
      state: finding.state,
      roots: finding.state === 'failed' ? [id] : [],
      cause: finding.state === 'passed' || finding.state === 'unset' ? null : (finding.cause ?? null),
    }
  }

  const ended = await Promise.all(CHECKS.map(settle))
  const causes = CHECKS.map((one, at) => [one.id, ended[at]?.cause ?? null] as const)
  for (const [id, cause] of causes) {
    if (cause === null) continue
    const sameAs = causes
      .filter(([other, its]) => other !== id && its === cause)
      .map(([other]) => numberOf(other))
    if (sameAs.length === 0) continue
    const check: DoctorCheck = { ...results.get(id)!, sameAs }
    results.set(id, check)
    onCheck(check)
  }
  return [...results.values()].sort((a, b) => a.number - b.number)
}

const idsOf = (numbers: readonly number[]): string[] => numbers.flatMap((n) => CHECKS[n - 1]?.id ?? [])

/** `check 4, Port answers`; several: `checks 4 and 9`. */
function namesOf(numbers: readonly number[]): string {
  const [first] = numbers
  if (numbers.length === 1 && first !== undefined) return `check ${first}, ${CHECKS[first - 1]?.title}`
  return `checks ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`
}

async function attempt(definition: CheckDefinition, patient: Patient): Promise<Finding> {
  try {
    return await definition.run(patient)
  } catch (error) {
    return failed(error)
  }
}

function faultOf(finding: Finding, hide: (text: string) => string): DoctorFault {
  const { code, title, likely, remedy, context } = toFault(finding.fault)
  const text = (value: string | undefined) => (value === undefined ? null : hide(sentence(value)))
  return {
    code,
    title: hide(sentence(title, '')),
    likely: text(likely),
    evidence: (finding.evidence ?? evidenceOf(context)).map(hide),
    remedy: text(remedy),
    command: finding.command === undefined ? null : hide(finding.command),
  }
}
