import type { ScanFile } from '../../iceberg/scan.ts'
import type { Reason } from './reason.ts'

/** What lists and groups need of a letter: everything but its payload. */
export interface IndexedLetter {
  readonly id: string
  readonly reason: Reason
  /** Microseconds since the epoch. */
  readonly timestamp: bigint
  readonly topic: string
  readonly partition: bigint
  readonly offset: bigint
  readonly userId: string | null
  readonly dataType: string | null
  readonly file: ScanFile
  /** Row of the file, deletes applied. */
  readonly row: number
}

/** The letters of one data file, by row, packed: some 70 bytes each. */
export interface FileLetters {
  readonly count: number
  timestamp(row: number): number
  offset(row: number): bigint
  partition(row: number): bigint
  /** Row of the letter with this id; -1 where it is not of this file. */
  find(id: string): number
  /** The letter of a row, unpacked. */
  letter(row: number): IndexedLetter
}

/** Texts that many letters share, each kept once. */
export interface Names {
  numberOf(text: string): number
  textOf(number: number): string
}

export function createNames(): Names {
  const numbers = new Map<string, number>()
  const texts: string[] = []
  return {
    numberOf(text) {
      const known = numbers.get(text)
      if (known !== undefined) return known
      numbers.set(text, texts.length)
      return texts.push(text) - 1
    },
    textOf: (number) => texts[number] ?? '',
  }
}

const NONE = 0xffffffff
const SHA256 = /^[0-9a-f]{64}$/
const HASH = 32

/** Packs the letters of a file; `cells` gives each row once, from the first to the last. */
export function packLetters(
  file: ScanFile,
  count: number,
  names: Names,
  cells: Iterable<Omit<IndexedLetter, 'file' | 'row'>>,
): FileLetters {
  const timestamps = new BigInt64Array(count)
  const offsets = new BigInt64Array(count)
  const partitions = new BigInt64Array(count)
  const topics = new Uint32Array(count)
  const users = new Uint32Array(count)
  const types = new Uint32Array(count)
  const reasonOf = new Uint16Array(count)
  const reasons: Reason[] = []
  const hashes = Buffer.alloc(count * HASH)
  /** Ids that are no SHA-256 in hex, as other writers may have them. */
  const others = new Map<number, string>()
  let row = 0
  for (const cell of cells) {
    timestamps[row] = cell.timestamp
    offsets[row] = cell.offset
    partitions[row] = cell.partition
    topics[row] = names.numberOf(cell.topic)
    users[row] = cell.userId === null ? NONE : names.numberOf(cell.userId)
    types[row] = cell.dataType === null ? NONE : names.numberOf(cell.dataType)
    const known = reasons.indexOf(cell.reason)
    reasonOf[row] = known >= 0 ? known : reasons.push(cell.reason) - 1
    if (SHA256.test(cell.id)) hashes.write(cell.id, row * HASH, HASH, 'hex')
    else others.set(row, cell.id)
    row += 1
  }
  const text = (number: number): string | null => (number === NONE ? null : names.textOf(number))
  return {
    count,
    timestamp: (at) => Number(timestamps[at]),
    offset: (at) => offsets[at] ?? 0n,
    partition: (at) => partitions[at] ?? 0n,
    find(id) {
      for (const [at, other] of others) if (other === id) return at
      if (!SHA256.test(id)) return -1
      const wanted = Buffer.from(id, 'hex')
      let at = hashes.indexOf(wanted)
      while (at >= 0 && at % HASH !== 0) at = hashes.indexOf(wanted, at + 1)
      return at < 0 ? -1 : at / HASH
    },
    letter: (at) => ({
      // Most of those who walk over all letters never ask for it.
      get id() {
        return others.get(at) ?? hashes.toString('hex', at * HASH, (at + 1) * HASH)
      },
      reason: reasons[reasonOf[at] ?? 0] as Reason,
      timestamp: timestamps[at] ?? 0n,
      topic: names.textOf(topics[at] ?? 0),
      partition: partitions[at] ?? 0n,
      offset: offsets[at] ?? 0n,
      userId: text(users[at] ?? NONE),
      dataType: text(types[at] ?? NONE),
      file,
      row: at,
    }),
  }
}

