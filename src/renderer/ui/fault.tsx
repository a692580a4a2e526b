import { Fragment, type ReactNode } from 'react'
import { type Fault, sentence } from '../../shared/errors.ts'
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
  const evidence = Object.entries(fault.context).map(([key, value]) => [key, String(value)] as const)
  const title = sentence(fault.title, '')
  const details = [
    title,
    fault.likely,
    fault.remedy,
    ...evidence.map((line) => line.join(': ')),
    `code: ${fault.code}`,
  ]
    .filter(Boolean)
    .join('\n')
  return (
    <div className={plain ? 'fault plain' : 'fault'} role="alert">
      <div>
        <Status state="failed" word={title} bare />
      </div>
      <dl className="dense">
        {fault.likely && (
          <>
            <dt>Cause</dt>
            <dd>{sentence(fault.likely)}</dd>
          </>
        )}
        {evidence.length > 0 && (
          <>
            <dt>Evidence</dt>
            <dd className="evidence mono">
              {evidence.map(([key, value]) => (
                <Fragment key={key}>
                  <span className="t2">{key}</span>
                  <span>{value}</span>
                </Fragment>
              ))}
            </dd>
          </>
        )}
        {fault.remedy && (
          <>
            <dt>Remedy</dt>
            <dd>{sentence(fault.remedy)}</dd>
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
