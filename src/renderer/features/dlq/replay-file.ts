import { csvText } from '../../../shared/csv.ts'
import { fixText, type ReplayView } from '../../../shared/letters.ts'

const NAMES = [
  'id',
  'state',
  'title',
  'fix',
  'started_at',
  'ended_at',
  'letters',
  'landed',
  'failed',
  'rows',
  'batches',
  'raw_snapshot',
] as const

type Line = Readonly<Record<(typeof NAMES)[number], string | number | null>>

function lineOf(replay: ReplayView): Line {
  return {
    id: replay.id,
    state: replay.state,
    title: replay.title,
    fix: fixText(replay.fix),
    started_at: new Date(replay.startedAt).toISOString(),
    ended_at: replay.endedAt === null ? null : new Date(replay.endedAt).toISOString(),
    letters: replay.letters,
    landed: replay.landed,
    failed: replay.failed,
    rows: replay.rows,
    batches: replay.batches.length,
    raw_snapshot: replay.snapshotId,
  }
}

const cell = (value: string | number | null): string =>
  typeof value === 'number' ? String(value) : csvText(value)

/** The list of replays as CSV (RFC 4180), times in UTC. */
export function replaysCsv(replays: readonly ReplayView[]): string {
  const lines = replays.map((replay) => {
    const line = lineOf(replay)
    return NAMES.map((name) => cell(line[name])).join(',')
  })
  return `${[NAMES.join(','), ...lines].join('\r\n')}\r\n`
}

/** The same as JSON, each with its fix and filter as they were asked for. */
export function replaysJson(replays: readonly ReplayView[]): string {
  const lines = replays.map((replay) => ({
    ...lineOf(replay),
    asked: { fix: replay.fix, filter: replay.filter },
  }))
  return `${JSON.stringify(lines, null, 2)}\n`
}
