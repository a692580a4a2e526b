import { type UseQueryResult, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { Loading, TIME_MS } from '../../ui/loading.tsx'
import { keyOf, type TableAt, useReading } from './requests.ts'

/**
 * What was asked for, or its wait, fault or cancellation. A wait for manifests tells how many of them were read, and can
 * be cancelled: then nothing more is read, and nothing else of the page is lost.
 */
export function Answered<T>({
  answered,
  what,
  table,
  snapshot,
  shape,
  children,
}: {
  answered: UseQueryResult<T>
  /** `Reading manifests`. */
  what: string
  table: TableAt
  snapshot?: string | undefined
  shape?: ReactNode
  children: (data: T) => ReactNode
}) {
  const queries = useQueryClient()
  const { error, data, fetchStatus, refetch } = answered
  if (error) {
    return (
      <FaultBlock fault={toFault(error)} plain>
        <Button small onClick={() => void refetch()}>
          Read it again
        </Button>
      </FaultBlock>
    )
  }
  if (data !== undefined) return children(data)
  if (fetchStatus === 'idle') {
    return (
      <div className="empty">
        <p>Cancelled: nothing was read further.</p>
        <Button small onClick={() => void refetch()}>
          Read it
        </Button>
      </div>
    )
  }
  const cancel = () => void queries.cancelQueries({ queryKey: keyOf(table) })
  return <Wait what={what} table={table} snapshot={snapshot} shape={shape} onCancel={cancel} />
}

function Wait({
  what,
  table,
  snapshot,
  shape,
  onCancel,
}: {
  what: string
  table: TableAt
  snapshot: string | undefined
  shape: ReactNode
  onCancel: () => void
}) {
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), TIME_MS)
    return () => clearTimeout(timer)
  }, [])
  const reading = useReading(table, snapshot, long).data?.reading
  return (
    <Loading
      what={what}
      onCancel={onCancel}
      amount={reading ? { done: reading.done, of: reading.total, unit: 'manifests' } : null}
      {...(shape === undefined ? {} : { shape })}
    />
  )
}
