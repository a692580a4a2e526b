import type { KeptMark, Mark, MarkState } from './marks.ts'

/** Some marks in the order they were made, packed: some 90 bytes each, and each text that many share once. */
export interface MarkPack {
  readonly count: number
  /** Bytes of the columns and of the texts that are not shared. */
  readonly bytes: number
  /** First 32 bits of the letter's hash; null where the mark is of no letter. */
  hash(row: number): number | null
  isOf(row: number, letter: LetterKey): boolean
  mark(row: number): Mark
}

/** An id made ready for looking up. */
export interface LetterKey {
  readonly id: string
  readonly hash: number
  /** Null for an id that is no SHA-256 in hex, as other writers may have them. */
  readonly digest: Buffer | null
}

const DIGEST = 32
const SHA256 = /^[0-9a-f]{64}$/

function letterKey(id: string): LetterKey {
  if (SHA256.test(id)) {
    const digest = Buffer.from(id, 'hex')
    return { id, digest, hash: digest.readUInt32LE(0) }
  }
  let hash = 0
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) >>> 0
  return { id, digest: null, hash }
}

/** Texts by number, 0 for null. */
function createTexts() {
  const numbers = new Map<string, number>()
  const parts: Buffer[] = []
  return {
    numberOf(text: string | null): number {
      if (text === null) return 0
      const known = numbers.get(text)
      if (known !== undefined) return known
      numbers.set(text, parts.length + 1)
      return parts.push(Buffer.from(text))
    },
    close() {
      const bytes = Buffer.concat(parts)
      const ends = new Uint32Array(parts.length + 1)
      for (const [index, part] of parts.entries()) ends[index + 1] = (ends[index] ?? 0) + part.length
      return {
        bytes,
        textOf: (number: number): string | null =>
          number === 0 ? null : bytes.toString('utf8', ends[number - 1], ends[number]),
      }
    },
  }
}

/** Words that nearly every mark repeats. */
function createWords() {
  const words: (string | null)[] = [null]
  return {
    words,
    numberOf(word: string | null): number {
      const known = words.indexOf(word)
      return known >= 0 ? known : words.push(word) - 1
    },
  }
}

const NO_LETTER = 0
const HASHED = 1
const OTHER = 2
const SAME = 0xffffffff

export function packMarks(marks: readonly Mark[]): MarkPack {
  const count = marks.length
  const digests = Buffer.alloc(count * DIGEST)
  const kinds = new Uint8Array(count)
  const times = new BigInt64Array(count)
  const snapshots = new BigInt64Array(count)
  const landed = new Uint8Array(count)
  const columns = {
    batch: new Uint32Array(count),
    rows: new Uint32Array(count),
    state: new Uint32Array(count),
    replay: new Uint32Array(count),
    fix: new Uint32Array(count),
    commit: new Uint32Array(count),
    first: new Uint32Array(count),
    reason: new Uint32Array(count),
    detail: new Uint32Array(count),
  }
  const others = new Map<number, LetterKey>()
  const { words, numberOf } = createWords()
  const texts = createTexts()
  for (const [row, mark] of marks.entries()) {
    if (mark.letter !== null) {
      const key = letterKey(mark.letter)
      kinds[row] = key.digest === null ? OTHER : HASHED
      if (key.digest === null) others.set(row, key)
      else digests.set(key.digest, row * DIGEST)
    }
    times[row] = mark.at
    snapshots[row] = mark.snapshot ?? 0n
    landed[row] = mark.snapshot === null ? 0 : 1
    columns.batch[row] = mark.batch
    columns.rows[row] = mark.rows
    columns.state[row] = numberOf(mark.state)
    columns.replay[row] = numberOf(mark.replay)
    columns.fix[row] = numberOf(mark.fixId)
    columns.commit[row] = numberOf(mark.commit)
    columns.first[row] =
      mark.firstLetter !== null && mark.firstLetter === mark.letter ? SAME : texts.numberOf(mark.firstLetter)
    columns.reason[row] = texts.numberOf(mark.reason)
    columns.detail[row] = texts.numberOf(mark.detail)
  }
  const { bytes, textOf } = texts.close()
  const word = (column: Uint32Array, row: number): string => words[column[row] ?? 0] ?? ''
  const letterOf = (row: number): string | null => {
    if (kinds[row] === NO_LETTER) return null
    return others.get(row)?.id ?? digests.toString('hex', row * DIGEST, (row + 1) * DIGEST)
  }
  return {
    count,
    bytes:
      [digests, kinds, times, snapshots, landed, ...Object.values(columns)].reduce(
        (sum, column) => sum + column.byteLength,
        0,
      ) + bytes.length,
    hash(row) {
      if (kinds[row] === NO_LETTER) return null
      return others.get(row)?.hash ?? digests.readUInt32LE(row * DIGEST)
    },
    isOf(row, { id, digest }) {
      if (digest === null) return others.get(row)?.id === id
      return (
        kinds[row] === HASHED && digests.compare(digest, 0, DIGEST, row * DIGEST, (row + 1) * DIGEST) === 0
      )
    },
    mark(row) {
      const letter = letterOf(row)
      const first = columns.first[row] ?? 0
      return {
        replay: word(columns.replay, row),
        batch: columns.batch[row] ?? 0,
        state: word(columns.state, row) as MarkState,
        at: times[row] ?? 0n,
        letter,
        firstLetter: first === SAME ? letter : textOf(first),
        fixId: word(columns.fix, row),
        rows: columns.rows[row] ?? 0,
        reason: textOf(columns.reason[row] ?? 0),
        commit: words[columns.commit[row] ?? 0] ?? null,
        snapshot: landed[row] === 1 ? (snapshots[row] ?? 0n) : null,
        detail: textOf(columns.detail[row] ?? 0),
      }
    },
  }
}

