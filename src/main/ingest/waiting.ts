/** How long messages of one partition wait, told from the broker's times. All instants in ms since the epoch. */
export class Waiting {
  /** Batches read and not landed, oldest first: the offset they end at and the time of their first message. */
  readonly #batches: { readonly key: object; end: bigint; readonly first: number }[] = []
  /** Time of the newest message read. */
  #newest: number | null = null
  /** When nothing was left to read, as last known. */
  #emptyAt: number | null = null

  /** Messages read into the batch `key`, which now ends at `end`; times that the broker did not set are 0 or less. */
  read(key: object, end: bigint, first: number, last: number): void {
    const open = this.#batches.at(-1)
    if (open?.key === key) open.end = end
    else if (first > 0) this.#batches.push({ key, end, first })
    if (last > 0) this.#newest = Math.max(this.#newest ?? 0, last)
  }

  /** The end of the log as just learnt. */
  learn(now: number, position: bigint, high: bigint): void {
    if (position >= high) this.#emptyAt = now
  }

  landed(end: bigint): void {
    while ((this.#batches[0]?.end ?? end + 1n) <= end) this.#batches.shift()
  }

  /**
   * Age in ms of the oldest message that is not in the table: exact where it was read, at most so much where it was not
   * (it is younger than the last one read, and than the moment at which all had been read). 0 where none waits, null
   * where nothing is known yet.
   */
  lagMs(now: number, committed: bigint, high: bigint | null): number | null {
    const oldest = this.#batches[0]
    if (oldest !== undefined) return Math.max(0, now - oldest.first)
    if (high === null) return null
    if (committed >= high) return 0
    const bound = Math.max(this.#newest ?? 0, this.#emptyAt ?? 0)
    return bound === 0 ? null : Math.max(0, now - bound)
  }
}

/** Times of the messages of one batch, ms since the epoch; what has no time does not count. */
export class Ages {
  #oldest = Number.POSITIVE_INFINITY
  #newest = 0
  #sum = 0
  #count = 0

  add(times: Float64Array): void {
    for (const time of times) {
      if (!(time > 0)) continue
      if (time < this.#oldest) this.#oldest = time
      if (time > this.#newest) this.#newest = time
      this.#sum += time
      this.#count += 1
    }
  }

  /** `count` messages of one time. */
  addMany(time: number, count: number): void {
    if (count === 0) return
    this.#oldest = Math.min(this.#oldest, time)
    this.#newest = Math.max(this.#newest, time)
    this.#sum += time * count
    this.#count += count
  }

  /** Produced to `now`, in ms: the longest and the mean; null where no message had a time. */
  at(now: number): { readonly oldestMs: number; readonly meanMs: number } | null {
    if (this.#count === 0) return null
    return {
      oldestMs: Math.max(0, Math.round(now - this.#oldest)),
      meanMs: Math.max(0, Math.round(now - this.#sum / this.#count)),
    }
  }

  /** Takes in the messages of another batch. */
  join(other: Ages): void {
    this.#oldest = Math.min(this.#oldest, other.#oldest)
    this.#newest = Math.max(this.#newest, other.#newest)
    this.#sum += other.#sum
    this.#count += other.#count
  }
}
