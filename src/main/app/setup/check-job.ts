import type { CheckResult } from '../../../shared/model.ts'
import { createHttp } from '../../base/http.ts'
import { bucketExists, createBucket } from '../../storage/s3-bucket.ts'
import type { JobControl } from '../jobs.ts'
import type { Lake } from '../lake.ts'
import { type Bucket, bucketOf, ensureLake } from './check.ts'

const CONNECT_MS = 5_000
const SILENCE_MS = 60_000

/** The ten steps over an open lake, as a job of the app. */
export async function checkLake(
  lake: Lake,
  control: Pick<JobControl, 'signal' | 'step'>,
): Promise<CheckResult> {
  const { io, settings } = lake
  const http = createHttp({ connectTimeoutMs: CONNECT_MS, timeoutMs: SILENCE_MS })
  try {
    const name = bucketOf(settings)
    const s3 = { ...settings.s3, http, clock: io.clock }
    const bucket: Bucket | null =
      name === null
        ? null
        : {
            name,
            exists: (signal) => bucketExists(s3, name, signal),
            create: (signal) => createBucket(s3, name, signal),
          }
    const deps = { catalog: io.catalog, storage: io.storage, settings, bucket, clock: io.clock }
    return await ensureLake(deps, control.step, control.signal)
  } finally {
    await http.close()
  }
}
