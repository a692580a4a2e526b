import { beginLoad } from './begin.ts'
import { checkLake } from './check-job.ts'
import { openLake } from './lake.ts'
import type { Parts } from './parts.ts'
import { probe } from './probe.ts'
import { rollupJob } from './rollup.ts'
import { verifyLake } from './verify.ts'

/** The real work behind the app. */
export const parts: Parts = {
  openLake,
  begin: beginLoad,
  check: checkLake,
  rollup: rollupJob,
  verify: verifyLake,
  probe,
}
