import './doctor.css'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { countStates, DOCTOR_GROUPS, type DoctorGroup, type DoctorView } from '../../../shared/doctor.ts'
import { toFault } from '../../../shared/errors.ts'
import type { AppState, JobView } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Empty, NoMatch } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { TextField } from '../../ui/field.tsx'
import { counted, duration } from '../../ui/format.ts'
import { showPane } from '../../ui/pane.ts'
import { useRead } from '../../ui/read.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Tree, TreeRow } from '../../ui/tree.tsx'
import { CheckList } from './check-list.tsx'
import { Meaning } from './meaning.tsx'
import { GROUPS, grouped, groupWords, inOrderOf, matching, reportOf } from './results.ts'

const ORDERS = [
  { value: 'trouble', word: 'Trouble first' },
  { value: 'service', word: 'By service' },
] as const

function Groups({
  view,
  chosen,
  filter,
  onChoose,
  onFilter,
}: {
  view: DoctorView
  chosen: DoctorGroup | null
  filter: string
  onChoose: (group: DoctorGroup | null) => void
  onFilter: (text: string) => void
}) {
  return (
    <aside className="list" aria-label="Groups of checks">
      <div className="head">
        <h3>Doctor</h3>
      </div>
      <div className="dr-find">
        <TextField
          label="Find a check"
          hideLabel
          small
          icon="search"
          type="search"
          placeholder="Find a check"
          value={filter}
          onChange={onFilter}
        />
      </div>
      <Tree label="Groups of checks">
        <TreeRow
          icon="tree"
          selected={chosen === null}
          end={view.checks.length}
          onChoose={() => onChoose(null)}
        >
          All checks
        </TreeRow>
        {grouped(view.checks, 'trouble').map((group) => {
          const { state, words } = groupWords(group)
          return (
            <TreeRow
              key={group.group}
              icon={GROUPS[group.group].icon}
              selected={chosen === group.group}
              end={
                <Status
                  state={state}
                  word={words.replace(/ (failed|needs? attention|passed|wait)$/, '')}
                  bare
                />
              }
              onChoose={() => onChoose(group.group)}
            >
              {GROUPS[group.group].name}
            </TreeRow>
          )
        })}
      </Tree>
      <div className="sect dense t2 dr-foot">
        Checks read only. They ask a service little: a few small requests each. A probe is written in Set-up,
        never here.
      </div>
    </aside>
  )
}

function Summary({ view, job }: { view: DoctorView; job: JobView | null }) {
  if (job?.state === 'running') {
    const { done = 0, total = null } = job.progress ?? {}
    return <Status state="running" word={total === null ? 'Checking' : `${done} of ${total} checked`} />
  }
  const counts = countStates(view.checks)
  const [run] = view.runs
  return (
    <>
      {counts.failed > 0 && <Status state="failed" word={`${counts.failed} failed`} />}
      {counts.attention > 0 && (
        <Status
          state="attention"
          word={`${counts.attention} need${counts.attention === 1 ? 's' : ''} attention`}
        />
      )}
      {counts.failed + counts.attention === 0 && <Status state="passed" word="No trouble found" />}
      <span className="t2 dense cut">
        {counts.passed} passed{counts.waiting > 0 && `, ${counts.waiting} wait`}
        {counts.unset > 0 && `, ${counts.unset} not used`}
        {run && (
          <>
            {`; ${counted(view.checks.length, 'check')} in ${duration(run.ms)}, `}
            <Time at={run.at} as="ago" />
          </>
        )}
      </span>
    </>
  )
}

interface ResultsProps {
  readonly view: DoctorView
  readonly chosen: DoctorGroup | null
  readonly filter: string
  readonly busy: boolean
  readonly onClear: () => void
  readonly onAgain: (ids: readonly string[]) => void
}

