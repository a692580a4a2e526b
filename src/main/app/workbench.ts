import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import {
  type KeptWorkbench,
  LONGEST_RUN,
  MOST_RUNS,
  type PastRun,
  type WorkbenchOf,
} from '../../shared/workbench.ts'
import { writePrivate } from '../base/private-file.ts'
import { sampleFolder } from './sample/sample.ts'
import { jsonBody, queryOf } from './validate.ts'

export interface WorkbenchDeps {
  /** The user's own home folder; the files are in `workbench` inside it. */
  readonly home: string
  /** Whether the sample is open: its workbench is in the sample's folder and goes with it. */
  readonly sample: { readonly open: boolean }
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
const lake: z.ZodType<WorkbenchOf, WorkbenchOf> = z.enum(['own', 'sample'])
const snippetsShape = z.array(z.strictObject({ name: name.min(1), text })).max(500)

/**
 * What the SQL workbench keeps over restarts: open tabs, statements that were run, and snippets; a file each. The sample
 * has its own, told apart by the address, so that what a window still sends after leaving it lands nowhere.
 */
export function workbenchRoutes(deps: WorkbenchDeps) {
  const folderOf = (of: WorkbenchOf): string =>
    join(of === 'sample' ? sampleFolder(deps.home) : deps.home, 'workbench')
  const keep = (of: WorkbenchOf, file: string, value: unknown): void => {
    if (of === 'sample' && !deps.sample.open) return
    mkdirSync(folderOf(of), { recursive: true, mode: 0o700 })
    writePrivate(join(folderOf(of), file), `${JSON.stringify(value)}\n`)
  }
  const history = (of: WorkbenchOf): readonly PastRun[] =>
    kept(join(folderOf(of), 'history.json'), z.array(runShape), [])
  const of = queryOf(z.object({ of: lake }))
  return new Hono()
    .get('/workbench', of, (context) => {
      const which = context.req.valid('query').of
      const folder = folderOf(which)
      const tabs = kept(join(folder, 'tabs.json'), tabsShape, { tabs: [], active: 0 })
      const snippets = kept(join(folder, 'snippets.json'), snippetsShape, [])
      const found: KeptWorkbench = { folder, ...tabs, history: history(which), snippets }
      return context.json(found)
    })
    .put('/workbench/tabs', of, jsonBody(tabsShape), (context) => {
      keep(context.req.valid('query').of, 'tabs.json', context.req.valid('json'))
      return context.json({})
    })
    .put('/workbench/snippets', of, jsonBody(snippetsShape), (context) => {
      keep(context.req.valid('query').of, 'snippets.json', context.req.valid('json'))
      return context.json({})
    })
    .post('/workbench/runs', of, jsonBody(runShape), (context) => {
      const which = context.req.valid('query').of
      keep(which, 'history.json', withRun(history(which), context.req.valid('json')))
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
