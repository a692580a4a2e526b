import { useCallback, useEffect, useRef, useState } from 'react'
import type { DashCheck, DashChecks, Grain } from '../../../shared/dash.ts'
import { type Fault, toFault } from '../../../shared/errors.ts'
import { checkPeriods } from './data.ts'

export interface Checks {
  /** By grain and first day: `day 2026-05-09`. */
  readonly known: ReadonlyMap<string, DashCheck>
  /** Since when (ms) how many periods are being recomputed; null while none are. */
  readonly running: { readonly since: number; readonly periods: number } | null
  readonly fault: Fault | null
  /** What the last check read. */
  readonly read: DashChecks['read'] | null
  run(grain: Grain, periods: readonly string[]): void
  cancel(): void
}

export const checkKey = (grain: Grain, period: string) => `${grain} ${period}`

const NOTHING: ReadonlyMap<string, DashCheck> = new Map()

/** Checks of one subject against raw. They hold as long as `state` (the snapshots of both sides) does, and go with it. */
export function useChecks(
  subject: { readonly user: string; readonly type: string } | null,
  state: string,
): Checks {
  const key = JSON.stringify([subject?.user, subject?.type, state])
  const [held, setHeld] = useState({ key, known: NOTHING })
  const [running, setRunning] = useState<Checks['running']>(null)
  const [fault, setFault] = useState<Fault | null>(null)
  const [read, setRead] = useState<Checks['read']>(null)
  const controller = useRef<AbortController | null>(null)
  const user = subject?.user
  const type = subject?.type

  // biome-ignore lint/correctness/useExhaustiveDependencies: another subject or snapshot ends what was asked of the last
  useEffect(() => {
    setFault(null)
    setRead(null)
    return () => controller.current?.abort()
  }, [key])

  const run = useCallback(
    (grain: Grain, periods: readonly string[]) => {
      if (user === undefined || type === undefined || periods.length === 0) return
      controller.current?.abort()
      const mine = new AbortController()
      controller.current = mine
      setRunning({ since: Date.now(), periods: periods.length })
      setFault(null)
      checkPeriods({ user, type }, grain, periods, mine.signal).then(
        (answer) => {
          if (mine.signal.aborted) return
          setRunning(null)
          setRead(answer.read)
          setHeld((before) => {
            const known = new Map(before.key === key ? before.known : NOTHING)
            for (const check of answer.checks) known.set(checkKey(grain, check.period), check)
            return { key, known }
          })
        },
        (error: unknown) => {
          if (controller.current === mine) setRunning(null)
          if (!mine.signal.aborted) setFault(toFault(error))
        },
      )
    },
    [user, type, key],
  )
  const cancel = useCallback(() => {
    controller.current?.abort()
    setRunning(null)
  }, [])
  return { known: held.key === key ? held.known : NOTHING, running, fault, read, run, cancel }
}
