import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { Awaiting } from '../../ui/awaiting.tsx'
import { TIME_MS } from '../../ui/loading.tsx'
import type { Read } from '../../ui/read.ts'
import { keyOf, type TableAt, useReading } from './requests.ts'

/**
 * What was asked for, or its wait, fault or cancellation. A wait for manifests tells how many of them were read; a cancel
 * ends all that waits for them, and nothing else of the page is lost.
 */
export function Answered<T>({
  answered,
  what,
  table,
  snapshot,
  shape,
  children,
}: {
  answered: Read<T>
  /** `Reading manifests`. */
  what: string
  table: TableAt
  snapshot?: string | undefined
  shape?: ReactNode
  children: (data: T) => ReactNode
}) {
  const queries = useQueryClient()
  const waits = answered.data === undefined && answered.isFetching
  const late = useLate(waits)
  const reading = useReading(table, snapshot, late).data?.reading
  const cancel = () => void queries.cancelQueries({ queryKey: keyOf(table) })
  return (
    <Awaiting
      of={{ ...answered, cancel }}
      what={what}
      amount={reading ? { done: reading.done, of: reading.total, unit: 'manifests' } : null}
      plain
      {...(shape === undefined ? {} : { shape })}
    >
      {children}
    </Awaiting>
  )
}

/** True once a wait has lasted long enough to be told of. */
function useLate(waits: boolean): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!waits) return
    const timer = setTimeout(() => setLate(true), TIME_MS)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [waits])
  return late
}
