import { zValidator } from '@hono/zod-validator'
import { z } from 'zod'
import { LakeError } from '../../shared/errors.ts'

/** The body by `schema`; what does not fit is an INVALID error that names the path. */
export const jsonBody = <S extends z.ZodType>(schema: S) =>
  zValidator('json', schema, (result) => {
    if (!result.success) throw invalid('the body', result.error)
  })

/** The query parameters by `schema`. Every one arrives as text. */
export const queryOf = <S extends z.ZodType>(schema: S) =>
  zValidator('query', schema, (result) => {
    if (!result.success) throw invalid('the query', result.error)
  })

/** The path parameters by `schema`. */
export const pathOf = <S extends z.ZodType>(schema: S) =>
  zValidator('param', schema, (result) => {
    if (!result.success) throw invalid('the path', result.error)
  })

function invalid(where: string, error: z.core.$ZodError): LakeError {
  const [issue] = error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  return new LakeError(
    'INVALID',
    `${where} does not fit: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'invalid'}`,
    {
      context: { path, problems: error.issues.length },
    },
  )
}

/** A 64-bit id or offset as decimal text. */
export const int64 = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .refine((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text), 'is no 64-bit integer')

/** A page number from 0, as text of a query. */
export const page = z.coerce.number().int().min(0).max(1_000_000).default(0)
export const pageSize = z.coerce.number().int().min(1).max(500).default(100)
