import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { WindowView } from '../../shared/model.ts'
import { writePrivate } from './settings/settings.ts'

export const windowShape = z.strictObject({
  route: z.string().max(2_000).startsWith('#/').nullable(),
  theme: z.enum(['light', 'dark']).nullable(),
  density: z.enum(['compact', 'comfortable']).nullable(),
  zone: z.enum(['utc', 'local']).nullable(),
})
const NOTHING: WindowView = { route: null, theme: null, density: null, zone: null }

const fileOf = (home: string): string => join(home, 'window.json')

/** How the window was left. A file that cannot be read counts as none: it only costs the way back. */
export function readWindow(home: string): WindowView {
  try {
    const parsed = windowShape.safeParse(JSON.parse(readFileSync(fileOf(home), 'utf8')))
    return parsed.success ? parsed.data : NOTHING
  } catch {
    return NOTHING
  }
}

export function writeWindow(home: string, change: Partial<WindowView>): WindowView {
  const next = { ...readWindow(home), ...change }
  writePrivate(fileOf(home), `${JSON.stringify(next)}\n`)
  return next
}

/** The page with the window's theme and density on its root, so that the first frame is right in every host. */
export function dressPage(html: string, window: WindowView): string {
  const attributes = [
    window.theme && `data-theme="${window.theme}"`,
    window.density && `data-density="${window.density}"`,
    window.zone && `data-zone="${window.zone}"`,
  ].filter(Boolean)
  return attributes.length === 0
    ? html
    : html.replace('<html lang="en"', `<html lang="en" ${attributes.join(' ')}`)
}
