/** Milliseconds since the epoch. Passed in everywhere, so that a test can turn it. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()
