import { useState } from 'react'
import type { DashLake } from '../../../shared/dash.ts'
import { theEngine } from '../../query/start.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { useRead } from '../../ui/read.ts'
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
  const cost = useRead({
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
  const spread = useRead({
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
          {cost.data && !little && !asked ? (
            <>
              <p className="dense t2">
                Their distribution takes {counted(cost.data.files, 'file')} of raw, {bytes(cost.data.bytes)}.
              </p>
              <Button small onClick={() => setAsked(true)}>
                Read the samples
              </Button>
            </>
          ) : (
            <Awaiting
              of={cost.data == null ? cost : spread}
              what="Reading the samples"
              again="Read the samples again"
              shape={<span className="skel dash-skel" />}
              plain
            />
          )}
        </section>
      )}
    </div>
  )
}
