import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { LakeError } from '../../../shared/errors.ts'
import type { ExportFormat, ExportRequest, FinishedExport, OpenExport } from '../../../shared/export.ts'
import type { Clock } from '../../base/clock.ts'
import { openPart, type Part } from './part.ts'

/** An export that is sent nothing for this long is given up: its page is gone. In ms. */
const IDLE_MS = 5 * 60_000
/** Exports that are told of and can be fetched. */
const KEPT = 50
const OPEN = 8
/** A part file: hidden, named by nothing of the user's. */
const PART = /^\.[0-9a-f-]{36}\.part$/

/** Answers on their way into files of the home's `exports` folder, and those that arrived. */
export interface Exports {
  start(request: ExportRequest): Promise<OpenExport>
  /** Appends chunk `sequence`, from 0 on; the last one again is no harm. Done when it is written. */
  write(id: string, sequence: number, chunk: Uint8Array): Promise<void>
  finish(id: string, rows: number): Promise<FinishedExport>
  /** Gives an export up and removes its part; a finished one is left alone. */
  drop(id: string): Promise<void>
  /** Newest first. */
  finished(): readonly FinishedExport[]
  read(id: string): Promise<{ readonly file: FinishedExport; readonly body: ReadableStream<Uint8Array> }>
  close(): Promise<void>
}

interface Open {
  readonly request: ExportRequest
  readonly path: string
  readonly part: Part
  next: number
  idle: NodeJS.Timeout
  /** Writes and the end come one after another. */
  tail: Promise<unknown>
}

export function createExports(home: string, clock: Clock, idleMs: number = IDLE_MS): Exports {
  const folder = join(home, 'exports')
  const open = new Map<string, Open>()
  let done: FinishedExport[] = []
  let swept: Promise<void> | null = null

  const openOf = (id: string): Open => {
    const found = open.get(id)
    if (found !== undefined) return found
    throw new LakeError('NOT_FOUND', 'this export is not under way', {
      likely: 'It was given up as nothing came for a while, or Tarn was started anew.',
      remedy: 'Export again.',
    })
  }
  const abandon = async (id: string): Promise<void> => {
    const found = open.get(id)
    if (found === undefined) return
    open.delete(id)
    clearTimeout(found.idle)
    await found.part.abandon().catch(() => undefined)
    // A part that cannot be removed now is swept by a later start.
    await rm(found.path, { force: true }).catch(() => undefined)
  }
  const waiting = (id: string): NodeJS.Timeout => setTimeout(() => void abandon(id), idleMs).unref()
  const inTurn = <T>(one: Open, id: string, work: () => Promise<T>): Promise<T> => {
    clearTimeout(one.idle)
    const next = one.tail.then(work)
    one.tail = next.catch(() => undefined)
    return next.finally(() => {
      if (open.has(id)) one.idle = waiting(id)
    })
  }

  return {
    async start(request) {
      if (open.size >= OPEN) {
        throw new LakeError('LOCKED', `${OPEN} exports are under way`, {
          outcome: 'retry',
          remedy: 'Wait for one to end.',
        })
      }
      await mkdir(folder, { recursive: true, mode: 0o700 })
      swept ??= sweep(folder, clock(), idleMs)
      await swept
      const id = randomUUID()
      const path = join(folder, `.${id}.part`)
      const part = await openPart(path, request.format)
      open.set(id, { request, path, part, next: 0, idle: waiting(id), tail: Promise.resolve() })
      return { id }
    },
    async write(id, sequence, chunk) {
      const one = openOf(id)
      await inTurn(one, id, async () => {
        if (sequence === one.next - 1) return
        if (sequence !== one.next) throw new LakeError('INVALID', `chunk ${one.next} is missing`)
        await one.part.write(chunk).catch(async (error: unknown) => {
          await abandon(id)
          throw error
        })
        one.next++
      })
    },
    async finish(id, rows) {
      const one = openOf(id)
      return inTurn(one, id, async () => {
        try {
          const bytes = await one.part.finish()
          const name = await settle(folder, one.path, fileName(one.request))
          const path = join(folder, name)
          const file = { id, format: one.request.format, name, path, bytes, rows, at: clock() }
          open.delete(id)
          done = [file, ...done].slice(0, KEPT)
          return file
        } catch (error) {
          await abandon(id)
          throw error
        }
      })
    },
    drop: abandon,
    finished: () => done,
    async read(id) {
      const file = done.find((one) => one.id === id)
      const there = file === undefined ? null : await stat(file.path).catch(() => null)
      if (file === undefined || !there?.isFile()) {
        throw new LakeError('NOT_FOUND', 'there is no such exported file', {
          likely: 'It was moved or deleted.',
        })
      }
      return { file, body: Readable.toWeb(createReadStream(file.path)) as ReadableStream<Uint8Array> }
    },
    async close() {
      await Promise.all([...open.keys()].map(abandon))
    },
  }
}

/**
 * Removes parts that an earlier run left: those nothing was written to for as long as an export may be idle. One that
 * cannot be looked at or removed stays, for it is in nobody's way.
 */
async function sweep(folder: string, now: number, idleMs: number): Promise<void> {
  const parts = (await readdir(folder).catch(() => [])).filter((name) => PART.test(name))
  await Promise.allSettled(
    parts.map(async (name) => {
      const path = join(folder, name)
      const { mtimeMs } = await stat(path)
      if (now - mtimeMs > idleMs) await rm(path, { force: true })
    }),
  )
}

/** Gives the part its name, or the first free one of `name 2`, `name 3`... Never over another file. */
async function settle(
  folder: string,
  part: string,
  wanted: { stem: string; ending: string },
): Promise<string> {
  for (let n = 1; ; n++) {
    const name = `${wanted.stem}${n === 1 ? '' : ` ${n}`}.${wanted.ending}`
    try {
      await link(part, join(folder, name))
      // It has its name now; a second one that another program holds is swept by a later start.
      await unlink(part).catch(() => undefined)
      return name
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') continue
      // File systems without hard links.
      if (await stat(join(folder, name)).catch(() => null)) continue
      await rename(part, join(folder, name))
      return name
    }
  }
}

const ENDINGS: Readonly<Record<ExportFormat, string>> = { csv: 'csv', jsonl: 'jsonl', parquet: 'parquet' }

/** A file name on every system from whatever the export was called: no path, nothing hidden, no reserved device. */
export function fileName({ name, format }: ExportRequest): { stem: string; ending: string } {
  const clean = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}_.() -]+/gu, '-')
    .replace(/\s+/g, ' ')
    .slice(0, 80)
    .replace(/^[. -]+|[. -]+$/g, '')
  const safe = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(clean) ? `${clean.replace('.', '-')}-` : clean
  return { stem: safe === '' ? 'answer' : safe, ending: ENDINGS[format] }
}
