import { randomUUID } from 'node:crypto'
import { toFault } from '../../../shared/errors.ts'
import type { RightsView, RightView } from '../../../shared/setup.ts'
import type { Lake } from '../lake.ts'

const PROBE = new TextEncoder().encode('Written by Tarn to try its rights, and removed at once.\n')

/** Writes a small object beside the tables, reads, lists and removes it. After a failed write the rest waits. */
export async function tryRights({ io, settings }: Lake, signal: AbortSignal): Promise<RightsView> {
  const folder = `${settings.catalog.warehouse}/.tarn-probe`
  const location = `${folder}/${randomUUID()}`
  const { storage } = io
  const rights: RightView[] = []
  const attempt = async (right: RightView['right'], needed: boolean, work: () => Promise<unknown>) => {
    if (!needed) {
      rights.push({ right, state: 'waiting', ms: 0, fault: null })
      return false
    }
    const started = performance.now()
    const ms = () => Math.round(performance.now() - started)
    try {
      await work()
      rights.push({ right, state: 'passed', ms: ms(), fault: null })
      return true
    } catch (error) {
      rights.push({ right, state: 'failed', ms: ms(), fault: toFault(error) })
      return false
    }
  }
  const written = await attempt('write', true, () => storage.write(location, PROBE, { signal }))
  await attempt('read', written, () => storage.read(location, { signal }))
  await attempt('list', written, async () => {
    for await (const _ of storage.list(`${folder}/`, { signal })) break
  })
  await attempt('delete', written, () => storage.delete(location))
  return { location, rights }
}
