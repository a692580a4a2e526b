import { useQuery } from '@tanstack/react-query'
import { toFault } from '../../../shared/errors.ts'
import type { DeadLetterGroup } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { Empty, NoMatch } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loading } from '../../ui/loading.tsx'
import { Pager } from '../../ui/pager.tsx'
import { href, navigate, useRoute } from '../../ui/route.ts'
import { FilterBar } from './filter-bar.tsx'
import { LetterInspector } from './letter-inspector.tsx'
import { LetterTable } from './letter-table.tsx'

const PAGE_SIZE = 100
const FILTERS = ['errorType', 'partition', 'offsetFrom', 'offsetTo', 'text'] as const
export type LetterFilter = { readonly [K in (typeof FILTERS)[number]]?: string }

function Groups({
  groups,
  selected,
  query,
}: {
  groups: readonly DeadLetterGroup[]
  selected: string | undefined
  query: Readonly<Record<string, string>>
}) {
  const total = groups.reduce((sum, group) => sum + group.count, 0)
  const row = (name: string, errorType: string | undefined, n: number) => (
    <a
      key={name}
      className="tree-row"
      href={href(['letters'], { ...query, errorType, page: undefined, letter: undefined })}
      aria-current={selected === errorType ? 'page' : undefined}
    >
      <span className={errorType ? 'mono micro cut' : 'cut'}>{name}</span>
      <span className="end">{count(n)}</span>
    </a>
  )
  return (
    <nav className="tree scroll" aria-label="Error types">
      {row('All error types', undefined, total)}
      {groups.map((group) => row(group.errorType, group.errorType, group.count))}
    </nav>
  )
}

/** What was refused and why: by error type, each with its payload and its place in Kafka. All of it is in the address. */
export function DeadLettersPage() {
  const { query } = useRoute()
  const { tableChanges, app } = useLive()
  const filter: LetterFilter = Object.fromEntries(
    FILTERS.flatMap((key) => (query[key] ? [[key, query[key]]] : [])),
  )
  const page = Number(query.page ?? '0')
  const { errorType: _, ...withoutType } = filter
  const groups = useQuery({
    queryKey: ['letter-groups', withoutType, tableChanges],
    queryFn: () => answer(api['dead-letters'].groups.$get({ query: withoutType })),
    placeholderData: (before) => before,
  })
  const letters = useQuery({
    queryKey: ['letters', filter, page, tableChanges],
    queryFn: () =>
      answer(
        api['dead-letters'].$get({ query: { ...filter, page: String(page), pageSize: String(PAGE_SIZE) } }),
      ),
    placeholderData: (before) => before,
  })
  const go = (change: Readonly<Record<string, string | undefined>>) =>
    navigate(['letters'], { ...query, ...change })
  const error = letters.error ?? groups.error
  const filtered = Object.keys(filter).length > 0
  const letter = query.letter
  return (
    <>
      <aside className="list" aria-label="Dead letters by error type">
        <div className="head">
          <h3>Dead letters</h3>
        </div>
        {groups.data ? (
          <Groups groups={groups.data.groups} selected={filter.errorType} query={query} />
        ) : (
          !groups.error && <Loading what="Grouping" />
        )}
      </aside>
      <main className="work">
        <FilterBar
          key={JSON.stringify(filter)}
          filter={filter}
          onFilter={(next) =>
            go({
              ...Object.fromEntries(FILTERS.map((key) => [key, next[key]])),
              page: undefined,
              letter: undefined,
            })
          }
        />
        {error && (
          <FaultBlock fault={toFault(error)}>
            <button
              type="button"
              className="btn s"
              onClick={() => void Promise.all([letters.refetch(), groups.refetch()])}
            >
              Read again
            </button>
          </FaultBlock>
        )}
        {!letters.data && !error && <Loading what="Reading dead letters" />}
        {letters.data && letters.data.total === 0 && filtered && (
          <NoMatch onClear={() => navigate(['letters'])}>
            No letter matches{' '}
            {Object.entries(filter)
              .map(([key, value]) => `${key} = ${value}`)
              .join(' and ')}
            .
          </NoMatch>
        )}
        {letters.data && letters.data.total === 0 && !filtered && (
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
            holds none.
          </Empty>
        )}
        {letters.data && letters.data.total > 0 && (
          <>
            <LetterTable
              letters={letters.data.rows}
              selected={letter}
              onSelect={(id) => go({ letter: id })}
            />
            <Pager
              page={page}
              pageSize={letters.data.pageSize}
              total={letters.data.total}
              unit="dead letters"
              onPage={(next) => go({ page: String(next), letter: undefined })}
            />
          </>
        )}
      </main>
      {letter && <LetterInspector id={letter} onClose={() => go({ letter: undefined })} />}
    </>
  )
}
