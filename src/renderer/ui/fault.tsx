import { Fragment, type ReactNode } from 'react'
import { type Fault, sentence } from '../../shared/errors.ts'
import { CopyButton } from './copy.tsx'
import { Status } from './status.tsx'

/** `s3Code` as `s3 code`. */
const spaced = (name: string): string =>
  name.replace(/([a-z0-9])([A-Z])/g, (_, before, capital) => `${before} ${capital.toLowerCase()}`)

/** What was seen, as a small table of names and values; what has no name stands across both columns. */
export function Evidence({ pairs }: { pairs: readonly (readonly [name: string, value: string])[] }) {
  return (
    <div className="evidence mono">
      {pairs.map(([name, value]) =>
        name === '' ? (
          <span key={value} className="evidence-line">
            {value}
          </span>
        ) : (
          <Fragment key={`${name} ${value}`}>
            <span className="t2">{spaced(name)}</span>
            <span>{value}</span>
          </Fragment>
        ),
      )}
    </div>
  )
}

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
            <dd>
              <Evidence pairs={evidence} />
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
