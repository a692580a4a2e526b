import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writePrivate } from '../../base/private-file.ts'

/** Where secrets are kept apart from the settings file: sealed by the key store of the operating system. */
export interface SecretStore {
  /** As its user knows it: `the Keychain`, `the Secret Service`. */
  readonly name: string
  /** By key of the setting, with the instant in ms when each was set. One that cannot be opened any more is absent. */
  read(): ReadonlyMap<string, { readonly text: string; readonly setAt: number }>
  /** Null forgets. Returns what puts the former state back. */
  write(changes: Readonly<Record<string, string | null>>): () => void
}

/** Seals and opens texts with a key that only this user of this computer has. */
export interface Sealer {
  seal(text: string): Uint8Array
  /** Throws where the key is another one by now. */
  open(sealed: Uint8Array): string
}

const shape = z.record(z.string(), z.object({ sealed: z.base64(), setAt: z.number() }))

/** A store in a file of sealed values, which is of no use without the key. */
export function sealedFile(file: string, name: string, sealer: Sealer, clock: () => number): SecretStore {
  const load = (): z.output<typeof shape> => {
    try {
      const parsed = shape.safeParse(JSON.parse(readFileSync(file, 'utf8')))
      return parsed.success ? parsed.data : {}
    } catch {
      return {}
    }
  }
  const save = (all: z.output<typeof shape>) => writePrivate(file, `${JSON.stringify(all, null, 2)}\n`)
  return {
    name,
    read() {
      const found = new Map<string, { text: string; setAt: number }>()
      for (const [key, { sealed, setAt }] of Object.entries(load())) {
        try {
          found.set(key, { text: sealer.open(Buffer.from(sealed, 'base64')), setAt })
        } catch {
          // Sealed with a key that is gone: as if it had never been set.
        }
      }
      return found
    },
    write(changes) {
      const before = load()
      const after = { ...before }
      for (const [key, text] of Object.entries(changes)) {
        if (text === null) delete after[key]
        else after[key] = { sealed: Buffer.from(sealer.seal(text)).toString('base64'), setAt: clock() }
      }
      if (JSON.stringify(after) !== JSON.stringify(before)) save(after)
      return () => save(before)
    },
  }
}
