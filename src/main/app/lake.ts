import type { TableRole } from '../../shared/tables.ts'
import type { TableIdentifier } from '../iceberg/catalog.ts'
import type { LakeIo } from '../iceberg/transaction.ts'
import type { MainSettings } from './settings.ts'

/** The lake that the settings name, open. */
export interface Lake {
  readonly io: LakeIo
  readonly settings: MainSettings
  /** The five tables by role. */
  readonly tables: Readonly<Record<TableRole, TableIdentifier>>
  close(): Promise<void>
}
