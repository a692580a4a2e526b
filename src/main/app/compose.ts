import { openLake } from './lake.ts'
import { beginLoad } from './load/begin.ts'
import type { Parts } from './parts.ts'
import { rollupJob } from './rollup.ts'
import { checkLake } from './setup/check-job.ts'
import { probe } from './setup/probe.ts'
import { verify } from './verify/verify.ts'

/** The real work behind the app. */
export const parts: Parts = {
  openLake,
  begin: beginLoad,
  check: checkLake,
  rollup: rollupJob,
  verify,
  probe,
}
