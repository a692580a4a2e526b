import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LakeError } from '../../shared/errors.ts'
import { writePrivate } from '../base/private-file.ts'

/** A saved thing by its name, with the file that holds it. */
export interface Kept<T> {
  readonly name: string
  readonly path: string
  readonly value: T
}

/** Things saved by name, each a file in a folder: to be edited, shared and versioned like any other file. */
export interface Shelf<T> {
  readonly folder: string
  /** By name. What cannot be read as such a thing is left out. */
  list(): Kept<T>[]
  put(name: string, value: T): Kept<T>
  /** NOT_FOUND where there is none of this name. */
  remove(name: string): void
}

/** How a thing stands in its file. */
export interface Form<T> {
  /** With its dot. */
  readonly ending: string
  /** Throws where the text holds no such thing. */
  readonly read: (text: string) => T
  readonly write: (value: T) => string
}

const MOST = 1_000
/** Bytes. */
const LARGEST = 8_000_000

/** Bytes of a name: file systems take 255, its ending included. */
const LONGEST_NAME = 240

/** A name that is a file name on every system: no path, nothing hidden, no reserved device. */
export const savedName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\\/:*?"<>|\p{Cc}]+$/u, 'holds a sign that file names cannot have')
  .refine((name) => !/^[. ]|[. ]$/.test(name), 'begins or ends with a dot or a space')
  .refine((name) => Buffer.byteLength(name) <= LONGEST_NAME, 'is too long for the name of a file')
  .refine((name) => !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name), 'is a name that Windows keeps')

export const jsonForm = <T>(schema: z.ZodType<T>): Form<T> => ({
  ending: '.json',
  read: (text) => schema.parse(JSON.parse(text)),
  write: (value) => `${JSON.stringify(value, null, 2)}\n`,
})

/** `what` names such a thing in an error. A name given to it is checked by `savedName` before. */
export function openShelf<T>(folder: string, what: string, form: Form<T>): Shelf<T> {
  const pathOf = (name: string): string => join(folder, `${name}${form.ending}`)
  const read = (name: string): Kept<T>[] => {
    const path = pathOf(name)
    try {
      // Never what a link points to.
      const found = lstatSync(path)
      if (!found.isFile() || found.size > LARGEST) return []
      return [{ name, path, value: form.read(readFileSync(path, 'utf8')) }]
    } catch {
      return []
    }
  }
  return {
    folder,
    list() {
      let files: string[]
      try {
        files = readdirSync(folder)
      } catch {
        return []
      }
      return files
        .filter((file) => file.endsWith(form.ending))
        .map((file) => file.slice(0, -form.ending.length))
        .filter((name) => savedName.safeParse(name).success)
        .sort((a, b) => (a < b ? -1 : 1))
        .slice(0, MOST)
        .flatMap(read)
    },
    put(name, value) {
      writePrivate(pathOf(name), form.write(value))
      return { name, path: pathOf(name), value }
    },
    remove(name) {
      if (read(name).length === 0) throw new LakeError('NOT_FOUND', `there is no saved ${what} ${name}`)
      rmSync(pathOf(name))
    },
  }
}