/** Letters of several files in one order. They are unpacked one by one, so that a million of them stay small. */
export interface Letters extends Iterable<IndexedLetter> {
  readonly length: number
  /** Half-open range of places in the order. */
  slice(from: number, to: number): IndexedLetter[]
  filter(keep: (letter: IndexedLetter) => boolean): Letters
  /** Those that come first. */
  first(count: number): Letters
  /** Looked for among all that were found first, `filter` and `first` apart. */
  find(id: string): IndexedLetter | null
  /** The `count` letters of the same topic and partition that lie nearest by offset on either side, by offset. */
  beside(letter: IndexedLetter, count: number): IndexedLetter[]
  /** The same by file, rows ascending, as a file is read. */
  byFile(): Iterable<{
    readonly file: ScanFile
    readonly rows: Uint32Array
    letter(row: number): IndexedLetter
  }>
}

/** The letters at `rows` of each of `files`, newest first; equal times by offset and partition, greatest first. */
export function newestFirst(
  files: readonly { readonly letters: FileLetters; readonly file: ScanFile; readonly rows: Uint32Array }[],
): Letters {
  const count = files.reduce((sum, { rows }) => sum + rows.length, 0)
  const part = new Uint32Array(count)
  const row = new Uint32Array(count)
  const time = new Float64Array(count)
  let at = 0
  for (const [index, { letters, rows }] of files.entries()) {
    for (const one of rows) {
      part[at] = index
      row[at] = one
      time[at] = letters.timestamp(one)
      at += 1
    }
  }
  const unpack = (place: number): IndexedLetter =>
    (files[part[place] ?? 0] as (typeof files)[number]).letters.letter(row[place] ?? 0)
  const order = Uint32Array.from({ length: count }, (_, place) => place).sort((a, b) => {
    const later = (time[b] ?? 0) - (time[a] ?? 0)
    if (later !== 0) return later
    const [one, other] = [unpack(a), unpack(b)]
    return compare(other.offset, one.offset) || compare(other.partition, one.partition)
  })
  const of = (places: Uint32Array): Letters => ({
    length: places.length,
    slice: (from, to) => Array.from(places.subarray(from, to), unpack),
    first: (most) => of(places.subarray(0, most)),
    filter: (keep) => of(places.filter((place) => keep(unpack(place)))),
    find(id) {
      for (const { letters, rows } of files) {
        const at = letters.find(id)
        if (at >= 0 && rows.includes(at)) return letters.letter(at)
      }
      return null
    },
    beside(letter, many) {
      const sides: { readonly before: IndexedLetter[]; readonly after: IndexedLetter[] } = {
        before: [],
        after: [],
      }
      const distance = (one: IndexedLetter): bigint =>
        one.offset < letter.offset ? letter.offset - one.offset : one.offset - letter.offset
      const nearest = (side: IndexedLetter[]) =>
        side.sort((a, b) => compare(distance(a), distance(b))).splice(many)
      for (const place of places) {
        const [{ letters }, at] = [files[part[place] ?? 0] as (typeof files)[number], row[place] ?? 0]
        // Only what may be one of them is unpacked.
        if (letters.partition(at) !== letter.partition) continue
        const side = letters.offset(at) < letter.offset ? sides.before : sides.after
        const one = letters.letter(at)
        if (one.topic !== letter.topic || (one.offset === letter.offset && one.id === letter.id)) continue
        if (side.push(one) > 4 * many) nearest(side)
      }
      nearest(sides.before)
      nearest(sides.after)
      return [...sides.before, ...sides.after].sort(
        (a, b) => compare(a.offset, b.offset) || (a.id < b.id ? -1 : 1),
      )
    },
    *byFile() {
      for (const [index, { file, letters }] of files.entries()) {
        const rows = places.filter((place) => part[place] === index).map((place) => row[place] ?? 0)
        if (rows.length > 0) yield { file, rows: rows.sort(), letter: letters.letter }
      }
    },
    *[Symbol.iterator]() {
      for (const place of places) yield unpack(place)
    },
  })
  return of(order)
}

export const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
