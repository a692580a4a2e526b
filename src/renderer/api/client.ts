import { hc } from 'hono/client'
import type { Api } from '../../main/app/api.ts'
import { type Fault, LakeError } from '../../shared/errors.ts'

/** The typed client of the one API. Same origin in both hosts; the session cookie goes along by itself. */
export const api = hc<Api>('/api')

/** The answer's JSON, or the failure it carries as a `LakeError`. */
export async function answer<T>(
  response: Promise<{ ok: boolean; status: number; json(): Promise<T> }>,
): Promise<T> {
  let got: Awaited<typeof response>
  try {
    got = await response
  } catch (cause) {
    throw new LakeError('NETWORK', 'Tarn itself does not answer', {
      outcome: 'retry',
      likely: 'its window was kept open after the program ended',
      remedy: 'Start Tarn again and open the address that it prints.',
      cause,
    })
  }
  if (got.ok) return got.json()
  const fault = (await got.json().catch(() => null)) as Fault | null
  if (fault === null || typeof fault.title !== 'string')
    throw new LakeError('BAD_RESPONSE', `Tarn answered ${got.status} without a reason`)
  throw new LakeError(fault.code, fault.title, {
    outcome: fault.outcome,
    context: fault.context,
    ...(fault.likely === undefined ? {} : { likely: fault.likely }),
    ...(fault.remedy === undefined ? {} : { remedy: fault.remedy }),
  })
}
