import { useMutation } from '@tanstack/react-query'
import { toFault } from '../../../shared/errors.ts'
import type { NamesView, RightView } from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { duration } from '../../ui/format.ts'
import { type State, Status } from '../../ui/status.tsx'

interface Fact {
  readonly name: string
  readonly state: State
  readonly word: string
  readonly meaning: string
}

/** What the bucket does by itself, and what that means for a lake. */
export function factsOf(bucket: NonNullable<NamesView['bucket']>): Fact[] {
  if (!bucket.exists) return []
  const untold = { state: 'waiting' as const, word: 'Not told', meaning: 'this user may not ask for it' }
  const { versioning, lock, expiry } = bucket
  return [
    {
      name: 'Versioning',
      ...(versioning === null
        ? untold
        : versioning === 'on'
          ? {
              state: 'attention' as const,
              word: 'On',
              meaning:
                'files that maintenance removes stay as old versions and take room until a lifecycle rule ends them',
            }
          : {
              state: 'passed' as const,
              word: versioning === 'off' ? 'Off' : 'Suspended',
              meaning: 'Iceberg keeps the history itself, in snapshots',
            }),
    },
    {
      name: 'Object lock',
      ...(lock === null
        ? untold
        : lock
          ? {
              state: 'attention' as const,
              word: 'On',
              meaning: 'expired files cannot be removed before their lock ends',
            }
          : {
              state: 'passed' as const,
              word: 'Off',
              meaning: 'files can be removed when no snapshot needs them',
            }),
    },
    {
      name: 'Lifecycle',
      ...(expiry === null
        ? untold
        : expiry.length > 0
          ? {
              state: 'failed' as const,
              word: 'Deletes by age',
              meaning: `${expiry.join('; ')}: a table loses files that its snapshots still name. Take the warehouse out of this rule`,
            }
          : {
              state: 'passed' as const,
              word: 'No rule deletes',
              meaning: 'files stay until Tarn or another writer removes them',
            }),
    },
  ]
}

export function BucketFacts({ bucket }: { bucket: NonNullable<NamesView['bucket']> }) {
  const facts = factsOf(bucket)
  if (facts.length === 0)
    return (
      <p className="dense t2 bucket-note">
        Made in Prove, without versioning, lock or lifecycle rules. A bucket made by hand works as well.
      </p>
    )
  return (
    <dl className="facts">
      {facts.map((fact) => (
        <div key={fact.name}>
          <dt className="dense">{fact.name}</dt>
          <dd>
            <Status state={fact.state} word={fact.word} bare />
            <span className="dense t2">{fact.meaning}</span>
          </dd>
        </div>
      ))}
    </dl>
  )
}

const RIGHTS: Readonly<Record<RightView['right'], string>> = {
  write: 'Write',
  read: 'Read',
  list: 'List',
  delete: 'Delete',
}

/** Proves the rights on the warehouse when asked to: the one thing of this step that writes, and it removes it again. */
export function Rights({ where }: { where: 'folder' | 'there' | 'absent' | 'unknown' }) {
  const tried = useMutation({ mutationFn: () => answer(api.setup.rights.$post({ json: {} })) })
  const failed = tried.data?.rights.find((one) => one.fault !== null)
  return (
    <section className="svc" aria-label="Rights">
      <div className="row">
        <h3>Rights</h3>
        {tried.data && <Status state={failed ? 'failed' : 'passed'} word={failed ? 'Refused' : 'Proved'} />}
        <span className="t2 dense cut grow">
          {tried.data
            ? tried.data.location
            : 'tried with one small object beside the tables, which is removed again'}
        </span>
        <Button
          small
          busy={tried.isPending ? 'Trying' : null}
          disabled={where === 'absent' || where === 'unknown'}
          onClick={() => tried.mutate()}
        >
          Try the rights
        </Button>
      </div>
      <div className="tests" role="status">
        {(['write', 'read', 'list', 'delete'] as const).map((right) => {
          const one = tried.data?.rights.find((each) => each.right === right)
          const word = `${RIGHTS[right]}${one?.state === 'passed' ? `, ${duration(one.ms)}` : ''}`
          return <Status key={right} state={one?.state ?? 'waiting'} word={word} bare />
        })}
      </div>
      {where === 'absent' && (
        <p className="dense t2">The bucket is not there yet: its rights are proved by the probe of step 6.</p>
      )}
      {where === 'unknown' && (
        <p className="dense t2">Whether the bucket is there is not known: the storage did not tell.</p>
      )}
      {failed?.fault && <FaultBlock fault={failed.fault} plain />}
      {tried.error ? <FaultBlock fault={toFault(tried.error)} plain /> : null}
    </section>
  )
}
