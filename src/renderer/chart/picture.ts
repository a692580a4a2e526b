/** Pixels of a PNG per pixel of the page. */
const SCALE = 2
const MARGIN = 12

/**
 * A chart as a file of its own: colours of the theme written out, the ground painted, fonts by attribute. No style
 * element or class is needed to read it.
 */
export function svgText(chart: SVGSVGElement): string {
  const styles = getComputedStyle(document.documentElement)
  const copy = chart.cloneNode(true) as SVGSVGElement
  const width = Number(chart.getAttribute('width'))
  const height = Number(chart.getAttribute('height'))
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width + 2 * MARGIN))
  copy.setAttribute('height', String(height + 2 * MARGIN))
  copy.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`)
  copy.setAttribute('font-family', 'IBM Plex Sans, system-ui, sans-serif')
  copy.setAttribute('font-size', '11')
  copy.removeAttribute('class')
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  for (const [name, value] of [
    ['x', -MARGIN],
    ['y', -MARGIN],
    ['width', width + 2 * MARGIN],
    ['height', height + 2 * MARGIN],
  ] as const)
    ground.setAttribute(name, String(value))
  ground.setAttribute('fill', 'var(--work)')
  copy.prepend(ground)
  return new XMLSerializer()
    .serializeToString(copy)
    .replace(/var\((--[a-z0-9-]+)\)/g, (_, name: string) => styles.getPropertyValue(name).trim())
    .replaceAll('currentColor', styles.getPropertyValue('--text').trim())
}

/** The same as a PNG at twice the size. */
export async function pngOf(chart: SVGSVGElement): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svgText(chart)], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * SCALE
    canvas.height = image.naturalHeight * SCALE
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    if (blob === null) throw new Error('the picture could not be drawn')
    return blob
  } finally {
    URL.revokeObjectURL(url)
  }
}
