import { absolute, ago, clock, instant, moment } from './format.ts'
import { useNow } from './now.ts'
import { useView, type View } from './view.ts'

/** How often a time that tells its age looks at the clock, in ms. */
const EVERY_MS = 5_000

const WRITTEN = {
  ago: (at: number, _zone: View['zone'], now: number) => ago(at, now),
  moment,
  iso: instant,
  clock,
} as const

/**
 * An instant in ms since the epoch, in the zone of the window, with the whole of it on hover. `ago`: `6 s ago`, for prose;
 * `moment`: `09:41:52` today and `12 May 06:03` before; `iso`: `2026-05-14 09:41:52`, for grids and inspectors;
 * `clock`: `09:41:52`, where a heading tells the day.
 */
export function Time({ at, as = 'moment' }: { at: number; as?: keyof typeof WRITTEN }) {
  const { zone } = useView()
  const now = useNow(EVERY_MS)
  return (
    <time dateTime={new Date(at).toISOString()} title={absolute(at, zone)}>
      {WRITTEN[as](at, zone, now)}
    </time>
  )
}
