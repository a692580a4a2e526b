import type { TestProject } from 'vitest/node'
import { missingTools } from './install.ts'
import { type ServiceAddresses, startServices } from './services.ts'

let shared: ReturnType<typeof startServices> | null = null
let users = 0

/**
 * Starts the services once for all suites of a run. A machine that cannot have them fails here, in one line: a service
 * suite is never skipped in silence. `TARN_SERVICES` holds the addresses of running ones as JSON, to start none.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env.TARN_SERVICES) {
    project.provide('services', JSON.parse(process.env.TARN_SERVICES) as ServiceAddresses)
    return async () => undefined
  }
  const missing = missingTools()
  if (missing.length > 0) throw new Error(`the service suites need ${missing.join(', ')} on this machine`)
  shared ??= startServices()
  users += 1
  const services = await shared
  project.provide('services', services.addresses)
  return async () => {
    users -= 1
    if (users > 0) return
    shared = null
    await services.close()
  }
}
