import type { Entry } from './commands.ts'

/** Part of a name; `hit` where it is what was looked for. */
export interface Piece {
  readonly at: number
  readonly text: string
  readonly hit: boolean
}

export interface Found {
  readonly entry: Entry
  readonly pieces: readonly Piece[]
  readonly score: number
}

/**
 * Entries whose name or note holds every word looked for, in any order and case. Best first: at the start of the name,
 * at the start of a word, inside, in the note alone. Without words all of them, as they come.
 */
export function findEntries(entries: readonly Entry[], text: string): Found[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const found = entries.flatMap((entry): Found[] => {
    const name = entry.name.toLowerCase()
    const note = `${entry.note ?? ''} ${entry.group}`.toLowerCase()
    let score = 0
    const hits: [number, number][] = []
    for (const word of words) {
      const at = name.indexOf(word)
      if (at < 0 && !note.includes(word)) return []
      if (at < 0) score += 3
      else {
        score += at === 0 ? 0 : /[\s_.(]/.test(name[at - 1] ?? '') ? 1 : 2
        hits.push([at, at + word.length])
      }
    }
    return [{ entry, score, pieces: cut(entry.name, hits) }]
  })
  return words.length === 0 ? found : found.toSorted((a, b) => a.score - b.score)
}

function cut(name: string, hits: readonly [number, number][]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const [from, to] of hits.toSorted((a, b) => a[0] - b[0])) {
    if (from < at) continue
    if (from > at) pieces.push({ at, text: name.slice(at, from), hit: false })
    pieces.push({ at: from, text: name.slice(from, to), hit: true })
    at = to
  }
  if (at < name.length) pieces.push({ at, text: name.slice(at), hit: false })
  return pieces
}

/** Which entry is which from one opening of the palette to the next. */
export function keyOf({ group, name, note }: Entry): string {
  return [group, name, group === 'Columns' ? note : ''].join('\n')
}

/** How many entries stand under `Recent`. */
const RECENT = 5

/** What to show before anything is typed: the entries chosen last, newest first, then what can be done, then the rest. */
export function beforeTyping(entries: readonly Entry[], recent: readonly string[]): Entry[] {
  const first = recent
    .flatMap((key) => entries.find((one) => keyOf(one) === key) ?? [])
    .slice(0, RECENT)
    .map((one): Entry => ({ ...one, group: 'Recent', note: one.note ?? one.group }))
  const does = ({ group }: Entry) => group === 'Areas' || group === 'Commands'
  return [...first, ...entries.filter(does), ...entries.filter((one) => !does(one))]
}

/** Found entries by their group, groups in the order of their best. */
export function grouped(found: readonly Found[]): { group: string; found: Found[] }[] {
  const groups = new Map<string, Found[]>()
  for (const one of found) groups.set(one.entry.group, [...(groups.get(one.entry.group) ?? []), one])
  return [...groups].map(([group, of]) => ({ group, found: of }))
}
