import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import type { SavedView } from '../../../shared/dash.ts'
import { LakeError } from '../../../shared/errors.ts'
import { queryName } from '../queries.ts'
import { jsonBody } from '../validate.ts'

/** Views listed, and the largest file looked into, in bytes. */
const MOST = 1_000
const LARGEST = 65_536

const query = z.record(z.string().max(100), z.string().max(1_000))

/** Saved dashboards: one small JSON file each in `dashboards` of the home folder. */
export function viewRoutes({ home }: { readonly home: string }) {
  const folder = join(home, 'dashboards')
  const fileOf = (name: string): string => join(folder, `${name}.json`)
  return new Hono()
    .get('/dash/views', (context) => context.json({ folder, views: listViews(folder) }))
    .put('/dash/views', jsonBody(z.strictObject({ name: queryName, query })), (context) => {
      const { name, query } = context.req.valid('json')
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const temporary = join(folder, `.${name}.new`)
      writeFileSync(temporary, `${JSON.stringify({ query }, null, 2)}\n`, { mode: 0o600 })
      renameSync(temporary, fileOf(name))
      return context.json({ name })
    })
    .delete('/dash/views', jsonBody(z.strictObject({ name: queryName })), (context) => {
      const { name } = context.req.valid('json')
      if (!isFile(fileOf(name))) throw new LakeError('NOT_FOUND', `there is no saved dashboard ${name}`)
      rmSync(fileOf(name))
      return context.json({ name })
    })
}

/** By name; only plain files that hold a view, never what a link points to. */
function listViews(folder: string): SavedView[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return names
    .filter((name) => name.endsWith('.json') && queryName.safeParse(name.slice(0, -5)).success)
    .filter((name) => isFile(join(folder, name)))
    .sort((a, b) => (a < b ? -1 : 1))
    .slice(0, MOST)
    .flatMap((name) => {
      const view = readView(join(folder, name))
      return view === null ? [] : [{ name: name.slice(0, -5), query: view }]
    })
}

function readView(path: string): SavedView['query'] | null {
  try {
    const found = z.object({ query }).safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return found.success ? found.data.query : null
  } catch {
    return null
  }
}

function isFile(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && found.size <= LARGEST
}
