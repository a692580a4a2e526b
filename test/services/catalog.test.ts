import { inject } from 'vitest'
import { createHttp } from '../../src/main/base/http.ts'
import { restCatalog } from '../../src/main/catalog/rest.ts'
import { catalogContract } from '../contract/catalog.ts'

catalogContract('Apache’s REST fixture over MinIO', async () => {
  const http = createHttp({ connectTimeoutMs: 5_000, timeoutMs: 60_000 })
  const catalog = restCatalog({
    uri: inject('services').catalog.uri,
    fetch: http.fetch,
    clock: Date.now,
    warehouse: 's3a://data-lake/warehouse',
  })
  return { catalog, close: () => http.close() }
})
