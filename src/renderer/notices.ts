import type { AppState, JobView } from '../shared/model.ts'
import type { TroubleView } from '../shared/monitor.ts'
import { bytes, count, counted } from './ui/format.ts'
import type { Notice } from './ui/notice-list.tsx'

/**
 * What happened in this run of Tarn, newest first: jobs that ended, and what went wrong while loading. Made from the state
 * alone, so that every window tells the same, also one that was opened later.
 */
export function noticesOf(app: Pick<AppState, 'jobs' | 'load'>): Notice[] {
  return [...app.jobs.flatMap(ofJob), ...(app.load.troubles ?? []).map(ofTrouble)].toSorted(
    (a, b) => b.at - a.at,
  )
}

const PLACES: Readonly<Partial<Record<string, readonly string[]>>> = {
  load: ['load'],
  rollup: ['load'],
  verify: ['load'],
  replay: ['letters'],
  'dry-run': ['letters'],
  check: ['setup'],
  prove: ['setup'],
  doctor: ['doctor'],
  export: ['letters'],
  maintain: ['tables'],
}
const NAMES: Readonly<Partial<Record<string, string>>> = {
  load: 'Load',
  rollup: 'Rollup',
  verify: 'Check of the ledger',
  replay: 'Replay',
  'dry-run': 'Dry run',
  check: 'Set-up check',
  prove: 'Probe of the set-up',
  doctor: 'Doctor',
  export: 'Export',
  maintain: 'Maintenance',
}
/** Jobs whose page is open while they run: their end is news only when they fail. */
const WATCHED: ReadonlySet<string> = new Set(['check', 'prove', 'doctor', 'dry-run'])

function ofJob(job: JobView): Notice[] {
  const { id, kind, state, endedAt, fault } = job
  if (endedAt === null || state === 'running') return []
  const name = NAMES[kind] ?? kind
  const base = { id, at: endedAt, path: PLACES[kind] ?? ['load'] }
  if (state === 'failed')
    return [{ ...base, state: 'failed', word: `${name} failed`, text: fault?.title ?? 'without a reason' }]
  if (WATCHED.has(kind)) return []
  if (state === 'cancelled') return [{ ...base, state: 'waiting', word: `${name} cancelled`, text: '' }]
  return [{ ...base, ...outcomeOf(job, name) }]
}

function outcomeOf({ result, kind }: JobView, name: string): Pick<Notice, 'state' | 'word' | 'text'> {
  const passed = (word: string, text: string) => ({ state: 'passed', word, text }) as const
  switch (result?.kind) {
    case 'load': {
      const commits = Object.values(result.commits).reduce((sum, n) => sum + n, 0)
      const rejected = result.rejected > 0 ? `, ${counted(result.rejected, 'dead letter')}` : ''
      return passed(
        'Load stopped',
        `${counted(result.rows, 'row')} in ${counted(commits, 'commit')}${rejected}`,
      )
    }
    case 'rollup':
      return passed('Rolled up', `${counted(result.rowsWritten, 'row')} of statistics written`)
    case 'verify':
      return result.clean
        ? passed('Ledger balanced', `${counted(result.ledger.length, 'partition')} checked`)
        : {
            state: 'failed',
            word: 'Ledger off',
            text: result.differences[0] ?? counted(result.differences.length, 'difference'),
          }
    case 'replay':
      return {
        state: result.failed > 0 ? 'attention' : 'passed',
        word: 'Replay finished',
        text: `${counted(result.landed, 'letter')} landed${result.failed > 0 ? `, ${count(result.failed)} failed again` : ''}`,
      }
    default:
      return passed(`${name} finished`, written(kind, result))
  }
}

/** What an export wrote, as far as its job tells. */
function written(kind: string, result: unknown): string {
  if (kind !== 'export' || typeof result !== 'object' || result === null) return ''
  const { rows, bytes: size } = result as { rows?: unknown; bytes?: unknown }
  if (typeof rows !== 'number' || typeof size !== 'number') return ''
  return `${counted(rows, 'row')}, ${bytes(size)}`
}

function ofTrouble(one: TroubleView): Notice {
  const lasts = one.endedAt === null
  return {
    id: `${one.kind} ${one.at}`,
    at: one.endedAt ?? one.at,
    state: lasts ? (one.kind === 'rollup-failed' ? 'failed' : 'attention') : 'passed',
    word: lasts ? one.title : `${one.title}, over`,
    text: one.text,
    path: ['load'],
  }
}
