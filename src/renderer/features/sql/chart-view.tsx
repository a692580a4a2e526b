import { useEffect, useMemo, useRef, useState } from 'react'
import { pngOf, svgText } from '../../chart/picture.ts'
import { draw } from '../../chart/plot.ts'
import type { ChartKind, ChartPlan } from '../../chart/points.ts'
import { fileName, saveFile } from '../../chart/save-file.ts'
import type { QueryResult } from '../../query/result.ts'
import { count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Select } from '../../ui/select.tsx'
import { useView } from '../../ui/view.ts'
import {
  chartData,
  chartOf,
  defaultChart,
  MOST_BARS,
  numberColumns,
  timeColumns,
  wordColumns,
} from './chart-plan.ts'

const KINDS: readonly { value: ChartKind; word: string }[] = [
  { value: 'band', word: 'Band' },
  { value: 'line', word: 'Line' },
  { value: 'bar', word: 'Bar' },
  { value: 'dot', word: 'Dot' },
]

/** A chart of the answer: the kind that its columns suggest, until another is picked. */
export function ChartView({ result, title }: { result: QueryResult; title: string }) {
  const [plan, setPlan] = useState<ChartPlan | null>(() => defaultChart(result))
  const [wanted, setWanted] = useState<string | null>(null)
  const chart = useRef<SVGSVGElement | null>(null)
  const data = useMemo(() => plan && chartData(result, plan, wanted), [result, plan, wanted])
  if (plan === null || data === null) {
    return (
      <div className="sect t2 dense">
        No chart: it takes two rows or more and a column of numbers beside one of days, words or numbers.
      </div>
    )
  }
  const possible = KINDS.filter(({ value }) => chartOf(value, result) !== null)
  const name = (column: number) => result.columns[column]?.name ?? ''
  const choices = (columns: readonly number[]) =>
    columns.map((column) => ({ value: String(column), word: name(column) }))
  const numbers = choices(numberColumns(result))
  const across =
    plan.kind === 'bar'
      ? wordColumns(result)
      : plan.kind === 'dot'
        ? numberColumns(result)
        : timeColumns(result)
  const pick = (key: 'across' | 'value' | 'low' | 'high') => (value: string) =>
    setPlan({ ...plan, [key]: Number(value) })
  const label = describe(plan, name, data.shown)
  return (
    <div className="sect">
      <div className="row between">
        <Segmented
          label="Kind of chart"
          value={plan.kind}
          choices={possible}
          onChange={(kind) => setPlan(chartOf(kind, result))}
        />
        <Menu
          trigger={
            <button type="button" className="btn quiet s">
              <Icon name="download" />
              Save
            </button>
          }
          entries={[
            {
              name: 'Save as SVG',
              onChoose: () => {
                if (chart.current) saveFile(`${fileName(title)}.svg`, svgBlob(chart.current))
              },
            },
            {
              name: 'Save as PNG',
              onChoose: () => {
                if (chart.current)
                  void pngOf(chart.current).then((blob) => saveFile(`${fileName(title)}.png`, blob))
              },
            },
          ]}
        />
      </div>
      <p className="sql-caption">
        <b>{name(plan.value)}</b>
        <span className="t3">by {name(plan.across)}</span>
        <span className="grow" />
        {plan.kind === 'band' && (
          <span className="t3 micro">
            <i className="sql-key band" />
            {name(plan.low ?? 0)} to {name(plan.high ?? 0)}
          </span>
        )}
      </p>
      <Picture
        onDrawn={(svg) => {
          chart.current = svg
        }}
        make={(width) => draw({ plan, data, width, time: timeColumns(result).includes(plan.across), label })}
        again={[plan, data]}
      />
      <dl className="kv sql-picks">
        <dt>{plan.kind === 'bar' ? 'Bars' : 'Across'}</dt>
        <dd>
          <Select
            small
            label="Across"
            value={String(plan.across)}
            choices={choices(across)}
            onChange={pick('across')}
          />
        </dd>
        {plan.low !== null && plan.high !== null && (
          <>
            <dt>Band from</dt>
            <dd>
              <Select
                small
                label="Band from"
                value={String(plan.low)}
                choices={numbers}
                onChange={pick('low')}
              />
            </dd>
            <dt>to</dt>
            <dd>
              <Select
                small
                label="Band to"
                value={String(plan.high)}
                choices={numbers}
                onChange={pick('high')}
              />
            </dd>
          </>
        )}
        <dt>{plan.kind === 'bar' ? 'Length' : plan.kind === 'dot' ? 'Upwards' : 'Line'}</dt>
        <dd>
          <Select small label="Value" value={String(plan.value)} choices={numbers} onChange={pick('value')} />
        </dd>
        {plan.series !== null && data.series.length > 1 && (
          <>
            <dt>
              Shown, 1 of {count(data.series.length)} {name(plan.series)}
            </dt>
            <dd>
              <Select
                small
                label={`Which ${name(plan.series)}`}
                value={data.shown ?? ''}
                choices={data.series
                  .slice(0, 500)
                  .map((value) => ({ value, word: value === '' ? 'null' : value }))}
                onChange={setWanted}
              />
            </dd>
          </>
        )}
      </dl>
      {plan.kind === 'bar' && result.rows > MOST_BARS ? (
        <p className="t3 micro">
          The first {MOST_BARS} of {counted(result.rows, 'row')}, in their order
        </p>
      ) : data.looked < result.rows ? (
        <p className="t3 micro">
          The first {count(data.looked)} of {counted(result.rows, 'row')}
        </p>
      ) : null}
    </div>
  )
}

function svgBlob(chart: SVGSVGElement): Blob {
  return new Blob([svgText(chart)], { type: 'image/svg+xml' })
}

function describe(plan: ChartPlan, name: (column: number) => string, shown: string | null): string {
  const of = `${name(plan.value)} by ${name(plan.across)}`
  const band = plan.low === null ? '' : `, between ${name(plan.low)} and ${name(plan.high ?? 0)}`
  return `${of}${band}${shown === null ? '' : `, ${shown}`}. Its figures are the rows of the grid.`
}

/** Draws at the measured width, and anew when that or the theme changes. */
function Picture({
  make,
  again,
  onDrawn,
}: {
  make: (width: number) => SVGSVGElement
  again: readonly unknown[]
  onDrawn: (svg: SVGSVGElement | null) => void
}) {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const { theme } = useView()
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const watcher = new ResizeObserver(() => setWidth(element.clientWidth))
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` holds what the drawing depends on
  useEffect(() => {
    if (width === 0) return
    const svg = make(width)
    place.current?.replaceChildren(svg)
    onDrawn(svg)
  }, [width, theme, ...again])
  return <div className="sql-chart" ref={place} />
}
