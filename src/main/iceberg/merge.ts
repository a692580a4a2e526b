import type { ManifestFile } from './types.ts'

/** When small manifests are joined, from the table's properties. */
export interface MergePolicy {
  readonly enabled: boolean
  /** Fewest manifests, the new one included, that are worth joining. */
  readonly minCount: number
  /** Bytes that a joined manifest should reach. */
  readonly targetBytes: number
}

export function mergePolicy(properties: Readonly<Record<string, string>>): MergePolicy {
  return {
    enabled: properties['commit.manifest-merge.enabled'] !== 'false',
    minCount: positive(properties['commit.manifest.min-count-to-merge'], 100),
    targetBytes: positive(properties['commit.manifest.target-size-bytes'], 8 * 1024 * 1024),
  }
}

type Mergeable = Pick<ManifestFile, 'path' | 'length' | 'specId' | 'content'>

/**
 * Groups of manifests to join, each of one content and one partition spec. Manifests come newest first and stay so;
 * groups are filled from the oldest end, so that the one not yet full is the newest. It is joined only once it has
 * `minCount` members: a table holds at most about that many small manifests, and each file is rewritten rarely.
 */
export function planMerges<T extends Mergeable>(manifests: readonly T[], policy: MergePolicy): T[][] {
  if (!policy.enabled) return []
  const kinds = Map.groupBy(manifests, manifestKind)
  return [...kinds.values()].flatMap((kind) => {
    const bins = packFromEnd(kind, policy.targetBytes)
    return bins.filter((bin, i) => bin.length > 1 && (i > 0 || bin.length >= policy.minCount))
  })
}

/** Manifests of one kind may share a manifest: one content, one partition spec. */
export function manifestKind({ content, specId }: Mergeable): string {
  return `${content} ${specId}`
}

/** Manifests that those of one kind come to when they are written anew at the target size. */
export function regroupedCount(manifests: readonly Mergeable[], targetBytes: number): number {
  const bytes = manifests.reduce((sum, { length }) => sum + length, 0)
  return Math.max(1, Math.ceil(bytes / targetBytes))
}

function packFromEnd<T extends Mergeable>(manifests: readonly T[], targetBytes: number): T[][] {
  const bins: T[][] = []
  let bin: T[] = []
  let size = 0
  for (const manifest of manifests.toReversed()) {
    if (bin.length > 0 && size + manifest.length > targetBytes) {
      bins.unshift(bin)
      bin = []
      size = 0
    }
    bin.unshift(manifest)
    size += manifest.length
  }
  if (bin.length > 0) bins.unshift(bin)
  return bins
}

function positive(text: string | undefined, otherwise: number): number {
  const value = Number(text)
  return text !== undefined && Number.isSafeInteger(value) && value > 0 ? value : otherwise
}
