import { useEffect, useState } from 'react'

/** How often a running clock is read, in ms. */
const TICK_MS = 200

/** Ms that have passed since an instant, renewed a few times a second. */
export function useSeconds(since: number): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return Math.max(0, now - since)
}
