/** How often and how long a commit is tried. Times in milliseconds. */
export interface RetryLimits {
  /** Further attempts after the first. */
  readonly retries: number
  readonly minMs: number
  readonly maxMs: number
  /** No attempt is begun after this time. */
  readonly totalMs: number
}

type Properties = Readonly<Record<string, string>>

/** Limits of attempts that the catalog refused: table properties `commit.retry.*`. */
export function retryLimits(properties: Properties): RetryLimits {
  return {
    retries: number(properties, 'commit.retry.num-retries', 4),
    minMs: number(properties, 'commit.retry.min-wait-ms', 100),
    maxMs: number(properties, 'commit.retry.max-wait-ms', 60_000),
    totalMs: number(properties, 'commit.retry.total-timeout-ms', 1_800_000),
  }
}

/** Limits of the search for a commit without an answer: table properties `commit.status-check.*`. */
export function statusLimits(properties: Properties): RetryLimits {
  return {
    retries: number(properties, 'commit.status-check.num-retries', 3),
    minMs: number(properties, 'commit.status-check.min-wait-ms', 1_000),
    maxMs: number(properties, 'commit.status-check.max-wait-ms', 60_000),
    totalMs: number(properties, 'commit.status-check.total-timeout-ms', 1_800_000),
  }
}

function number(properties: Properties, key: string, otherwise: number): number {
  const text = properties[key]
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise
}
