import { Hono } from 'hono'
import { z } from 'zod'
import { LakeError } from '../../../shared/errors.ts'
import { EXPORT_CHUNK_BYTES, EXPORT_FORMATS, type ExportFormat } from '../../../shared/export.ts'
import { jsonBody, pathOf, queryOf } from '../validate.ts'
import type { Exports } from './exports.ts'

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
}
const byId = pathOf(z.object({ id: z.uuid() }))

/** Answers into files: started, sent chunk by chunk, finished or given up, fetched. */
export function exportRoutes({ exports }: { readonly exports: Exports }) {
  return new Hono()
    .get('/exports', (context) => context.json({ exports: exports.finished() }))
    .post(
      '/exports',
      jsonBody(z.strictObject({ name: z.string().max(300), format: z.enum(EXPORT_FORMATS) })),
      async (context) => context.json(await exports.start(context.req.valid('json')), 201),
    )
    .put(
      '/exports/:id',
      byId,
      queryOf(z.object({ chunk: z.coerce.number().int().min(0) })),
      async (context) => {
        const chunk = new Uint8Array(await context.req.arrayBuffer())
        if (chunk.length === 0 || chunk.length > EXPORT_CHUNK_BYTES) {
          throw new LakeError('INVALID', `a chunk has 1 to ${EXPORT_CHUNK_BYTES} bytes`)
        }
        await exports.write(context.req.valid('param').id, context.req.valid('query').chunk, chunk)
        return context.json({})
      },
    )
    .post(
      '/exports/:id/finish',
      byId,
      jsonBody(z.strictObject({ rows: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) })),
      async (context) =>
        context.json(await exports.finish(context.req.valid('param').id, context.req.valid('json').rows)),
    )
    .delete('/exports/:id', byId, async (context) => {
      await exports.drop(context.req.valid('param').id)
      return context.json({})
    })
    .get('/exports/:id/file', byId, async (context) => {
      const { file, body } = await exports.read(context.req.valid('param').id)
      return context.body(body, 200, {
        'Content-Type': TYPES[file.format],
        'Content-Length': String(file.bytes),
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      })
    })
}
