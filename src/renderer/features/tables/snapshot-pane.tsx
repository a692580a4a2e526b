import type { SnapshotDetail } from '../../../shared/inspect.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { count, counted, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { href, useRoute } from '../../ui/route.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { amend, tabHref, threadHref } from './address.ts'
import { Answered } from './answered.tsx'
import { MetadataTree } from './metadata-tree.tsx'
import { useSnapshot } from './requests.ts'
import { atSnapshot } from './sql.ts'
import type { TabProps } from './table-view.tsx'

/** The snapshot that is looked at: what it did, what it took from Kafka, and what it is made of. */
export function SnapshotPane(props: TabProps) {
  const { query } = useRoute()
  return query.snapshot === undefined ? null : <Opened key={query.snapshot} {...props} id={query.snapshot} />
}

function Opened({ table, detail, from, id }: TabProps & { id: string }) {
  const { query } = useRoute()
  const answered = useSnapshot(table, id)
  return (
    <Inspector
      title={query.compare === undefined ? 'Snapshot' : 'Snapshot B'}
      subject={id}
      onClose={() => amend({ snapshot: undefined, compare: undefined, node: undefined })}
    >
      <Answered answered={answered} what="Reading the table" table={table}>
        {(snapshot) => (
          <>
            <Section>
              <Facts snapshot={snapshot} />
              <div className="row tables-acts">
                <a className="btn s" href={href(['sql'], { text: atSnapshot(from, id) })}>
                  <Icon name="sql" />
                  Query here
                </a>
                <a className="btn s quiet" href={tabHref(table, 'files', { snapshot: id })}>
                  Show files
                </a>
                <a className="btn s quiet" href={threadHref(table, { snapshot: id })}>
                  Rows and messages
                </a>
                <CopyButton text={id} label="Copy id" />
              </div>
            </Section>
            {snapshot.loading && <Loaded snapshot={snapshot} loading={snapshot.loading} />}
            <section className="sect flush">
              <div className="row between sect-head">
                <h3>Opened level by level</h3>
              </div>
              <MetadataTree table={table} detail={detail} root={snapshot} compact />
            </section>
            <Section title="Summary">
              <dl className="kv summary">
                {Object.entries(snapshot.summary)
                  .filter(([key]) => key !== 'tarn.kafka.offsets')
                  .toSorted(([a], [b]) => (a < b ? -1 : 1))
                  .map(([key, value]) => [
                    <dt key={`${key} name`} className="mono micro cut" title={key}>
                      {key}
                    </dt>,
                    <dd key={key} className="mono" title={value}>
                      {value}
                    </dd>,
                  ])}
              </dl>
            </Section>
          </>
        )}
      </Answered>
    </Inspector>
  )
}

function Facts({ snapshot }: { snapshot: SnapshotDetail }) {
  return (
    <dl className="kv">
      <dt>Snapshot</dt>
      <dd className="mono">{snapshot.id}</dd>
      <dt>Committed</dt>
      <dd>
        <Time at={snapshot.at} as="iso" />
      </dd>
      <dt>Operation</dt>
      <dd>{snapshot.operation}</dd>
      <dt>Parent</dt>
      <dd className="mono">
        {snapshot.parentId === null ? (
          'none: the first'
        ) : (
          <button
            type="button"
            className="as-link"
            onClick={() => amend({ snapshot: snapshot.parentId ?? undefined })}
          >
            {shortId(snapshot.parentId)}
          </button>
        )}
      </dd>
      <dt>References</dt>
      <dd>{snapshot.refs.join(', ') || 'none'}</dd>
      <dt>Schema, sequence number</dt>
      <dd>
        {snapshot.schemaId ?? 'not told'}, {count(snapshot.sequenceNumber)}
      </dd>
      <dt>Written by</dt>
      <dd>{snapshot.writer ?? 'not told'}</dd>
    </dl>
  )
}

function Loaded({
  snapshot,
  loading,
}: {
  snapshot: SnapshotDetail
  loading: NonNullable<SnapshotDetail['loading']>
}) {
  const { ledger } = snapshot
  return (
    <section className="sect flush">
      <div className="row between sect-head">
        <h3>Ledger</h3>
        {ledger && (
          <Status
            state={ledger.verdict === 'balanced' ? 'passed' : 'failed'}
            word={ledger.verdict === 'balanced' ? 'Balanced' : ledger.words}
            bare
          />
        )}
      </div>
      <dl className="kv sect-kv">
        <dt>Topic</dt>
        <dd className="mono">{loading.topic}</dd>
        <dt>Pipeline</dt>
        <dd>{loading.pipeline}</dd>
        <dt>Messages</dt>
        <dd>{count(loading.messages)}</dd>
        <dt>Rows accepted, rejected</dt>
        <dd>
          {count(loading.accepted)}, {count(loading.rejected)}
        </dd>
        <dt>Rows it had already</dt>
        <dd>{count(loading.skipped)}</dd>
      </dl>
      {loading.ranges.length > 0 && (
        <Scroll label="Offsets taken, by partition">
          <table className="grid offsets">
            <thead>
              <tr>
                <th scope="col" className="num">
                  Partition
                </th>
                <th scope="col">Offsets taken</th>
                <th scope="col" className="num">
                  Count
                </th>
                <th scope="col">Follows</th>
              </tr>
            </thead>
            <tbody>
              {loading.ranges.map((range) => (
                <tr key={range.partition}>
                  <td className="num">{range.partition}</td>
                  <td className="mono">
                    {range.start} to {range.end}
                  </td>
                  <td className="num">{count(range.taken)}</td>
                  <td className="t2">{follows(range.gap)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  )
}

/** How a range follows the commit before. */
export function follows(gap: string | null): string {
  if (gap === null) return 'the first'
  if (gap === '0') return 'goes on'
  return gap.startsWith('-') ? `${count(gap.slice(1))} again` : `${counted(gap, 'offset')} left out`
}
