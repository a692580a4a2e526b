import type { CommitPath } from '../../shared/monitor.ts'

/**
 * Where a batch's time went, in whole ms that sum up to `totalMs` (from its first message to its commit). Decoding goes on
 * while messages are waited for, encoding while files are uploaded: what runs side by side is counted once, for the
 * thread first.
 */
export function pathOf(measured: {
  readonly totalMs: number
  readonly decodeMs: number
  /** The wall of encoding and uploading together. */
  readonly uploadMs: number
  readonly encodeMs: number
  readonly catalogMs: number
}): CommitPath {
  const total = Math.max(0, Math.round(measured.totalMs))
  const catalogMs = Math.min(total, Math.round(measured.catalogMs))
  const stored = Math.min(total - catalogMs, Math.round(measured.uploadMs))
  const encodeMs = Math.min(stored, Math.round(measured.encodeMs))
  const gathered = total - catalogMs - stored
  const decodeMs = Math.min(gathered, Math.round(measured.decodeMs))
  return { waitMs: gathered - decodeMs, decodeMs, encodeMs, uploadMs: stored - encodeMs, catalogMs }
}
