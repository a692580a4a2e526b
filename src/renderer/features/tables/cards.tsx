import type { HealthView, TableDetail } from '../../../shared/inspect.ts'
import type { LoadView } from '../../../shared/model.ts'
import { bytes, count, counted, duration, instant, shortId } from '../../ui/format.ts'
import type { Read } from '../../ui/read.ts'
import { Stat, Stats } from '../../ui/stat.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'
import { amend } from './address.ts'
import { cardCount } from './words.ts'

/** How much there is, how old it is, and how well it is. */
export function Cards({
  detail,
  health,
  load,
}: {
  detail: TableDetail
  health: Read<HealthView>
  load: LoadView
}) {
  const { zone } = useView()
  const { rows, bytes: size, files, updatedAt } = detail
  const mean = files && size !== null ? size / files : null
  return (
    <Stats label="Figures">
      <Stat name="Rows" value={rows === null ? 'unknown' : cardCount(rows)}>
        {rows === null ? 'its writer did not count' : rows >= 10_000_000 ? count(rows) : 'newest snapshot'}
      </Stat>
      <Stat name="Size" value={size === null ? 'unknown' : bytes(size)}>
        {rows && size !== null ? `${bytes(size / rows)} a row` : null}
      </Stat>
      <Stat name="Files" value={files === null ? 'unknown' : count(files)}>
        {mean === null ? null : `mean ${bytes(mean)}`}
        {detail.deleteFiles ? `, ${counted(detail.deleteFiles, 'delete file')}` : null}
      </Stat>
      <Stat name="Last commit" value={updatedAt === null ? 'none' : <Time at={updatedAt} as="ago" />}>
        {updatedAt !== null && (
          <span title={`${instant(updatedAt, zone)}, snapshot ${detail.snapshotId ?? ''}`}>
            {detail.snapshotId === null
              ? 'created, no commit yet'
              : detail.addedRows === null
                ? shortId(detail.snapshotId)
                : counted(detail.addedRows, 'row')}
          </span>
        )}
      </Stat>
      <Freshness detail={detail} load={load} />
      <Health health={health} />
    </Stats>
  )
}

/** From produced to queryable while a load runs; else how often a commit came. */
function Freshness({ detail, load }: { detail: TableDetail; load: LoadView }) {
  const { freshness } = load
  const loaded = detail.role === 'raw' || detail.role === 'errors'
  const ms = loaded ? freshness?.committedMs : detail.role ? freshness?.rolledUpMs : null
  if (ms !== null && ms !== undefined) {
    const rolled = freshness?.rolledUpMs
    return (
      <Stat name="Queryable after" value={duration(ms)}>
        {detail.role === 'raw' && rolled != null
          ? `rolled up after ${duration(rolled)}`
          : 'by the newest commit'}
      </Stat>
    )
  }
  const every = detail.commitEveryMs
  return (
    <Stat name="A commit every" value={every === null ? 'unknown' : duration(every)}>
      {every === null ? 'too few to tell' : 'middle of the last 20'}
    </Stat>
  )
}

function Health({ health }: { health: Read<HealthView> }) {
  const reasons = health.data?.reasons
  const [first] = reasons ?? []
  const more = (reasons?.length ?? 0) - 1
  return (
    <div className="stat">
      <div className="k">Health</div>
      <div className="v tables-health">
        {health.error ? (
          <Status state="failed" word="Not readable" />
        ) : reasons === undefined ? (
          <Status state="waiting" word={health.cancelled ? 'Not read' : 'Reading'} />
        ) : (
          <Status state={first ? 'attention' : 'passed'} word={first ? first.title : 'Well'} />
        )}
      </div>
      <div className="d">
        {first ? (
          <button
            type="button"
            className="as-link"
            onClick={() => amend({ health: 'yes', file: undefined, spot: undefined })}
          >
            {more > 0 ? `and ${count(more)} more` : 'Costs and remedy'}
          </button>
        ) : health.cancelled ? (
          <button type="button" className="as-link" onClick={() => void health.refetch()}>
            Read it
          </button>
        ) : (
          reasons && 'nothing to mend'
        )}
      </div>
    </div>
  )
}
