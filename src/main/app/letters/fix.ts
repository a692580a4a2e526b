import { join } from 'node:path'
import { z } from 'zod'
import type { Fix, Json } from '../../../shared/letters.ts'
import { jsonForm, openShelf, type Shelf } from '../shelf.ts'

const short = z.string().max(300)
const target = z.enum(['envelope', 'sample'])
const json: z.ZodType<Json> = z.json()

/** A fix as the API and the files of the command line give it. */
export const fixSchema: z.ZodType<Fix> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('merge'), target, patch: json }),
  z.strictObject({
    kind: z.literal('convert'),
    type: short.nullable(),
    from: short,
    to: short,
    formula: z.string().min(1).max(200),
  }),
  z.strictObject({ kind: z.literal('rename'), from: short, to: short }),
  z.strictObject({ kind: z.literal('zone'), offset: z.string().max(10) }),
  z.strictObject({ kind: z.literal('range'), type: short, min: z.number(), max: z.number() }),
  z.strictObject({ kind: z.literal('default'), target, field: short, value: json }),
  z.strictObject({ kind: z.literal('edit'), letter: short, payload: z.string().max(3_000_000) }),
])

/** Fixes kept by name in `fixes` of the home folder; each file is one that `tarn replay --fix` takes. */
export const savedFixes = (home: string): Shelf<Fix> =>
  openShelf(join(home, 'fixes'), 'fix', jsonForm(fixSchema))
