import { toFault } from '../../../shared/errors.ts'
import { messagesPath, threadPath } from '../../../shared/thread.ts'
import type { ThreadView, TraceEnd } from '../../../shared/trace.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { counted, fileWords, shortId } from '../../ui/format.ts'
import { href } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { startOf, useMessage, useTrace } from './origin-data.ts'
import type { Sample } from './read.ts'

/** Where a sample came from: its data file, the commit that brought it and the message that held it. */
export function Origin({
  subject,
  sample,
  title,
  snapshot,
}: {
  subject: { readonly user: string; readonly type: string }
  sample: Sample
  title: string
  /** Raw's newest, which is searched. */
  snapshot: string | undefined
}) {
  const start = startOf(subject, sample)
  const trace = useTrace(start, snapshot)
  const { path, query } = threadPath(start)
  return (
    <div className="sect dash-origin">
      <div className="row between">
        <h3>{title}</h3>
        <a className="dense" href={href(path, query)}>
          Follow the thread
        </a>
      </div>
      {trace.data === undefined || trace.error ? (
        <Awaiting of={trace} what="Looking for its data file" again="Look for it again" plain />
      ) : trace.data?.rows[trace.data.chosen] === undefined ? (
        <p className="dense t2">Raw as it is now holds no such row in the files that were searched.</p>
      ) : (
        <Places key={sample.id + sample.start} view={trace.data} sample={sample} />
      )}
    </div>
  )
}

function Places({ view, sample }: { view: ThreadView; sample: Sample }) {
  const row = view.rows[view.chosen]
  const file = row && view.files[row.file]
  const { origin } = view
  return (
    <dl className="kv">
      <dt>Sample</dt>
      <dd className="mono" title={sample.id}>
        {sample.id}
      </dd>
      {file && (
        <>
          <dt>Data file</dt>
          <dd className="mono" title={file.path}>
            {fileWords(file.path)}
          </dd>
        </>
      )}
      {origin && (
        <>
          <dt>Snapshot</dt>
          <dd>
            <a
              className="mono"
              href={href(['tables', 'raw'], { tab: 'snapshots', snapshot: origin.snapshotId })}
              title={origin.snapshotId}
            >
              {shortId(origin.snapshotId)}
            </a>
            {origin.at === null ? (
              ', expired'
            ) : (
              <>
                , <Time at={origin.at} as="ago" />
              </>
            )}
          </dd>
        </>
      )}
      <dt>Message</dt>
      <dd>{view.end?.kind === 'messages' ? <Message view={view} /> : endWords(view.end)}</dd>
    </dl>
  )
}

function Message({ view }: { view: ThreadView }) {
  const { data, error, isFetching, ledger, offsets, ask, refetch } = useMessage(view)
  if (ledger === null) return <>its commit kept no ledger</>
  if (error) {
    return (
      <>
        <span title={toFault(error).title}>could not be read</span>{' '}
        <Button small onClick={() => void refetch()}>
          Look again
        </Button>
      </>
    )
  }
  if (data?.place) {
    const { topic, partition, offset } = data.place
    const { path, query } = messagesPath(
      { topic, partition: String(partition), from: offset, to: String(BigInt(offset) + 1n) },
      `${partition}:${offset}`,
    )
    return (
      <a
        className="mono"
        href={href(path, query)}
        title={`${topic}, partition ${partition}, offset ${offset}`}
      >
        {topic} {partition} @ {offset}
      </a>
    )
  }
  if (data) return <>{data.gone ? 'no longer in the topic' : 'not found in what its commit took'}</>
  if (isFetching) return <>looking through {counted(offsets, 'offset')}</>
  return (
    <Button small onClick={ask}>
      Look through {counted(offsets, 'offset')}
    </Button>
  )
}

function endWords(end: TraceEnd | null): string {
  switch (end?.kind) {
    case 'letter':
      return end.letter
        ? `replayed, ${end.letter.topic} ${end.letter.partition} @ ${end.letter.offset}`
        : 'replayed from a dead letter'
    case 'expired':
      return 'its commit has expired'
    case 'other':
      return 'written by another engine'
    default:
      return 'not known'
  }
}
