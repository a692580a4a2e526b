import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../../src/main/base/log.ts'
import { openEmbedded } from '../../../src/main/catalog/embedded.ts'
import { localStorage } from '../../../src/main/storage/local.ts'
import { catalogContract } from '../../contract/catalog.ts'

catalogContract('embedded on a local folder', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tarn-catalog-'))
  const storage = localStorage({ root: home })
  const embedded = await openEmbedded({
    folder: join(home, 'catalog'),
    warehouse: `file://${home}/warehouse`,
    storage,
    clock: Date.now,
    log: silentLog,
  })
  return {
    catalog: embedded.catalog,
    close: async () => {
      await embedded.close()
      await storage.close()
      rmSync(home, { recursive: true })
    },
  }
})
