import { LakeError } from '../../shared/errors.ts'
import { beginLoad } from './begin.ts'
import { checkLake } from './check-job.ts'
import { openLake } from './lake.ts'
import type { Parts } from './parts.ts'
import { probe } from './probe.ts'
import { rollupJob } from './rollup.ts'

const later = (what: string) => new LakeError('UNSUPPORTED', `${what} is not there yet`)

/** The real work behind the app. */
export const parts: Parts = {
  openLake,
  begin: beginLoad,
  check: checkLake,
  rollup: rollupJob,
  verify: async () => {
    throw later('verify')
  },
  probe,
}
