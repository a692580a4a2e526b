import { LakeError } from '../../../shared/errors.ts'
import { pack } from '../../../shared/packed.ts'
import type { PackedFile, ReadRequest } from '../../../shared/query.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { readFile, WHOLE_FILE_BYTES } from '../../iceberg/read.ts'
import type { ScanFile } from '../../iceberg/scan.ts'
import type { NestedField } from '../../iceberg/types.ts'
import type { Storage } from '../../storage/storage.ts'
import { encodeBatch } from './arrow.ts'
import { chooseChunks } from './chunks.ts'
import type { StoredPlan } from './plan.ts'

/** One answer's bytes of data. A single file larger than that is still answered, alone. */
export const MAX_ANSWER_BYTES = 64 << 20
const AT_ONCE = 16

interface Part {
  readonly file: PackedFile
  readonly segments: readonly Uint8Array[]
}

/**
 * Reads files of a plan side by side and packs them into one answer: small files whole, of large ones the footer and
 * the chunks of the wanted columns in row groups that may hold a row of the plan's filter, and what only main can read decoded as Arrow. INVALID for a file or column that the
 * plan does not name, or for more than one answer can hold.
 */
export async function readPacked(
  plan: StoredPlan,
  request: ReadRequest,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const fields = request.columns === undefined ? plan.fields : wanted(plan, request.columns)
  const decode = new Set(request.decode ?? [])
  const counted = countReads(plan.lake.io.storage)
  const deletes = new DeleteCache()
  const groups = { read: 0, total: 0 }
  let bytes = 0
  const parts = await mapConcurrent(
    request.files,
    AT_ONCE,
    async (index, _position, stop) => {
      const scanFile = plan.files[index]
      if (scanFile === undefined) throw new LakeError('INVALID', `the plan has no file ${index}`)
      const inMain = decode.has(index) || scanFile.deletes.length > 0
      const part = inMain
        ? await decoded(plan, counted.storage, scanFile, index, fields, deletes, stop)
        : await encoded(plan, counted.storage, scanFile, index, fields, groups, stop)
      // Decoding swells a file: it counts as what was read.
      bytes += inMain
        ? scanFile.file.fileSize
        : part.segments.reduce((sum, segment) => sum + segment.length, 0)
      if (bytes > MAX_ANSWER_BYTES && request.files.length > 1) {
        throw new LakeError('INVALID', 'the files are too large for one answer', { context: { bytes } })
      }
      return part
    },
    signal,
  )
  const header = { files: parts.map((part) => part.file), read: { ...counted.read, groups } }
  return pack(
    header,
    parts.flatMap((part) => part.segments),
  )
}

/** Columns of the plan. */
function wanted(plan: StoredPlan, ids: readonly number[]): NestedField[] {
  return plan.fields.filter((field) => ids.includes(field.id))
}

async function decoded(
  plan: StoredPlan,
  storage: Storage,
  scanFile: ScanFile,
  index: number,
  fields: readonly NestedField[],
  deletes: DeleteCache,
  signal: AbortSignal,
): Promise<Part> {
  const names = fields.map((field) => field.name)
  const options = { schema: plan.schema, deletes, signal }
  const batch = await readFile({ storage }, plan.metadata, scanFile, names, options)
  const ipc = encodeBatch(fields, batch)
  return { file: { index, kind: 'arrow', size: ipc.length, segments: [[0, ipc.length]] }, segments: [ipc] }
}

async function encoded(
  plan: StoredPlan,
  storage: Storage,
  { file }: ScanFile,
  index: number,
  fields: readonly NestedField[],
  groups: { read: number; total: number },
  signal: AbortSignal,
): Promise<Part> {
  const size = file.fileSize
  if (size <= WHOLE_FILE_BYTES) {
    const bytes = await storage.read(file.path, { signal })
    if (bytes.length !== size) throw changed(file.path, size, bytes.length)
    return { file: { index, kind: 'parquet', size, segments: [[0, size]] }, segments: [bytes] }
  }
  const segments: { start: number; end: number; bytes: Uint8Array }[] = []
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const bytes = await storage.read(file.path, { range: { start, end }, signal })
    if (bytes.length !== end - start) throw changed(file.path, size, start + bytes.length)
    segments.push({ start, end, bytes })
    return bytes
  }
  const { kept, total, ranges } = await chooseChunks({ size, read }, plan, file, fields)
  await mapConcurrent(ranges, 4, ({ start, end }) => read(start, end), signal)
  groups.read += kept.length
  groups.total += total
  const disjoint = withoutOverlap(segments)
  const all = kept.length === total
  return {
    file: {
      index,
      kind: 'parquet',
      size,
      segments: disjoint.map(({ start, end }) => [start, end]),
      ...(all ? {} : { rowGroups: kept }),
    },
    segments: disjoint.map(({ bytes }) => bytes),
  }
}

/** Ascending, each cut where the one before it ends: chunks can reach into the bytes read for the footer. */
function withoutOverlap<T extends { start: number; end: number; bytes: Uint8Array }>(segments: readonly T[]) {
  const cut: { start: number; end: number; bytes: Uint8Array }[] = []
  let at = 0
  for (const segment of [...segments].sort((a, b) => a.start - b.start)) {
    const start = Math.max(segment.start, at)
    if (start >= segment.end) continue
    cut.push({ start, end: segment.end, bytes: segment.bytes.subarray(start - segment.start) })
    at = segment.end
  }
  return cut
}

function countReads(storage: Storage): { storage: Storage; read: { bytes: number; requests: number } } {
  const read = { bytes: 0, requests: 0 }
  const counting: Pick<Storage, 'read'> = {
    read: async (location, options) => {
      const bytes = await storage.read(location, options)
      read.bytes += bytes.length
      read.requests++
      return bytes
    },
  }
  return { storage: Object.assign(Object.create(storage) as Storage, counting), read }
}

function changed(path: string, expected: number, found: number): LakeError {
  return new LakeError('CORRUPT', 'A data file does not have the length its table records', {
    context: { file: path, expected, found },
    likely: 'The file was cut short or replaced after it was committed.',
  })
}
