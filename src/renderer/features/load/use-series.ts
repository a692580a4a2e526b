import { useEffect, useRef, useState } from 'react'
import { answer, api } from '../../api/client.ts'
import { joinSeries, type Series } from './series.ts'

/** ms between two readings: charts are drawn at most that often. */
const PACE = 1_000

const reduced = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

/** The live series, read step by step while `active`; nothing is read and nothing changes while the page is hidden. */
export function useSeries(active: boolean): Series | null {
  const [series, setSeries] = useState<Series | null>(null)
  const held = useRef<Series | null>(null)
  useEffect(() => {
    let ended = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = async () => {
      if (ended || document.hidden) return
      try {
        const { next, epoch } = held.current ?? { next: 0, epoch: 0 }
        const more = await answer(
          api.load.series.$get({ query: { from: String(next), epoch: String(epoch) } }),
        )
        if (ended) return
        held.current = joinSeries(held.current, more)
        setSeries(held.current)
      } catch {
        // The status bar tells that the connection is lost; the next turn tries again.
      }
      if (active && !ended) timer = setTimeout(read, reduced() ? 5_000 : PACE)
    }
    const onVisible = () => {
      clearTimeout(timer)
      void read()
    }
    document.addEventListener('visibilitychange', onVisible)
    void read()
    return () => {
      ended = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
    }
  }, [active])
  return series
}
