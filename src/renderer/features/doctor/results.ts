import {
  countStates,
  DOCTOR_GROUPS,
  type DoctorCheck,
  type DoctorCounts,
  type DoctorGroup,
  type DoctorRun,
  type DoctorState,
} from '../../../shared/doctor.ts'
import type { SettingView } from '../../../shared/model.ts'
import { counted } from '../../ui/format.ts'
import type { IconName } from '../../ui/icon.tsx'
import type { State } from '../../ui/status.tsx'

export const GROUPS: Readonly<Record<DoctorGroup, { readonly name: string; readonly icon: IconName }>> = {
  kafka: { name: 'Kafka', icon: 'load' },
  catalog: { name: 'Catalog', icon: 'tree' },
  storage: { name: 'Object storage', icon: 'db' },
  registry: { name: 'Schema registry', icon: 'code' },
  computer: { name: 'This computer', icon: 'terminal' },
  lake: { name: 'Tables', icon: 'tables' },
}

export const STATES: Readonly<Record<DoctorState, { readonly state: State; readonly word: string }>> = {
  passed: { state: 'passed', word: 'Passed' },
  attention: { state: 'attention', word: 'Attention' },
  failed: { state: 'failed', word: 'Failed' },
  waiting: { state: 'waiting', word: 'Waiting' },
  running: { state: 'running', word: 'Checking' },
  unset: { state: 'waiting', word: 'Not used' },
}

export interface CheckGroup {
  readonly group: DoctorGroup
  readonly checks: readonly DoctorCheck[]
  readonly counts: DoctorCounts
}

const weight = ({ counts }: CheckGroup): number =>
  counts.failed > 0 ? 0 : counts.attention > 0 ? 1 : counts.waiting > 0 ? 2 : counts.passed > 0 ? 3 : 4

/** The checks by group: those with failures first, or in the order of their numbers. */
export function grouped(checks: readonly DoctorCheck[], order: 'trouble' | 'service'): CheckGroup[] {
  const groups = DOCTOR_GROUPS.map((group) => {
    const own = checks.filter((check) => check.group === group)
    return { group, checks: own, counts: countStates(own) }
  }).filter((one) => one.checks.length > 0)
  return order === 'service' ? groups : groups.sort((a, b) => weight(a) - weight(b))
}

/** `groups` in the order of `before`, which holds while checks still run: a row keeps its place until all are in. */
export function inOrderOf(groups: readonly CheckGroup[], before: readonly DoctorGroup[]): CheckGroup[] {
  const place = (group: DoctorGroup): number =>
    before.includes(group) ? before.indexOf(group) : before.length
  return groups.toSorted((a, b) => place(a.group) - place(b.group))
}

/** `1 of 8 failed`, `7 passed`. */
export function groupWords({ counts, checks }: CheckGroup): {
  readonly state: State
  readonly words: string
} {
  const of = (count: number) => `${count} of ${checks.length}`
  if (counts.failed > 0) return { state: 'failed', words: `${of(counts.failed)} failed` }
  if (counts.attention > 0)
    return {
      state: 'attention',
      words: `${of(counts.attention)} need${counts.attention === 1 ? 's' : ''} attention`,
    }
  if (checks.every(({ state, waitsFor }) => state === 'waiting' && waitsFor.length === 0))
    return { state: 'waiting', words: counted(checks.length, 'check') }
  if (counts.waiting > 0) return { state: 'waiting', words: `${of(counts.waiting)} wait` }
  if (counts.passed === 0) return { state: 'waiting', words: 'not used' }
  return { state: 'passed', words: `${counts.passed} passed` }
}

/** Checks whose title, finding or group holds every word of `text`. */
export function matching(checks: readonly DoctorCheck[], text: string): readonly DoctorCheck[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return checks
  return checks.filter((check) => {
    const fault =
      check.fault === null ? '' : `${check.fault.title} ${check.fault.likely ?? ''} ${check.fault.code}`
    const held =
      `${check.number} ${check.title} ${check.text} ${GROUPS[check.group].name} ${fault}`.toLowerCase()
    return words.every((word) => held.includes(word))
  })
}

export interface Change {
  readonly id: string
  readonly title: string
  readonly state: DoctorState
}

/** Checks that stand otherwise than in the run before; a wait or a question not asked is no change. */
export function changesSince(checks: readonly DoctorCheck[], before: DoctorRun | null): Change[] {
  const settled = (state: DoctorState | undefined) =>
    state === 'passed' || state === 'attention' || state === 'failed'
  return checks.flatMap(({ id, title, state }) => {
    const was = before?.states[id]
    return settled(state) && settled(was) && was !== state ? [{ id, title, state }] : []
  })
}

/** A check and, where it failed, those of the same cause: what its button runs again. */
export function family(check: DoctorCheck, checks: readonly DoctorCheck[]): string[] {
  return [check.id, ...checks.filter(({ number }) => check.sameAs.includes(number)).map(({ id }) => id)]
}

/** `checks 4 and 26`, `check 4`. */
export function numbers(all: readonly number[]): string {
  if (all.length === 1) return `check ${all[0]}`
  return `checks ${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}

/** A line of evidence as its name and its value: `errno: ENOENT`; the name is empty where it has none. */
export function pairOf(line: string): readonly [name: string, value: string] {
  const [, name = '', value = line] = /^([a-z]\w*): (.+)$/is.exec(line) ?? []
  return [name, value]
}

/** Why nothing of a group was asked, where all its checks have one reason. */
export function whyUnset({ checks }: CheckGroup): string | null {
  const [first] = checks
  return first !== undefined && checks.every(({ state, text }) => state === 'unset' && text === first.text)
    ? first.text
    : null
}

/** One check as text, to be passed on. Secrets were taken out before it came here. */
export function detailsOf(check: DoctorCheck): string {
  const { fault } = check
  const head = `${check.number}. ${GROUPS[check.group].name}, ${check.title}: ${STATES[check.state].word}`
  if (fault === null) return `${head}${check.text === '' ? '' : ` (${check.text})`}`
  return [
    head,
    `   ${fault.title}`,
    ...(fault.likely === null ? [] : [`   Cause: ${fault.likely}`]),
    ...fault.evidence.map((line) => `   Seen: ${line}`),
    ...(fault.remedy === null ? [] : [`   Remedy: ${fault.remedy}`]),
    `   Code: ${fault.code}`,
  ].join('\n')
}

export interface ReportInput {
  readonly checks: readonly DoctorCheck[]
  readonly version: string
  /** ms since the epoch. */
  readonly at: number | null
  readonly settings: readonly SettingView[]
}

/** All results, the version, and the settings with their sources; of secrets only whether they are set. */
export function reportOf({ checks, version, at, settings }: ReportInput): string {
  const counts = countStates(checks)
  return [
    `Tarn ${version}, doctor${at === null ? '' : ` at ${new Date(at).toISOString()}`}`,
    `${counts.failed} failed, ${counts.attention} need attention, ${counts.passed} passed, ${counts.waiting} wait, ${counts.unset} not used`,
    '',
    ...checks.map(detailsOf),
    '',
    'Settings',
    ...settings.map(
      (one) =>
        `${one.env}=${one.secret ? (one.set ? '(set, not shown)' : '(not set)') : (one.value ?? '(not set)')}` +
        `  from ${one.origin?.detail ?? 'nowhere'}`,
    ),
    '',
  ].join('\n')
}
