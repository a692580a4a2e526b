import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { WindowView } from '../../shared/model.ts'
import { writePrivate } from '../base/private-file.ts'

/** Longest value that a window keeps under one name, in characters: the texts of all open tabs. */
const LONGEST = 1_000_000
const MOST = 200

const look = {
  route: z.string().max(2_000).startsWith('#/').nullable(),
  theme: z.enum(['light', 'dark']).nullable(),
  density: z.enum(['compact', 'comfortable']).nullable(),
  zone: z.enum(['utc', 'local']).nullable(),
}
const name = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,79}$/i)

/** What a page may change; null forgets a kept value. */
export const windowShape = z.strictObject({
  ...look,
  kept: z.record(name, z.string().max(LONGEST).nullable()),
})

const boundsShape = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(200),
  height: z.int().min(200),
  maximized: z.boolean(),
})
const fileShape = z.object({
  ...look,
  bounds: boundsShape.nullable().default(null),
  kept: z.record(z.string(), z.string()).default({}),
})

/** Place and size of the desktop window in pixels of the screens, as it was before it was maximized. */
export type Bounds = z.output<typeof boundsShape>

/** How the window was left, with what it keeps under names of its own. */
export interface KeptWindow extends WindowView {
  readonly bounds: Bounds | null
  readonly kept: Readonly<Record<string, string>>
}

export type WindowChange = Partial<Omit<KeptWindow, 'kept'>> & {
  readonly kept?: Readonly<Record<string, string | null>>
}

const NOTHING: KeptWindow = { route: null, theme: null, density: null, zone: null, bounds: null, kept: {} }

const fileOf = (home: string): string => join(home, 'window.json')

/** A file that cannot be read counts as none: it only costs the way back. */
export function readWindow(home: string): KeptWindow {
  try {
    const parsed = fileShape.safeParse(JSON.parse(readFileSync(fileOf(home), 'utf8')))
    return parsed.success ? parsed.data : NOTHING
  } catch {
    return NOTHING
  }
}

/** The part that goes with every state of the app. */
export function windowView(home: string): WindowView {
  const { route, theme, density, zone } = readWindow(home)
  return { route, theme, density, zone }
}

export function writeWindow(home: string, change: WindowChange): KeptWindow {
  const before = readWindow(home)
  const all = Object.entries({ ...before.kept, ...change.kept })
  const kept = Object.fromEntries(all.filter((one): one is [string, string] => one[1] !== null).slice(-MOST))
  const next = { ...before, ...change, kept }
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
