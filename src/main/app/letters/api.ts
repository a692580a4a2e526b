import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import { EXPORT_FORMATS } from '../../../shared/export.ts'
import type { Fix, SavedFix } from '../../../shared/letters.ts'
import { createFixer } from '../../decode/fix.ts'
import { bytesOf } from '../../replay/judge.ts'
import type { App } from '../app.ts'
import { previewFix, sampleGroup } from '../replay/dry.ts'
import { filterOf } from '../replay/source.ts'
import { jsonForm, type Kept, openShelf, savedName } from '../shelf.ts'
import { int64, jsonBody, page, pageSize, pathOf, queryOf } from '../validate.ts'
import { deadLetter, deadLetterDetail, deadLetterPage } from './dead-letters.ts'
import { exportLetters } from './export.ts'
import { fixSchema, savedFixes } from './fix.ts'
import { letterGroups, openLetters } from './groups.ts'

const instant = z.iso.datetime({ offset: true })
const filter = {
  /** Key of a group. */
  group: z.string().max(64).optional(),
  errorType: z.string().max(200).optional(),
  partition: int64.optional(),
  /** Half-open range of Kafka offsets. */
  offsetFrom: int64.optional(),
  offsetTo: int64.optional(),
  /** Half-open range of error times. */
  from: instant.optional(),
  to: instant.optional(),
  /** Found anywhere in message, payload or ids, case ignored. */
  text: z.string().max(1000).optional(),
  user: z.string().max(1000).optional(),
  dataType: z.string().max(1000).optional(),
  state: z.enum(['open', 'landed', 'failed', 'pending']).optional(),
}
export const letterFilter = z.strictObject(filter)
const named = z.strictObject({ name: savedName })
const asked = z.strictObject({ filter: letterFilter, fix: fixSchema })
const letterId = z.object({ id: z.string().min(1).max(200) })
/** Dead letters: groups, lists, one of them, fixes tried out, dry runs, replays, export. */
export function letterRoutes(app: App) {
  const fixes = savedFixes(app.home)
  const filters = openShelf(join(app.home, 'letter-filters'), 'filter', jsonForm(letterFilter))
  const fixView = ({ name, path, value }: Kept<Fix>): SavedFix => ({ name, path, fix: value })
  return new Hono()
    .get('/dead-letters/open', async (context) =>
      context.json(await openLetters(await app.lake(), context.req.raw.signal)),
    )
    .get('/dead-letters/fixes', (context) =>
      context.json({ folder: fixes.folder, fixes: fixes.list().map(fixView) }),
    )
    .put('/dead-letters/fixes', jsonBody(named.extend({ fix: fixSchema })), (context) => {
      const { name, fix } = context.req.valid('json')
      // What makes no sense is refused before it is kept.
      createFixer(fix)
      return context.json(fixView(fixes.put(name, fix)))
    })
    .delete('/dead-letters/fixes', jsonBody(named), (context) => {
      fixes.remove(context.req.valid('json').name)
      return context.json({})
    })
    .get('/dead-letters/filters', (context) =>
      context.json({ filters: filters.list().map(({ name, value }) => ({ name, filter: plain(value) })) }),
    )
    .put('/dead-letters/filters', jsonBody(named.extend({ filter: letterFilter })), (context) => {
      const { name, filter: given } = context.req.valid('json')
      filters.put(name, plain(given))
      return context.json({ name })
    })
    .delete('/dead-letters/filters', jsonBody(named), (context) => {
      filters.remove(context.req.valid('json').name)
      return context.json({})
    })
    .get('/dead-letters/groups', queryOf(z.object(filter)), async (context) =>
      context.json(
        await letterGroups(await app.lake(), filterOf(context.req.valid('query')), context.req.raw.signal),
      ),
    )
    .get('/dead-letters/sample', queryOf(z.object(filter)), async (context) =>
      context.json(
        await sampleGroup(await app.lake(), plain(context.req.valid('query')), context.req.raw.signal),
      ),
    )
    .post(
      '/dead-letters/exports',
      jsonBody(
        z.strictObject({
          filter: letterFilter,
          format: z.enum(EXPORT_FORMATS),
          name: z.string().max(300),
        }),
      ),
      (context) => {
        const { filter: view, ...rest } = context.req.valid('json')
        const job = app.jobs.start('export', async (control) => ({
          kind: 'export',
          ...(await exportLetters(
            await app.lake(),
            app.exports,
            { ...rest, filter: filterOf(view) },
            control,
          )),
        }))
        return context.json(job, 202)
      },
    )
    .post(
      '/dead-letters/fix/preview',
      jsonBody(
        asked.extend({
          letter: z.string().max(200).optional(),
          limit: z.number().int().min(1).max(50).default(10),
        }),
      ),
      async (context) => {
        const { filter: view, fix, letter, limit } = context.req.valid('json')
        const options = letter === undefined ? { limit } : { limit, letter }
        return context.json(
          await previewFix(await app.lake(), plain(view), fix, options, context.req.raw.signal),
        )
      },
    )
    .post('/dead-letters/dry-run', jsonBody(asked), (context) => {
      const { filter: view, fix } = context.req.valid('json')
      return context.json(app.replays.startDryRun(plain(view), fix), 202)
    })
    .get('/dead-letters/replays', async (context) =>
      context.json({ replays: await app.replays.list(context.req.raw.signal) }),
    )
    .post(
      '/dead-letters/replays',
      jsonBody(z.strictObject({ dryRun: z.uuid(), fix: fixSchema })),
      (context) => {
        const { dryRun, fix } = context.req.valid('json')
        return context.json(app.replays.start(dryRun, fix), 202)
      },
    )
    .post(
      '/dead-letters/replays/:id/resume',
      pathOf(z.object({ id: z.uuid() })),
      jsonBody(z.strictObject({})),
      (context) => context.json(app.replays.resume(context.req.valid('param').id), 202),
    )
    .get('/dead-letters', queryOf(z.object({ ...filter, page, pageSize })), async (context) => {
      const { page, pageSize, ...rest } = context.req.valid('query')
      return context.json(
        await deadLetterPage(await app.lake(), filterOf(rest), page, pageSize, context.req.raw.signal),
      )
    })
    .get(
      '/dead-letters/:id/bytes',
      pathOf(letterId),
      queryOf(
        z.object({ from: z.coerce.number().int().min(0).default(0), to: z.coerce.number().int().optional() }),
      ),
      async (context) => {
        const { from, to } = context.req.valid('query')
        const letter = await deadLetter(
          await app.lake(),
          context.req.valid('param').id,
          context.req.raw.signal,
        )
        const bytes = bytesOf(letter.payload) ?? new Uint8Array()
        return context.body(Uint8Array.from(bytes.subarray(from, to)), 200, {
          'Content-Type': 'application/octet-stream',
          'X-Bytes': String(bytes.byteLength),
        })
      },
    )
    .get('/dead-letters/:id', pathOf(letterId), async (context) =>
      context.json(
        await deadLetterDetail(await app.lake(), context.req.valid('param').id, context.req.raw.signal),
      ),
    )
}

/** Without the keys that were not given. */
export function plain(view: z.output<typeof letterFilter>) {
  return Object.fromEntries(
    Object.entries(view).filter(([, value]) => value !== undefined && value !== ''),
  ) as { [K in keyof typeof view]: NonNullable<(typeof view)[K]> }
}
