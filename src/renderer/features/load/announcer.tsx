import { useEffect, useRef, useState } from 'react'
import type { LoadView } from '../../../shared/model.ts'
import { count, counted, duration } from '../../ui/format.ts'

/** ms between two announcements. */
const PACE = 5_000

/** The state of a load in one sentence. */
export function sentence(load: LoadView): string {
  switch (load.state) {
    case 'idle':
      return ''
    case 'starting':
      return 'Load starting'
    case 'failed':
      return `Load stopped: ${load.fault?.title ?? 'a fault'}`
    case 'done':
      return `Load stopped, ${counted(load.rows, 'sample')} written, ${counted(load.rejected, 'dead letter')}`
    case 'stopping':
      return 'Committing what was read, then the load stops'
    case 'paused':
      return 'Load paused'
    default: {
      const lag = load.lag === null ? '' : `, lag ${counted(load.lag, 'message')}`
      const time = load.lagMs ? `, the oldest waits ${duration(load.lagMs)}` : ''
      const ledger = load.ledger
        ? load.ledger.gap === 0
          ? ', ledger balanced'
          : `, ledger off by ${count(load.ledger.gap)}`
        : ''
      return `Loading ${count(Math.round(load.messagesPerSecond))} messages per second${lag}${time}${ledger}`
    }
  }
}

/** Tells a screen reader how the load fares: a change of state at once, figures at most every 5 s, none while held. */
export function Announcer({ load, held }: { load: LoadView; held: boolean }) {
  const [said, setSaid] = useState('')
  const latest = useRef(load)
  latest.current = load
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of state is told at once
  useEffect(() => {
    setSaid(sentence(latest.current))
    if (held) return
    // Each wait begins when the last one was over: a window that was held up does not catch up on what it left out.
    let timer = setTimeout(function tell() {
      if (!document.hidden) setSaid(sentence(latest.current))
      timer = setTimeout(tell, PACE)
    }, PACE)
    return () => clearTimeout(timer)
  }, [load.state, held])
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {said}
    </div>
  )
}
