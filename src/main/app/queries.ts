import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import { LakeError } from '../../shared/errors.ts'
import type { SavedQuery } from '../../shared/query.ts'
import { jsonBody } from './validate.ts'

export interface QueriesDeps {
  /** The user's own home folder; queries are kept in `queries` inside it. */
  readonly home: string
}

/** Queries listed, and the largest that is kept, in UTF-16 units. */
const MOST = 1_000
const LARGEST = 1_000_000
/** Of a name: file systems take 255, `.sql` and what a file bears while it is written included. */
const MOST_BYTES = 240

/** A name that is a file name on every system: no path, nothing hidden, no reserved device. */
export const queryName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\\/:*?"<>|\p{Cc}]+$/u, 'holds a sign that file names cannot have')
  .refine((name) => !/^[. ]|[. ]$/.test(name), 'begins or ends with a dot or a space')
  .refine((name) => Buffer.byteLength(name) <= MOST_BYTES, 'is too long for the name of a file')
  .refine((name) => !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name), 'is a name that Windows keeps')

/** Saved queries: one file of SQL each in a folder, to be edited, shared and versioned like any other file. */
export function queriesRoutes(deps: QueriesDeps) {
  const folder = join(deps.home, 'queries')
  const fileOf = (name: string): string => join(folder, `${name}.sql`)
  return new Hono()
    .get('/queries', (context) => context.json({ folder, queries: listQueries(folder) }))
    .put(
      '/queries',
      jsonBody(z.strictObject({ name: queryName, sql: z.string().max(LARGEST) })),
      (context) => {
        const { name, sql } = context.req.valid('json')
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const temporary = join(folder, `.${name}.new`)
        writeFileSync(temporary, sql.endsWith('\n') ? sql : `${sql}\n`, { mode: 0o600 })
        renameSync(temporary, fileOf(name))
        return context.json({ name })
      },
    )
    .delete('/queries', jsonBody(z.strictObject({ name: queryName })), (context) => {
      const { name } = context.req.valid('json')
      if (!isFile(fileOf(name))) throw new LakeError('NOT_FOUND', `there is no saved query ${name}`)
      rmSync(fileOf(name))
      return context.json({ name })
    })
}

/** By name; only plain files that end in `.sql`, never what a link points to. */
function listQueries(folder: string): SavedQuery[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return names
    .filter((name) => name.endsWith('.sql') && queryName.safeParse(name.slice(0, -4)).success)
    .filter((name) => isFile(join(folder, name)))
    .sort((a, b) => (a < b ? -1 : 1))
    .slice(0, MOST)
    .map((name) => ({ name: name.slice(0, -4), sql: readFileSync(join(folder, name), 'utf8') }))
}

function isFile(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && found.size <= 4 * LARGEST
}
