/**
 * A replay of dead letters over an embedded lake in a process of its own, which ends itself with SIGKILL the second time
 * that it comes to the place it is given: a crash point of the replay, or an effect on storage or catalog. With a replay
 * to resume it does so the first time. `node replay-child.ts HOME PLACE [REPLAY]`.
 */
import { parts } from '../../../src/main/app/compose.ts'
import { createEventBus } from '../../../src/main/app/events.ts'
import { createJobs } from '../../../src/main/app/jobs.ts'
import { createReplayControl } from '../../../src/main/app/replay/control.ts'
import { resolveSettings } from '../../../src/main/app/settings/settings.ts'
import { systemClock } from '../../../src/main/base/clock.ts'
import { silentLog } from '../../../src/main/base/log.ts'
import type { Catalog } from '../../../src/main/iceberg/catalog.ts'
import type { Storage } from '../../../src/main/storage/storage.ts'
import { FIX } from './poisoned.ts'

const [home = '', place = '', cut] = process.argv.slice(2)
let left = cut === undefined ? 2 : 1
const at = (name: string) => {
  if (name === place) left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

function dyingStorage(storage: Storage): Storage {
  return {
    ...storage,
    async write(location, bytes, options) {
      const info = await storage.write(location, bytes, options)
      const table = location.includes('/health_data_raw/') ? 'raw' : null
      if (table && location.endsWith('.parquet')) at('data-file-stored')
      if (table && location.endsWith('.avro'))
        at(location.includes('/snap-') ? 'manifest-list-stored' : 'manifest-stored')
      return info
    },
  }
}

function dyingCatalog(catalog: Catalog): Catalog {
  return {
    ...catalog,
    async commitTable(commit, signal) {
      const { name } = commit.identifier
      at(`${name} to be committed`)
      const table = await catalog.commitTable(commit, signal)
      at(`${name} committed, answer unread`)
      return table
    },
  }
}

const { settings } = resolveSettings({ flags: new Map(), env: { TARN_HOME: home } })
const opened = await parts.openLake(settings, silentLog, systemClock)
const lake = {
  ...opened,
  io: { ...opened.io, catalog: dyingCatalog(opened.io.catalog), storage: dyingStorage(opened.io.storage) },
}
const events = createEventBus()
const jobs = createJobs(events, systemClock)
const replays = createReplayControl({
  lake: async () => lake,
  jobs,
  events,
  rollUp: () => undefined,
  crash: at,
})
if (cut !== undefined) await jobs.wait(replays.resume(cut).id)
const dry = await jobs.wait(replays.startDryRun({}, FIX).id)
if (dry.result?.kind !== 'dry-run' || dry.result.dry === null) throw new Error(dry.fault?.title)
const done = await jobs.wait(replays.start(dry.result.dry.id, FIX).id)
await opened.close()
process.stdout.write(JSON.stringify(done.result))
