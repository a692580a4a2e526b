import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * Everything that the pages can change through the API, and what stands between a press and its loss: a preview of what
 * goes and what stays, an undo for ten seconds, or nothing to lose. A call that is not in the table fails the test.
 */

const RENDERER = resolve(import.meta.dirname, '../../src/renderer')

/** Answers only; whatever it tries out is not kept. */
const READS = [
  'settings.check.post',
  'settings.probe.post',
  'setup.discover.post',
  'setup.rights.post',
  'setup.plan.post',
  'setup.names.post',
  'setup.check.post',
  'setup.sample.post',
  'setup.topics.post',
  'setup.tables.post',
  'setup.forecast.post',
  'setup.start.post',
  'setup.prove.read.post',
  'query.snapshots.post',
  'thread.origin.post',
  'dash.check.post',
  'dead-letters.fix.preview.post',
  'dead-letters.dry-run.post',
  'doctor.post',
  'maintenance.plan.post',
]

/** Adds something, or keeps where the window is; nothing is lost by it, and it can be done again. */
const ADDS = [
  'window.put',
  'setup.draft.put',
  'workbench.tabs.put',
  'workbench.runs.post',
  'workbench.snippets.put',
  'sample.start.post',
  'load.start.post',
  'load.pause.post',
  'load.resume.post',
  'rollup.post',
  'dead-letters.exports.post',
  'dash.views.put',
  'dead-letters.filters.put',
  'messages.filters.put',
  'dead-letters.fixes.put',
  'queries.put',
  // Writes a probe and removes it again.
  'setup.prove.post',
  // What is done up to then stays, and is said beside Cancel.
  'jobs.cancel.post',
  'dead-letters.replays.resume.post',
]

/** What it does is shown first, with counts: the file that shows it, and by what. */
const PREVIEWED: Readonly<Record<string, readonly [file: string, by: RegExp]>> = {
  'sample.leave.post': ['features/welcome/sample-bar.tsx', /<DestroyDialog/],
  'lakes.delete': ['features/welcome/opened-before.tsx', /<DestroyDialog/],
  'lakes.open.post': ['features/welcome/switch-lake.tsx', /<Dialog/],
  'load.stop.post': ['features/load/load-page.tsx', /<DestroyDialog/],
  // The review says of each thing whether it is there, made or differs.
  'setup.apply.post': ['features/setup/review-step.tsx', /Difference/],
  // Runs a plan by its id, and only the plan that is shown has one.
  'maintenance.run.post': ['features/tables/maintain-dialog.tsx', /<PlanFacts plan=\{found\}/],
  'maintenance.back.post': ['features/tables/way-back.tsx', /<Dialog/],
  // Off until a dry run of exactly this fix exists.
  'dead-letters.replays.post': ['features/dlq/fix-steps.tsx', /dry/],
}

/** Can be taken back for ten seconds; a secret, which cannot be read back, is asked about instead. */
const UNDONE: Readonly<Record<string, string>> = {
  'settings.put': 'features/settings/use-settings.ts',
  'queries.delete': 'features/sql/saved.ts',
  'dash.views.delete': 'features/dash/saved-views.tsx',
  'dead-letters.filters.delete': 'ui/saved-list.tsx',
  'messages.filters.delete': 'ui/saved-list.tsx',
  'dead-letters.fixes.delete': 'ui/saved-list.tsx',
}

const files = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.tsx?$/.test(path))
const read = (path: string) => readFileSync(join(RENDERER, path), 'utf8')

/** `api['dead-letters'].replays.$post` as `dead-letters.replays.post`; ids are left out. */
function callsOf(text: string): string[] {
  return [
    ...text.matchAll(/\bapi((?:\s*\.[a-z]\w*|\[['"][^'"\]]+['"]\])+)\s*\.\$(post|put|delete|patch)\b/g),
  ].map(([, path = '', method]) => {
    const words = [...path.matchAll(/\.([a-z]\w*)|\[['"]([^'"\]]+)['"]\]/g)].map(
      (one) => one[1] ?? one[2] ?? '',
    )
    return [...words.filter((word) => !word.startsWith(':')), method].join('.')
  })
}

const made = new Map(files.flatMap((path) => callsOf(read(path)).map((call) => [call, path] as const)))
const known = new Set([...READS, ...ADDS, ...Object.keys(PREVIEWED), ...Object.keys(UNDONE)])

test('calls are read from the source as they are written', () => {
  expect(callsOf("answer(api.jobs[':id'].cancel.$post({}))")).toEqual(['jobs.cancel.post'])
  expect(callsOf("api['dead-letters']\n  .replays.$post(")).toEqual(['dead-letters.replays.post'])
  expect(made.size).toBeGreaterThan(20)
})

test('every change that a page can make says what stands before its loss', () => {
  expect([...made].filter(([call]) => !known.has(call))).toEqual([])
})

test('nothing is listed that no page does any more', () => {
  expect([...known].filter((call) => !made.has(call))).toEqual([])
})

describe('shown first', () => {
  test.each(Object.entries(PREVIEWED))('%s', (_call, [file, by]) => {
    expect(read(file)).toMatch(by)
  })
})

describe('can be undone', () => {
  test.each(Object.entries(UNDONE))('%s', (_call, file) => {
    expect(read(file)).toMatch(/notifyUndo\(/)
  })
})

test('a button that destroys stands in a question, or opens one', () => {
  const alone = files.filter((path) => {
    const text = read(path)
    if (path.startsWith('ui/') || path.includes('gallery') || !/kind="danger"|btn danger/.test(text))
      return false
    return !/<DestroyDialog|<Dialog/.test(text)
  })
  expect(alone).toEqual([])
})
