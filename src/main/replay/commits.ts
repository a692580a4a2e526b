import { createHash } from 'node:crypto'
import type { TableMetadata } from '../iceberg/types.ts'

/** A commit's id is told by replay, batch and role, so that whoever settles the batch uses the same. */
export function commitIdOf(replay: string, batch: number, role: string): string {
  const hex = createHash('sha256').update(`${replay}:${batch}:${role}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Table property of raw: the last commits of replays, should their snapshots expire before they are marked. */
export const COMMITS_PROPERTY = 'tarn.replay.commits'
const COMMITS_KEPT = 50

/** The commits that raw remembers, with `next` as the newest where it is given. */
export function commitsOf(metadata: TableMetadata, next?: string): string[] {
  let known: unknown = []
  try {
    known = JSON.parse(metadata.properties[COMMITS_PROPERTY] ?? '[]')
  } catch {
    known = []
  }
  const commits = Array.isArray(known) ? known.filter((one) => typeof one === 'string') : []
  return next === undefined ? commits : [...commits.filter((one) => one !== next), next].slice(-COMMITS_KEPT)
}
