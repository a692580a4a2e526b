import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LakeError } from '../../../shared/errors.ts'
import type { KnownLake } from '../../../shared/lakes.ts'
import { SETTINGS } from '../../../shared/settings.ts'
import { writePrivate } from '../../base/private-file.ts'
import type { SecretStore } from '../settings/secret-store.ts'
import type { MainSettings, Resolved } from '../settings/settings.ts'
import { lakeId } from '../state-folder.ts'

/** The lakes that were opened on this computer, newest first, and how to open one again. */
export interface Lakes {
  list(): KnownLake[]
  /** Called when the open lake was seen to be one; `seen` where it was counted. */
  remember(seen?: { readonly tables: number; readonly rows: number }): void
  /** Opens one again: its settings become those of the file. NOT_FOUND, CONFLICT; LOCKED while a job runs. */
  open(id: string): void
  /** Takes it off the list; the lake itself and its tables stay. Returns what is needed to put it back. */
  forget(id: string): void
}

export interface LakesDeps {
  readonly home: string
  readonly secrets: SecretStore | null
  readonly now: () => number
  readonly resolved: () => Resolved
  /** True while what is open is the sample, which is nothing to come back to. */
  readonly sample: () => boolean
  readonly save: (changes: Readonly<Record<string, string | null>>) => void
}

/** What says where a lake is and how one gets in. */
const PLACES = SETTINGS.filter((one) => ['catalog', 'storage', 'tables'].includes(one.group))
const KEPT = 20

const entryShape = z.object({
  id: z.string(),
  name: z.string(),
  database: z.string(),
  place: z.string(),
  embedded: z.boolean(),
  tables: z.number().nullable(),
  rows: z.number().nullable(),
  openedAt: z.number(),
  settings: z.record(z.string(), z.string()),
})
const fileShape = z.object({ lakes: z.array(entryShape) })
type Entry = z.output<typeof entryShape>

const fileIn = (home: string) => join(home, 'lakes.json')

function readLakes(home: string): Entry[] {
  try {
    const parsed = fileShape.safeParse(JSON.parse(readFileSync(fileIn(home), 'utf8')))
    return parsed.success ? parsed.data.lakes : []
  } catch {
    return []
  }
}

function writeLakes(home: string, lakes: readonly Entry[]): void {
  writePrivate(fileIn(home), `${JSON.stringify({ lakes: lakes.slice(0, KEPT) }, null, 2)}\n`)
}

export function createLakes(deps: LakesDeps): Lakes {
  const load = () => readLakes(deps.home)
  const store = (lakes: readonly Entry[]) => writeLakes(deps.home, lakes)
  const find = (id: string): Entry => {
    const entry = load().find((one) => one.id === id)
    if (!entry) throw new LakeError('NOT_FOUND', 'this lake is no longer on the list', { context: { id } })
    return entry
  }
  /** The first place that a flag or the environment holds at another value. */
  const heldBy = (entry: Entry): string | null => {
    const { origins, texts } = deps.resolved()
    for (const { key } of PLACES) {
      const origin = origins.get(key)
      if (origin?.from !== 'flag' && origin?.from !== 'environment') continue
      if (texts.get(key) !== entry.settings[key]) return origin.detail
    }
    return null
  }
  return {
    list() {
      const open = deps.sample() ? null : lakeId(deps.resolved().settings)
      return load()
        .toSorted((a, b) => b.openedAt - a.openedAt)
        .map(({ settings: _, ...entry }): KnownLake => ({ ...entry, open: entry.id === open, off: null }))
        .map((known) => ({ ...known, off: known.open ? null : heldBy(find(known.id)) }))
    },
    remember(seen) {
      if (deps.sample()) return
      const { settings, texts, origins } = deps.resolved()
      const id = lakeId(settings)
      const given: Record<string, string> = {}
      const sealed: Record<string, string> = {}
      for (const { key, secret } of PLACES) {
        const text = texts.get(key)
        if (text === undefined || origins.get(key)?.from === 'default') continue
        if (secret && deps.secrets !== null) sealed[sealedKey(id, key)] = text
        else given[key] = text
      }
      const before = load()
      const former = before.find((one) => one.id === id)
      deps.secrets?.write(sealed)
      store([
        {
          id,
          ...nameOf(settings),
          tables: seen?.tables ?? former?.tables ?? null,
          rows: seen?.rows ?? former?.rows ?? null,
          openedAt: deps.now(),
          settings: given,
        },
        ...before.filter((one) => one.id !== id),
      ])
    },
    open(id) {
      const entry = find(id)
      if (deps.sample()) {
        throw new LakeError('CONFLICT', 'the sample lake is open', { remedy: 'Leave the sample first.' })
      }
      const held = heldBy(entry)
      if (held !== null) {
        throw new LakeError('CONFLICT', `${held} decides which lake is open`, {
          context: { setting: held },
          remedy: `Start Tarn without ${held} to open another lake from here.`,
        })
      }
      const sealed = deps.secrets?.read() ?? new Map()
      deps.save(
        Object.fromEntries(
          PLACES.map(({ key, secret }) => [
            key,
            (secret ? sealed.get(sealedKey(id, key))?.text : undefined) ?? entry.settings[key] ?? null,
          ]),
        ),
      )
    },
    forget(id) {
      store(load().filter((one) => one.id !== id))
      deps.secrets?.write(
        Object.fromEntries(PLACES.filter((one) => one.secret).map(({ key }) => [sealedKey(id, key), null])),
      )
    },
  }
}

/**
 * Moves the secrets of lakes that were kept where there was no key store into the one there is now. What it does not give
 * back stays in the list.
 */
export function sealLakes(home: string, secrets: SecretStore): void {
  const lakes = readLakes(home)
  const sealed: Record<string, string> = {}
  for (const { id, settings } of lakes) {
    for (const { key, secret } of PLACES) {
      const text = settings[key]
      if (secret && text !== undefined) sealed[sealedKey(id, key)] = text
    }
  }
  if (Object.keys(sealed).length === 0) return
  secrets.write(sealed)
  const kept = secrets.read()
  const isSealed = (name: string) => name in sealed && kept.get(name)?.text === sealed[name]
  writeLakes(
    home,
    lakes.map((lake) => ({
      ...lake,
      settings: Object.fromEntries(
        Object.entries(lake.settings).filter(([key]) => !isSealed(sealedKey(lake.id, key))),
      ),
    })),
  )
}

/** Under this name a lake's own secret is kept beside those in force. */
const sealedKey = (id: string, key: string) => `lake.${id}.${key}`

function nameOf({ catalog }: MainSettings): Pick<Entry, 'name' | 'database' | 'place' | 'embedded'> {
  const embedded = catalog.type === 'embedded'
  const place = embedded ? catalog.warehouse.replace(/^file:\/\//, '') : new URL(catalog.uri).host
  return { name: catalog.name, database: catalog.database, place, embedded }
}
