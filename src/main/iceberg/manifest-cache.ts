import type { OpenContainer } from '../avro/container.ts'

/**
 * Manifests that were read lately, unpacked but not decoded: a manifest never changes once it is written, and plans of one
 * table read the same ones again and again. What was used longest ago goes first.
 */
export class ManifestCache {
  readonly #budget: number
  readonly #kept = new Map<string, OpenContainer>()
  #bytes = 0

  /** `budget`: bytes, unpacked. A manifest larger than that is not kept. */
  constructor(budget: number) {
    this.#budget = budget
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes
  }

  /** The manifest at `path`, by `open` where it is not held. Errors as of `open`. */
  async get(path: string, open: () => Promise<OpenContainer>): Promise<OpenContainer> {
    const known = this.#kept.get(path)
    if (known !== undefined) {
      this.#kept.delete(path)
      this.#kept.set(path, known)
      return known
    }
    const opened = await open()
    if (opened.bytes > this.#budget || this.#kept.has(path)) return opened
    this.#kept.set(path, opened)
    this.#bytes += opened.bytes
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= this.#budget) break
      this.#kept.delete(oldest)
      this.#bytes -= bytes
    }
    return opened
  }
}
