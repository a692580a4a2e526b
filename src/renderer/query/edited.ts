/** A part [start, end) of a text, in UTF-16 units, and what stands in its place. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export type Range = readonly [start: number, end: number]

/** A text with parts replaced, which knows where each place of it was in the original. */
export class Edited {
  readonly text: string
  readonly #start: number
  readonly #edits: readonly Edit[]

  /** `edits` lie in [start, end) of `original` and do not overlap. */
  constructor(original: string, [start, end]: Range, edits: readonly Edit[]) {
    this.#start = start
    this.#edits = edits.toSorted((a, b) => a.start - b.start)
    let text = ''
    let at = start
    for (const edit of this.#edits) {
      text += original.slice(at, edit.start) + edit.text
      at = edit.end
    }
    this.text = text + original.slice(at, end)
  }

  /** Where a range of the new text was; one that touches a replaced part takes the whole part. */
  back([from, to]: Range): Range {
    return [this.#place(from, 'start'), Math.max(this.#place(from, 'start'), this.#place(to, 'end'))]
  }

  #place(position: number, side: 'start' | 'end'): number {
    let shift = this.#start
    for (const edit of this.#edits) {
      const begin = edit.start - shift
      if (side === 'start' ? position < begin : position <= begin) break
      const end = begin + edit.text.length
      if (side === 'start' ? position < end : position <= end) return edit[side]
      shift += edit.end - edit.start - edit.text.length
    }
    return position + shift
  }
}
