/**
 * A load over an embedded lake in a process of its own, which ends itself with SIGKILL at the place named by its second
 * argument: a crash point of the pipeline, or an effect on storage or catalog. `node load-child.ts FOLDER PLACE`.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureTable } from '../../../src/main/app/setup/tables.ts'
import { silentLog } from '../../../src/main/base/log.ts'
import { openEmbedded } from '../../../src/main/catalog/embedded.ts'
import type { Catalog } from '../../../src/main/iceberg/catalog.ts'
import { generatorSource } from '../../../src/main/source/generator.ts'
import { localStorage } from '../../../src/main/storage/local.ts'
import type { Storage } from '../../../src/main/storage/storage.ts'
import { TABLES } from '../../../src/shared/tables.ts'
import { loadInto } from '../../helpers/load.ts'
import { KILLED } from './killed.ts'

const [folder = '', place = ''] = process.argv.slice(2)
const die = () => process.kill(process.pid, 'SIGKILL')
let left = 2
/** The second time, so that a commit lies behind. */
const at = (name: string) => {
  if (name === place) left -= 1
  if (left === 0) die()
}

function dyingStorage(storage: Storage): Storage {
  return {
    ...storage,
    async write(location, bytes, options) {
      const info = await storage.write(location, bytes, options)
      if (location.includes('/health_data_raw') && location.endsWith('.avro')) {
        at(location.includes('/snap-') ? 'manifest-list-stored' : 'manifest-stored')
      }
      return info
    },
  }
}

function dyingCatalog(catalog: Catalog): Catalog {
  return {
    ...catalog,
    async commitTable(commit, signal) {
      if (commit.identifier.name === 'health_data_raw') at('commit-to-be-sent')
      const table = await catalog.commitTable(commit, signal)
      if (commit.identifier.name === 'health_data_raw') at('commit-applied-answer-unread')
      return table
    },
  }
}

const storage = localStorage({ root: folder })
const embedded = await openEmbedded({
  folder: join(folder, 'catalog'),
  warehouse: pathToFileURL(join(folder, 'warehouse')).href,
  storage,
  clock: Date.now,
  log: silentLog,
})
const namespace = ['db']
if ((await embedded.catalog.loadNamespace(namespace)) === null)
  await embedded.catalog.createNamespace(namespace, {})
for (const role of ['raw', 'errors'] as const) {
  await ensureTable(embedded.catalog, namespace, TABLES[role], TABLES[role].defaultName)
}
const run = loadInto(
  {
    io: {
      catalog: dyingCatalog(embedded.catalog),
      storage: dyingStorage(storage),
      clock: Date.now,
      log: silentLog,
    },
    tables: {
      raw: { namespace, name: TABLES.raw.defaultName },
      errors: { namespace, name: TABLES.errors.defaultName },
    },
  },
  generatorSource(KILLED),
  { stateFolder: join(folder, 'state'), commit: { seconds: 60, bytes: 60_000 }, crash: at },
)
const summary = await run.done
await embedded.close()
process.stdout.write(JSON.stringify(summary))