function Results({ view, chosen, filter, busy, onClear, onAgain }: ResultsProps) {
  const [order, setOrder] = useState<(typeof ORDERS)[number]['value']>('trouble')
  const of = chosen === null ? view.checks : view.checks.filter(({ group }) => group === chosen)
  const found = matching(of, filter)
  const settled = useRef<readonly DoctorGroup[]>(DOCTOR_GROUPS)
  const sorted = grouped(found, order)
  if (!busy) settled.current = sorted.map(({ group }) => group)
  const groups = busy && order === 'trouble' ? inOrderOf(sorted, settled.current) : sorted
  const fold = order === 'trouble' && filter.trim() === '' && chosen === null
  return (
    <>
      <div className="bar dr-order">
        {view.asked ? (
          <Segmented label="Order of the checks" value={order} choices={ORDERS} onChange={setOrder} />
        ) : (
          <h3>What is asked</h3>
        )}
        <span className="grow" />
        <span className="t2 dense">
          {filter.trim() !== ''
            ? `${found.length} of ${counted(of.length, 'check')} match`
            : fold && view.asked
              ? 'groups that passed are folded'
              : ''}
        </span>
      </div>
      {found.length === 0 ? (
        <NoMatch onClear={onClear}>
          No check{chosen === null ? '' : ` of ${GROUPS[chosen].name}`} holds &ldquo;{filter.trim()}&rdquo;.
        </NoMatch>
      ) : (
        <Scroll label="Results">
          <CheckList
            key={`${order} ${fold}`}
            groups={groups}
            lead={groups.flatMap(({ checks }) => checks).find(({ state }) => state === 'failed')?.id ?? null}
            checks={view.checks}
            busy={busy}
            fold={fold}
            onAgain={onAgain}
          />
        </Scroll>
      )}
    </>
  )
}

function Doctor({ app }: { app: AppState }) {
  const job = app.jobs.find((one) => one.kind === 'doctor') ?? null
  const busy = job?.state === 'running'
  const [chosen, setChosen] = useState<DoctorGroup | null>(null)
  const [filter, setFilter] = useState('')
  const results = useRead({
    queryKey: ['doctor', job?.id, job?.state, job?.progress?.done],
    queryFn: ({ signal }) => answer(api.doctor.$get({}, { init: { signal } })),
    placeholderData: keepPreviousData,
  })
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => answer(api.settings.$get()) })
  const run = useMutation({
    mutationFn: (only: readonly string[] | null) =>
      answer(api.doctor.$post({ json: only === null ? {} : { only: [...only] } })),
  })
  const cancel = useMutation({
    mutationFn: (id: string) => answer(api.jobs[':id'].cancel.$post({ param: { id }, json: {} })),
  })
  const view = results.data ?? null
  const asked = view?.asked
  const known = view !== null
  // Nothing is picked here: a narrow window keeps the list.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the inspector comes with the results
  useEffect(() => showPane('list'), [known])
  // From the press on, though its job is heard of later: what moves then moves at the press.
  const starting = run.isPending || (run.data !== undefined && !app.jobs.some(({ id }) => id === run.data.id))
  const fault = run.error ?? cancel.error ?? (asked ? null : results.error)
  const clear = () => {
    setFilter('')
    setChosen(null)
  }
  return (
    <>
      <Groups
        view={view ?? { running: null, asked: false, checks: [], runs: [] }}
        chosen={chosen}
        filter={filter}
        onChoose={setChosen}
        onFilter={setFilter}
      />
      <main className="work" aria-busy={busy}>
        <div className="bar">
          <h2>Doctor</h2>
          <span className="row grow" role="status">
            {asked && <Summary view={view} job={job} />}
          </span>
          {busy ? (
            <Button small busy={cancel.isPending ? 'Cancelling' : null} onClick={() => cancel.mutate(job.id)}>
              Cancel
            </Button>
          ) : (
            asked && (
              <>
                <CopyButton
                  text={reportOf({
                    checks: view.checks,
                    version: app.version,
                    at: view.runs[0]?.at ?? null,
                    settings: settings.data?.settings ?? [],
                  })}
                  label="Copy report"
                />
                <Button small icon="refresh" onClick={() => run.mutate(null)}>
                  Run all again
                </Button>
              </>
            )
          )}
        </div>
        {fault && <FaultBlock fault={toFault(fault)} />}
        {!fault && job?.state === 'failed' && job.fault && <FaultBlock fault={job.fault} />}
        {view === null ? (
          results.error === null && <Awaiting of={results} what="Reading the last results" />
        ) : (
          <>
            {!asked && !busy && !starting && (
              <div className="dr-first">
                <Empty
                  title="No checks were run yet"
                  action={
                    <Button kind="primary" onClick={() => run.mutate(null)}>
                      Run all {counted(view.checks.length, 'check')}
                    </Button>
                  }
                >
                  Those below wait to be asked. They change nothing and take a few seconds.
                </Empty>
              </div>
            )}
            <Results
              view={view}
              chosen={chosen}
              filter={filter}
              busy={busy || starting}
              onClear={clear}
              onAgain={(ids) => run.mutate(ids)}
            />
          </>
        )}
      </main>
      {view && <Meaning view={view} load={app.load} />}
    </>
  )
}

/** Checks of everything around a load, any time: trouble first, with its cause, its evidence and what to do. */
export function DoctorPage() {
  const { app } = useLive()
  return app && <Doctor app={app} />
}
