import type { FileTally, MaintenanceKind, MaintenancePlanView } from '../../../shared/maintenance.ts'
import { counted } from '../../ui/format.ts'

interface Words {
  /** Button that opens the preview, and what the dialog is called. */
  readonly preview: string
  readonly title: (table: string) => string
  readonly planning: string
  /** Where a plan has nothing to do. */
  readonly nothing: string
}

export const WORDS: Readonly<Record<MaintenanceKind, Words>> = {
  compact: {
    preview: 'Preview compaction',
    title: (table) => `Compact ${table}`,
    planning: 'Reading manifests',
    nothing: 'No partition has four small files, and no file has deleted rows.',
  },
  manifests: {
    preview: 'Preview manifests',
    title: (table) => `Rewrite manifests of ${table}`,
    planning: 'Reading the list of manifests',
    nothing: 'The manifests are as few as they can be.',
  },
  expire: {
    preview: 'Preview expiry',
    title: (table) => `Expire snapshots of ${table}`,
    planning: 'Reading what the snapshots hold',
    nothing: 'Every snapshot is young enough to stay, or kept.',
  },
  orphans: {
    preview: 'Look for orphans',
    title: (table) => `Orphan files of ${table}`,
    planning: 'Listing files',
    nothing: 'Every file that is old enough is referred to.',
  },
}

/** The button that carries a plan out: its object and count. */
export function runWords(plan: MaintenancePlanView): string {
  switch (plan.kind) {
    case 'compact':
      return plan.files === 0
        ? `Remove ${counted(plan.deleteFiles, 'delete file')}`
        : `Rewrite ${counted(plan.files, 'file')}`
    case 'manifests':
      return `Rewrite ${counted(plan.manifests, 'manifest')}`
    case 'expire':
      return `Expire ${counted(plan.snapshots, 'snapshot')}`
    case 'orphans':
      return `Delete ${counted(plan.files, 'file')}`
  }
}

/** True for what cannot be taken back: the table's name is asked for. */
export const destroys = (kind: MaintenanceKind): boolean => kind === 'expire' || kind === 'orphans'

const KINDS: Readonly<Record<FileTally['kind'], string>> = {
  data: 'Data files',
  deletes: 'Delete files',
  manifest: 'Manifests',
  'manifest-list': 'Manifest lists',
  statistics: 'Statistics',
  metadata: 'Metadata files',
}
export const kindWords = (kind: FileTally['kind']): string => KINDS[kind]
