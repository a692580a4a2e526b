import { type ReactNode, useId, useRef, useState } from 'react'
import { Icon } from '../ui/icon.tsx'
import { Menu } from '../ui/menu.tsx'
import { pngOf, svgText } from './picture.ts'
import { fileName, saveFile } from './save-file.ts'
import './chart.css'

/** The figures of a chart as a table; numbers as text, exact. */
export interface ChartTable {
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

const MOST_ROWS = 400

/**
 * A chart with its caption: name, unit, key at the right with the same marks. Its menu saves picture and data and shows
 * the figures as a table in the picture's place. The picture is the first `svg.ch` inside. `csv` writes the data.
 */
export function Figure({
  name,
  unit,
  legend,
  controls,
  link,
  table,
  csv,
  className,
  children,
}: {
  name: string
  unit?: string
  legend?: ReactNode
  controls?: ReactNode
  /** Where the chart stands by itself: the name leads there. */
  link?: string
  table: ChartTable
  csv: (table: ChartTable) => string
  className?: string
  children: ReactNode
}) {
  const [asTable, setAsTable] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const id = useId()
  const file = fileName(name)
  const withPicture = (save: (svg: SVGSVGElement) => void) => () => {
    const svg = place.current?.querySelector<SVGSVGElement>('svg.ch')
    if (svg) save(svg)
  }
  const pictures = [
    {
      name: 'Save as SVG',
      onChoose: withPicture((svg) =>
        saveFile(`${file}.svg`, new Blob([svgText(svg)], { type: 'image/svg+xml' })),
      ),
    },
    {
      name: 'Save as PNG',
      onChoose: withPicture((svg) => void pngOf(svg).then((blob) => saveFile(`${file}.png`, blob))),
    },
  ]
  const hidden = asTable ? { off: 'shown as a table' } : {}
  return (
    <figure className={`fig chart-fig ${className ?? ''}`} aria-labelledby={id}>
      <figcaption>
        <b id={id}>{link === undefined ? name : <a href={link}>{name}</a>}</b>
        {unit && <span className="cut">{unit}</span>}
        <span className="end">
          {legend && <span className="chart-keys">{legend}</span>}
          {controls}
          <Menu
            trigger={
              <button type="button" className="btn quiet icon s" aria-label={`Save or show ${name}`}>
                <Icon name="more" />
              </button>
            }
            entries={[
              {
                name: asTable ? 'Show as a chart' : 'Show as a table',
                icon: asTable ? 'dash' : 'tables',
                onChoose: () => setAsTable(!asTable),
              },
              ...pictures.map((one) => ({ ...one, ...hidden, icon: 'download' as const })),
              {
                name: 'Save data as CSV',
                icon: 'download' as const,
                onChoose: () => saveFile(`${file}.csv`, new Blob([csv(table)], { type: 'text/csv' })),
              },
            ]}
          />
        </span>
      </figcaption>
      {asTable ? <FiguresTable name={name} table={table} /> : <div ref={place}>{children}</div>}
    </figure>
  )
}

function FiguresTable({ name, table }: { name: string; table: ChartTable }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
    <section className="chart-figures" tabIndex={0} aria-label={`Figures of ${name}`}>
      <table className="grid">
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.name} scope="col" className={column.numeric ? 'num' : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, MOST_ROWS).map((row) => (
            <tr key={row[0]}>
              {row.map((cell, at) => (
                <td key={table.columns[at]?.name} className={table.columns[at]?.numeric ? 'num' : undefined}>
                  {cell ?? <span className="null" role="img" aria-label="null" />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > MOST_ROWS && (
        <p className="t3 micro">
          The first {MOST_ROWS} of {table.rows.length} rows; the CSV has all
        </p>
      )}
    </section>
  )
}

/** A line, whole or dashed, or a square of colour, with its word. */
export function KeyMark({
  mark,
  line = false,
  dashed = false,
  children,
}: {
  mark: string
  line?: boolean
  dashed?: boolean
  children: ReactNode
}) {
  return (
    <span className="key">
      <i className={`${line ? 'l ' : ''}${dashed ? 'dashed ' : ''}${mark}`} />
      {children}
    </span>
  )
}
