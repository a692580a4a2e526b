import { join } from 'node:path'
import type { TableRole } from '../../shared/tables.ts'
import type { Clock } from '../base/clock.ts'
import { createHttp } from '../base/http.ts'
import type { Logger } from '../base/log.ts'
import { Scope } from '../base/scope.ts'
import { type EmbeddedCatalog, openEmbedded } from '../catalog/embedded.ts'
import { restCatalog } from '../catalog/rest.ts'
import { localPath } from '../catalog/trust.ts'
import type { TableIdentifier } from '../iceberg/catalog.ts'
import type { LakeIo } from '../iceberg/transaction.ts'
import { localStorage } from '../storage/local.ts'
import { createStorage } from '../storage/router.ts'
import { s3Storage } from '../storage/s3.ts'
import type { MainSettings } from './settings/settings.ts'

/** The lake that the settings name, open. */
export interface Lake {
  readonly io: LakeIo
  readonly settings: MainSettings
  /** The five tables by role. */
  readonly tables: Readonly<Record<TableRole, TableIdentifier>>
  /** Null where the catalog is a REST server. */
  readonly embedded: EmbeddedCatalog | null
  close(): Promise<void>
}

/** With the warehouse, so that every instance that opens this warehouse finds the same tables and the same lock. */
export function catalogFolder(settings: MainSettings): string {
  const path = localPath(settings.catalog.warehouse)
  return path === null ? join(settings.home, 'catalog') : join(path, '.catalog')
}

/** Limits of the HTTP client: a service that is down is known within seconds, a slow commit is waited for. */
const CONNECT_MS = 5_000
const SILENCE_MS = 60_000

/** Opens catalog and storage. Nothing is created but the folder of an embedded catalog; a REST server is not asked yet. */
export async function openLake(settings: MainSettings, log: Logger, clock: Clock): Promise<Lake> {
  const scope = new Scope('lake')
  try {
    const http = scope.own(createHttp({ connectTimeoutMs: CONNECT_MS, timeoutMs: SILENCE_MS }))
    const { catalog: wanted, s3 } = settings
    const embedded = wanted.type === 'embedded'
    const storage = scope.own(
      createStorage({
        s3: s3Storage({
          http,
          endpoint: s3.endpoint,
          region: s3.region,
          accessKey: s3.accessKey,
          secretKey: s3.secretKey,
          pathStyle: s3.pathStyle,
          clock,
        }),
        // Whatever a catalog answers, nothing outside the warehouse is read or written on this machine.
        ...(wanted.warehouse.startsWith('file:') ? { local: localStorage({ root: wanted.warehouse }) } : {}),
      }),
    )
    const opened = embedded
      ? scope.own(
          await openEmbedded({
            folder: catalogFolder(settings),
            warehouse: wanted.warehouse,
            storage,
            clock,
            log,
          }),
        )
      : null
    const catalog =
      opened?.catalog ??
      scope.own(
        restCatalog({
          uri: wanted.uri,
          fetch: http.fetch,
          clock,
          warehouse: wanted.warehouse,
          token: wanted.token,
          credential: wanted.credential,
        }),
      )
    const namespace = [wanted.database]
    const table = (role: TableRole): TableIdentifier => ({ namespace, name: settings.tables[role] })
    return {
      io: { catalog, storage, clock, log },
      settings,
      tables: {
        raw: table('raw'),
        errors: table('errors'),
        daily: table('daily'),
        weekly: table('weekly'),
        monthly: table('monthly'),
      },
      embedded: opened,
      close: () => scope.close(),
    }
  } catch (error) {
    await scope.close()
    throw error
  }
}