/** Marks of one snapshot of their table, packed. */
export interface PackedPart {
  readonly pack: MarkPack
  readonly marksSnapshot: bigint | null
}

/** Packed marks in the order they were made, and where those of a letter are. */
export interface MarkIndex {
  readonly count: number
  readonly bytes: number
  add(part: PackedPart): void
  /** Undefined where the letter has none. */
  get(letter: string): readonly KeptMark[] | undefined
  /** One by one: they are unpacked as they are asked for. */
  all(): Generator<KeptMark, void>
}

const SMALLEST = 1024

export function createMarkIndex(): MarkIndex {
  const parts: (PackedPart & { readonly start: number })[] = []
  let count = 0
  // A mark's number plus one, 0 for none: the last of each bucket, and the one before each mark in its bucket.
  let heads = new Uint32Array(SMALLEST)
  let before = new Uint32Array(SMALLEST)

  function link({ pack, start }: (typeof parts)[number]): void {
    for (let row = 0; row < pack.count; row++) {
      const hash = pack.hash(row)
      if (hash === null) continue
      const bucket = hash & (heads.length - 1)
      before[start + row] = heads[bucket] ?? 0
      heads[bucket] = start + row + 1
    }
  }
  function partOf(number: number): (typeof parts)[number] {
    let [low, high] = [0, parts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((parts[middle]?.start ?? 0) <= number) low = middle
      else high = middle - 1
    }
    return parts[low] as (typeof parts)[number]
  }
  return {
    get count() {
      return count
    },
    get bytes() {
      return parts.reduce((sum, { pack }) => sum + pack.bytes, heads.byteLength + before.byteLength)
    },
    add(part) {
      const added = { ...part, start: count }
      parts.push(added)
      count += part.pack.count
      if (count <= before.length) {
        link(added)
        return
      }
      const size = 2 ** Math.ceil(Math.log2(count * 1.5))
      heads = new Uint32Array(size)
      before = new Uint32Array(size)
      for (const one of parts) link(one)
    },
    get(letter) {
      const key = letterKey(letter)
      const found: KeptMark[] = []
      let next = heads[key.hash & (heads.length - 1)] ?? 0
      while (next > 0) {
        const { pack, start, marksSnapshot } = partOf(next - 1)
        const row = next - 1 - start
        if (pack.isOf(row, key)) found.push({ ...pack.mark(row), marksSnapshot })
        next = before[next - 1] ?? 0
      }
      return found.length === 0 ? undefined : found.reverse()
    },
    *all() {
      for (const { pack, marksSnapshot } of parts) {
        for (let row = 0; row < pack.count; row++) yield { ...pack.mark(row), marksSnapshot }
      }
    },
  }
}
