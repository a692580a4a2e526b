/** What went wrong in a load and what was done about it, in words for the page. */
import { type Fault, isLakeError, sentence, toFault } from '../../shared/errors.ts'
import type { TroubleKind, TroubleView } from '../../shared/monitor.ts'

const KEPT = 20

interface Entry {
  readonly kind: TroubleKind
  readonly at: number
  endedAt: number | null
  title: string
  text: string
  fault: Fault | null
  tries: number
}

/** Newest first, the last 20. Instants are ms since the epoch. */
export class TroubleLog {
  readonly #entries: Entry[] = []
  readonly #clock: () => number

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** Something is away and tried again; told again it is the same trouble. */
  away(kind: TroubleKind, error: unknown): void {
    const fault = toFault(error)
    const open = this.#open(kind)
    if (open !== undefined) {
      open.tries += 1
      open.fault = fault
      open.title = titleOf(fault)
      return
    }
    this.#add({ kind, endedAt: null, title: titleOf(fault), text: WHILE[kind], fault, tries: 1 })
  }

  /** It works again; a no-op where nothing was away. */
  back(kind: TroubleKind): void {
    const open = this.#open(kind)
    if (open === undefined) return
    open.endedAt = this.#clock()
    open.text = after(kind, open.endedAt - open.at, open.tries)
  }

  /** The oldest message that is not in the table waits `lagMs`: a trouble beyond `limitMs`, until it is half of that. */
  behind(lagMs: number | null, limitMs: number): void {
    const open = this.#open('lag-high')
    if (open !== undefined) {
      if (lagMs !== null && lagMs > limitMs / 2) return
      open.endedAt = this.#clock()
      open.text = `The load caught up after ${seconds(open.endedAt - open.at)}: nothing waits longer than ${seconds(limitMs / 2)}.`
      return
    }
    if (lagMs === null || lagMs <= limitMs) return
    const title = `Lag passed ${seconds(limitMs)}`
    this.#add({ kind: 'lag-high', endedAt: null, title, text: WHILE['lag-high'], fault: null, tries: 1 })
  }

  /** A commit that landed, though not at the first attempt; nothing where it did. */
  committed(
    table: string,
    result: { readonly attempts: number; readonly found: boolean; readonly failure?: unknown },
    ms: number,
  ): void {
    const { attempts, found, failure } = result
    if (!found && attempts < 2) return
    const fault = failure === undefined || failure === null ? null : toFault(failure)
    const at = this.#clock()
    const lost = isLakeError(failure, 'CONFLICT') ? 'refused' : 'lost'
    this.#add({
      kind: found ? 'commit-found' : 'commit-retried',
      endedAt: at,
      title: fault === null ? `Commit to ${table} had no answer` : titleOf(fault),
      text: found
        ? `The answer to a commit to ${table} was lost. Tarn looked for its commit id, found it in the table's history and went on after ${seconds(ms)}. Nothing was written twice.`
        : `A commit to ${table} was ${lost}. Tarn looked for its commit id, did not find it, and sent it again: it landed at attempt ${attempts}, after ${seconds(ms)}. Nothing was written twice.`,
      fault,
      tries: attempts,
    })
  }

  view(): TroubleView[] {
    return this.#entries.map(({ tries: _, ...entry }) => entry)
  }

  #open(kind: TroubleKind): Entry | undefined {
    return this.#entries.find((entry) => entry.kind === kind && entry.endedAt === null)
  }

  #add(entry: Omit<Entry, 'at'>): void {
    this.#entries.unshift({ ...entry, at: this.#clock() })
    this.#entries.splice(KEPT)
  }
}

const WHILE: Readonly<Record<TroubleKind, string>> = {
  'commit-retried': '',
  'commit-found': '',
  'catalog-away': 'The commit is tried again; reading goes on until the buffer is full. Nothing is lost.',
  'storage-away': 'Uploads are tried again; reading goes on until the buffer is full. Nothing is lost.',
  'source-away': 'Tarn connects anew and goes on at the next offset. What was read is committed in its time.',
  'rollup-failed': 'The aggregates lag behind raw; the rollup is tried again in its time. Loading goes on.',
  'lag-high':
    'The oldest message that is not in the table waits for longer than the limit that is set. Loading goes on; nothing is lost.',
}

function after(kind: TroubleKind, ms: number, tries: number): string {
  const often = tries === 1 ? 'once' : `${tries} times`
  switch (kind) {
    case 'catalog-away':
      return `The commit was tried again ${often} over ${seconds(ms)} and then landed. Nothing was lost or written twice.`
    case 'storage-away':
      return `Uploads were tried again ${often} over ${seconds(ms)} and then went through. Nothing was lost or written twice.`
    case 'source-away':
      return `Tarn connected anew after ${seconds(ms)} and went on at the next offset. Nothing was lost or read twice.`
    default:
      return `The rollup was tried again after ${seconds(ms)} and the aggregates match raw again.`
  }
}

/** What went wrong, without the request and the server's own words: those stay in the fault. */
function titleOf({ title }: Fault): string {
  return sentence(title.replace(/ \(to .*$/s, ''), '')
}

function seconds(ms: number): string {
  if (ms >= 120_000) return `${Math.round(ms / 60_000)} min`
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
