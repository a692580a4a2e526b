/** Fails with `message` unless `condition` holds: for states that only a bug in Tarn can bring about. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}

/** The unreachable branch of an exhaustive switch. A new case breaks the build here. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${String(value)}`)
}
