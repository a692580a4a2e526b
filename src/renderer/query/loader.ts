import { type Data, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from 'apache-arrow'
import { unpack } from '../../shared/packed.ts'
import type { PackedFile, PlannedFile, ReadRequest } from '../../shared/query.ts'
import { dataBytes } from './adopt.ts'
import { ByteCache } from './cache.ts'
import {
  adoptColumns,
  type DecodedColumn,
  type DecodedFile,
  decodeArrow,
  decodeParquet,
  type LoadColumn,
  NotPlain,
  type ParquetModule,
} from './decode.ts'

export interface LoadRequest {
  readonly plan: string
  readonly files: readonly PlannedFile[]
  /** At least one. */
  readonly columns: readonly LoadColumn[]
}

export interface LoadProgress {
  readonly files: number
  /** Bytes of the plan that are dealt with, in the plan's own estimate. */
  readonly plannedBytes: number
  readonly rows: number
  /** Bytes that main read from storage for this load. */
  readonly readBytes: number
  readonly requests: number
  /** Files of which every column was in the cache. */
  readonly cachedFiles: number
  /** Row groups that were read of files too large to be fetched whole, of all that these have. */
  readonly groups: number
  readonly groupsTotal: number
}

export const NOTHING_READ: LoadProgress = {
  files: 0,
  plannedBytes: 0,
  rows: 0,
  readBytes: 0,
  requests: 0,
  cachedFiles: 0,
  groups: 0,
  groupsTotal: 0,
}

export interface LoaderDeps {
  /** Fetches one packed answer. */
  read(request: ReadRequest, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
  readonly parquet: ParquetModule
  /** Bytes of decoded columns to keep. */
  readonly cacheBytes: number
}

export interface Loader {
  /** Sends IPC streams to `emit`, each complete in itself, and waits for each. Stops with the signal's reason. */
  load(
    request: LoadRequest,
    emit: (ipc: Uint8Array) => Promise<void>,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<LoadProgress>
  readonly cache: ByteCache<Kept>
}

/** Of a small file all columns, as it has them; else one column. */
type Kept = DecodedFile | DecodedColumn

/** One packed answer: bounded in files and bytes. A file larger than that comes alone. */
const PACK_FILES = 1_000
const PACK_BYTES = 16 << 20
/** Bytes of decoded columns per IPC stream handed to DuckDB. */
const EMIT_BYTES = 16 << 20
/** What a kept column of one file weighs beside its buffers: Arrow's objects, as a heap of them was measured. */
const COLUMN_BYTES = 1_536

export function createLoader(deps: LoaderDeps): Loader {
  const cache = new ByteCache<Kept>(deps.cacheBytes)
  return {
    cache,
    load: (request, emit, onProgress, signal) =>
      new Load(deps, cache, request, emit, onProgress, signal).run(),
  }
}

class Load {
  readonly #deps: LoaderDeps
  readonly #cache: ByteCache<Kept>
  readonly #request: LoadRequest
  readonly #onProgress: (progress: LoadProgress) => void
  readonly #signal: AbortSignal
  readonly #out: Emitter
  readonly #progress = { ...NOTHING_READ }

  constructor(
    deps: LoaderDeps,
    cache: ByteCache<Kept>,
    request: LoadRequest,
    emit: (ipc: Uint8Array) => Promise<void>,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ) {
    this.#deps = deps
    this.#cache = cache
    this.#request = request
    this.#onProgress = onProgress
    this.#signal = signal
    this.#out = new Emitter(emit)
  }

  async run(): Promise<LoadProgress> {
    const missing: number[] = []
    for (let i = 0; i < this.#request.files.length; i++) {
      this.#signal.throwIfAborted()
      const cached = this.#cached(i)
      if (cached === null) missing.push(i)
      else {
        this.#progress.cachedFiles++
        await this.#deliver(i, cached)
      }
    }
    const packs = this.#packs(missing, (file) => (file.main ? file.size : file.bytes))
    // One answer is fetched while the one before it is decoded.
    let next = packs[0] && this.#fetch(packs[0])
    for (let i = 0; i < packs.length; i++) {
      const body = await (next as Promise<Uint8Array<ArrayBuffer>>)
      const following = packs[i + 1]
      next = following && this.#fetch(following)
      next?.catch(() => undefined)
      await this.#take(body)
    }
    await this.#out.flush()
    this.#onProgress({ ...this.#progress })
    return { ...this.#progress }
  }

  /** The columns that were asked for, of what is kept; null where some of them are not. */
  #cached(index: number): DecodedColumn[] | null {
    const file = this.#request.files[index] as PlannedFile
    const whole = this.#cache.get(file.key)
    if (whole !== undefined && 'batches' in whole) {
      try {
        return adoptColumns(whole.batches, this.#request.columns, false)
      } catch (error) {
        if (!(error instanceof NotPlain)) throw error
      }
    }
    const columns: DecodedColumn[] = []
    for (const column of this.#request.columns) {
      const hit = this.#cache.get(cacheKey(file, column))
      if (hit === undefined || !('pieces' in hit)) return null
      columns.push(hit)
    }
    return aligned(columns) ? columns : null
  }

  /** `weigh` gives the bytes that a file counts in an answer: main counts all of one that it decodes. */
  #packs(indexes: readonly number[], weigh: (file: PlannedFile) => number): number[][] {
    const packs: number[][] = []
    let pack: number[] = []
    let bytes = 0
    for (const index of indexes) {
      const size = weigh(this.#request.files[index] as PlannedFile)
      if (pack.length > 0 && (pack.length >= PACK_FILES || bytes + size > PACK_BYTES)) {
        packs.push(pack)
        pack = []
        bytes = 0
      }
      pack.push(index)
      bytes += size
    }
    if (pack.length > 0) packs.push(pack)
    return packs
  }

  #fetch(files: readonly number[], decode: readonly number[] = []): Promise<Uint8Array<ArrayBuffer>> {
    const columns = this.#request.columns.map((column) => column.id)
    return this.#deps.read({ plan: this.#request.plan, files, columns, decode }, this.#signal)
  }

  async #take(body: Uint8Array<ArrayBuffer>): Promise<void> {
    const { header, segments } = unpack(body)
    this.#progress.readBytes += header.read.bytes
    this.#progress.requests += header.read.requests
    this.#progress.groups += header.read.groups.read
    this.#progress.groupsTotal += header.read.groups.total
    const odd: number[] = []
    for (let i = 0; i < header.files.length; i++) {
      this.#signal.throwIfAborted()
      const file = header.files[i] as PackedFile
      const columns = await this.#decode(file, segments[i] as Uint8Array<ArrayBuffer>[])
      if (columns === null) odd.push(file.index)
      else await this.#deliver(file.index, columns)
    }
    this.#onProgress({ ...this.#progress })
    for (const pack of this.#packs(odd, (file) => file.size)) await this.#take(await this.#fetch(pack, pack))
  }

  /** The columns that were asked for, kept for the next statement; null where only main can read them. */
  async #decode(
    packed: PackedFile,
    segments: readonly Uint8Array<ArrayBuffer>[],
  ): Promise<DecodedColumn[] | null> {
    const file = this.#request.files[packed.index] as PlannedFile
    const { columns: wanted } = this.#request
    if (packed.kind === 'arrow') return this.#keep(file, decodeArrow(segments[0] as Uint8Array, wanted))
    try {
      const decoded = await decodeParquet(this.#deps.parquet, packed, segments, wanted)
      const { batches, wholeBytes } = decoded
      const columns = adoptColumns(batches, wanted, wholeBytes === null)
      if (wholeBytes === null) return this.#keep(file, columns)
      const all = batches[0]?.schema.fields.length ?? 0
      this.#cache.set(file.key, decoded, wholeBytes + all * COLUMN_BYTES)
      return columns
    } catch (error) {
      if (error instanceof NotPlain) return null
      throw error
    }
  }

  #keep(file: PlannedFile, columns: DecodedColumn[]): DecodedColumn[] {
    columns.forEach((column, i) => {
      const bytes = column.pieces.reduce((sum, piece) => sum + dataBytes(piece), COLUMN_BYTES)
      this.#cache.set(cacheKey(file, this.#request.columns[i] as LoadColumn), column, bytes)
    })
    return columns
  }

  async #deliver(index: number, columns: readonly DecodedColumn[]): Promise<void> {
    const file = this.#request.files[index] as PlannedFile
    this.#progress.files++
    this.#progress.plannedBytes += file.bytes
    this.#progress.rows += await this.#out.add(columns)
  }
}

/** The type belongs to it: what main decodes has the shape of the schema that was asked for. */
function cacheKey(file: PlannedFile, { id, type }: LoadColumn): string {
  return `${file.key}#${id}#${typeof type === 'string' ? type : JSON.stringify(type)}`
}

function aligned(columns: readonly DecodedColumn[]): boolean {
  const first = columns[0]?.pieces ?? []
  return columns.every(
    (column) =>
      column.pieces.length === first.length &&
      column.pieces.every((piece, i) => piece.length === first[i]?.length),
  )
}

/** Gathers batches by schema into IPC streams of a good size. */
class Emitter {
  readonly #emit: (ipc: Uint8Array) => Promise<void>
  readonly #open = new Map<string, { schema: Schema; batches: RecordBatch[]; bytes: number }>()

  constructor(emit: (ipc: Uint8Array) => Promise<void>) {
    this.#emit = emit
  }

  /** Rows taken. */
  async add(columns: readonly DecodedColumn[]): Promise<number> {
    const fields = columns.map((column) => column.field)
    const key = fields.map((field, i) => `${columns[i]?.pieces[0]?.type ?? field.type}`).join('|')
    let group = this.#open.get(key)
    if (group === undefined) {
      group = { schema: new Schema(fields), batches: [], bytes: 0 }
      this.#open.set(key, group)
    }
    let rows = 0
    const pieces = columns[0]?.pieces.length ?? 0
    for (let i = 0; i < pieces; i++) {
      const children = columns.map((column) => column.pieces[i] as Data)
      const length = children[0]?.length ?? 0
      if (length === 0) continue
      const data = makeData({ type: new Struct(group.schema.fields), length, nullCount: 0, children })
      group.batches.push(new RecordBatch(group.schema, data))
      group.bytes += children.reduce((sum, child) => sum + dataBytes(child), 0)
      rows += length
      if (group.bytes >= EMIT_BYTES) await this.#send(key)
    }
    return rows
  }

  async flush(): Promise<void> {
    for (const key of [...this.#open.keys()]) await this.#send(key)
  }

  async #send(key: string): Promise<void> {
    const group = this.#open.get(key)
    if (group === undefined || group.batches.length === 0) return
    this.#open.set(key, { schema: group.schema, batches: [], bytes: 0 })
    const writer = new RecordBatchStreamWriter()
    writer.reset(undefined, group.schema)
    for (const batch of group.batches) writer.write(batch)
    writer.finish()
    await this.#emit(writer.toUint8Array(true))
  }
}
