import type {
  CompactPlanView,
  ExpirePlanView,
  FileTally,
  MaintenancePlanView,
  ManifestPlanView,
  OrphanPlanView,
} from '../../../shared/maintenance.ts'
import { bytes, count, counted } from '../../ui/format.ts'
import { Time } from '../../ui/time.tsx'
import { kindWords } from './maintain-words.ts'
import { SizeTable } from './size-table.tsx'

/** What a plan would do, with counts: what is written, what goes, what can no longer be asked, what stays. */
export function PlanFacts({ plan }: { plan: MaintenancePlanView }) {
  switch (plan.kind) {
    case 'compact':
      return <CompactFacts plan={plan} />
    case 'manifests':
      return <ManifestFacts plan={plan} />
    case 'expire':
      return <ExpireFacts plan={plan} />
    case 'orphans':
      return <OrphanFacts plan={plan} />
  }
}

function CompactFacts({ plan }: { plan: CompactPlanView }) {
  return (
    <>
      <SizeTable before={plan.before} after={plan.after} />
      <dl className="kv">
        <dt>Read and written anew</dt>
        <dd>
          {bytes(plan.bytes)}, {counted(plan.rows, 'row')}
        </dd>
        <dt>Data files</dt>
        <dd>
          {counted(plan.files, 'file')} in {counted(plan.partitions, 'partition')} become about{' '}
          {count(plan.outputs)}
        </dd>
        <dt>Delete files that go</dt>
        <dd>{count(plan.deleteFiles)}</dd>
        <dt>Can no longer be queried</dt>
        <dd>nothing</dd>
      </dl>
      <p className="t2 dense">
        No row changes. The files of now stay on disk, and earlier snapshots can be queried, until those
        snapshots expire. A load that runs goes on.
      </p>
    </>
  )
}

function ManifestFacts({ plan }: { plan: ManifestPlanView }) {
  return (
    <>
      <dl className="kv">
        <dt>Manifests</dt>
        <dd>
          {count(plan.manifests)} of {count(plan.all)} become {count(plan.outputs)}
        </dd>
        <dt>Read and written anew</dt>
        <dd>{bytes(plan.bytes)}</dd>
        <dt>Data files</dt>
        <dd>stay as they are</dd>
      </dl>
      <p className="t2 dense">
        Their entries are sorted by partition. Earlier snapshots can be queried as before.
      </p>
    </>
  )
}

function ExpireFacts({ plan }: { plan: ExpirePlanView }) {
  return (
    <>
      <dl className="kv">
        <dt>Can no longer be queried</dt>
        <dd>
          {counted(plan.snapshots, 'snapshot')}
          {plan.from !== null && plan.to !== null && (
            <>
              {' '}
              of <Time at={plan.from} as="moment" /> to <Time at={plan.to} as="moment" />
            </>
          )}
        </dd>
        <dt>Time travel reaches back to</dt>
        <dd>{plan.reachesTo === null ? 'nothing' : <Time at={plan.reachesTo} as="moment" />}</dd>
        <Tallies files={plan.files} bytes={plan.bytes} tallies={plan.tallies} />
        {plan.spared.map(({ reason, snapshots }) => [
          <dt key={`${reason} name`}>Kept all the same</dt>,
          <dd key={reason}>
            {counted(snapshots, 'snapshot')}: {reason}
          </dd>,
        ])}
      </dl>
      <p className="t2 dense">
        Rows of the table as it is now stay. The snapshots go first, then the files that only they hold.
      </p>
    </>
  )
}

function OrphanFacts({ plan }: { plan: OrphanPlanView }) {
  const { young, pending, foreign } = plan.spared
  const rest = plan.files - plan.first.length
  return (
    <>
      <dl className="kv">
        <dt>Listed</dt>
        <dd>{counted(plan.listed, 'file')}</dd>
        <Tallies files={plan.files} bytes={plan.bytes} tallies={plan.tallies} />
        <dt>Too young to tell</dt>
        <dd>{count(young)}</dd>
        {pending > 0 && [
          <dt key="pending name">Of a commit whose end is open</dt>,
          <dd key="pending">{count(pending)}</dd>,
        ]}
        {foreign > 0 && [
          <dt key="foreign name">Of another table in a folder below</dt>,
          <dd key="foreign">{count(foreign)}</dd>,
        ]}
      </dl>
      {plan.first.length > 0 && (
        <ul className="orphans mono" aria-label="Files to delete">
          {plan.first.map((file) => (
            <li key={file.path} title={file.path}>
              {file.path.slice(plan.location.length).replace(/^\/+/, '')}
            </li>
          ))}
          {rest > 0 && <li>and {count(rest)} more</li>}
        </ul>
      )}
    </>
  )
}

function Tallies({
  files,
  bytes: size,
  tallies,
}: {
  files: number
  bytes: number
  tallies: readonly FileTally[]
}) {
  return (
    <>
      <dt>Deleted</dt>
      <dd>
        {counted(files, 'file')}, {bytes(size)}
      </dd>
      {tallies.map((one) => [
        <dt key={`${one.kind} name`} className="of-which">
          {kindWords(one.kind)}
        </dt>,
        <dd key={one.kind}>{count(one.files)}</dd>,
      ])}
    </>
  )
}
