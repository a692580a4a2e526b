/** Most of one kind that are named one by one. */
const NAMED = 50

/** Differences in words, by kind (the text up to the first colon); of very many of one kind only the number is kept. */
export class Differences {
  readonly #counts = new Map<string, number>()
  readonly #texts: string[] = []

  add(text: string): void {
    const kind = text.split(':')[0] ?? ''
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    if (count <= NAMED) this.#texts.push(text)
  }

  list(): string[] {
    const more = [...this.#counts].filter(([, count]) => count > NAMED)
    return [...this.#texts, ...more.map(([kind, count]) => `${kind}: and ${count - NAMED} more`)]
  }
}
