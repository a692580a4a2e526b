import { useMemo } from 'react'

/** Angles and radii of one closed shore, drawn from a few waves. */
const SHORE = Array.from({ length: 72 }, (_, i) => {
  const t = (i / 72) * 2 * Math.PI
  const r =
    1 +
    0.16 * Math.sin(2 * t + 0.6) +
    0.09 * Math.sin(3 * t - 1) +
    0.045 * Math.sin(5 * t + 2) +
    0.02 * Math.sin(9 * t)
  return { t, r }
})
const DEPTHS = 9

/** The shore shrunk to `size` (1: the shore itself), rounder and off to one side the deeper it lies (`depth` 0 to 1). */
function contour(size: number, depth: number): string {
  const points = SHORE.map(({ t, r }) => {
    const q = size * (r * (1 - 0.35 * depth) + 0.35 * depth)
    return {
      x: 420 + depth * 40 + q * 250 * Math.cos(t) - q * 60 * Math.sin(t),
      y: 330 - depth * 46 + q * 285 * Math.sin(t) + q * 40 * Math.cos(t),
    }
  })
  const middle = (i: number) => {
    const a = points[i % points.length]
    const b = points[(i + 1) % points.length]
    return a && b ? `${((a.x + b.x) / 2).toFixed(1)} ${((a.y + b.y) / 2).toFixed(1)}` : ''
  }
  const curves = points.map((p, i) => `Q${p.x.toFixed(1)} ${p.y.toFixed(1)} ${middle(i)}`)
  return `M${middle(points.length - 1)}${curves.join('')}Z`
}

/** A tarn as a sounding chart: depth contours of one lake and the slopes around it. The one picture in the app. */
export function TarnChart() {
  const lines = useMemo(
    () => [
      ...Array.from({ length: DEPTHS }, (_, i) => ({
        path: contour(1 - i * 0.108, i / DEPTHS),
        stroke: i === 0 ? 'var(--control)' : 'var(--accent-line)',
        width: i % 3 === 0 ? 1.25 : 0.75,
        opacity: i === 0 ? 0.6 : 0.32 + 0.03 * i,
      })),
      ...[1, 2, 3].map((i) => ({
        path: contour(1 + i * 0.13, -i * 0.06),
        stroke: 'var(--line-2)',
        width: 0.75,
        opacity: 1,
      })),
    ],
    [],
  )
  return (
    <div className="tarn-chart">
      <svg aria-hidden="true" viewBox="96 -90 648 838" preserveAspectRatio="xMinYMid slice" fill="none">
        {lines.map((line) => (
          <path
            key={line.path}
            d={line.path}
            stroke={line.stroke}
            strokeWidth={line.width}
            vectorEffect="non-scaling-stroke"
            opacity={line.opacity}
          />
        ))}
      </svg>
    </div>
  )
}
