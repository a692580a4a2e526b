import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { DashLake } from '../../../shared/dash.ts'
import { toFault } from '../../../shared/errors.ts'
import { theEngine } from '../../query/start.ts'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { Loading } from '../../ui/loading.tsx'
import { BarsChart } from './bars-chart.tsx'
import { useTableNames } from './data.ts'
import { readsLittle, type SamplesQuestion } from './read.ts'
import { readSpread, spanSql } from './read-spread.ts'
import { BINS } from './spread-chart.tsx'

const NAME = 'Samples'

/** How the samples themselves spread over the chosen days: read from raw, at once where that costs little. */
export function SamplesSpread({
  lake,
  question,
  unit,
  height,
}: {
  lake: DashLake
  question: SamplesQuestion
  unit: string
  height: number
}) {
  const tables = useTableNames()
  const [asked, setAsked] = useState(false)
  const key = [lake.raw?.snapshotId, question]
  // Of its own: a session that runs a statement tells no cost.
  const costs = () => theEngine().session('dash raw cost')
  const settings = { staleTime: Number.POSITIVE_INFINITY, retry: false }
  const cost = useQuery({
    queryKey: ['dash', 'spread cost', ...key],
    queryFn: ({ signal }) =>
      costs().forecast(spanSql(tables as NonNullable<typeof tables>), {
        parameters: { ...question },
        signal,
      }),
    enabled: tables !== null,
    ...settings,
  })
  const little = cost.data != null && readsLittle(cost.data)
  const spread = useQuery({
    queryKey: ['dash', 'spread', ...key],
    queryFn: ({ signal }) =>
      readSpread(
        theEngine().session('dash raw'),
        tables as NonNullable<typeof tables>,
        question,
        BINS,
        signal,
      ),
    enabled: tables !== null && (little || asked),
    ...settings,
  })
  const error = spread.error ?? cost.error
  const { data } = spread
  const words = data
    ? `${counted(data.cost.files, 'file')}, ${bytes(data.cost.bytes)} of raw${data.unbounded === 0 ? '' : `; ${counted(data.unbounded, 'sample')} without a finite value`}`
    : ''
  return (
    <div className="dash-samples">
      {data ? (
        <>
          <BarsChart
            name={NAME}
            unit={unit}
            of="samples"
            bins={{ edges: data.edges, now: data.counts, others: null }}
            otherWord=""
            height={height}
            className=""
          />
          <p className="micro t3">
            {count(data.counts.reduce((sum, n) => sum + n, 0))} samples, {words}
          </p>
        </>
      ) : (
        <section aria-label={NAME} style={{ minHeight: height + 46 }}>
          <h3>{NAME}</h3>
          {error ? (
            <FaultBlock fault={toFault(error)} plain>
              <Button small onClick={() => void (cost.error ? cost : spread).refetch()}>
                Read the samples again
              </Button>
            </FaultBlock>
          ) : cost.data && !little && !asked ? (
            <>
              <p className="dense t2">
                Their distribution takes {counted(cost.data.files, 'file')} of raw, {bytes(cost.data.bytes)}.
              </p>
              <Button small onClick={() => setAsked(true)}>
                Read the samples
              </Button>
            </>
          ) : (
            <Loading what="Reading the samples" shape={<span className="skel dash-skel" />} />
          )}
        </section>
      )}
    </div>
  )
}
