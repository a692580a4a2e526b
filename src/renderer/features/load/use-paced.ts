import { useEffect, useRef, useState } from 'react'
import type { LoadView } from '../../../shared/model.ts'

/** ms between two renewals of the figures where motion is reduced. */
const CALM = 5_000

/**
 * The live status at a pace that can be read: as it comes (twice a second), every 5 s under reduced motion, not at all
 * while the page is hidden. A change of state, another load or a decision to take are always told at once.
 */
export function usePaced(load: LoadView | null): LoadView | null {
  const [shown, setShown] = useState(load)
  const at = useRef(0)
  const key = (one: LoadView | null) => `${one?.jobId} ${one?.state} ${one?.endedAt} ${one?.fault?.title}`
  const urgent = key(load) !== key(shown)
  useEffect(() => {
    const show = () => {
      at.current = Date.now()
      setShown(load)
    }
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
    if (urgent || (!document.hidden && (!calm || Date.now() - at.current >= CALM))) show()
    document.addEventListener('visibilitychange', show)
    return () => document.removeEventListener('visibilitychange', show)
  }, [load, urgent])
  return urgent ? load : shown
}
