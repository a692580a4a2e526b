import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import { type KeptWorkbench, LONGEST_RUN, MOST_RUNS, type PastRun } from '../../shared/workbench.ts'
import { writePrivate } from './settings/settings.ts'
import { jsonBody } from './validate.ts'

export interface WorkbenchDeps {
  /** The user's own home folder; the files are in `workbench` inside it. */
  readonly home: string
}

const text = z.string().max(1_000_000)
const name = z.string().max(1_000)
const amount = z.number().min(0)

const tab = z.strictObject({
  title: name,
  text,
  base: text,
  file: z.strictObject({ name, sql: text }).nullable(),
  parameters: z.record(
    name,
    z.strictObject({
      kind: z.enum(['text', 'integer', 'number', 'boolean', 'date', 'timestamp', 'null']),
      text: name,
    }),
  ),
  snapshots: z.record(name, name),
  comparison: z
    .strictObject({
      table: name,
      before: name.nullable(),
      after: name.nullable(),
      key: z.array(name).max(1_000).nullable(),
    })
    .nullable(),
})
const tabsShape = z.strictObject({ tabs: z.array(tab).max(200), active: z.number().int().min(0) })
const runShape = z.strictObject({
  text: z.string().min(1).max(LONGEST_RUN),
  at: amount,
  ms: amount,
  state: z.enum(['done', 'failed', 'cancelled']),
  rows: amount.nullable(),
  bytes: amount.nullable(),
})
const snippetsShape = z.array(z.strictObject({ name: name.min(1), text })).max(500)

/** What the SQL workbench keeps over restarts: open tabs, statements that were run, and snippets; a file each. */
export function workbenchRoutes(deps: WorkbenchDeps) {
  const folder = join(deps.home, 'workbench')
  const keep = (file: string, value: unknown): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writePrivate(join(folder, file), `${JSON.stringify(value)}\n`)
  }
  const history = (): readonly PastRun[] => kept(join(folder, 'history.json'), z.array(runShape), [])
  return new Hono()
    .get('/workbench', (context) => {
      const tabs = kept(join(folder, 'tabs.json'), tabsShape, { tabs: [], active: 0 })
      const snippets = kept(join(folder, 'snippets.json'), snippetsShape, [])
      const found: KeptWorkbench = { folder, ...tabs, history: history(), snippets }
      return context.json(found)
    })
    .put('/workbench/tabs', jsonBody(tabsShape), (context) => {
      keep('tabs.json', context.req.valid('json'))
      return context.json({})
    })
    .put('/workbench/snippets', jsonBody(snippetsShape), (context) => {
      keep('snippets.json', context.req.valid('json'))
      return context.json({})
    })
    .post('/workbench/runs', jsonBody(runShape), (context) => {
      keep('history.json', withRun(history(), context.req.valid('json')))
      return context.json({})
    })
}

/** The history with one more run on top; a text that was run before moves there. */
export function withRun(history: readonly PastRun[], run: PastRun): PastRun[] {
  return [run, ...history.filter((one) => one.text !== run.text)].slice(0, MOST_RUNS)
}

/** A file that is not there or cannot be read counts as empty: it costs only what was kept. */
function kept<T>(path: string, shape: z.ZodType<T>, none: T): T {
  try {
    const parsed = shape.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success ? parsed.data : none
  } catch {
    return none
  }
}
