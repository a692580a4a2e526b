import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { LakeError } from '../../../shared/errors.ts'

/** A saved thing by its name, with the file that holds it. */
export interface Kept<T> {
  readonly name: string
  readonly path: string
  readonly value: T
}

/** Things saved by name, each a file of JSON in a folder: to be edited, shared and versioned like any other file. */
export interface Shelf<T> {
  readonly folder: string
  /** By name. What cannot be read as such a thing is left out. */
  list(): Kept<T>[]
  put(name: string, value: T): Kept<T>
  /** NOT_FOUND where there is none of this name. */
  remove(name: string): void
}

const MOST = 500
/** Bytes. */
const LARGEST = 8_000_000

/** `name` must be checked by the caller: it becomes a file name. */
export function openShelf<T>(folder: string, what: string, schema: z.ZodType<T>): Shelf<T> {
  const pathOf = (name: string): string => join(folder, `${name}.json`)
  const read = (name: string): Kept<T>[] => {
    const path = pathOf(name)
    try {
      // Never what a link points to.
      const found = lstatSync(path)
      if (!found.isFile() || found.size > LARGEST) return []
      const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
      return parsed.success ? [{ name, path, value: parsed.data }] : []
    } catch {
      return []
    }
  }
  return {
    folder,
    list() {
      let names: string[]
      try {
        names = readdirSync(folder)
      } catch {
        return []
      }
      return names
        .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
        .sort((a, b) => (a < b ? -1 : 1))
        .slice(0, MOST)
        .flatMap((name) => read(name.slice(0, -'.json'.length)))
    },
    put(name, value) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const temporary = join(folder, `.${name}.new`)
      writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
      renameSync(temporary, pathOf(name))
      return { name, path: pathOf(name), value }
    },
    remove(name) {
      if (read(name).length === 0) throw new LakeError('NOT_FOUND', `there is no saved ${what} ${name}`)
      rmSync(pathOf(name))
    },
  }
}
