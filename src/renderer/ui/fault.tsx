import type { ReactNode } from 'react'
import type { Fault } from '../../shared/errors.ts'
import { CopyButton } from './copy.tsx'
import { Status } from './status.tsx'

/** A failure: what failed, the likely cause from evidence, the evidence, the next step, and copy of all of it. */
export function FaultBlock({
  fault,
  plain = false,
  children,
}: {
  fault: Fault
  plain?: boolean
  children?: ReactNode
}) {
  const evidence = Object.entries(fault.context).map(([key, value]) => `${key}: ${value}`)
  const details = [fault.title, fault.likely, fault.remedy, ...evidence, `code: ${fault.code}`]
    .filter(Boolean)
    .join('\n')
  return (
    <div className={plain ? 'fault plain' : 'fault'} role="alert">
      <div>
        <Status state="failed" word={fault.title} bare />
      </div>
      <dl className="dense">
        {fault.likely && (
          <>
            <dt>Cause</dt>
            <dd>{fault.likely}</dd>
          </>
        )}
        {evidence.length > 0 && (
          <>
            <dt>Evidence</dt>
            <dd>
              <pre>{evidence.join('\n')}</pre>
            </dd>
          </>
        )}
        {fault.remedy && (
          <>
            <dt>Remedy</dt>
            <dd>{fault.remedy}</dd>
          </>
        )}
      </dl>
      <div className="row">
        {children}
        <CopyButton text={details} label="Copy details" />
      </div>
    </div>
  )
}
