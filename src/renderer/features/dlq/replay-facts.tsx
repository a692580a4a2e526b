import {
  type DryRun,
  type Fix,
  fixText,
  type LetterFilterView,
  type ReplayView,
} from '../../../shared/letters.ts'
import { count, counted } from '../../ui/format.ts'

/** How the replay that runs fares; what can be done about it stands on its own page. */
export function RunningFacts({ replay }: { replay: ReplayView }) {
  const done = replay.landed + replay.failed
  const share = done === 0 ? 0 : (replay.failed / done) * 100
  const landed = replay.batches.filter((batch) => batch.state === 'landed').length
  const facts = [
    ['Batches', `${count(landed)} of ${count(Math.ceil(replay.letters / replay.batchSize))} landed`],
    ['Failed again so far', `${count(replay.failed)}, ${share.toFixed(share < 1 ? 2 : 0)} %`],
    ['Guard', '3 tries with one fix at most'],
  ] as const
  return (
    <dl className="kv" style={{ marginBottom: 10 }}>
      {facts.map(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  )
}

/** What the replay of a dry run would write, and what ends it. */
export function ReplayFacts({ dry, fix }: { dry: DryRun | null; fix: Fix | null }) {
  if (dry === null || fix === null) return null
  const sent = dry.wouldLand + dry.wouldFail
  const share = Math.round(((sent === 0 ? 0 : dry.wouldFail / sent) + 0.01) * 100)
  const facts = [
    ['Writes', `${counted(dry.rows, 'row')}, ${counted(dry.days, 'day')}`],
    ['New files, at least', count(dry.partitions)],
    ['Fix', fixText(fix)],
    ['Stops if', `over ${Math.min(100, share)} % fail again`],
    ['Guard', '3 tries with one fix at most'],
  ] as const
  return (
    <dl className="kv" style={{ marginBottom: 10 }}>
      {facts.map(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  )
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** The replay on a command line. */
export function commandOf(filter: LetterFilterView, fix: Fix): string {
  const where = Object.entries(filter).map(([key, value]) => `--where ${quoted(`${key}=${value}`)}`)
  const file = fix.kind === 'none' ? [] : [`--fix <(echo ${quoted(JSON.stringify(fix))})`]
  return ['tarn replay', ...where, ...file].join(' ')
}
