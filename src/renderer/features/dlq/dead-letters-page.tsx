import { useCallback, useEffect, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { useLive } from '../../api/live.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Empty, NoMatch } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Pager } from '../../ui/pager.tsx'
import { here, href, navigate, useRoute } from '../../ui/route.ts'
import { Splitter } from '../../ui/splitter.tsx'
import { useView } from '../../ui/view.ts'
import './dlq.css'
import { FilterBar } from './filter-bar.tsx'
import { filterWords } from './filter-words.ts'
import { type Draft, draftOf, EMPTY, fixOf } from './fix-draft.ts'
import { FixSteps } from './fix-steps.tsx'
import { GroupBar, GroupStats } from './group-head.tsx'
import { GroupList } from './group-list.tsx'
import { LetterPane } from './letter-pane.tsx'
import { LetterTable } from './letter-table.tsx'
import {
  filterOf,
  PAGE_SIZE,
  useGroups,
  useLetter,
  useLetters,
  usePreview,
  useReplays,
  useSample,
  useTimes,
} from './queries.ts'
import { ReplayProgress } from './replay-progress.tsx'
import { ChartShape, EvidenceShape, FixShape, ReasonsShape } from './shapes.tsx'
import { TimeChart } from './time-chart.tsx'

/** What was refused and why: reasons at the left, evidence in the middle, fix and replay at the right. */
export function DeadLettersPage() {
  const { zone } = useView()
  const { query } = useRoute()
  const { app } = useLive()
  const groups = useGroups()
  const replays = useReplays()
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({})
  const first = groups.data?.groups.find((one) => one.open > 0) ?? groups.data?.groups[0]
  // Which reason is looked at stays as it is while others move up in the list.
  const asked = query.group
  useEffect(() => {
    // The window may have gone elsewhere while the groups were read.
    if (asked === undefined && first !== undefined && here().path[0] === 'letters')
      navigate(['letters'], { ...here().query, group: first.key })
  }, [asked, first])
  const all = asked === 'all'
  const { group: _, ...narrow } = filterOf(query)
  const key = all ? null : (asked ?? first?.key ?? null)
  const filter = key === null ? narrow : { ...narrow, group: key }
  const onDraft = useCallback(
    (next: Draft) => setDrafts((drafts) => ({ ...drafts, [key ?? 'all']: next })),
    [key],
  )
  const group = groups.data?.groups.find((one) => one.key === key) ?? null
  const page = Number(query.page ?? '0')
  const some = (groups.data?.total ?? 0) > 0
  const letters = useLetters(filter, page, some)
  const times = useTimes(filter, some)
  const sample = useSample(key === null ? {} : { group: key }, some)
  const rows = letters.data?.rows ?? []
  const chosen = query.letter ?? rows[0]?.id ?? null
  const letter = useLetter(chosen)
  const running = replays.data?.replays.find((one) => one.state === 'running') ?? null
  // While a replay of these letters runs, its own fix stands here, held.
  const held = running !== null && (running.filter.group ?? null) === key ? draftOf(running.fix) : null
  const draft = held ?? drafts[key ?? 'all'] ?? EMPTY
  const drafted = fixOf(draft)
  const preview = usePreview(filter, 'fix' in drafted && some ? drafted.fix : null, chosen)
  const mine = (replays.data?.replays ?? []).filter((one) => all || one.filter.group === key)
  const shownReplay =
    query.view === 'replay'
      ? (replays.data?.replays.find((one) => one.id === query.replay) ?? running ?? mine[0] ?? null)
      : null
  const go = (change: Readonly<Record<string, string | undefined>>) =>
    navigate(['letters'], { ...query, ...(key === null ? {} : { group: key }), ...change })
  // Letters gone through one by one are no steps to go back to.
  const show = (id: string) =>
    location.replace(
      href(['letters'], { ...query, ...(key === null ? {} : { group: key }), letter: id, view: undefined }),
    )
  const open = (times.data?.groups ?? []).reduce((sum, one) => sum + one.open, 0)
  const error = groups.error ?? letters.error
  const waits = groups.data === undefined && !groups.error && !groups.cancelled
  const narrowed = Object.keys(narrow).length > 0
  const step = (by: 1 | -1) => {
    const next = rows[rows.findIndex((row) => row.id === chosen) + by]
    if (next) show(next.id)
  }
  if (groups.data && groups.data.total === 0)
    return (
      <main className="work">
        <Empty
          title="No dead letters"
          action={
            <a className="btn s" href={href(['load'])}>
              <Icon name="load" />
              Open the load
            </a>
          }
        >
          Samples that fail a rule are kept in {app?.tables.errors} with their reason and their bytes. It
          holds 0{app?.load.ledger && ` of ${counted(app.load.ledger.consumed, 'sample')} consumed`}.
        </Empty>
      </main>
    )
  return (
    <>
      <aside className="list letters" aria-label="Reasons of dead letters">
        {groups.data ? (
          <GroupList data={groups.data} selected={key} running={running} />
        ) : (
          <>
            <div className="head">
              <h3>Dead letters</h3>
            </div>
            {waits && <ReasonsShape />}
          </>
        )}
      </aside>
      <main className="work">
        {error && (
          <FaultBlock fault={toFault(error)}>
            <button
              type="button"
              className="btn s"
              onClick={() => void Promise.all([groups.refetch(), letters.refetch()])}
            >
              Read again
            </button>
          </FaultBlock>
        )}
        {!groups.data && !groups.error && (
          <Awaiting of={groups} what="Grouping letters" again="Group them again" shape={<EvidenceShape />} />
        )}
        {shownReplay && (
          <ReplayProgress key={shownReplay.id} replay={shownReplay} all={replays.data?.replays ?? []} />
        )}
        {!shownReplay && groups.data && (
          <>
            <GroupBar
              group={group}
              groups={groups.data.groups}
              filter={filter}
              total={letters.data?.total ?? null}
            />
            <GroupStats group={group} data={groups.data} sample={sample.data} />
            {times.isPending && <ChartShape />}
            {times.data && times.data.buckets > 0 && (
              <TimeChart
                times={times.data}
                counts={sumOf(
                  times.data.groups.map((one) => one.counts),
                  times.data.buckets,
                )}
                chosen={filter.from && filter.to ? [Date.parse(filter.from), Date.parse(filter.to)] : null}
                listed={
                  letters.data
                    ? `listed: ${count(letters.data.total)} of ${count(group?.count ?? groups.data.total)}`
                    : ''
                }
                onChoose={(range) =>
                  go({
                    from: range ? new Date(range[0]).toISOString() : undefined,
                    to: range ? new Date(range[1]).toISOString() : undefined,
                    page: undefined,
                    letter: undefined,
                  })
                }
              />
            )}
            <FilterBar
              filter={filter}
              shown={letters.data ? counted(letters.data.total, 'letter') : ''}
              onFilter={(change) => go({ ...change, page: undefined, letter: undefined })}
            />
            {letters.data?.total === 0 ? (
              <div className="grow">
                <NoMatch
                  onClear={() => navigate(['letters'], key === null ? { group: 'all' } : { group: key })}
                >
                  No letter matches{' '}
                  {narrowed ? filterWords(narrow, zone).join(' and ') : 'this reason any more'}.
                </NoMatch>
              </div>
            ) : letters.data ? (
              <LetterTable letters={rows} selected={chosen} onSelect={show} />
            ) : (
              !error && <Awaiting of={letters} what="Reading dead letters" again="Read the letters" />
            )}
            {letters.data && letters.data.total > PAGE_SIZE && (
              <Pager
                page={page}
                pageSize={letters.data.pageSize}
                total={letters.data.total}
                unit="letters"
                onPage={(next) => go({ page: String(next), letter: undefined })}
              />
            )}
            {chosen !== null && (
              <>
                <Splitter
                  name="letter-h"
                  label="Height of the letter"
                  axis="y"
                  from="end"
                  least={120}
                  most={480}
                  usual={window.innerHeight > 860 ? 296 : 200}
                />
                <LetterPane
                  letter={letter.data}
                  error={letter.error}
                  preview={preview.data}
                  onSelect={show}
                  onStep={step}
                />
              </>
            )}
          </>
        )}
      </main>
      {waits && <FixShape />}
      {groups.data && (
        <FixSteps
          key={key ?? 'all'}
          filter={filter}
          title={group?.title ?? 'all letters'}
          open={open}
          draft={draft}
          onDraft={onDraft}
          sample={sample.data}
          letter={letter.data ?? null}
          preview={'fix' in drafted ? preview.data : undefined}
          previewError={'fix' in drafted ? preview.error : null}
          running={running}
          replays={mine}
          onShow={show}
        />
      )}
    </>
  )
}

function sumOf(series: readonly (readonly number[])[], buckets: number): number[] {
  return Array.from({ length: buckets }, (_, index) =>
    series.reduce((sum, one) => sum + (one[index] ?? 0), 0),
  )
}
