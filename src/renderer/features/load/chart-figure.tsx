import type { ReactNode } from 'react'
import { pngOf, svgText } from '../../chart/picture.ts'
import { fileName, saveFile } from '../../chart/save-file.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { useView } from '../../ui/view.ts'
import { hourAndMinute, minutes } from './chart.tsx'
import { type Drawing, drawingCsv, drawingSvg } from './chart-picture.ts'
import type { Series } from './series.ts'

/** A live chart with its caption; what it shows is saved as a picture or as data. */
export function Figure({
  name,
  unit,
  end,
  series,
  drawing,
  children,
}: {
  name: string
  unit: string
  end?: ReactNode
  series: Series | null
  /** Absent while there is nothing to save. */
  drawing: Drawing | undefined
  children: ReactNode
}) {
  const { zone } = useView()
  const file = fileName(`load ${name}`)
  const withPicture = (save: (svg: SVGSVGElement) => void) => () => {
    if (series === null || drawing === undefined) return
    const ticks = minutes(drawing.window[0], drawing.window[1])
    const text = drawingSvg(series, drawing, ticks, (ms) => hourAndMinute(ms / 1000, zone))
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement
    save(document.importNode(parsed, true) as unknown as SVGSVGElement)
  }
  const off = drawing === undefined ? { off: 'nothing was measured yet' } : {}
  return (
    <figure className="fig">
      <figcaption>
        <b>{name}</b>
        <span>{unit}</span>
        <span className="end">
          {end}
          <Menu
            trigger={
              <button type="button" className="btn quiet icon s" aria-label={`Save ${name}`}>
                <Icon name="download" />
              </button>
            }
            entries={[
              {
                name: 'Save as SVG',
                ...off,
                onChoose: withPicture((svg) =>
                  saveFile(`${file}.svg`, new Blob([svgText(svg)], { type: 'image/svg+xml' })),
                ),
              },
              {
                name: 'Save as PNG',
                ...off,
                onChoose: withPicture((svg) => void pngOf(svg).then((blob) => saveFile(`${file}.png`, blob))),
              },
              {
                name: 'Save data as CSV',
                ...off,
                onChoose: () => {
                  if (series && drawing)
                    saveFile(`${file}.csv`, new Blob([drawingCsv(series, drawing)], { type: 'text/csv' }))
                },
              },
            ]}
          />
        </span>
      </figcaption>
      {children}
    </figure>
  )
}
